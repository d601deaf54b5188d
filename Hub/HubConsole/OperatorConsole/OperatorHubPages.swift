import HubAPI
import HubAccess
import HubDomain
import RecognitionAPI
import WireModel

/// The hub's settings that are safe to change while it runs, and the provider's staff.
struct OperatorHubPages: Sendable {
    let console: Console

    private var hub: Hub { console.hub }
    private static let settings: String = "/operator/settings"
    private static let staff: String = "/operator/staff"
    private static let administrators: Set<OperatorRole> = [.administrator]

    var routes: [Route] {
        let access: Access = .operator(Self.administrators)
        return [
            console.page(Self.settings, .everyOperator, "The hub's settings.", showSettings),
            console.action(
                "\(Self.settings)/{setting}", access, "Change one setting.", fields: [.optional("value", .text(0...200))], back: showSettings
            ) { visit in
                guard let setting = Setting(rawValue: visit.call.path["setting"] ?? "") else {
                    throw Problem(.notFound, "There is no such setting.", remedy: "See the list.")
                }
                try await hub.set(setting, to: FleetWords.trimmed(visit.sent.text("value")), by: try visit.call.actor)
                return .to("\(Self.settings)?done=saved")
            },
            console.page(Self.staff, .everyOperator, "The provider's staff.", showStaff),
            console.action(
                Self.staff, access, "Invite an operator by mail.", fields: [.required("email", .email), .required("role", .choices(OperatorRole.self))],
                back: showStaff
            ) { visit in
                _ = try await hub.inviteOperator(
                    try EmailAddress(visit.sent.text("email")), role: OperatorRole(rawValue: visit.sent.text("role")) ?? .auditor, language: visit.language,
                    by: try visit.call.actor)
                return .to("\(Self.staff)?done=invited")
            },
            console.action(
                "\(Self.staff)/{operator}/role", access, "Change an operator's role; nobody changes their own.",
                fields: [.required("role", .choices(OperatorRole.self))], back: showStaff
            ) { visit in
                try await hub.setOperator(visit.call.path["operator"] ?? "", role: OperatorRole(rawValue: visit.sent.text("role")), by: try visit.call.actor)
                return .to("\(Self.staff)?done=changed")
            },
            console.action("\(Self.staff)/{operator}/remove", access, "Take an operator out; ends their sessions.", back: showStaff) { visit in
                try await hub.setOperator(visit.call.path["operator"] ?? "", role: nil, by: try visit.call.actor)
                return .to("\(Self.staff)?done=changed")
            },
        ]
    }

    /// Of those that have no words here, their help.
    private static let titles: [Setting: (english: String, chinese: String)] = [
        .publicURL: ("Address that people reach it at", "对外访问地址"),
        .providerName: ("Provider", "服务提供方"),
        .mailFrom: ("Sender of mails", "发件人"),
        .contact: ("Contact shown to accounts", "联系方式"),
        .agreementGraceDays: ("Days of grace after a new agreement", "新协议宽限天数"),
        .emailDays: ("Days until a mailbox is proven again", "邮箱复验天数"),
        .domainDays: ("Days until a domain is proven again", "域名复验天数"),
        .reminderDays: ("Days of reminding before", "提前提醒天数"),
        .changeNoticeDays: ("Days' notice of what is dearer or less", "涨价或减少权益的提前公告天数"),
        .personWarning: ("Persons at which an account is warned", "人数预警值"),
        .deviceContactSeconds: ("Seconds between contacts of devices in no group", "未分组设备联系间隔（秒）"),
        .leaseSettleDays: ("Days in which a dark device may still report", "离线设备补报天数"),
        .waitingDevices: ("Devices that may wait for approval; 0: none", "可等待批准的设备数，0 为不允许"),
    ]

    private static func title(_ setting: Setting, _ visit: Visit) -> String {
        titles[setting].map { visit.say($0.english, $0.chinese) } ?? setting.help
    }

