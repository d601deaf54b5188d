import HubAPI
import HubAccess
import HubDomain
import HubStorage
import TestKit
import Testing
import WireModel

@testable import HubConsole

@Suite("Alerts and health charts")
struct AlertPageTests {
    private let served: ServedHub
    private let clock: ManualClock

    init() async throws {
        clock = ManualClock.startingNow()
        served = try await ServedHub(clock: clock)
    }

    private var hub: Hub { served.hub }

    private func staff() async throws -> ConsoleVisitor {
        let email: String = "support@provider.example"
        _ = try await hub.inviteOperator(try EmailAddress(email), role: .support, language: .en, by: .test)
        let visitor = ConsoleVisitor(client: try served.visitor(.operator))
        _ = try await visitor.submit(
            "/operator/invitation", on: "/operator/invitation", [("token", try await hub.mailedToken(email)), ("password", Hub.testPassword)])
        _ = try await visitor.submit("/operator/sign-in", on: "/operator/sign-in", [("email", email), ("password", Hub.testPassword)])
        return visitor
    }

    @Test("a rule is added and removed on the page; what cannot be a rule is refused at its field, with what was typed")
    func rules() async throws {
        let visitor: ConsoleVisitor = try await staff()
        var form: [(String, String)] = [
            ("condition", "disk_below"), ("level", "500"), ("minutes", "10"), ("severity", "critical"), ("scope", "all"), ("recipients", "operators"),
            ("recipients", "owner"), ("repeat", "12"), ("quiet", "22:00-06:30"),
        ]
        #expect(try await visitor.submit("/operator/alerts/rules", on: "/operator/alerts", form)[header: "location"] == "/operator/alerts?done=saved")
        let rule: AlertRule = try #require(try await hub.alertRules().first { $0.level == 500 })
        #expect(rule.condition == .diskBelow && rule.level == 500 && rule.severity == .critical && rule.holdMilliseconds == 600_000)
        #expect(rule.recipients == [.operators, .owner] && rule.quiet?.description == "22:00-06:30" && rule.repeatMilliseconds == 12 * 3_600_000)
        let page: String = try await visitor.get("/operator/alerts").text
        #expect(page.contains("less than 500 MiB free on the disk") && page.contains("22:00-06:30"))
        form[4] = ("scope", "somewhere")
        let refused: APIAnswer = try await visitor.submit("/operator/alerts/rules", on: "/operator/alerts", form)
        #expect(refused.status == 422 || refused.status == 400)
        #expect(refused.text.contains("somewhere") && refused.text.contains("A scope is all"))
        _ = try await visitor.submit("/operator/alerts/rules/\(rule.id)/remove", on: "/operator/alerts", [])
        #expect(try await !hub.alertRules().contains { $0.id == rule.id })
    }

    @Test("an account makes, and removes, rules of its own; alerts by them it acknowledges, those by the operators' it only sees")
    func ownRules() async throws {
        let acme: Account = try await hub.openTestAccount("Acme", email: "owner@acme.example")
        let device: DeviceID = try await hub.enrolTestDevice("Front door", of: acme)
        let group: DeviceGroup = try await hub.makeDeviceGroup("entrance", account: acme.id.rawValue, by: .test)
        let visitor = ConsoleVisitor(client: try await served.member("owner@acme.example"))
        let page: String = "/account/device-alerts"
        let empty: String = try await visitor.get(page).text
        #expect(empty.contains("You have none: you hear what the operator") && empty.contains("group entrance (0)"))
        #expect(empty.contains("<option value=\"device:\(device)\">Front door") && !empty.contains("Tell the operators"))
        var form: [(String, String)] = [
            ("condition", "silent"), ("level", "20"), ("minutes", "0"), ("severity", "critical"), ("scope", "device:\(device)"), ("repeat", "12"),
            ("quiet", "22:00-06:30"),
        ]
        #expect(try await visitor.submit("\(page)/rules", on: page, form)[header: "location"] == "\(page)?done=saved")
        let rule: AlertRule = try #require(try await hub.alertRules(of: acme.id).first)
        #expect(rule.account == acme.id && rule.recipients == [.owner] && rule.scope == .device(device) && rule.repeatMilliseconds == 12 * 3_600_000)
        form[4] = ("scope", "group:\(group.id)")
        #expect(try await visitor.submit("\(page)/rules", on: page, form).status == 303)
        form[1] = ("level", "1")
        let refused: APIAnswer = try await visitor.submit("\(page)/rules", on: page, form)
        #expect(refused.status == 400 && refused.text.contains("aria-invalid"))
        let contact: SQLValue = .integer(hub.now().milliseconds)
        _ = try await hub.database.write { try $0.execute("UPDATE device SET contact_ms = ? WHERE id = ?", [contact, .text(device.rawValue)]) }
        for _ in 0..<30 {
            clock.advance(by: .seconds(60))
            try await hub.watchDevices()
        }
        let text: String = try await visitor.get(page).text
        let alerts: [DeviceAlert] = try await hub.deviceAlerts(account: acme.id)
        let own: DeviceAlert = try #require(alerts.first { $0.isOwn }), others: DeviceAlert = try #require(alerts.first { !$0.isOwn })
        #expect(text.contains("\(page)/\(own.id)/acknowledge") && !text.contains("\(page)/\(others.id)/acknowledge"))
        #expect(text.contains("no contact for 20 min") && text.contains("group entrance"))
        #expect(try await visitor.submit("\(page)/\(own.id)/acknowledge", on: page, []).status == 303)
        #expect(try await hub.deviceAlerts(account: acme.id).first { $0.isOwn }?.acknowledged != nil)
        let chinese: String = try await visitor.get("\(page)?language=zh").text
        #expect(chinese.contains("设备告警") && chinese.contains("20 分钟未联系") && PageText(html: chinese).unbalanced.isEmpty)
        // A notice leads here.
        #expect(try await visitor.get("/account/notices").text.contains("href=\"\(page)\""))
        #expect(try await visitor.submit("\(page)/rules/\(rule.id)/remove", on: page, []).status == 303)
        #expect(try await hub.alertRules(of: acme.id).count == 1)
    }

