import HubAPI
import HubDomain
import RecognitionAPI
import WireModel

/// What lets people in: the password, the second factor, the sessions; for members and operators alike.
struct SecurityPages: Sendable {
    let console: Console

    private var hub: Hub { console.hub }

    var routes: [Route] { side(isOperator: false) + side(isOperator: true) }

    private func who(_ visit: Visit, _ isOperator: Bool) throws -> (principal: Principal, session: Session) {
        if isOperator { return try visit.call.staff }
        let member = try visit.call.member
        return (member.principal, member.session)
    }

    private func side(isOperator: Bool) -> [Route] {
        let here: String = isOperator ? "/operator/security" : "/account/security"
        let access: Access = isOperator ? .everyOperator : .everyMember
        let back: Console.Making = { try await page($0, here, isOperator) }
        let password: [Schema.Field] = [.required("password", .text(1...256))]
        return [
            console.page(here, access, "Password, second factor and sessions.", back),
            console.action(
                "\(here)/password", access, "Change the password; ends every other session.",
                fields: [.required("current", .text(1...256)), .required("new", .text(10...256))], isForEnded: true, back: back
            ) { visit in
                let (principal, session): (Principal, Session) = try who(visit, isOperator)
                try await hub.changePassword(
                    principal, current: visit.sent.text("current"), new: visit.sent.text("new"), session: session.id, address: visit.call.address)
                return .to("\(here)?done=changed")
            },
            console.action("\(here)/second-factor", access, "Ask for an authenticator's secret.", fields: password, back: back) { visit in
                let offer: SecondFactorOffer = try await hub.offerSecondFactor(
                    try who(visit, isOperator).principal, password: visit.sent.text("password"), address: visit.call.address)
                return .page(offered(offer, visit, here, isOperator))
            },
            console.action("\(here)/second-factor/confirm", access, "Switch the second factor on.", fields: [.required("code", .text(6...40))], back: back) {
                visit in
                let (principal, session): (Principal, Session) = try who(visit, isOperator)
                let codes: [String] = try await hub.confirmSecondFactor(
                    principal, code: visit.sent.text("code").filter { $0 != " " }, session: session.id, address: visit.call.address)
                return .page(recovery(codes, visit, here, isOperator))
            },
            console.action("\(here)/second-factor/remove", access, "Switch the second factor off.", fields: password, isForEnded: true, back: back) { visit in
                try await hub.removeSecondFactor(
                    try who(visit, isOperator).principal, password: visit.sent.text("password"), address: visit.call.address)
                return .to("\(here)?done=changed")
            },
            console.action("\(here)/sessions/{session}/end", access, "End a session, from anywhere.", isForEnded: true, back: back) { visit in
                try await hub.endSession(try visit.call.id("session"), of: try who(visit, isOperator).principal, address: visit.call.address)
                return .to("\(here)?done=changed")
            },
        ]
    }

    private func side(_ isOperator: Bool) -> ConsolePage.Side { isOperator ? .staff : .member }

    private func code(_ visit: Visit, _ here: String) -> FormView {
        visit.form(
            "\(here)/second-factor/confirm", visit.say("Switch it on", "启用"),
            [
                InputView("code", visit.say("Code that the authenticator shows now", "身份验证器当前代码")).with {
                    ($0.autocomplete, $0.most) = ("one-time-code", 40)
                }
            ], about: [.secondFactorWrong: "code"])
    }

    private func offered(_ offer: SecondFactorOffer, _ visit: Visit, _ here: String, _ isOperator: Bool) -> ConsolePage {
        ConsolePage(
            side: side(isOperator), title: visit.say("Set your authenticator up", "设置身份验证器"),
            lead: visit.say("Type this secret into the authenticator, or open the address on the device that has it.", "请在身份验证器中输入以下密钥，或在安装它的设备上打开链接。"),
            section: here,
            blocks: [
                Block(
                    secret: SecretView(name: visit.say("Secret", "密钥"), value: offer.secret, copy: visit.say("Copy", "复制"), copied: visit.say("Copied", "已复制"))),
                Block(code: CodeView(name: visit.say("Address for authenticators", "身份验证器链接"), source: offer.uri)), Block(form: code(visit, here)),
            ])
    }

