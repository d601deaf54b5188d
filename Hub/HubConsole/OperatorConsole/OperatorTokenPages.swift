import HubAPI
import HubDomain
import RecognitionAPI
import WireModel

/// Join tokens: made, shown once, withdrawn.
struct OperatorTokenPages: Sendable {
    let console: Console

    private var hub: Hub { console.hub }
    static let here: String = "/operator/tokens"
    private static let support: Set<OperatorRole> = [.administrator, .support]

    var routes: [Route] {
        [
            console.page(Self.here, .everyOperator, "Join tokens.", list),
            console.action(
                Self.here, .operator(Self.support), "Make a join token; it is shown once.",
                fields: [.required("place", .text(1...200)), .required("minutes", .text(1...5)), .optional("replaces", .text(0...60))], back: list, work: make),
            console.action("\(Self.here)/{token}/withdraw", .operator(Self.support), "Withdraw a token that was not used.", back: list) { visit in
                _ = try await hub.withdrawToken(try visit.call.id("token"), by: try visit.call.actor)
                return .to("\(Self.here)?done=withdrawn")
            },
        ]
    }

    @Sendable private func make(_ visit: Visit) async throws -> Outcome {
        guard let minutes = Int64(visit.sent.text("minutes")), (1...10_080).contains(minutes) else {
            throw FieldRefusal("minutes", ("A join token lives from a minute to a week.", "令牌有效期为 1 分钟至 1 周。"), ("Give 1 to 10080.", "请填写 1 至 10080。"))
        }
        let replaced: String = FleetWords.trimmed(visit.sent.text("replaces"))
        let replaces: DeviceID? = DeviceID(rawValue: replaced)
        guard replaced.isEmpty || replaces != nil else {
            throw FieldRefusal("replaces", ("That is not a device's id.", "设备编号有误。"), ("Copy it from the device's page.", "请从设备页面复制编号。"))
        }
        let place: (account: String, group: String?) = try FleetPlace.read(visit)
        let issued: IssuedToken = try await hub.issueToken(
            account: place.account, lifetime: .seconds(minutes * 60), group: place.group, replacing: replaces, by: try visit.call.actor)
        let address: String = try await hub.setting(.publicURL)
        return .page(
            ConsolePage(
                side: .staff, title: visit.say("The token is made", "令牌已生成"),
                lead: visit.say(
                    "It is shown this once, makes one device, and ends \(visit.shown(issued.expires)).", "仅显示一次，只能接入一台设备，\(visit.shown(issued.expires)) 到期。"),
                section: OperatorFleetPages.here,
                blocks: [
                    Block(
                        secret: SecretView(
                            name: visit.say("Join token", "加入令牌"), value: issued.token, copy: visit.say("Copy", "复制"), copied: visit.say("Copied", "已复制"))),
                    .text(visit.say("At the device; the token is read from its standard input:", "在设备上执行，令牌从标准输入读取：")),
                    Block(code: CodeView(name: visit.say("Command", "命令"), source: "vultus-edge join \(address) --token -")),
                    .links([(visit.say("All tokens", "全部令牌"), Self.here)]),
                ]))
    }

    @Sendable private func list(_ visit: Visit) async throws -> ConsolePage {
        let names: [AccountID: String] = try await hub.accounts().reduce(into: [:]) { $0[$1.id] = $1.name }
        let groups: [DeviceGroupID: String] = try await hub.deviceGroups().reduce(into: [:]) { $0[$1.id] = $1.name }
        let mayMake: Bool = (try visit.call.staff.principal).may(Self.support)
        let now: Timestamp = hub.now()
        var blocks: [Block] = [
            Block(
                table: TableView(
                    visit.say("Join tokens", "加入令牌"),
                    [
                        visit.say("Token", "令牌"), visit.say("For", "账户与分组"), visit.say("Made", "生成时间"), visit.say("Ends", "到期时间"), visit.say("State", "状态"), "",
                    ],
                    rows: try await hub.joinTokens().map { token in
                        let isOpen: Bool = token.usedBy == nil && token.expires > now
                        let place: String = [names[token.account] ?? token.account.rawValue, token.group.map { groups[$0] ?? $0.rawValue }]
                            .compactMap(\.self).joined(separator: " / ")
                        return [
                            .text(token.id.rawValue), .text(place, under: token.replaces.map { visit.say("in place of \($0)", "替换 \($0)") }),
                            .text(visit.shown(token.created)), .text(visit.shown(token.expires)),
                            token.usedBy.map { .link(visit.say("used", "已使用"), "\(OperatorFleetPages.here)/\($0)") }
                                ?? (isOpen ? .badge(visit.say("open", "可用"), .good) : .badge(visit.say("ended", "已到期"), .plain)),
                            .forms(
                                mayMake && isOpen
                                    ? [
                                        visit.button(
                                            "\(Self.here)/\(token.id)/withdraw", visit.say("Withdraw", "撤回"), of: token.id.rawValue, isDangerous: true)
                                    ] : []),
                        ]
                    }, nothing: visit.say("There are none.", "暂无令牌。")))
        ]
        if mayMake {
            blocks += [
                .heading(visit.say("A new token", "生成令牌"), id: "new"),
                Block(
                    form: visit.form(
                        Self.here, visit.say("Make the token", "生成令牌"),
                        [
                            try await FleetPlace.input(hub, visit),
                            InputView("minutes", visit.say("Minutes until it ends", "有效分钟数"), .line("number")).with { ($0.value, $0.most) = ("30", 5) },
                            InputView("replaces", visit.say("In place of the device", "替换的设备编号")).with {
                                ($0.isRequired, $0.most) = (false, 60)
                                $0.hint = visit.say(
                                    "The new one takes its name, group, labels and settings; the old one is revoked then.", "新设备沿用其名称、分组、标签与配置；旧设备随即吊销。")
                            },
                        ], about: [.accountInactive: "place", .notFound: "place"])),
            ]
        }
        blocks.append(
            .links([(visit.say("All devices", "全部设备"), OperatorFleetPages.here), (visit.say("Waiting devices", "等待中的设备"), OperatorWaitingPages.here)]))
        return ConsolePage(
            side: .staff, title: visit.say("Join tokens", "加入令牌"),
            lead: visit.say("With one a machine joins at once, without being approved.", "持有令牌的设备可直接加入，无需批准。"), section: OperatorFleetPages.here,
            blocks: blocks)
    }
}