    @Sendable private func showSettings(_ visit: Visit) async throws -> ConsolePage {
        let mayChange: Bool = (try visit.call.staff.principal).may(Self.administrators)
        var blocks: [Block] = []
        if !mayChange {
            var facts: [(String, String)] = []
            for setting in Setting.allCases { facts.append((Self.title(setting, visit), try await hub.setting(setting))) }
            blocks.append(.facts(facts))
        } else {
            for setting in Setting.allCases {
                let value: String = try await hub.setting(setting)
                blocks.append(
                    Block(
                        form: visit.form(
                            "\(Self.settings)/\(setting.rawValue)", visit.say("Save", "保存"),
                            [
                                InputView("value", Self.title(setting, visit)).with {
                                    ($0.value, $0.isRequired, $0.hidesOptional) = (value, false, true)
                                    $0.hint = visit.say(
                                        "\(setting.rawValue); standard: \(setting.standard.isEmpty ? "none" : setting.standard)",
                                        "\(setting.rawValue)；默认：\(setting.standard.isEmpty ? "无" : setting.standard)")
                                }
                            ], about: [.invalidRequest: "value"]
                        ).with { $0.spoken = Self.title(setting, visit) }))
            }
        }
        return ConsolePage(
            side: .staff, title: visit.say("Settings of the hub", "平台设置"),
            lead: visit.say("They hold from the moment they are saved, on every hub of this database.", "保存后立即对使用同一数据库的所有平台节点生效。"),
            section: Self.settings, blocks: blocks)
    }

    static func role(_ role: OperatorRole, _ visit: Visit) -> String {
        switch role {
        case .administrator: visit.say("administrator", "管理员")
        case .support: visit.say("support", "客服")
        case .finance: visit.say("finance", "财务")
        case .auditor: visit.say("auditor", "审计")
        }
    }

    @Sendable private func showStaff(_ visit: Visit) async throws -> ConsolePage {
        let me: Principal = try visit.call.staff.principal
        let mayChange: Bool = me.may(Self.administrators)
        func roles(_ present: OperatorRole?) -> InputView.Kind {
            .choice(OperatorRole.allCases.map { .init(option: $0.rawValue, optionName: Self.role($0, visit), isChosen: $0 == present) })
        }
        let operators: [OperatorAccount] = try await hub.operators()
        var blocks: [Block] = [
            Block(
                table: TableView(
                    visit.say("Staff", "人员"),
                    [
                        visit.say("Operator", "运营人员"), visit.say("Role", "角色"), visit.say("State", "状态"), visit.say("Second factor", "双重验证"),
                        visit.say("Last sign-in", "最近登录"), "",
                    ],
                    rows: operators.map { one in
                        [
                            .text(one.email, under: one.id == me.id ? visit.say("you", "本人") : nil), .text(Self.role(one.role, visit)),
                            one.state == .active ? .badge(visit.say("active", "正常"), .good) : .badge(visit.say("invited", "已邀请"), .warm),
                            .text(one.hasSecondFactor ? visit.say("on", "已启用") : visit.say("off", "未启用")),
                            .text(one.lastSignIn.map(visit.shown) ?? visit.say("never", "从未")),
                            .forms(
                                mayChange && one.id != me.id
                                    ? [visit.button("\(Self.staff)/\(one.id)/remove", visit.say("Take out", "移除"), of: one.email, isDangerous: true)] : []),
                        ]
                    }, nothing: ""))
        ]
        if mayChange {
            for one in operators where one.id != me.id {
                blocks.append(
                    Block(
                        form: visit.form(
                            "\(Self.staff)/\(one.id)/role", visit.say("Change the role", "更改角色"), [InputView("role", visit.say("Role", "角色"), roles(one.role))]
                        ).with { $0.folded = visit.say("Role of \(one.email)", "\(one.email) 的角色") }))
            }
            blocks += [
                .heading(visit.say("Invite somebody", "邀请人员"), id: "invite"),
                Block(
                    form: visit.form(
                        Self.staff, visit.say("Invite", "邀请"),
                        [
                            InputView("email", visit.say("Mail address", "邮箱"), .line("email")).with { $0.most = 254 },
                            InputView("role", visit.say("Role", "角色"), roles(.support)),
                        ], about: [.invalidRequest: "email", .conflict: "email", .emailInvalid: "email"])),
            ]
        }
        return ConsolePage(side: .staff, title: visit.say("Staff", "运营人员"), section: Self.staff, blocks: blocks)
    }
}
