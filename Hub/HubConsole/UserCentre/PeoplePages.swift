import HubAPI
import HubDomain
import RecognitionAPI
import ServiceSupport
import WireModel

/// Galleries and the persons in them: each with the consent on record, and each to be erased at any time (P1, P2).
struct PeoplePages: Sendable {
    let console: Console

    private var hub: Hub { console.hub }
    private static let here: String = "/account/people"
    private static let makers: Set<MemberRole> = [.owner, .admin, .developer]
    private static let one: String = "/account/applications/{application}/galleries/{gallery}"
    private static let mostShown: Int = 200

    var routes: [Route] {
        [
            console.page(Self.here, .everyMember, "Galleries, and how many persons they hold.", list),
            console.action(
                Self.here, .member(Self.makers), "Make a gallery.", fields: [.required("application", .identifier), .required("name", .text(1...100))],
                back: list
            ) { visit in
                guard let application = ApplicationID(rawValue: visit.sent.text("application")) else {
                    throw Problem(.notFound, "There is no such application.", remedy: "Make one first.")
                }
                let owner = GalleryOwner(account: try visit.call.member.account, application: application)
                let made: Gallery = try await hub.makeGallery(visit.sent.text("name"), of: owner, by: try visit.call.actor)
                return .to("/account/applications/\(application)/galleries/\(made.id)")
            },
            console.page(Self.one, .everyMember, "The persons of a gallery.", query: ["after"], persons),
            console.action(
                "\(Self.one)/persons", .member(Self.makers), "Add a person, with the consent on record.",
                fields: [
                    .required("label", .text(1...200)), .required("reference", .text(1...200)), .required("purpose", .text(1...200)),
                    .required("days", .text(1...4)),
                ],
                back: persons, work: add),
            console.action(
                "\(Self.one)/pictures", .member(Self.makers), "Add a picture of a person: a metered enrolment.",
                fields: [.required("person", .identifier)], isUpload: true, back: persons, work: enrol),
            console.action("\(Self.one)/persons/{person}/erase", .member(Self.makers), "Erase a person, on every device too.", back: persons) { visit in
                let (owner, gallery): (GalleryOwner, GalleryID) = try place(visit)
                try await hub.erasePerson(try visit.call.id("person"), from: gallery, of: owner, by: try visit.call.actor)
                return .to("\(Self.address(owner, gallery))?done=erased")
            },
        ]
    }

    private static func address(_ owner: GalleryOwner, _ gallery: GalleryID) -> String { "/account/applications/\(owner.application)/galleries/\(gallery)" }

    private func place(_ visit: Visit) throws -> (GalleryOwner, GalleryID) {
        (GalleryOwner(account: try visit.call.member.account, application: try visit.call.id("application")), try visit.call.id("gallery"))
    }

    @Sendable private func list(_ visit: Visit) async throws -> ConsolePage {
        let account: AccountID = try visit.call.member.account
        let galleries: [Gallery] = try await hub.galleries(account: account).filter { $0.deleted == nil }
        let applications: [Application] = try await hub.applications(account).filter { $0.archived == nil }
        let names: [ApplicationID: String] = applications.reduce(into: [:]) { $0[$1.id] = $1.name }
        let tally: PersonTally = try await hub.personTally(account)
        var blocks: [Block] = [
            Block(
                figures: [
                    FigureView(
                        figure: visit.number(tally.persons), of: visit.say("Persons in all galleries", "全部人脸库人数"),
                        note: visit.say("at \(visit.number(tally.filing)) the law asks for a filing", "达到 \(visit.number(tally.filing)) 人须依法备案"))
                ]),
            Block(
                table: TableView(
                    visit.say("Galleries", "人脸库"),
                    [visit.say("Gallery", "人脸库"), visit.say("Application", "应用"), visit.say("Persons", "人数"), visit.say("Templates", "模板数")],
                    numbers: [2, 3],
                    rows: galleries.map {
                        [
                            .link($0.name, "/account/applications/\($0.application)/galleries/\($0.id)"),
                            .text(names[$0.application] ?? visit.say("archived", "已归档")),
                            .text(visit.number($0.persons)), .text(visit.number($0.templates)),
                        ]
                    }, nothing: visit.say("There is no gallery yet.", "暂无人脸库。"))),
        ]
        if visit.may(Self.makers), !applications.isEmpty {
            blocks += [
                .heading(visit.say("A new gallery", "新建人脸库"), id: "new"),
                Block(
                    form: visit.form(
                        Self.here, visit.say("Make the gallery", "创建人脸库"),
                        [
                            InputView("name", visit.say("Name", "名称")).with { $0.most = 100 },
                            InputView(
                                "application", visit.say("Of the application", "所属应用"),
                                .choice(applications.map { .init(option: $0.id.rawValue, optionName: $0.name) })),
                        ], about: [.invalidRequest: "name", .conflict: "name"])),
            ]
        }
        return ConsolePage(
            side: .member, title: visit.say("People", "人员与人脸库"),
            lead: visit.say(
                "Nobody is kept here without a consent on record, and everybody is erased when it ends.", "任何人脸信息均须有同意记录，同意到期即删除。"), section: Self.here,
            blocks: blocks)
    }