    @Test("a device nobody has heard of yet has a page that says so; one that is not there, or another account's, has none")
    func page() async throws {
        let visitor: ConsoleVisitor = try await staff()
        let acme: Account = try await hub.openTestAccount("Acme", email: "owner@acme.example")
        _ = try await hub.openTestAccount("Other", email: "owner@other.example")
        let device: DeviceID = try await hub.enrolTestDevice(of: acme)
        for language in Language.allCases {
            let answer: APIAnswer = try await visitor.get("/operator/devices/\(device)/health?from=14d&language=\(language.rawValue)")
            let page = PageText(html: answer.text)
            #expect(answer.status == 200 && page.unbalanced.isEmpty && answer.text.contains(language.text("Nothing was told", "该时段无上报数据")))
        }
        #expect(try await visitor.get("/operator/devices/\(DeviceID(at: hub.now()))/health").status == 404)
        for (email, status) in [("owner@acme.example", 200), ("owner@other.example", 404)] {
            let member = ConsoleVisitor(client: try served.visitor())
            _ = try await member.submit("/sign-in", on: "/sign-in", [("email", email), ("password", Hub.testPassword)])
            #expect(try await member.get("/account/devices/\(device)/health").status == status)
        }
    }

    @Test("lines, bands and gaps are drawn where the values are, with the same figures in a table")
    func chart() throws {
        let start = Timestamp(milliseconds: 1_700_000_000_000)
        func at(_ minute: Int64) -> Timestamp { start.advanced(by: .seconds(60 * minute)) }
        let points: [(time: Timestamp, least: Double, mean: Double, greatest: Double)] = [
            (at(0), 10, 10, 10), (at(1), 10, 20, 40), (at(2), 20, 20, 20), (at(30), 5, 5, 5), (at(31), 5, 5, 5),
        ]
        let chart = LineChartView(
            "Temperature", summary: "", series: [.init(name: "zone", points: points)], range: (start, at(60)), step: .seconds(60), when: "When", nothing: ""
        ) { "\(Int($0)) °C" }
        // Half an hour without a word is a gap.
        #expect(chart.curves.count == 2)
        func places(_ text: String) -> [[Double]] { text.split(separator: " ").map { $0.split(separator: ",").compactMap { Double($0) } } }
        let line: [[Double]] = places(chart.curves[0].line)
        #expect(line.count == 3 && line[0][1] > line[1][1] && line[1][1] == line[2][1] && line[0][0] < line[1][0])
        #expect(places(chart.curves[0].band).count == 6 && chart.curves[1].band.isEmpty)
        #expect(chart.figuresTable.rows.count == 5 && chart.figuresTable.rows[3][1].content == "20 °C (10 °C – 40 °C)")
        #expect(
            (chart.curves + chart.curves).allSatisfy { places($0.line).allSatisfy { $0.count == 2 && (0...480).contains($0[0]) && (0...190).contains($0[1]) } })
        #expect(chart.gridLines.count >= 3 && chart.moments.count >= 3)
    }

    @Test(
        "round values stand at the axis, whatever the values are", arguments: [(0.0, 0.0), (0, 1e9), (-5, 7), (41.2, 41.2), (0.001, 0.0042), (99_999, 100_001)])
    func axis(_ least: Double, _ greatest: Double) {
        for fromZero in [true, false] {
            let axis = ValueAxis(least: least, greatest: greatest, fromZero: fromZero)
            #expect(axis.least <= least && axis.greatest >= greatest && axis.greatest > axis.least)
            #expect((2...7).contains(axis.ticks.count), "\(axis.ticks)")
        }
    }
}
