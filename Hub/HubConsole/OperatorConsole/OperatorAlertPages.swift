import HubAPI
import HubDomain
import RecognitionAPI
import WireModel

/// What is wrong with devices, and by which rules somebody is told.
struct OperatorAlertPages: Sendable {
    let console: Console

    private var hub: Hub { console.hub }
    private static let here: String = "/operator/alerts"
    private static let support: Set<OperatorRole> = [.administrator, .support]

    var routes: [Route] {
        let access: Access = .operator(Self.support)
        return [
            console.page(Self.here, .everyOperator, "What is wrong with devices.", page),
            console.action("\(Self.here)/{deviceAlert}/acknowledge", access, "Say that an alert was seen.", back: page) { visit in
                _ = try await hub.acknowledgeAlert(try visit.call.id("deviceAlert"), by: try visit.call.actor)
                return .to("\(Self.here)?done=seen")
            },
            console.action("\(Self.here)/rules", access, "Add an alert rule.", fields: AlertBlocks.fields, back: page) { visit in
                _ = try await hub.addAlertRule(try AlertBlocks.draft(visit), by: try visit.call.actor)
                return .to("\(Self.here)?done=saved")
            },
            console.action("\(Self.here)/rules/{rule}/remove", access, "Remove an alert rule.", back: page) { visit in
                try await hub.removeAlertRule(try visit.call.id("rule"), by: try visit.call.actor)
                return .to("\(Self.here)?done=changed")
            },
        ]
    }

    @Sendable private func page(_ visit: Visit) async throws -> ConsolePage {
        let shown = AlertBlocks(
            visit: visit, here: Self.here, devices: "/operator/devices", isStaff: true, mayWrite: (try visit.call.staff.principal).may(Self.support), scopes: []
        )
        var blocks: [Block] = [
            .heading(visit.say("Open", "未恢复"), id: "open"),
            Block(table: shown.table(visit.say("Open alerts", "未恢复的告警"), try await hub.deviceAlerts())),
            .heading(visit.say("Rules", "规则"), id: "rules"), Block(table: shown.rules(try await hub.alertRules())),
        ]
        if shown.mayWrite { blocks.append(Block(form: shown.form())) }
        blocks += [
            .heading(visit.say("Lately over", "最近恢复"), id: "over"),
            Block(
                table: shown.table(visit.say("Alerts lately over", "最近恢复的告警"), try await hub.deviceAlerts(states: [.resolved], limit: 50))),
        ]
        return ConsolePage(
            side: .staff, title: visit.say("Alerts", "告警"),
            lead: visit.say(
                "Every device is looked at once a minute. What a rule names ends by itself; what is acknowledged is not told again. While no hub was there, no device was silent.",
                "每分钟检查一次所有设备。条件消失后自动恢复；已确认的告警不再提醒。平台停机期间不计入失联时间。"), section: Self.here, blocks: blocks)
    }
}
