import HubAPI
import HubDomain
import WireModel

/// Where a device is to go: an account, and a group of it or none, as one choice.
enum FleetPlace {
    /// More than so many are typed, not chosen.
    private static let mostChosen: Int = 1_000

    static func input(_ hub: Hub, _ visit: Visit) async throws -> InputView {
        let accounts: [Account] = try await hub.accounts().filter { $0.standing == .active }.sorted { $0.name < $1.name }
        let groups: [AccountID: [DeviceGroup]] = Dictionary(grouping: try await hub.deviceGroups(), by: \.account)
        let label: String = visit.say("Account and group", "账户与分组")
        guard accounts.count + groups.values.reduce(0, { $0 + $1.count }) <= mostChosen else {
            return InputView("place", label).with { $0.hint = visit.say("ACCOUNT or ACCOUNT / GROUP, by name or id.", "填写“账户”或“账户 / 分组”的名称或编号。") }
        }
        return InputView(
            "place", label,
            .choice(
                accounts.flatMap { account in
                    [.init(option: account.id.rawValue, optionName: visit.say("\(account.name), no group", "\(account.name)，不分组"))]
                        + (groups[account.id] ?? []).map { .init(option: "\(account.id)/\($0.id)", optionName: "\(account.name) / \($0.name)") }
                }))
    }

    /// Both by id or name.
    static func read(_ visit: Visit) throws(FieldRefusal) -> (account: String, group: String?) {
        let parts: [String] = visit.sent.text("place").split(separator: "/", maxSplits: 1).map { FleetWords.trimmed($0) }
        guard let account = parts.first, !account.isEmpty else {
            throw FieldRefusal("place", ("A device belongs to an account.", "设备须属于某个账户。"), ("Choose one.", "请选择。"))
        }
        return (account, parts.count == 2 ? parts[1] : nil)
    }
}
