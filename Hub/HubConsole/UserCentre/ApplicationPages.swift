import HubAPI
import HubAccess
import HubDomain
import RecognitionAPI
import WireModel

/// Applications, what they may call, and their keys.
struct ApplicationPages: Sendable {
    let console: Console

    private var hub: Hub { console.hub }
    private static let makers: Set<MemberRole> = [.owner, .admin, .developer]
    private static let here: String = "/account/applications"

    var routes: [Route] {
        [
            console.page(Self.here, .everyMember, "Applications, their APIs and keys.", list),
            console.action(Self.here, .member(Self.makers), "Make an application.", fields: [.required("name", .text(1...100))], back: list) { visit in
                _ = try await hub.makeApplication(visit.sent.text("name"), account: try visit.call.member.account, by: try visit.call.actor)
                return .to("\(Self.here)?done=application")
            },
            console.action("\(Self.here)/{application}/archive", .member(Self.makers), "Archive an application; freezes its keys.", back: list) { visit in
                _ = try await hub.archiveApplication(try visit.call.id("application"), account: try visit.call.member.account, by: try visit.call.actor)
                return .to("\(Self.here)?done=archived")
            },
            console.action(
                "\(Self.here)/{application}/apply", .member(Self.makers), "Apply for an API.",
                fields: [.required("api", .text(3...64)), .optional("accept", .text(0...200)), .optional("reason", .text(0...1_000))], back: list, work: apply),
            console.action(
                "/account/keys", .member(Self.makers), "Make a key; it is shown once.",
                fields: [.required("application", .identifier), .required("name", .text(1...100))], back: list
            ) { visit in
                guard let application = ApplicationID(rawValue: visit.sent.text("application")) else {
                    throw Problem(.notFound, "There is no such application.", remedy: "Make one first.")
                }
                let issued: IssuedKey = try await hub.makeKey(
                    KeyScope(
                        name: visit.sent.text("name"), environment: KeyEnvironment(rawValue: visit.sent.text("environment")) ?? .live, apis: [],
                        addresses: [], expires: nil), application: application, account: try visit.call.member.account, by: try visit.call.actor)
                return .page(try await shown(issued, visit))
            },
            console.action("/account/keys/{key}/rotate", .member(Self.makers), "Make a new key of the same scope; the old one goes on for a day.", back: list) {
                visit in
                let issued: IssuedKey = try await hub.rotateKey(
                    try visit.call.id("key"), overlap: .seconds(86_400), account: try visit.call.member.account, by: try visit.call.actor)
                return .page(try await shown(issued, visit))
            },
            console.action("/account/keys/{key}/freeze", .member(Self.makers), "Freeze a key at once and for good.", isForEnded: true, back: list) { visit in
                _ = try await hub.freezeKey(
                    try visit.call.id("key"), ground: visit.say("frozen in the user centre", "在用户中心冻结"), account: try visit.call.member.account,
                    by: try visit.call.actor)
                return .to("\(Self.here)?done=key-frozen")
            },
        ]
    }

    /// `api` of the form is `face.search` or `face.search trial`.
    @Sendable private func apply(_ visit: Visit) async throws -> Outcome {
        let member = try visit.call.member
        let parts: [Substring] = visit.sent.text("api").split(separator: " ")
        guard let api = parts.first.flatMap({ APIName(rawValue: String($0)) }) else {
            throw Problem(.invalidRequest, "Choose an API.", remedy: "Choose one of the list.")
        }
        let accepted: [AcceptedText] = VisitorPages.accepted(visit.sent.all("accept")).filter { $0.document == "api:\(api)" }
        guard accepted.isEmpty || [.owner, .admin].contains(member.role) else {
            throw Problem(
                .roleInsufficient, "Your role does not accept terms for the account.", detail: member.role.rawValue,
                remedy: "Ask an owner or admin to accept the API's terms.")
        }
        _ = try await hub.apply(
            EntitlementRequest(api: api, isTrial: parts.count == 2, plan: nil, reason: visit.sent.text("reason"), accepted: accepted),
            application: try visit.call.id("application"), account: member.account, by: try visit.call.actor, accepting: member.principal)
        return .to("\(Self.here)?done=entitlement")
    }

