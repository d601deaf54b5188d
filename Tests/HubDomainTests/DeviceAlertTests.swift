import HubAccess
import HubDomain
import HubStorage
import ServiceSupport
import TestKit
import Testing
import WireModel

@Suite("Alerts about devices")
struct DeviceAlertTests {
    private let fixture: IntakeFixture

    init() async throws {
        fixture = try await IntakeFixture()
        let email: String = "staff@provider.example"
        _ = try await hub.inviteOperator(try EmailAddress(email), role: .support, language: .en, by: .test)
        _ = try await hub.acceptOperatorInvitation(token: try await hub.mailedToken(email), password: Hub.testPassword, address: "192.0.2.1")
    }

    private var hub: Hub { fixture.hub }
    private var clock: ManualClock { fixture.clock }

    /// Only what a test adds.
    private func only(_ drafts: AlertRuleDraft...) async throws {
        for rule in try await hub.alertRules() { try await hub.removeAlertRule(rule.id, by: .test) }
        for draft in drafts { _ = try await hub.addAlertRule(draft, by: .test) }
    }

    private func open() async throws -> [AlertCondition] { try await hub.deviceAlerts().map(\.condition) }

    @Test("a device that falls silent is noticed, told of once, and over when it is heard again")
    func silence() async throws {
        let (device, other): (PlayedDevice, PlayedDevice) = (try await fixture.device(), try await fixture.device())
        try await device.sync()
        try await hub.watch(minutes: 14, clock) { try await other.sync() }
        #expect(try await open() == [])
        try await hub.watch(minutes: 3, clock) { try await other.sync() }
        let alerts: [DeviceAlert] = try await hub.deviceAlerts()
        #expect(alerts.map(\.device) == [device.id] && alerts[0].condition == .silent && (15...17).contains(alerts[0].value ?? 0))
        try await hub.watch(minutes: 60, clock) { try await other.sync() }
        #expect(try await hub.mails("device_alert").count == 1)
        let mail = try await hub.queuedMail(to: "staff@provider.example", purpose: "device_alert", by: .test)
        #expect(mail.subject.contains("no contact for 15 min") && mail.text.contains(device.id.rawValue) && !mail.text.contains(other.id.rawValue))
        try await device.sync()
        try await hub.watch(minutes: 3, clock) {
            try await device.sync()
            try await other.sync()
        }
        #expect(try await open() == [])
        #expect(try await hub.deviceAlerts(states: [.resolved]).map(\.device) == [device.id])
        #expect(try await hub.mails("device_alert").count == 2)
        #expect(try await hub.queuedMail(to: "staff@provider.example", purpose: "device_alert", by: .test).subject.hasPrefix("Over: "))
    }

    @Test("while no hub was there nobody was silent: each device has its rule's time after the hub's return, and is called silent after it")
    func absence() async throws {
        let (returning, gone): (PlayedDevice, PlayedDevice) = (try await fixture.device(), try await fixture.device())
        try await returning.sync()
        try await gone.sync()
        try await hub.watch(minutes: 3, clock)
        // Three days without a hub; the first look after its start finds nobody silent.
        clock.advance(by: .seconds(3 * 86_400))
        try await hub.watchDevices()
        #expect(try await open() == [])
        try await hub.watch(minutes: 10, clock) { try await returning.sync() }
        #expect(try await open() == [])
        try await hub.watch(minutes: 6, clock) { try await returning.sync() }
        #expect(try await hub.deviceAlerts().map(\.device) == [gone.id])
        // What was silent before the hub went stays so, and is not told anew.
        clock.advance(by: .seconds(86_400 / 2))
        try await hub.watch(minutes: 5, clock) { try await returning.sync() }
        #expect(try await hub.deviceAlerts().map(\.device) == [gone.id])
        #expect(try await hub.mails("device_alert").count == 1)
    }