    private func recovery(_ codes: [String], _ visit: Visit, _ here: String, _ isOperator: Bool) -> ConsolePage {
        ConsolePage(
            side: side(isOperator), title: visit.say("The second factor is on", "两步验证已启用"),
            lead: visit.say(
                "Keep these recovery codes where you find them without your telephone; each works once, and they are not shown again.",
                "请将恢复代码保存在手机之外；每个代码仅可使用一次，且不会再次显示。"), section: here,
            blocks: [
                Block(code: CodeView(name: visit.say("Recovery codes", "恢复代码"), source: codes.joined(separator: "\n"))),
                .links([(visit.say("Done", "完成"), here)]),
            ])
    }

    private func page(_ visit: Visit, _ here: String, _ isOperator: Bool) async throws -> ConsolePage {
        let (principal, current): (Principal, Session) = try who(visit, isOperator)
        let sessions: [Session] = try await hub.sessions(of: principal)
        func password(_ name: String, _ label: String, isNew: Bool = false) -> InputView {
            InputView(name, label, .line("password")).with {
                ($0.autocomplete, $0.most, $0.least) = (isNew ? "new-password" : "current-password", 256, isNew ? 10 : nil)
            }
        }
        var blocks: [Block] = [
            .heading(visit.say("Password", "密码"), id: "password"),
            Block(
                form: visit.form(
                    "\(here)/password", visit.say("Change the password", "更改密码"),
                    [password("current", visit.say("Present password", "当前密码")), password("new", visit.say("New password", "新密码"), isNew: true)],
                    about: [.credentialsWrong: "current", .passwordWeak: "new"])), .heading(visit.say("Second factor", "两步验证"), id: "second-factor"),
        ]
        if let since = principal.totpEnabled {
            var form: FormView = visit.form(
                "\(here)/second-factor/remove", visit.say("Switch it off", "关闭"), [password("password", visit.say("Password", "密码"))],
                about: [.credentialsWrong: "password"])
            form.isDangerous = true
            blocks += [.text(visit.say("On since \(visit.shown(since)).", "自 \(visit.shown(since)) 起启用。")), Block(form: form)]
        } else {
            blocks += [
                .text(visit.say("Off. With it, a stolen password alone lets nobody in.", "未启用。启用后，仅凭密码无法登录。")),
                Block(
                    form: visit.form(
                        "\(here)/second-factor", visit.say("Set it up", "设置"), [password("password", visit.say("Password", "密码"))],
                        about: [.credentialsWrong: "password"])),
                Block(form: code(visit, here).with { $0.folded = visit.say("I have set it up: enter a code", "已完成设置：输入代码") }),
            ]
        }
        blocks += [
            .heading(visit.say("Sessions", "会话"), id: "sessions"),
            Block(
                table: TableView(
                    visit.say("Sessions", "会话"), [visit.say("Browser", "浏览器"), visit.say("Address", "地址"), visit.say("Last seen", "最近活动"), ""],
                    rows: sessions.map { session in
                        [
                            .text(session.agent.isEmpty ? "–" : session.agent), .text(session.address), .text(visit.shown(session.seen)),
                            session.id == current.id
                                ? .badge(visit.say("this one", "当前会话"), .good)
                                : .forms([visit.button("\(here)/sessions/\(session.id)/end", visit.say("End", "结束"), of: session.agent, isDangerous: true)]),
                        ]
                    }, nothing: "")),
        ]
        return ConsolePage(side: side(isOperator), title: visit.say("Signing in", "登录安全"), section: here, blocks: blocks)
    }
}