    private func shown(_ issued: IssuedKey, _ visit: Visit) async throws -> ConsolePage {
        let url: String = try await hub.setting(.publicURL)
        return ConsolePage(
            side: .member, title: visit.say("Your key", "您的密钥"),
            lead: visit.say(
                "It is shown this once: the hub keeps only its hash. Keep it where your program finds it and nobody else does.",
                "密钥仅显示这一次，平台只保存其哈希。请妥善保存，仅供您的程序使用。"), section: Self.here,
            blocks: [
                Block(
                    secret: SecretView(
                        name: visit.say("Key “\(issued.key.name)”", "密钥“\(issued.key.name)”"), value: issued.secret, copy: visit.say("Copy", "复制"),
                        copied: visit.say("Copied", "已复制"))),
                Block(
                    code: CodeView(
                        name: visit.say("A first call", "第一次调用"),
                        source: "curl -H 'Authorization: Bearer \(issued.secret)' -F image=@picture.jpg \\\n    \(url)/v1/detect")),
                .links([(visit.say("Try it here on a picture", "在此用图片试用"), "/account/try"), (visit.say("Back to the keys", "返回密钥列表"), Self.here)]),
            ])
    }

    // MARK: The list

    @Sendable private func list(_ visit: Visit) async throws -> ConsolePage {
        let account: AccountID = try visit.call.member.account
        let applications: [Application] = try await hub.applications(account).filter { $0.archived == nil }
        let entitlements: [Entitlement] = try await hub.entitlements(account).filter { $0.ended == nil }
        let keys: [APIKey] = try await hub.apiKeys(account)
        let mayMake: Bool = visit.may(Self.makers)
        var blocks: [Block] = []
        for application in applications {
            blocks += [
                .heading(application.name, id: application.id.rawValue), Block(table: rights(entitlements.filter { $0.application == application.id }, visit)),
            ]
            if mayMake { blocks.append(Block(form: try await applying(application, entitlements, visit))) }
        }
        if applications.isEmpty { blocks.append(.text(visit.say("There is no application yet: name your program.", "暂无应用，请为您的程序命名。"))) }
        blocks += [.heading(visit.say("Keys", "密钥"), id: "keys"), Block(table: table(keys, applications, mayMake, visit))]
        if mayMake {
            if !applications.isEmpty { blocks.append(Block(form: newKey(applications, visit))) }
            blocks += [
                .heading(visit.say("Applications", "应用"), id: "new"), Block(form: newApplication(isFirst: applications.isEmpty, visit)),
            ]
            if !applications.isEmpty {
                blocks.append(
                    Block(
                        table: TableView(
                            visit.say("Archive an application", "归档应用"), [visit.say("Application", "应用"), ""],
                            rows: applications.map {
                                [
                                    .text($0.name),
                                    .forms([
                                        visit.button(
                                            "\(Self.here)/\($0.id)/archive", visit.say("Archive with all its keys", "归档并冻结其全部密钥"), of: $0.name,
                                            isDangerous: true)
                                    ]),
                                ]
                            }, nothing: "")))
            }
        }
        return ConsolePage(side: .member, title: visit.say("Applications and keys", "应用与密钥"), section: Self.here, blocks: blocks)
    }

    private func rights(_ entitlements: [Entitlement], _ visit: Visit) -> TableView {
        TableView(
            visit.say("What it may call", "可调用的接口"),
            [visit.say("API", "接口"), visit.say("State", "状态"), visit.say("Used", "已用"), visit.say("Of", "上限")], numbers: [2, 3],
            rows: entitlements.map { entitlement in
                [
                    .link(entitlement.api.title(in: visit.language), "/docs/\(entitlement.api)", under: entitlement.api.rawValue),
                    Self.state(entitlement, visit), .text(visit.number(entitlement.used)),
                    .text(entitlement.units.map(visit.number) ?? visit.say("the account's quota", "账户配额")),
                ]
            }, nothing: visit.say("It may call nothing yet: apply for an API.", "尚无可调用接口，请先申请。"))
    }

    static func state(_ entitlement: Entitlement, _ visit: Visit) -> CellView {
        switch entitlement.state {
        case .trial:
            .badge(
                entitlement.trialEnds.map { visit.say("trial until \($0.description.prefix(10))", "试用至 \($0.description.prefix(10))") }
                    ?? visit.say("trial", "试用"), .good)
        case .applied: .badge(visit.say("waits for approval", "等待审批"), .warm)
        case .active: .badge(visit.say("active", "可用"), .good)
        case .refused: .badge(visit.say("refused", "未批准"), .bad)
        case .paused: .badge(visit.say("paused", "已暂停"), .warm)
        case .ended: .badge(visit.say("ended", "已终止"), .plain)
        }
    }