    @Test("a device that was told to come rarely is not silent before three of its intervals")
    func patience() async throws {
        let device: PlayedDevice = try await fixture.device()
        _ = try await hub.configureDevice(device.id, by: .test) { $0.contactMilliseconds = 3_600_000 }
        try await device.sync()
        try await hub.watch(minutes: 170, clock)
        #expect(try await open() == [])
        try await hub.watch(minutes: 15, clock)
        #expect(try await open() == [.silent])
    }

    @Test("hundreds that fall silent are one message, and one more when they are back")
    func mass() async throws {
        var devices: [PlayedDevice] = []
        for _ in 0..<120 { devices.append(try await fixture.device()) }
        // Spread over three minutes, as heartbeats are.
        for (index, device) in devices.enumerated() {
            if index % 40 == 0 { clock.advance(by: .seconds(60)) }
            try await device.sync()
        }
        try await hub.watch(minutes: 60, clock)
        #expect(try await hub.deviceAlerts().count == 120)
        #expect(try await hub.mails("device_alert").count == 1)
        let mail = try await hub.queuedMail(to: "staff@provider.example", purpose: "device_alert", by: .test)
        #expect(mail.subject.contains("120 devices") && mail.text.contains("and 100 more"))
        for device in devices { try await device.sync() }
        try await hub.watch(minutes: 10, clock) { for device in devices.prefix(1) { try await device.sync() } }
        #expect(try await open() == [])
        #expect(try await hub.mails("device_alert").count == 2)
    }

    @Test("a condition must hold for as long as the rule says, stays until it is past its margin, and flickering tells nobody")
    func hysteresis() async throws {
        var draft = AlertRuleDraft(.temperatureAbove, level: 80)
        (draft.hold, draft.margin) = (.seconds(300), 5)
        try await only(draft)
        let device: PlayedDevice = try await fixture.device()
        func run(_ celsius: Double, minutes: Int) async throws {
            device.health = .told(celsius: celsius)
            try await hub.watch(minutes: minutes, clock) { try await device.sync() }
        }
        try await run(80, minutes: 10)
        #expect(try await open() == [])
        for _ in 0..<5 {
            try await run(90, minutes: 3)
            try await run(70, minutes: 1)
        }
        #expect(try await open() == [])
        try await run(90, minutes: 7)
        #expect(try await open() == [.temperatureAbove])
        try await run(76, minutes: 10)
        #expect(try await open() == [.temperatureAbove])
        try await run(75, minutes: 1)
        #expect(try await open() == [])
        #expect(try await hub.mails("device_alert").count == 1)
    }

    @Test("each condition is found in what devices tell, and in no other device", arguments: AlertCondition.allCases.filter { $0 != .silent })
    func conditions(_ condition: AlertCondition) async throws {
        try await only(AlertRuleDraft(condition, level: condition.levels.contains(60) ? 60 : condition.levels.lowerBound))
        let (bad, good): (PlayedDevice, PlayedDevice) = (try await fixture.device(), try await fixture.device())
        let camera = CameraVitals(name: "door", rate: 100, lost: 0, problem: nil)
        good.health = .told(free: 8 << 30, celsius: 40, p99: 20, cameras: [camera])
        var vitals: DeviceVitals = good.health!.vitals!
        vitals.processorShare = 0.2
        vitals.memoryShare = 0.2
        vitals.leaseShare = 0.9
        vitals.lagMilliseconds = 0
        good.health = HealthRecord(
            states: ["fresh"], freeBytes: 8 << 30, storeBytes: 1, clockSetBackMilliseconds: 0, decisions: good.health?.decisions, vitals: vitals)
        if condition == .drifting { try await report(good, configuration: try JSON.mark(DeviceConfiguration.standard)) }
        vitals.cameras = [CameraVitals(name: "door", rate: condition == .camerasDown ? nil : 3, lost: 0, problem: nil)]
        vitals.celsius = 99
        vitals.processorShare = 0.95
        vitals.memoryShare = 0.95
        vitals.leaseShare = 0.05
        vitals.lagMilliseconds = 500_000
        bad.health = HealthRecord(
            states: ["lease_spent"], freeBytes: 1 << 20, storeBytes: 1, clockSetBackMilliseconds: 0,
            decisions: DecisionLatency(count: 1, medianMilliseconds: 500, p99Milliseconds: 900), vitals: vitals)
        if condition == .drifting { try await report(bad, configuration: "another") }
        if condition == .clockOff { bad.deviceTime = clock.now().wall.advanced(by: .seconds(100)) }
        try await bad.sync()
        try await good.sync()
        if condition == .drifting {
            try await report(good, configuration: try JSON.mark(DeviceConfiguration.standard))
            try await report(bad, configuration: "another")
        }
        if condition == .updateFailed {
            let rollout: RolloutID = try await rollOut("2.0.0")
            try await bad.update(rollout, .rolledBack)
            try await good.update(rollout, .confirmed)
        }
        try await hub.watchDevices()
        #expect(try await hub.deviceAlerts().map(\.device) == [bad.id])
    }

