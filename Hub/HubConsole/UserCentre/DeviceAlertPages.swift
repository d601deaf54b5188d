import HubAPI
import HubDomain
import RecognitionAPI
import WireModel

/// What is wrong with an account's devices, and by which rules of its own it is told.
struct DeviceAlertPages: Sendable {
    let console: Console

    private var hub: Hub { console.hub }
    private static let here: String = "/account/device-alerts"
    private static let managers: Set<MemberRole> = [.owner, .admin, .developer]
    /// More devices than so many are named by their group, or over the API.
    private static let mostChosen: Int = 200

    var routes: [Route] {
        let access: Access = .member(Self.managers)
        return [
            console.page(Self.here, .everyMember, "What is wrong with the account's devices.", page),
            console.action("\(Self.here)/{ownAlert}/acknowledge", access, "Say that an alert was seen.", back: page) { visit in
                _ = try await hub.acknowledgeAlert(
                    try visit.call.id("ownAlert"), of: try visit.call.member.account, by: try visit.call.actor)
                return .to("\(Self.here)?done=seen")
            },
            console.action("\(Self.here)/rules", access, "Add an alert rule of the account's own.", fields: AlertBlocks.fields, back: page) { visit in
                _ = try await hub.addAlertRule(try AlertBlocks.draft(visit), of: try visit.call.member.account, by: try visit.call.actor)
                return .to("\(Self.here)?done=saved")
            },
            console.action("\(Self.here)/rules/{ownRule}/remove", access, "Remove an alert rule of the account's own.", back: page) { visit in
                try await hub.removeAlertRule(try visit.call.id("ownRule"), of: try visit.call.member.account, by: try visit.call.actor)
                return .to("\(Self.here)?done=changed")
            },
        ]
    }

    @Sendable private func page(_ visit: Visit) async throws -> ConsolePage {
        let account: AccountID = try visit.call.member.account
        let shown = AlertBlocks(
            visit: visit, here: Self.here, devices: "/account/devices", isStaff: false, mayWrite: visit.may(Self.managers),
            scopes: try await scopes(account, visit))
        let open: [DeviceAlert] = try await hub.deviceAlerts(account: account)
        var blocks: [Block] = [
            .heading(visit.say("Open", "未恢复"), id: "open"), Block(table: shown.table(visit.say("Open alerts", "未恢复的告警"), open)),
        ]
        if open.contains(where: { !$0.isOwn }) {
            blocks.append(
                .text(
                    visit.say(
                        "What stands here by a rule of the operator's ends by itself, or is seen to there.",
                        "由运营方规则产生的告警会自动恢复，或由运营方处理。")))
        }
        blocks += [
            .heading(visit.say("Your rules", "自有规则"), id: "rules"), Block(table: shown.rules(try await hub.alertRules(of: account))),
        ]
        if shown.mayWrite { blocks.append(Block(form: shown.form())) }
        blocks += [
            .heading(visit.say("Lately over", "最近恢复"), id: "over"),
            Block(
                table: shown.table(
                    visit.say("Alerts lately over", "最近恢复的告警"), try await hub.deviceAlerts(account: account, states: [.resolved], limit: 50))),
            .links([(visit.say("Webhooks", "Webhook"), "/account/webhooks"), (visit.say("All devices", "全部设备"), "/account/devices")]),
        ]
        return ConsolePage(
            side: .member, title: visit.say("Device alerts", "设备告警"),
            lead: visit.say(
                "Every device is looked at once a minute. By a rule of yours you are told with a notice, by mail to the owners and to webhooks that ask for notices.",
                "每分钟检查一次所有设备。触发自有规则时，将通过站内通知、所有者邮件以及订阅通知的 Webhook 告知。"), section: Self.here, blocks: blocks)
    }

    private func scopes(_ account: AccountID, _ visit: Visit) async throws -> [InputView.OptionView] {
        var filter = FleetFilter()
        filter.account = account.rawValue
        let groups: [DeviceGroup] = try await hub.deviceGroups(account: account.rawValue)
        let devices: [FleetDevice] = try await hub.fleetPage(filter, limit: Self.mostChosen).devices.filter { $0.device.revoked == nil }
        return [.init(option: "all", optionName: visit.say("every device", "全部设备"))]
            + groups.map {
                .init(option: "group:\($0.id)", optionName: visit.say("group \($0.name) (\($0.devices))", "分组 \($0.name)（\($0.devices)）"))
            } + devices.map { .init(option: "device:\($0.device.id)", optionName: $0.device.label) }
    }
}
