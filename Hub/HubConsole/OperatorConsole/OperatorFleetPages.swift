import HubAPI
import HubDomain
import RecognitionAPI
import WireModel

/// Every device: found by what is known of it, a page at a time.
struct OperatorFleetPages: Sendable {
    let console: Console

    private var hub: Hub { console.hub }
    static let here: String = "/operator/devices"
    private static let query: [String] = ["text", "account", "group", "label", "state", "version", "drift", "after"]

    var routes: [Route] { [console.page(Self.here, .everyOperator, "Every device.", query: Self.query, list)] }

    @Sendable private func list(_ visit: Visit) async throws -> ConsolePage {
        let names: [AccountID: String] = try await hub.accounts().reduce(into: [:]) { $0[$1.id] = $1.name }
        let groups: [DeviceGroup] = try await hub.deviceGroups()
        let waiting: Int = try await hub.waitingDevices().count
        let found: FleetPage = try await hub.fleetPage(filter(visit), after: visit.asked("after").flatMap(DeviceID.init(rawValue:)))
        var blocks: [Block] = []
        if waiting > 0 {
            blocks.append(
                .notice(
                    .warm, visit.say("Devices that wait to be approved: \(waiting)", "等待批准的设备：\(waiting)"),
                    link: LinkView(words: visit.say("Waiting devices", "等待中的设备"), to: OperatorWaitingPages.here)))
        }
        blocks.append(
            .links([
                (visit.say("Waiting devices", "等待中的设备"), OperatorWaitingPages.here), (visit.say("Join tokens", "加入令牌"), OperatorTokenPages.here),
                (visit.say("Groups", "设备分组"), OperatorGroupPages.here),
            ]))
        blocks.append(Block(filter: try await filterView(visit, names, groups)))
        blocks.append(Block(table: table(found, names, visit)))
        if let next = found.next {
            blocks.append(.links([(visit.say("More devices", "下一页"), visit.address(Self.here, keeping: Self.query, ["after": next.rawValue]))]))
        }
        if visit.asked("after") != nil {
            blocks.append(.links([(visit.say("To the first page", "回到第一页"), visit.address(Self.here, keeping: Self.query, ["after": ""]))]))
        }
        return ConsolePage(side: .staff, title: visit.say("Devices", "设备"), section: Self.here, blocks: blocks)
    }

    private func table(_ found: FleetPage, _ names: [AccountID: String], _ visit: Visit) -> TableView {
        TableView(
            visit.say("Devices", "设备"),
            [
                visit.say("Device", "设备"), visit.say("State", "状态"), visit.say("Account", "账户"), visit.say("Group", "分组"), visit.say("Version", "版本"),
                visit.say("Last contact", "最近联系"),
            ],
            rows: found.devices.map { one in
                let labels: String = FleetWords.labels(one.labels)
                return [
                    .link(one.device.label, "\(Self.here)/\(one.device.id)", under: labels.isEmpty ? nil : labels), FleetWords.badge(one, visit),
                    .link(names[one.device.account] ?? "", "/operator/accounts/\(one.device.account)"),
                    one.device.group.map { .link(one.groupName ?? "", "\(OperatorGroupPages.here)/\($0)") } ?? .text(visit.say("none", "无")),
                    .text(one.device.agentVersion), .text(one.device.contact.map(visit.shown) ?? visit.say("never", "从未")),
                ]
            }, nothing: visit.say("No device is like that.", "没有符合条件的设备。"))
    }

    private func filter(_ visit: Visit) -> FleetFilter {
        var filter = FleetFilter()
        (filter.text, filter.account, filter.group, filter.version) = (
            visit.asked("text"), visit.asked("account"), visit.asked("group"), visit.asked("version")
        )
        filter.labels = visit.asked("label").map { [$0] } ?? []
        filter.conditions = visit.asked("state").flatMap(FleetDevice.Condition.init(rawValue:)).map { [$0] } ?? []
        filter.hasDrifted = visit.asked("drift") == "yes" ? true : nil
        return filter
    }

    private func filterView(_ visit: Visit, _ names: [AccountID: String], _ groups: [DeviceGroup]) async throws -> FilterView {
        let every = InputView.OptionView(option: "", optionName: visit.say("any", "全部"))
        let versions: [InputView.OptionView] = try await hub.fleetVersions().map {
            .init(option: $0.version, optionName: "\($0.version) (\($0.devices))")
        }
        return FilterView(
            visit, Self.here,
            [
                InputView("text", visit.say("Name or id", "名称或编号"), .line("search")),
                InputView(
                    "state", visit.say("State", "状态"),
                    .choice([every] + FleetDevice.Condition.allCases.map { .init(option: $0.rawValue, optionName: FleetWords.condition($0, visit)) })),
                InputView(
                    "account", visit.say("Account", "账户"),
                    .choice([every] + names.sorted { $0.value < $1.value }.map { .init(option: $0.key.rawValue, optionName: $0.value) })),
                InputView(
                    "group", visit.say("Group", "分组"),
                    .choice([every] + groups.map { .init(option: $0.id.rawValue, optionName: "\(names[$0.account] ?? "") / \($0.name)") })),
                InputView("label", visit.say("Label", "标签")).with { $0.most = 141 },
                InputView("version", visit.say("Version", "版本"), .choice([every] + versions)),
                InputView("drift", visit.say("Drifting only", "仅配置未同步"), .tick("yes")),
            ])
    }
}