    /// To every device.
    private func rollOut(_ version: String) async throws -> RolloutID {
        let workshop = try ReleaseWorkshop()
        try workshop.make(.agent, version).write(to: workshop.folder + "/release")
        _ = try await hub.publishRelease(workshop.folder + "/release", trusting: [workshop.key], by: .test)
        return try await hub.startRollout(of: version, RolloutOrder(stages: [RolloutStage(percent: 100)]), by: .test).id
    }

    @Test("an update that failed stands until a later one works there, or its roll-out is cancelled or sent back; one that is under way settles nothing")
    func updates() async throws {
        try await only(AlertRuleDraft(.updateFailed, level: 1))
        let device: PlayedDevice = try await fixture.device()
        func look() async throws -> [AlertCondition] {
            clock.advance(by: .seconds(60))
            try await hub.watchDevices()
            return try await open()
        }
        let first: RolloutID = try await rollOut("2.0.0")
        try await device.update(first, .trying)
        #expect(try await look() == [])
        try await device.update(first, .rolledBack)
        #expect(try await look() == [.updateFailed])
        let second: RolloutID = try await rollOut("2.1.0")
        for state in [.downloading, .staged, .trying] as [UpdateState] {
            try await device.update(second, state)
            #expect(try await look() == [.updateFailed], "\(state)")
        }
        try await device.update(second, .confirmed)
        #expect(try await look() == [])
        // Cancelled when it had worked: what failed before it stays settled.
        _ = try await hub.act(.cancel, on: second, by: .test)
        #expect(try await look() == [])
        let third: RolloutID = try await rollOut("2.2.0")
        try await device.update(third, .refused)
        #expect(try await look() == [.updateFailed])
        _ = try await hub.act(.pause, on: third, by: .test)
        #expect(try await look() == [.updateFailed])
        _ = try await hub.act(.cancel, on: third, by: .test)
        #expect(try await look() == [])
        let fourth: RolloutID = try await rollOut("2.3.0")
        try await device.update(fourth, .rolledBack)
        #expect(try await look() == [.updateFailed])
        _ = try await hub.act(.return, on: fourth, by: .test)
        #expect(try await look() == [])
        #expect(try await hub.deviceAlerts(states: [.resolved]).count == 3)
    }

    @Test("what failed of one kind is not settled by what works of another")
    func kinds() async throws {
        try await only(AlertRuleDraft(.updateFailed, level: 1))
        let device: PlayedDevice = try await fixture.device()
        try await device.update(try await rollOut("2.0.0"), .rolledBack)
        // Roll-outs of one millisecond have no order.
        clock.advance(by: .seconds(1))
        let workshop = try ReleaseWorkshop()
        try workshop.make(.models, "3.0.0").write(to: workshop.folder + "/release")
        _ = try await hub.publishRelease(workshop.folder + "/release", trusting: [workshop.key], by: .test)
        let models: RolloutID = try await hub.startRollout(of: "3.0.0", RolloutOrder(stages: [RolloutStage(percent: 100)]), by: .test).id
        try await device.update(models, .confirmed, kind: .models)
        try await hub.watchDevices()
        #expect(try await open() == [.updateFailed])
    }

