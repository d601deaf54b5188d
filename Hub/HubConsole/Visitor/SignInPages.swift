import HTTPTypes
import HubAPI
import HubAccess
import HubDomain
import RecognitionAPI
import WireModel

/// Signing in and out, and what gets people in again; for members and operators alike.
struct SignInPages: Sendable {
    let console: Console

    private var hub: Hub { console.hub }

    var routes: [Route] { side(isOperator: false) + side(isOperator: true) + [invitation(isOperator: false), invitation(isOperator: true)].flatMap { $0 } }

    private func side(isOperator: Bool) -> [Route] {
        let prefix: String = isOperator ? "/operator" : ""
        let home: String = isOperator ? "/operator" : "/account"
        let signIn: Console.Making = { await signInPage($0, prefix, isOperator) }
        let forgot: Console.Making = { await forgotPage($0, prefix) }
        let reset: Console.Making = { await resetPage($0, prefix) }
        return [
            console.page("\(prefix)/sign-in", .open, "Sign in.", signIn),
            console.action(
                "\(prefix)/sign-in", .open, "Sign in.",
                fields: [.required("email", .email), .required("password", .text(1...256)), .optional("code", .text(0...40))], back: signIn
            ) { visit in
                let code: String = visit.sent.text("code")
                let new: NewSession = try await hub.signIn(
                    Credentials(
                        email: try EmailAddress(visit.sent.text("email")), password: visit.sent.text("password"), code: code.isEmpty ? nil : code,
                        isOperator: isOperator), address: visit.call.address, agent: visit.call.headers[.userAgent] ?? "",
                    device: Cookie.value(Cookie.device, in: visit.call.headers))
                return .reply(
                    Console.redirect(
                        Console.own(visit.sent["to"], otherwise: home),
                        cookies: [
                            Cookie.set(isOperator ? Cookie.staff : Cookie.member, new.token, seconds: Hub.sessionLife.components.seconds),
                            Cookie.set(Cookie.device, new.device, seconds: Cookie.deviceLife),
                        ]))
            },
            console.action(
                "\(prefix)/sign-out", isOperator ? .everyOperator : .everyMember, "Sign out.", isForEnded: true, back: signIn
            ) { visit in
                let (principal, session): (Principal, Session) =
                    isOperator ? try visit.call.staff : (try visit.call.member.principal, try visit.call.member.session)
                try await hub.endSession(session.id, of: principal, address: visit.call.address)
                return .reply(
                    Console.redirect("\(prefix)/sign-in?done=signed-out", cookies: [Cookie.set(isOperator ? Cookie.staff : Cookie.member, "", seconds: 0)]))
            },
            console.page("\(prefix)/forgot", .open, "Ask for a new password.", forgot),
            console.action("\(prefix)/forgot", .open, "Mail a token for a new password.", fields: [.required("email", .email)], back: forgot) { visit in
                try await EvenAnswer.at(EvenAnswer.withoutHash) {
                    try await hub.forgotPassword(
                        try EmailAddress(visit.sent.text("email")), isOperator: isOperator, language: visit.language, address: visit.call.address)
                }
                return .to("\(prefix)/reset?done=sent")
            },
            console.page("\(prefix)/reset", .open, "Set a new password.", reset),
            console.action(
                "\(prefix)/reset", .open, "Set a new password with the mailed token.",
                fields: [.required("token", .text(20...100)), .required("password", .text(10...256))], back: reset
            ) { visit in
                let device: String = try await hub.resetPassword(
                    token: visit.sent.text("token").filter { !$0.isWhitespace }, new: visit.sent.text("password"), address: visit.call.address)
                return .reply(
                    Console.redirect("\(prefix)/sign-in?done=password", cookies: [Cookie.set(Cookie.device, device, seconds: Cookie.deviceLife)]))
            },
        ]
    }

    private func invitation(isOperator: Bool) -> [Route] {
        let path: String = isOperator ? "/operator/invitation" : "/invitation"
        let page: Console.Making = { try await invitationPage($0, path, isOperator) }
        return [
            console.page(path, .open, "Accept an invitation.", page),
            console.action(
                path, .open, "Accept an invitation.", fields: [.required("token", .text(20...100)), .required("password", .text(10...256))], back: page
            ) { visit in
                let token: String = visit.sent.text("token").filter { !$0.isWhitespace }
                if isOperator {
                    _ = try await hub.acceptOperatorInvitation(token: token, password: visit.sent.text("password"), address: visit.call.address)
                    return .to("/operator/sign-in?done=joined")
                }
                _ = try await hub.acceptInvitation(
                    token: token, password: visit.sent.text("password"), accepted: VisitorPages.accepted(visit.sent.all("accept")),
                    address: visit.call.address)
                return .to("/sign-in?done=joined")
            },
        ]
    }

