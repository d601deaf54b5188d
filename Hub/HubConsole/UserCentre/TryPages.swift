import HTTPTypes
import HubAPI
import HubDomain
import RecognitionAPI
import ServiceSupport
import WireModel

/// An API tried on a picture: the real call, through gate and meter, with the answer drawn on the picture.
struct TryPages: Sendable {
    let console: Console

    private var hub: Hub { console.hub }
    private static let here: String = "/account/try"
    private static let pictureTypes: String = "image/jpeg,image/png"
    private static let triers: Set<MemberRole> = [.owner, .admin, .developer]

    var routes: [Route] {
        [
            console.page(Self.here, .everyMember, "Try an API on a picture.") { try await page($0, answer: []) },
            console.action(
                Self.here, .member(Self.triers), "Call an API on a picture.", fields: [.required("call", .text(3...200))], isUpload: true,
                back: { try await page($0, answer: []) }, work: { visit in .page(try await page(visit, answer: try await answer(visit))) }),
        ]
    }

    /// What can be tried: an application's APIs, and for a search its galleries.
    private struct Choice {
        let application: Application
        let api: APIName
        let gallery: Gallery?

        var value: String { "\(application.id) \(api)" + (gallery.map { " \($0.id)" } ?? "") }
    }

    private func choices(_ account: AccountID) async throws -> [Choice] {
        let applications: [ApplicationID: Application] = try await hub.applications(account).reduce(into: [:]) { $0[$1.id] = $1 }
        var choices: [Choice] = []
        for entitlement in try await hub.entitlements(account) where [.trial, .active].contains(entitlement.state) {
            guard let application = applications[entitlement.application], application.archived == nil else { continue }
            if entitlement.api == .search {
                let galleries: [Gallery] = try await hub.galleries(GalleryOwner(account: account, application: application.id))
                choices += galleries.map { Choice(application: application, api: entitlement.api, gallery: $0) }
            } else if [.detect, .quality, .compare].contains(entitlement.api) {
                choices.append(Choice(application: application, api: entitlement.api, gallery: nil))
            }
        }
        return choices
    }

    private func page(_ visit: Visit, answer: [Block]) async throws -> ConsolePage {
        let choices: [Choice] = try await choices(try visit.call.member.account)
        var blocks: [Block] = answer
        if choices.isEmpty {
            blocks.append(
                .notice(
                    .warm, visit.say("No application may call an API yet.", "尚无可调用接口的应用。"), visit.say("Apply for one first:", "请先申请："),
                    link: LinkView(words: visit.say("Applications and keys", "应用与密钥"), to: "/account/applications")))
        } else if visit.may(Self.triers) {
            let options: [InputView.OptionView] = choices.map { choice in
                .init(
                    option: choice.value,
                    optionName: "\(choice.api.title(in: visit.language)) · \(choice.application.name)" + (choice.gallery.map { " · \($0.name)" } ?? ""),
                    isChosen: choice.value == visit.sent["call"])
            }
            var form: FormView = visit.form(
                Self.here, visit.say("Call", "调用"),
                [
                    InputView("call", visit.say("API and application", "接口与应用"), .choice(options)),
                    InputView("image", visit.say("Picture", "图片"), .file(Self.pictureTypes)).with {
                        $0.hint = visit.say("JPEG or PNG, at most 4 MB. It is looked at and not kept.", "JPEG 或 PNG，不超过 4 MB；仅用于本次识别，不保存。")
                    },
                    InputView("referenceImage", visit.say("Second picture", "第二张图片"), .file(Self.pictureTypes)).with {
                        $0.isRequired = false
                        $0.hint = visit.say("Only to compare two faces.", "仅用于人脸比对。")
                    },
                ], about: Self.aboutPicture)
            form.isMultipart = true
            blocks += [.heading(answer.isEmpty ? visit.say("A call", "调用") : visit.say("Another one", "再试一次"), id: "call"), Block(form: form)]
        }
        return ConsolePage(
            side: .member, title: visit.say("Try an API", "在线试用"),
            lead: visit.say("A real call of your application: it is metered, and charged like any other.", "这是应用的真实调用，将正常计量与计费。"), section: Self.here,
            blocks: blocks)
    }

    static let aboutPicture: [ProblemCode: String] = [
        .imageEmpty: "image", .imageNotRecognised: "image", .imageUnsupported: "image", .imageTruncated: "image", .imageCorrupt: "image",
        .imageTooLarge: "image",
        .noFace: "image", .severalFaces: "image", .faceTooSmall: "image",
    ]

    private func answer(_ visit: Visit) async throws -> [Block] {
        let wanted: String = visit.sent.text("call")
        guard let choice = try await choices(try visit.call.member.account).first(where: { $0.value == wanted }) else {
            throw Problem(.notFound, "That application may not call that API.", remedy: "Choose one of the list.")
        }
        guard let image = visit.sent.files["image"] else {
            throw Problem(.imageEmpty, "There is no picture.", remedy: "Choose a JPEG or PNG.")
        }
        let second: [UInt8]? = visit.sent.files["referenceImage"]
        guard max(image.count, second?.count ?? 0) <= 4 << 20 else {
            throw Problem(.imageTooLarge, "The picture has too many bytes.", detail: "\(image.count), at most \(4 << 20)", remedy: "Make it smaller.")
        }
        var body: [String: JSONValue] = ["image": .string(Base64(image).text)]
        if choice.api == .compare {
            guard let second else { throw Problem(.imageEmpty, "Comparing takes two pictures.", remedy: "Choose the second one, too.") }
            body["referenceImage"] = .string(Base64(second).text)
        }
        let began = ContinuousClock.now
        let reply: Reply = try await visit.call.trying(
            choice.api, among: console.served, path: choice.gallery.map { ["gallery": $0.id.rawValue] } ?? [:], application: choice.application.id,
            body: try JSON.bytes(JSONValue.object(body)), hub: hub)
        let took: Duration = ContinuousClock.now - began
        let json: JSONValue = try JSON.value(JSONValue.self, from: reply.body)
        return TryAnswer(visit: visit, image: image, json: json).blocks(
            took: took, units: reply.headers[HTTPField.Name("Vultus-Units")!] ?? "", record: reply.headers[HTTPField.Name("Vultus-Record")!] ?? "")
    }
}