    /// As a device that tells what it works by.
    private func report(_ device: PlayedDevice, configuration: String) async throws {
        let told: String = try JSON.text(ReportedState(configuration: configuration, isPaused: false, certificateEnds: nil))
        let id: String = device.id.rawValue
        _ = try await hub.database.write { try $0.execute("UPDATE device SET reported = ? WHERE id = ?", [.text(told), .text(id)]) }
    }

    @Test("what was told long ago says nothing of now: it neither opens nor ends an alert")
    func stale() async throws {
        try await only(AlertRuleDraft(.temperatureAbove, level: 80))
        let device: PlayedDevice = try await fixture.device()
        device.health = .told(celsius: 95)
        try await device.sync()
        try await hub.watchDevices()
        #expect(try await open() == [.temperatureAbove])
        // It syncs on and tells nothing; that is no sign of coolness.
        device.health = nil
        try await hub.watch(minutes: 60, clock) { try await device.sync() }
        #expect(try await open() == [.temperatureAbove])
        _ = try await hub.addAlertRule(AlertRuleDraft(.temperatureAbove, level: 70), by: .test)
        try await hub.watch(minutes: 5, clock) { try await device.sync() }
        #expect(try await open() == [.temperatureAbove])
    }

    @Test("it is told again ever more rarely until somebody acknowledges it, and never after that")
    func repeating() async throws {
        var draft = AlertRuleDraft(.silent, level: 5)
        draft.repeats = .seconds(3_600)
        try await only(draft)
        let device: PlayedDevice = try await fixture.device()
        try await device.sync()
        // After 1, 3 and 7 hours.
        try await hub.watch(minutes: 8 * 60, clock)
        #expect(try await hub.mails("device_alert").count == 4)
        let alert: DeviceAlert = try #require(try await hub.deviceAlerts().first)
        let seen: DeviceAlert = try await hub.acknowledgeAlert(alert.id, by: Actor(.operator, "opr_x"))
        #expect(seen.acknowledgedBy == "opr_x" && seen.state == .open)
        try await hub.watch(minutes: 24 * 60, clock)
        #expect(try await hub.mails("device_alert").count == 4)
        #expect(try await hub.openAlertCounts() == (1, 0))
        #expect(try await hub.auditEntries().contains { $0.action == "alert.acknowledge" && $0.subject == alert.id.rawValue })
        try await device.sync()
        try await hub.watchDevices()
        await #expect(throws: Problem.self) { try await hub.acknowledgeAlert(alert.id, by: .test) }
    }

    @Test("in quiet hours only what is critical is told; the rest waits for their end, and what ended meanwhile is told to nobody")
    func quiet() async throws {
        let minute: Int64 = clock.now().wall.milliseconds / 60_000 % 1_440
        func text(_ minute: Int64) -> String {
            let (hour, rest): (Int64, Int64) = (minute % 1_440 / 60, minute % 60)
            return "\(hour < 10 ? "0" : "")\(hour):\(rest < 10 ? "0" : "")\(rest)"
        }
        var warning = AlertRuleDraft(.silent, level: 5)
        warning.quiet = "\(text(minute))-\(text(minute + 120))"
        var critical: AlertRuleDraft = warning
        critical.severity = .critical
        try await only(warning, critical)
        let (device, brief): (PlayedDevice, PlayedDevice) = (try await fixture.device(), try await fixture.device())
        try await device.sync()
        try await brief.sync()
        try await hub.watch(minutes: 30, clock)
        #expect(try await hub.mails("device_alert").count == 1)
        try await hub.watch(minutes: 60, clock) { try await brief.sync() }
        // Of what was told as critical, that it is over.
        #expect(try await hub.mails("device_alert").count == 2)
        try await hub.watch(minutes: 40, clock) { try await brief.sync() }
        #expect(try await hub.mails("device_alert").count == 3)
        let late = try await hub.queuedMail(to: "staff@provider.example", purpose: "device_alert", by: .test)
        #expect(late.text.contains(device.id.rawValue) && !late.text.contains(brief.id.rawValue))
    }