    // MARK: Pages

    private func email(_ visit: Visit) -> InputView {
        InputView("email", visit.say("Mail address", "电子邮箱"), .line("email")).with { ($0.autocomplete, $0.most) = ("username", 254) }
    }

    private func token(_ visit: Visit) -> InputView {
        InputView("token", visit.say("Token of the mail", "邮件中的令牌")).with {
            ($0.autocomplete, $0.most) = ("off", 100)
            $0.hint = visit.say("The line that begins with vmt_. The mail's link fills it in.", "以 vmt_ 开头的一行；打开邮件链接会自动填入。")
        }
    }

    private func newPassword(_ visit: Visit) -> InputView {
        InputView("password", visit.say("New password", "新密码"), .line("password")).with {
            ($0.autocomplete, $0.least, $0.most) = ("new-password", 10, 256)
            $0.hint = visit.say("At least 10 characters.", "至少 10 个字符。")
        }
    }

    private func signInPage(_ visit: Visit, _ prefix: String, _ isOperator: Bool) async -> ConsolePage {
        var form: FormView = visit.form(
            "\(prefix)/sign-in", visit.say("Sign in", "登录"),
            [
                email(visit),
                InputView("password", visit.say("Password", "密码"), .line("password")).with { ($0.autocomplete, $0.most) = ("current-password", 256) },
                InputView("code", visit.say("Code of your authenticator", "身份验证器代码")).with {
                    ($0.isRequired, $0.autocomplete, $0.most) = (false, "one-time-code", 40)
                    $0.hint = visit.say("Only where a second factor is on; a recovery code will do.", "仅在启用两步验证时填写；也可使用恢复代码。")
                },
            ], about: [.secondFactorRequired: "code", .secondFactorWrong: "code", .credentialsWrong: "password", .invalidRequest: "email"])
        let to: String = Console.own(visit.sent["to"] ?? visit.call.query["to"], otherwise: "")
        if !to.isEmpty { form.hidden = [.init(hiddenName: "to", hiddenValue: to)] }
        var links: [(String, String)] = [(visit.say("Set a new password", "重设密码"), "\(prefix)/forgot")]
        if !isOperator { links.append((visit.say("Sign up", "注册"), "/sign-up")) }
        return ConsolePage(
            side: .visitor, title: isOperator ? visit.say("Sign in as an operator", "运营人员登录") : visit.say("Sign in", "登录"),
            blocks: [Block(form: form), .links(links)], isNarrow: true)
    }

    private func forgotPage(_ visit: Visit, _ prefix: String) async -> ConsolePage {
        ConsolePage(
            side: .visitor, title: visit.say("Set a new password", "重设密码"),
            lead: visit.say("A link to do so comes by mail.", "重设链接将通过邮件发送。"),
            blocks: [Block(form: visit.form("\(prefix)/forgot", visit.say("Send the link", "发送链接"), [email(visit)], about: [.invalidRequest: "email"]))],
            isNarrow: true)
    }

    private func resetPage(_ visit: Visit, _ prefix: String) async -> ConsolePage {
        ConsolePage(
            side: .visitor, title: visit.say("Set a new password", "重设密码"),
            blocks: [
                Block(
                    form: visit.form(
                        "\(prefix)/reset", visit.say("Set the password", "设置密码"), [token(visit), newPassword(visit)],
                        about: [.mailTokenInvalid: "token", .passwordWeak: "password"]))
            ], isNarrow: true)
    }

    private func invitationPage(_ visit: Visit, _ path: String, _ isOperator: Bool) async throws -> ConsolePage {
        var fields: [InputView] = [token(visit), newPassword(visit)]
        if !isOperator {
            fields += try await hub.agreementsInForce().filter { !$0.document.hasPrefix("api:") }.map { version in
                let title: String = version.titles[visit.language.rawValue] ?? version.document
                return InputView(
                    "accept", visit.say("I accept: \(title), version \(version.number)", "我接受：《\(title)》第 \(version.number) 版"),
                    .tick(VisitorPages.tick(version, visit.language))
                ).with {
                    ($0.isRequired, $0.suffix, $0.reading) = (false, version.document, VisitorPages.reading(version, visit))
                    $0.hint = version.document == "general" ? visit.say("Needed from an account's first owner.", "账户的首位所有者必须接受。") : nil
                }
            }
        }
        return ConsolePage(
            side: .visitor, title: visit.say("Accept the invitation", "接受邀请"),
            blocks: [
                Block(
                    form: visit.form(
                        path, visit.say("Join", "加入"), fields,
                        about: [.mailTokenInvalid: "token", .passwordWeak: "password", .agreementRequired: "accept", .agreementChanged: "accept"]))
            ], isNarrow: true)
    }
}
