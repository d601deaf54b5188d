import HubAPI
import HubAccess
import HubDomain
import RecognitionAPI
import WireModel

/// Who the account is: its name and members, its standing and what was decided about it.
struct ProfilePages: Sendable {
    let console: Console

    private var hub: Hub { console.hub }
    private static let managers: Set<MemberRole> = [.owner, .admin]

    var routes: [Route] {
        [
            console.page("/account/profile", .everyMember, "The account, its members and its language.", profile),
            console.action(
                "/account/profile", .member(Self.managers), "Change the account's name or language.",
                fields: [.required("name", .text(1...100)), .required("mailLanguage", .choices(Language.self))], back: profile
            ) { visit in
                _ = try await hub.changeAccount(
                    try visit.call.member.account, name: visit.sent.text("name"), language: Language(rawValue: visit.sent.text("mailLanguage")),
                    by: try visit.call.actor)
                return .to("/account/profile?done=saved")
            },
            console.action(
                "/account/members", .member(Self.managers), "Invite a member.",
                fields: [.required("email", .email), .required("role", .choices(MemberRole.self))],
                back: profile
            ) { visit in
                let member = try visit.call.member
                _ = try await hub.invite(
                    try EmailAddress(visit.sent.text("email")), role: MemberRole(rawValue: visit.sent.text("role")) ?? .auditor, to: member.account,
                    language: visit.language, inviter: member.role, by: try visit.call.actor)
                return .to("/account/profile?done=invited")
            },
            console.action("/account/members/{member}/remove", .member(Self.managers), "Take a member out.", back: profile) { visit in
                let member = try visit.call.member
                try await hub.setMember(visit.call.path["member"] ?? "", of: member.account, role: nil, changer: member.role, by: try visit.call.actor)
                return .to("/account/profile?done=saved")
            },
            console.page("/account/standing", .everyMember, "The standing, and every measure.", standing),
        ]
    }

    @Sendable private func profile(_ visit: Visit) async throws -> ConsolePage {
        let member = try visit.call.member
        let account: Account = try await hub.account(member.account.rawValue)
        let members: [Member] = try await hub.members(account.id)
        var blocks: [Block] = [
            .facts([
                (visit.say("Account", "账户"), account.id.rawValue),
                (visit.say("Kind", "类型"), account.kind == .individual ? visit.say("a person", "个人") : visit.say("an organisation", "企业")),
                (visit.say("Standing", "状态"), StandingWords.of(account.standing, visit)), (visit.say("Registered", "注册时间"), visit.shown(account.created)),
                (visit.say("You", "当前用户"), "\(member.principal.email), \(MemberWords.role(member.role, visit))"),
            ])
        ]
        if visit.may(Self.managers) {
            blocks.append(
                Block(
                    form: visit.form(
                        "/account/profile", visit.say("Save", "保存"),
                        [
                            InputView("name", visit.say("Name", "名称")).with { ($0.value, $0.most) = (account.name, 100) },
                            InputView(
                                "mailLanguage", visit.say("Language of mails and notices", "邮件与通知语言"),
                                .choice([
                                    .init(option: "en", optionName: "English", isChosen: account.language == .en),
                                    .init(option: "zh", optionName: "中文", isChosen: account.language == .zh),
                                ])),
                        ], about: [.invalidRequest: "name", .conflict: "name"])))
        }
        blocks += [
            .heading(visit.say("Members", "成员"), id: "members"),
            Block(
                table: TableView(
                    visit.say("Members", "成员"),
                    [visit.say("Member", "成员"), visit.say("Role", "角色"), visit.say("Second factor", "两步验证"), visit.say("Last sign-in", "最近登录"), ""],
                    rows: members.map { one in
                        [
                            .text(one.email), .text(MemberWords.role(one.role, visit)),
                            one.hasSecondFactor ? .badge(visit.say("on", "已启用"), .good) : .badge(visit.say("off", "未启用"), .plain),
                            .text(one.lastSignIn.map(visit.shown) ?? (one.state == .invited ? visit.say("invited", "已邀请") : visit.say("never", "从未"))),
                            .forms(
                                one.id != member.principal.id && visit.may(Self.managers)
                                    ? [visit.button("/account/members/\(one.id)/remove", visit.say("Take out", "移除"), of: one.email, isDangerous: true)] : []),
                        ]
                    }, nothing: "")),
        ]
        if visit.may(Self.managers), account.kind == .enterprise {
            var form: FormView = visit.form(
                "/account/members", visit.say("Invite", "邀请"),
                [
                    InputView("email", visit.say("Mail address", "电子邮箱"), .line("email")).with { $0.most = 254 },
                    InputView(
                        "role", visit.say("Role", "角色"), .choice(MemberRole.allCases.map { .init(option: $0.rawValue, optionName: MemberWords.may($0, visit)) })
                    ),
                ], about: [.invalidRequest: "email", .conflict: "email", .mailDomainRefused: "email"])
            form.folded = visit.say("Invite a member", "邀请成员")
            blocks.append(Block(form: form))
        }
        blocks.append(
            .links([
                (visit.say("Standing and measures", "状态与措施"), "/account/standing"),
                (visit.say("Password, second factor, sessions", "密码、两步验证与会话"), "/account/security"),
                (visit.say("Export and leave", "导出与注销"), "/account/leaving"),
            ]))
        return ConsolePage(side: .member, title: visit.say("Profile", "资料"), section: "/account/profile", blocks: blocks)
    }