    @Test("a rule is about its scope, and tells whom it names: the device's account by notice and webhook, and nobody else")
    func scope() async throws {
        let other: Account = try await hub.openTestAccount("Other", email: "owner@other.example")
        let (inside, outside): (PlayedDevice, PlayedDevice) = (try await fixture.device(), try await fixture.device())
        _ = try await hub.labelDevice(inside.id, name: nil, labels: ["site": "north"], by: .test)
        _ = try await hub.labelDevice(outside.id, name: nil, labels: ["site": "south"], by: .test)
        let webhook: IssuedWebhook = try await hub.makeWebhook(
            WebhookSettings(url: "https://hooks.acme.example/x", about: "", topics: [.notice]), account: fixture.account.id, by: .test)
        var draft = AlertRuleDraft(.silent, level: 5)
        (draft.scope, draft.recipients) = ("label:site=north", ["owner"])
        try await only(draft)
        try await inside.sync()
        try await outside.sync()
        try await hub.watch(minutes: 20, clock)
        #expect(try await hub.deviceAlerts().map(\.device) == [inside.id])
        #expect(try await hub.deviceAlerts(account: other.id).isEmpty)
        #expect(try await hub.deviceAlerts(account: fixture.account.id).count == 1)
        #expect(try await hub.notices(fixture.account.id).filter { $0.kind == "device_alert" }.count == 1)
        #expect(try await hub.notices(other.id).filter { $0.kind == "device_alert" }.isEmpty)
        #expect(try await hub.deliveries(of: webhook.webhook.id, before: nil, account: fixture.account.id).map(\.kind) == ["notice"])
        #expect(try await hub.mails("device_alert").map(\.mailbox) == ["owner@acme.example"])
        // A device that is out of service is no longer silent.
        _ = try await hub.revokeDevice(inside.id, by: .test)
        try await hub.watchDevices()
        #expect(try await open() == [])
    }

    @Test("an account's own rule is about its devices alone, tells it alone, and is its own to acknowledge and to remove")
    func own() async throws {
        let other: Account = try await hub.openTestAccount("Other", email: "owner@other.example")
        let (mine, theirs): (PlayedDevice, DeviceID) = (try await fixture.device(), try await hub.enrolTestDevice("theirs", of: other))
        let webhook: IssuedWebhook = try await hub.makeWebhook(
            WebhookSettings(url: "https://hooks.acme.example/x", about: "", topics: [.notice]), account: fixture.account.id, by: .test)
        try await only()
        var draft = AlertRuleDraft(.silent, level: 5)
        draft.recipients = ["operators", other.id.rawValue]
        let rule: AlertRule = try await hub.addAlertRule(draft, of: fixture.account.id, by: .test)
        #expect(rule.account == fixture.account.id && rule.recipients == [.owner])
        #expect(try await hub.alertRules().isEmpty)
        #expect(try await hub.alertRules(of: other.id).isEmpty)
        #expect(try await hub.alertRules(of: fixture.account.id).map(\.id) == [rule.id])
        for scope in ["account:\(fixture.account.id)", "account:\(other.id)", "device:\(theirs)"] {
            draft.scope = scope
            await #expect(throws: Problem.self, "\(scope)") { try await hub.addAlertRule(draft, of: fixture.account.id, by: .test) }
        }
        try await mine.sync()
        let contact: SQLValue = .integer(hub.now().milliseconds)
        _ = try await hub.database.write { try $0.execute("UPDATE device SET contact_ms = ? WHERE id = ?", [contact, .text(theirs.rawValue)]) }
        try await hub.watch(minutes: 20, clock)
        let alerts: [DeviceAlert] = try await hub.deviceAlerts(account: fixture.account.id)
        #expect(alerts.map(\.device) == [mine.id] && alerts.allSatisfy(\.isOwn))
        #expect(try await hub.deviceAlerts().isEmpty)
        #expect(try await hub.deviceAlerts(account: other.id).isEmpty)
        #expect(try await hub.openAlertCounts().open == 0)
        #expect(try await hub.mails("device_alert").map(\.mailbox) == ["owner@acme.example"])
        #expect(try await hub.deliveries(of: webhook.webhook.id, before: nil, account: fixture.account.id).map(\.kind) == ["notice"])
        // The way to acknowledge it is the account's, not the operators'.
        let notice: Notice = try #require(try await hub.notices(fixture.account.id).first { $0.kind == "device_alert" })
        #expect(notice.body.contains("/account/device-alerts") && !notice.body.contains("/operator/"))

        await #expect(throws: Problem.self) { try await hub.acknowledgeAlert(alerts[0].id, by: .test) }
        await #expect(throws: Problem.self) { try await hub.acknowledgeAlert(alerts[0].id, of: other.id, by: .test) }
        #expect(try await hub.acknowledgeAlert(alerts[0].id, of: fixture.account.id, by: .test).acknowledged != nil)
        await #expect(throws: Problem.self) { try await hub.removeAlertRule(rule.id, by: .test) }
        await #expect(throws: Problem.self) { try await hub.removeAlertRule(rule.id, of: other.id, by: .test) }
        try await hub.removeAlertRule(rule.id, of: fixture.account.id, by: .test)
        #expect(try await hub.deviceAlerts(account: fixture.account.id).isEmpty)
        draft.scope = "all"
        for _ in 0..<20 { _ = try await hub.addAlertRule(draft, of: fixture.account.id, by: .test) }
        await #expect(throws: Problem.self) { try await hub.addAlertRule(draft, of: fixture.account.id, by: .test) }
        _ = try await hub.addAlertRule(draft, of: other.id, by: .test)
    }

