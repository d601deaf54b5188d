import EdgeStore
import ServiceSupport
import TestKit
import Testing
import WireModel

@Suite("Announcements on a device")
struct AnnouncementTests {
    private func answer(_ device: JoinedDevice, _ announcements: DeviceAnnouncements?) throws {
        let now: Timestamp = device.clock.now().wall
        try device.store.apply(
            SyncResponse(
                answers: [], journalEpoch: 1, acknowledgedThrough: 0, backedUpThrough: 0, leases: [], refusals: [], hubEpoch: 1, time: now,
                clockSkewMilliseconds: 0, announcements: announcements), wanted: [])
    }

    @Test("they are shown from their beginning to their end without another contact, stay when nothing is said of them, and go when the list is empty")
    func terms() throws {
        let device = try JoinedDevice()
        let now: Timestamp = device.clock.now().wall
        func one(_ title: String, from begin: Int64, to end: Int64?) -> DeviceAnnouncement {
            DeviceAnnouncement(
                id: AnnouncementID(at: now), texts: ["en": .init(title: title, body: "b"), "zh": .init(title: "\(title) 中", body: "b")],
                begins: now.advanced(by: .seconds(begin)), ends: end.map { now.advanced(by: .seconds($0)) })
        }
        func shown() throws -> [String] { try device.store.announcements().map { $0.text(in: "en").title } }
        #expect(try device.store.announcementMark() == "")
        try answer(device, DeviceAnnouncements(mark: "m", items: [one("later", from: 3_600, to: nil), one("now", from: -10, to: 7_200)]))
        #expect(try shown() == ["now"] && device.store.announcementMark() == "m")
        #expect(try device.store.announcements()[0].text(in: "zh").title == "now 中")
        #expect(try device.store.announcements()[0].text(in: "fr").title == "now")
        device.clock.advance(by: .seconds(3_600))
        #expect(try shown() == ["later", "now"])
        try device.reopen()
        try answer(device, nil)
        device.clock.advance(by: .seconds(3_600))
        #expect(try shown() == ["later"])
        try answer(device, DeviceAnnouncements(mark: "", items: []))
        #expect(try shown() == [] && device.store.announcementMark() == "")
    }

    @Test("what waits for the hub is counted, with the age of the oldest, and decisions by what they came to")
    func backlog() throws {
        let device = try JoinedDevice()
        try device.grant(ceiling: 100)
        let head: Int64 = try device.store.journalHead().seq
        try device.contact(acknowledged: head, backedUp: head)
        #expect(try device.store.backlog().entries == 0 && device.store.backlog().age == nil)
        _ = try device.store.record([JoinedDevice.decision()])
        device.clock.advance(by: .seconds(90))
        _ = try device.store.record([JoinedDevice.decision(), JoinedDevice.decision()])
        let backlog = try device.store.backlog()
        #expect(backlog.entries == 3 && backlog.age == .seconds(90))
        let counts: DecisionCounts = device.store.tally.counts
        #expect(counts.matched + counts.unknown + counts.undecided == 3)
        // What was refused was not decided.
        try device.grant(ceiling: 3)
        #expect(throws: EdgeStoreError.self) { try device.store.record([JoinedDevice.decision()]) }
        #expect(device.store.tally.counts == counts)
    }

    @Test("a report is written by somebody who may look into the store meanwhile, and says what was asked for")
    func vitals() throws {
        let device = try JoinedDevice()
        try device.store.noteHealth(
            states: ["fresh"], decisions: { DecisionLatency(count: 1, medianMilliseconds: 2, p99Milliseconds: 3) },
            vitals: {
                var vitals = DeviceVitals()
                vitals.unsentEntries = try? device.store.backlog().entries
                return vitals
            })
        let record: HealthRecord = try JSON.value(HealthRecord.self, from: try device.entries().last?.body ?? "")
        #expect(record.vitals?.unsentEntries == 0 && record.decisions?.p99Milliseconds == 3)
    }
}
