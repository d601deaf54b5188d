import HTTPTypes
import HubAPI
import HubAccess
import HubDomain
import RecognitionAPI
import WireModel

/// The start page, signing up, and proving a mailbox.
struct VisitorPages: Sendable {
    let console: Console

    private var hub: Hub { console.hub }

    var routes: [Route] {
        [
            console.page("/", .open, "The start page.", start), language,
            console.page("/sign-up", .open, "Sign up.", signUp),
            console.action(
                "/sign-up", .open, "Register an account.",
                fields: [.required("kind", .choices(AccountType.self)), .required("name", .text(1...100)), .required("email", .email)], back: signUp
            ) { visit in
                try await register(visit)
                return .to("/sign-up/sent")
            },
            console.page("/sign-up/sent", .open, "What comes after signing up.", sent),
            console.page("/confirm", .open, "Confirm a mailbox with the mailed token.", confirm),
            console.action("/confirm", .open, "Confirm a mailbox.", fields: [.required("token", .text(20...100))], back: confirm) { visit in
                _ = try await hub.verifyEmail(token: visit.sent.text("token").filter { !$0.isWhitespace }, address: visit.call.address)
                return .to("/sign-in?done=confirmed")
            },
            console.action("/confirm/resend", .open, "Mail a new token.", fields: [.required("email", .email)], back: confirm) { visit in
                try await EvenAnswer.at(EvenAnswer.withoutHash) {
                    try await hub.resendVerification(
                        try EmailAddress(visit.sent.text("email")), language: visit.language, address: visit.call.address)
                }
                return .to("/confirm?done=sent")
            },
        ]
    }

    /// A link, so that it works without scripts; it changes nothing but what this browser is shown.
    private var language: Route {
        Route(
            .get, "/language/{language}", .open, "Choose the pages' language.",
            query: [Route.Parameter(name: "to", schema: .text(0...400), about: "where to go on")], success: (303, nil), isDocumented: false
        ) { call in
            guard let language = Language(rawValue: call.path["language"] ?? "") else {
                throw Problem(.notFound, "There is no such language.", remedy: "There are en and zh.")
            }
            return Console.redirect(
                Console.own(call.query["to"], otherwise: "/"),
                cookies: [Cookie.set(Visit.languageCookie, language.rawValue, seconds: Cookie.deviceLife)])
        }
    }

    @Sendable private func start(_ visit: Visit) async throws -> ConsolePage {
        let entries: [CatalogueEntry] = try await hub.catalogue(in: visit.language)
        let words = CatalogueWords(language: visit.language)
        let provider: String = try await hub.setting(.providerName)
        return ConsolePage(
            side: .visitor, title: visit.say("Faces, recognised where they are", "人脸识别，就地完成"),
            lead: visit.say(
                "\(provider) recognises faces on your terminals and over HTTP, with or without a network, with the error rate of every answer on record.",
                "\(provider) 在终端与 HTTP 接口上识别人脸，联网与断网均可使用，每个结果都附有实测误识率。"),
            blocks: [
                .links([
                    (visit.say("Sign up", "注册"), "/sign-up"), (visit.say("Sign in", "登录"), "/sign-in"),
                    (visit.say("From nothing to a first call", "从零到第一次调用"), "/docs/start"),
                ]),
                .heading(visit.say("What there is", "可用接口")),
                Block(
                    table: TableView(
                        visit.say("APIs and prices", "接口与价格"),
                        [visit.say("API", "接口"), visit.say("What it does", "功能"), visit.say("Price", "价格"), visit.say("Trial", "试用")],
                        rows: entries.map { entry in
                            [
                                .link(entry.title, "/docs/\(entry.api)"), .text(entry.summary),
                                .text(
                                    entry.plans.compactMap { plan in plan.price.map { $0.words(in: visit.language) } }.first
                                        ?? visit.say("Not on sale yet", "尚未开售")), .text(words.trial(entry.offer.terms)),
                            ]
                        }, nothing: "")),
            ])
    }

    private func kinds(_ visit: Visit) -> [InputView.OptionView] {
        [
            .init(option: "individual", optionName: visit.say("A person", "个人")),
            .init(option: "enterprise", optionName: visit.say("An organisation with a mail domain of its own", "企业（使用自有域名邮箱）")),
        ]
    }