    private func applying(_ application: Application, _ entitlements: [Entitlement], _ visit: Visit) async throws -> FormView {
        let has: Set<APIName> = Set(entitlements.filter { $0.application == application.id }.map(\.api))
        let tried: Set<APIName> = Set(try await hub.entitlements(try visit.call.member.account).filter { $0.trialEnds != nil }.map(\.api))
        let words = CatalogueWords(language: visit.language)
        var options: [InputView.OptionView] = []
        for entry in try await hub.catalogue(in: visit.language) where !has.contains(entry.api) && entry.offer.terms.isOpen {
            if entry.offer.terms.trial != nil, !tried.contains(entry.api) {
                options.append(
                    .init(
                        option: "\(entry.api) trial",
                        optionName: visit.say(
                            "\(entry.title): try it, \(words.trial(entry.offer.terms))", "\(entry.title)：试用，\(words.trial(entry.offer.terms))")))
            }
            options.append(
                .init(option: entry.api.rawValue, optionName: visit.say("\(entry.title): regular use", "\(entry.title)：正式使用")))
        }
        var fields: [InputView] = [InputView("api", visit.say("Apply for an API", "申请接口"), .choice(options))]
        if visit.may([.owner, .admin]) {
            for status in try await hub.agreementStatus(try visit.call.member.account) where status.document.hasPrefix("api:") && status.decision != .accepted {
                let title: String = status.inForce.titles[visit.language.rawValue] ?? status.document
                fields.append(
                    InputView(
                        "accept", visit.say("I have read and accept: \(title)", "我已阅读并接受：《\(title)》"), .tick(VisitorPages.tick(status.inForce, visit.language))
                    ).with {
                        ($0.isRequired, $0.suffix, $0.reading) = (
                            false, status.document.replacing(":", with: "-"), VisitorPages.reading(status.inForce, visit)
                        )
                        $0.hint = visit.say("Only for that API: \(status.document.dropFirst(4))", "仅用于接口 \(status.document.dropFirst(4))")
                    })
            }
        }
        return visit.form(
            "\(Self.here)/\(application.id)/apply", visit.say("Apply", "申请"), fields,
            about: [.apiTermsRequired: "accept", .agreementChanged: "accept", .notForSale: "api", .trialOver: "api", .conflict: "api"])
    }

    private func newApplication(isFirst: Bool, _ visit: Visit) -> FormView {
        var form: FormView = visit.form(
            Self.here, visit.say("Make the application", "创建应用"), [InputView("name", visit.say("Name", "名称")).with { $0.most = 100 }],
            about: [.invalidRequest: "name"])
        form.folded = isFirst ? nil : visit.say("A new application", "新建应用")
        return form
    }

    private func newKey(_ applications: [Application], _ visit: Visit) -> FormView {
        visit.form(
            "/account/keys", visit.say("Make a key", "创建密钥"),
            [
                InputView(
                    "application", visit.say("Of the application", "所属应用"), .choice(applications.map { .init(option: $0.id.rawValue, optionName: $0.name) })),
                InputView("name", visit.say("Name of the key", "密钥名称")).with {
                    $0.most = 100
                    $0.hint = visit.say("Where it will be used, say: door, back office.", "例如使用位置：门禁、后台。")
                },
            ], about: [.invalidRequest: "name", .notFound: "application"])
    }

    private func table(_ keys: [APIKey], _ applications: [Application], _ mayMake: Bool, _ visit: Visit) -> TableView {
        let names: [ApplicationID: String] = applications.reduce(into: [:]) { $0[$1.id] = $1.name }
        return TableView(
            visit.say("Keys", "密钥"),
            [
                visit.say("Key", "密钥"), visit.say("Application", "应用"), visit.say("Made", "创建时间"), visit.say("Last used", "最近使用"), visit.say("State", "状态"), "",
            ],
            rows: keys.map { key in
                let isLive: Bool = key.frozen == nil && (key.expires.map { $0 > hub.now() } ?? true)
                let state: CellView =
                    if key.frozen != nil { .badge(visit.say("frozen", "已冻结"), .bad) } else if !isLive {
                        .badge(visit.say("ended", "已过期"), .plain)
                    } else if let end = key.expires {
                        .badge(visit.say("until \(visit.shown(end))", "有效至 \(visit.shown(end))"), .warm)
                    } else { .badge(visit.say("in use", "有效"), .good) }
                return [
                    .text(key.name, under: key.hint), .text(names[key.application] ?? visit.say("archived", "已归档")), .text(visit.shown(key.created)),
                    .text(key.lastUsed.map(visit.shown) ?? visit.say("never", "从未")), state,
                    .forms(
                        isLive && mayMake
                            ? [
                                visit.button("/account/keys/\(key.id)/rotate", visit.say("Rotate", "轮换"), of: key.name),
                                visit.button("/account/keys/\(key.id)/freeze", visit.say("Freeze", "冻结"), of: key.name, isDangerous: true),
                            ] : []),
                ]
            }, nothing: visit.say("There is no key yet.", "暂无密钥。"))
    }
}