    @Test("rules that mean nothing are refused, and a removed one ends what stood by it without a word")
    func rules() async throws {
        #expect(try await hub.alertRules().map(\.condition) == [.silent, .camerasDown, .diskBelow, .temperatureAbove, .clockOff])
        var bad: [AlertRuleDraft] = [AlertRuleDraft(.silent, level: 1), AlertRuleDraft(.leaseBelow, level: 101), AlertRuleDraft(.troubled, level: 0)]
        for change in [
            { $0.scope = "everything" }, { $0.scope = "device:\(DeviceID(at: Timestamp(milliseconds: 0)))" }, { $0.recipients = ["nobody"] },
            { $0.quiet = "25:00-01:00" }, { $0.quiet = "10:00-10:00" }, { $0.hold = .seconds(-1) }, { $0.repeats = .seconds(91 * 86_400) },
        ] as [(inout AlertRuleDraft) -> Void] {
            var draft = AlertRuleDraft(.silent, level: 30)
            change(&draft)
            bad.append(draft)
        }
        for draft in bad { await #expect(throws: Problem.self, "\(draft)") { try await hub.addAlertRule(draft, by: .test) } }
        let device: PlayedDevice = try await fixture.device()
        try await device.sync()
        try await hub.watch(minutes: 20, clock)
        #expect(try await open() == [.silent])
        let told: Int = try await hub.mails("device_alert").count
        try await only()
        try await hub.watch(minutes: 5, clock)
        #expect(try await open() == [])
        #expect(try await hub.mails("device_alert").count == told)
        #expect(try await hub.auditEntries().filter { $0.action == "alert_rule.remove" }.count == 5)
    }
}

extension PlayedDevice {
    /// Hears of a roll-out, and tells how far it is with it.
    fileprivate func update(_ rollout: RolloutID, _ state: UpdateState, kind: ReleaseKind = .agent) async throws {
        func tell(_ report: UpdateReport) async throws {
            reported = ReportedState(configuration: "", isPaused: false, certificateEnds: nil, updates: [report])
            try await sync()
        }
        try await tell(UpdateReport(kind: kind, platform: Platform.current, version: nil))
        try await tell(UpdateReport(kind: kind, platform: Platform.current, version: nil, rollout: rollout, state: state))
    }
}