    @Sendable private func signUp(_ visit: Visit) async throws -> ConsolePage {
        let documents: [AgreementVersion] = try await hub.agreementsInForce().filter { !$0.document.hasPrefix("api:") }
        var fields: [InputView] = [
            InputView("kind", visit.say("Who signs up", "注册主体"), .choice(kinds(visit))),
            InputView("name", visit.say("Name of the person or organisation", "姓名或企业名称")).with { ($0.autocomplete, $0.most) = ("organization", 100) },
            InputView("email", visit.say("Mail address", "电子邮箱"), .line("email")).with {
                ($0.autocomplete, $0.most) = ("email", 254)
                $0.hint = visit.say("A link to confirm it is sent there. Organisations use an address of their own domain.", "确认链接将发送至此邮箱。企业请使用自有域名邮箱。")
            },
            InputView("password", visit.say("Password", "密码"), .line("password")).with {
                ($0.autocomplete, $0.least, $0.most) = ("new-password", 10, 256)
                $0.hint = visit.say("At least 10 characters; a few words that do not belong together are good.", "至少 10 个字符；建议使用几个互不相关的词。")
            },
        ]
        fields += documents.map { version in
            let title: String = version.titles[visit.language.rawValue] ?? version.document
            return InputView(
                "accept", visit.say("I have read and accept: \(title), version \(version.number)", "我已阅读并接受：《\(title)》第 \(version.number) 版"),
                .tick(Self.tick(version, visit.language))
            )
            .with { field in
                field.isRequired = version.document == "general"
                field.suffix = version.document.replacing(":", with: "-")
                field.reading = Self.reading(version, visit)
            }
        }
        var form: FormView = visit.form(
            "/sign-up", visit.say("Sign up", "注册"), fields,
            about: [.passwordWeak: "password", .mailDomainRefused: "email", .agreementRequired: "accept", .agreementChanged: "accept"])
        form.about["conflict"] = "name"
        return ConsolePage(
            side: .visitor, title: visit.say("Sign up", "注册"),
            blocks: [
                Block(form: form),
                .links([(visit.say("I have an account: sign in", "已有账户：登录"), "/sign-in"), (visit.say("I have a mailed token", "我有邮件令牌"), "/confirm")]),
            ], isNarrow: true)
    }

    /// Which text somebody ticks: by the hash of the one they were shown.
    static func tick(_ version: AgreementVersion, _ language: Language) -> String {
        "\(version.document)|\(version.number)|\(version.textHashes[language.rawValue] ?? "")"
    }

    static func reading(_ version: AgreementVersion, _ visit: Visit) -> LinkView {
        LinkView(words: visit.say("Read it", "阅读全文"), to: "/docs/agreements/\(version.document)/\(version.number)?language=\(visit.language.rawValue)")
    }

    static func accepted(_ ticks: [String]) -> [AcceptedText] {
        ticks.compactMap { tick in
            let parts: [Substring] = tick.split(separator: "|")
            guard parts.count == 3, let number = Int64(parts[1]) else { return nil }
            return AcceptedText(document: String(parts[0]), number: number, hash: String(parts[2]))
        }
    }

    private func register(_ visit: Visit) async throws {
        let form: FormFields = visit.sent
        let accepted: [AcceptedText] = Self.accepted(form.all("accept"))
        guard accepted.contains(where: { $0.document == "general" }) else {
            throw Problem(
                .agreementRequired, "The service agreement must be accepted.", remedy: "Read it, and tick it if you accept it.")
        }
        try await EvenAnswer.at(EvenAnswer.withHash) {
            try await hub.signUp(
                SignUp(
                    kind: AccountType(rawValue: form.text("kind")) ?? .individual, name: form.text("name"), email: try EmailAddress(form.text("email")),
                    password: form.text("password"), language: visit.language, accepted: accepted), address: visit.call.address)
        }
    }

    @Sendable private func sent(_ visit: Visit) async throws -> ConsolePage {
        ConsolePage(
            side: .visitor, title: visit.say("Look into your mail", "请查收邮件"),
            lead: visit.say(
                "A mail is on its way to the address you gave. Open its link within 24 hours, then sign in.", "确认邮件已发送至您填写的邮箱。请在 24 小时内打开邮件中的链接，然后登录。"),
            blocks: [
                .text(
                    visit.say(
                        "Nothing came? Look among the unwanted mail, or have another one sent.", "没有收到？请检查垃圾邮件，或重新发送。")),
                .links([(visit.say("Enter the token, or send the mail again", "输入令牌或重新发送"), "/confirm")]),
            ], isNarrow: true)
    }

    @Sendable private func confirm(_ visit: Visit) async throws -> ConsolePage {
        ConsolePage(
            side: .visitor, title: visit.say("Confirm your mail address", "确认邮箱"),
            blocks: [
                Block(
                    form: visit.form(
                        "/confirm", visit.say("Confirm", "确认"),
                        [
                            InputView("token", visit.say("Token of the mail", "邮件中的令牌")).with {
                                ($0.autocomplete, $0.most) = ("off", 100)
                                $0.hint = visit.say("The line that begins with vmt_. The mail's link fills it in.", "以 vmt_ 开头的一行；打开邮件链接会自动填入。")
                            }
                        ], about: [.mailTokenInvalid: "token"])), .heading(visit.say("No mail?", "没有收到邮件？")),
                Block(
                    form: visit.form(
                        "/confirm/resend", visit.say("Send it again", "重新发送"),
                        [InputView("email", visit.say("Mail address", "电子邮箱"), .line("email")).with { ($0.autocomplete, $0.most) = ("email", 254) }],
                        about: [.invalidRequest: "email"])),
            ], isNarrow: true)
    }
}
