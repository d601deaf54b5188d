import HubDomain
import TestKit
import Testing
import WireModel

@Suite("Announcements on devices, incidents by mail")
struct DeviceAnnouncementTests {
    private let fixture: IntakeFixture

    init() async throws { fixture = try await IntakeFixture() }

    private var hub: Hub { fixture.hub }

    private func announce(_ title: String, to audience: String, begins: Timestamp? = nil, ends: Timestamp? = nil) async throws -> Announcement {
        try await hub.announce(
            [.en: PublicText(title: title, body: "body"), .zh: PublicText(title: title, body: "内容")], to: audience, begins: begins, ends: ends, by: .test)
    }

    /// Syncs as a device that keeps what it is told.
    private func titles(_ device: PlayedDevice) async throws -> [String]? {
        let told: DeviceAnnouncements? = try await device.sync().announcements
        if let told { device.announcements = told.mark }
        return told?.items.map { $0.text(in: "en").title }
    }

    @Test("what is for devices goes down once, ahead of its time, and is taken back; what is for others never does")
    func down() async throws {
        let device: PlayedDevice = try await fixture.device()
        #expect(try await device.sync().announcements == nil)
        device.announcements = ""
        _ = try await announce("for all", to: Announcement.everybody)
        _ = try await announce("for accounts", to: Announcement.accounts)
        #expect(try await titles(device) == nil)
        let first: Announcement = try await announce("first", to: Announcement.devices)
        fixture.clock.advance(by: .seconds(1))
        let now: Timestamp = hub.now()
        _ = try await announce("tomorrow", to: Announcement.devices, begins: now.advanced(by: .seconds(86_400)), ends: now.advanced(by: .seconds(2 * 86_400)))
        _ = try await announce("next month", to: Announcement.devices, begins: now.advanced(by: .seconds(30 * 86_400)))
        #expect(try await titles(device) == ["tomorrow", "first"])
        #expect(try await titles(device) == nil)
        try await hub.withdrawAnnouncement(first.id, by: .test)
        #expect(try await titles(device) == ["tomorrow"])
        fixture.clock.advance(by: .seconds(3 * 86_400))
        #expect(try await titles(device) == [])
        #expect(try await titles(device) == nil)
        // Nobody is mailed what a door says, and no page shows it.
        #expect(try await hub.tellAnnouncements() == 3)
        #expect(try await hub.notices(fixture.account.id).filter { $0.kind == "announcement" }.count == 2)
        #expect(try await hub.announcementsInForce(for: nil).map { $0.text(in: .en).title } == ["for all"])
    }

    @Test("a group's and an account's are shown by their devices alone")
    func audience() async throws {
        let (inside, outside): (PlayedDevice, PlayedDevice) = (try await fixture.device(), try await fixture.device())
        let group: DeviceGroup = try await hub.makeDeviceGroup("doors", account: "Acme", by: .test)
        _ = try await hub.move(inside.id, to: group.id.rawValue, by: .test)
        (inside.announcements, outside.announcements) = ("", "")
        let other: Account = try await hub.openTestAccount("Other", email: "owner@other.example")
        _ = try await announce("of the group", to: group.id.rawValue)
        _ = try await announce("of others", to: other.id.rawValue)
        #expect(try await titles(inside) == ["of the group"])
        #expect(try await titles(outside) == nil)
        _ = try await announce("of the account", to: fixture.account.id.rawValue)
        #expect(try await titles(outside) == ["of the account"])
        #expect(Set(try await titles(inside) ?? []) == ["of the group", "of the account"])
        await #expect(throws: Problem.self) { try await announce("x", to: DeviceGroupID(at: hub.now()).rawValue) }
    }

    @Test("who asked is mailed each word on an incident, in their language; who did not, or no longer does, is not")
    func incidents() async throws {
        let member = try #require(try await hub.members(fixture.account.id).first)
        let principal: String = member.id
        let both: [Language: String] = [.en: "Slow", .zh: "缓慢"]
        _ = try await hub.openIncident(.fault, impact: .degraded, titles: both, texts: both, by: .test)
        #expect(try await hub.mails("incident").isEmpty)
        try await hub.readIncidents(true, principal: principal, by: .test)
        try await hub.readIncidents(true, principal: principal, by: .test)
        let incident: Incident = try await hub.openIncident(.fault, impact: .degraded, titles: both, texts: both, by: .test)
        _ = try await hub.updateIncident(incident.id, state: .resolved, texts: [.en: "It is over.", .zh: "已恢复。"], by: .test)
        #expect(try await hub.mails("incident").count == 2)
        let mail = try await hub.queuedMail(to: "owner@acme.example", purpose: "incident", by: .test)
        #expect(mail.subject == "Slow" && mail.text.hasPrefix("It is over."))
        try await hub.readIncidents(false, principal: principal, by: .test)
        _ = try await hub.openIncident(.attack, impact: .none, titles: both, texts: both, by: .test)
        #expect(try await hub.mails("incident").count == 2)
        #expect(try await hub.isReadingIncidents(principal) == false)
    }
}