    @Sendable private func persons(_ visit: Visit) async throws -> ConsolePage {
        let (owner, id): (GalleryOwner, GalleryID) = try place(visit)
        let gallery: Gallery = try await hub.gallery(id, of: owner)
        let persons: [Person] = try await hub.persons(
            in: id, of: owner, after: visit.asked("after").flatMap(PersonID.init(rawValue:)), limit: Self.mostShown)
        let mayMake: Bool = visit.may(Self.makers)
        let address: String = Self.address(owner, id)
        var blocks: [Block] = [
            Block(
                table: TableView(
                    visit.say("Persons", "人员"),
                    [
                        visit.say("Person", "人员"), visit.say("Consent", "同意记录"), visit.say("For", "用途"), visit.say("Erased on", "删除时间"),
                        visit.say("Templates", "模板数"),
                        "",
                    ], numbers: [4],
                    rows: persons.map { person in
                        [
                            .text(person.label, under: person.id.rawValue),
                            .text(
                                person.consent.reference,
                                under: person.consent.onDevices ? visit.say("on devices too", "可下发设备") : visit.say("not on devices", "不下发设备")),
                            .text(person.consent.purpose), .text(visit.shown(person.ends)), .text(visit.number(person.templates)),
                            .forms(
                                mayMake
                                    ? [visit.button("\(address)/persons/\(person.id)/erase", visit.say("Erase", "删除"), of: person.label, isDangerous: true)]
                                    : []),
                        ]
                    }, nothing: visit.say("There is nobody yet.", "暂无人员。")))
        ]
        var onward: [(String, String)] = []
        if persons.count == Self.mostShown, let last = persons.last { onward.append((visit.say("More persons", "下一页"), "\(address)?after=\(last.id)")) }
        if visit.asked("after") != nil { onward.append((visit.say("To the first page", "回到第一页"), address)) }
        if !onward.isEmpty { blocks.append(.links(onward)) }
        if mayMake {
            blocks += [.heading(visit.say("Add a person", "添加人员"), id: "add"), Block(form: adding(visit, address))]
            if !persons.isEmpty {
                var form: FormView = visit.form(
                    "\(address)/pictures", visit.say("Enrol", "注册"),
                    [
                        InputView("person", visit.say("Whose picture", "人员"), .choice(persons.map { .init(option: $0.id.rawValue, optionName: $0.label) })),
                        InputView("image", visit.say("Picture with one face", "单人照片"), .file("image/jpeg,image/png")).with {
                            $0.hint = visit.say("A template is made of it; the picture is not kept.", "仅提取模板，不保存图片。")
                        },
                    ], about: TryPages.aboutPicture)
                form.isMultipart = true
                blocks += [.heading(visit.say("Add a picture", "添加照片"), id: "picture"), Block(form: form)]
            }
        }
        blocks.append(.links([(visit.say("All galleries", "全部人脸库"), Self.here)]))
        return ConsolePage(side: .member, title: gallery.name, section: Self.here, blocks: blocks)
    }

    private func adding(_ visit: Visit, _ address: String) -> FormView {
        visit.form(
            "\(address)/persons", visit.say("Add the person", "添加人员"),
            [
                InputView("label", visit.say("Your own reference for the person", "人员标识")),
                InputView("reference", visit.say("Where their consent is kept", "同意书存放位置")).with { $0.hint = visit.say("A file number, say.", "例如档案编号。") },
                InputView("purpose", visit.say("What they agreed to", "同意的用途")),
                InputView("days", visit.say("For how many days", "有效天数"), .line("number")).with { ($0.value, $0.most) = ("365", 4) },
                InputView("onDevices", visit.say("They agreed that terminals keep their template, too", "同意在终端设备上保存模板"), .tick("yes")).with {
                    $0.isRequired = false
                },
                InputView("guardian", visit.say("For a minor: where the guardian's consent is kept", "未成年人：监护人同意书存放位置")).with { $0.isRequired = false },
            ], about: [.conflict: "label"])
    }

    @Sendable private func add(_ visit: Visit) async throws -> Outcome {
        let (owner, gallery): (GalleryOwner, GalleryID) = try place(visit)
        let guardian: String = visit.sent.text("guardian")
        guard let days = Int64(visit.sent.text("days")), (1...3_660).contains(days) else {
            throw Problem(.invalidRequest, "Consent is for a number of days.", detail: "/days", remedy: "Give 1 to 3660.")
        }
        let consent = ConsentRecord(
            reference: visit.sent.text("reference"), purpose: visit.sent.text("purpose"), given: hub.now(),
            expires: hub.now().advanced(by: .seconds(days * 86_400)), guardian: guardian.isEmpty ? nil : guardian,
            onDevices: visit.sent["onDevices"] == "yes")
        _ = try await hub.addPerson(
            NewPerson(label: visit.sent.text("label"), isMinor: !guardian.isEmpty, consent: consent), to: gallery, of: owner, by: try visit.call.actor)
        return .to("\(Self.address(owner, gallery))?done=person")
    }

    @Sendable private func enrol(_ visit: Visit) async throws -> Outcome {
        let (owner, gallery): (GalleryOwner, GalleryID) = try place(visit)
        guard let person = PersonID(rawValue: visit.sent.text("person")) else {
            throw Problem(.notFound, "There is no such person.", remedy: "Choose one of the list.")
        }
        _ = try await hub.person(person, in: gallery, of: owner)
        guard let image = visit.sent.files["image"] else { throw Problem(.imageEmpty, "There is no picture.", remedy: "Choose a JPEG or PNG.") }
        _ = try await visit.call.trying(
            .enrol, among: console.served, path: ["gallery": gallery.rawValue, "person": person.rawValue], application: owner.application,
            body: try JSON.bytes(JSONValue.object(["image": .string(Base64(image).text)])), hub: hub)
        return .to("\(Self.address(owner, gallery))?done=enrolled")
    }
}