    @Sendable private func standing(_ visit: Visit) async throws -> ConsolePage {
        let id: AccountID = try visit.call.member.account
        let account: Account = try await hub.account(id.rawValue)
        return ConsolePage(
            side: .member, title: visit.say("Standing and measures", "状态与措施"), section: "/account/profile",
            blocks: [
                .facts([(visit.say("Standing", "状态"), StandingWords.of(account.standing, visit)), (visit.say("Since", "自"), visit.shown(account.since))]),
                .heading(visit.say("Measures", "措施"), id: "measures"), Block(table: StandingWords.measures(try await hub.measures(id), visit, lift: nil)),
                .heading(visit.say("How it came to be", "变更记录"), id: "history"),
                Block(table: StandingWords.history(try await hub.standingHistory(id), visit)),
                .links([(visit.say("Write to the operator", "联系平台"), "/account/feedback")]),
            ])
    }
}

/// Standings and measures in words, for accounts and for the operator.
enum StandingWords {
    static func of(_ standing: Standing, _ visit: Visit) -> String {
        switch standing {
        case .pending: visit.say("pending", "待完成")
        case .active: visit.say("active", "正常")
        case .lapsed: visit.say("lapsed", "已失效")
        case .suspended: visit.say("suspended", "已暂停")
        case .ended: visit.say("ended", "已终止")
        }
    }

    static func tone(_ standing: Standing) -> NoticeView.Kind {
        switch standing {
        case .active: .good
        case .pending: .warm
        case .lapsed, .suspended: .bad
        case .ended: .plain
        }
    }

    static func kind(_ kind: MeasureType, _ visit: Visit) -> String {
        switch kind {
        case .warning: visit.say("warning", "警告")
        case .throttle: visit.say("slowed down", "限速")
        case .pauseAPI: visit.say("an API paused", "停用接口")
        case .suspension: visit.say("interrupted", "中断服务")
        case .termination: visit.say("ended", "终止服务")
        }
    }

    static func measures(_ measures: [Measure], _ visit: Visit, lift: ((Measure) -> FormView)?) -> TableView {
        TableView(
            visit.say("Measures", "措施"),
            [visit.say("Measure", "措施"), visit.say("Ground", "依据"), visit.say("From", "自"), visit.say("Until", "至")] + (lift == nil ? [] : [""]),
            rows: measures.map { measure in
                [
                    .text(kind(measure.kind, visit), under: measure.api?.rawValue), .text(measure.ground, under: measure.statement),
                    .text(visit.shown(measure.begins)),
                    .text((measure.ended ?? measure.expires).map(visit.shown) ?? visit.say("until it is lifted", "直至解除")),
                ] + (lift.map { [.forms(measure.ended == nil ? [$0(measure)] : [])] } ?? [])
            }, nothing: visit.say("There are none.", "暂无措施。"))
    }

    static func history(_ history: [StandingChange], _ visit: Visit) -> TableView {
        TableView(
            visit.say("Changes of the standing", "状态变更"),
            [visit.say("When", "时间"), visit.say("From", "原状态"), visit.say("To", "新状态"), visit.say("Ground", "原因")],
            rows: history.map {
                [.text(visit.shown($0.time)), .text(of($0.before, visit)), .text(of($0.after, visit)), .text(GroundText.text($0.ground, visit.language))]
            },
            nothing: visit.say("There are none.", "暂无变更。"))
    }
}
