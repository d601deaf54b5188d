import HubDomain
import HubStorage
import TestKit
import Testing
import WireModel

@Suite("Journals with gaps, forgotten bodies and reports")
struct JournalGapTests {
    @Test("a gap moves the journal on; what it names counts as spent, is shown to the operator, and is never billed")
    func damaged() async throws {
        let fixture = try await IntakeFixture()
        let device: DarkDevice = try await fixture.dark()
        try await device.syncAll()
        device.use(10)
        try device.lose(4...8)
        try await device.syncAll()
        #expect(device.disk.acknowledged == device.disk.journal.last?.seq)
        #expect(try await fixture.billed().units == 5)
        #expect(try await fixture.hub.unaccountedUses().map { [$0.seq, $0.units] } == [[8, 5]])
        #expect(try await fixture.quota().reserved == 90)
        // Sent again, it is known; and what was lost stays lost.
        #expect(try await device.sync(entries: device.disk.journal).answers.allSatisfy { $0.outcome == .duplicate })
        #expect(try await fixture.hub.unaccountedUses().count == 1)
        #expect(try await fixture.hub.forks().isEmpty)
        #expect(try await fixture.faults() == [])
        #expect(try await fixture.hub.auditEntries().contains { $0.action == "journal.gap" })
    }

    @Test("a late request with the entries that a gap stands for is no fork and is not billed any more")
    func lateEntries() async throws {
        let fixture = try await IntakeFixture()
        let device: DarkDevice = try await fixture.dark()
        try await device.syncAll()
        device.use(6)
        let early: SyncRequest = try device.request(device.unsent)
        try device.lose(3...5)
        try await device.syncAll()
        let answer: SyncResponse = try await fixture.hub.receive(early, from: device.id)
        #expect(answer.quarantine == nil)
        #expect(answer.answers.filter { (3...5).contains($0.seq) }.allSatisfy { $0.code == .journalGap })
        #expect(try await fixture.billed().units == 3)
        #expect(try await fixture.faults() == [])
    }

    @Test("a gap over entries that the hub holds already leaves these billed and only the rest open; one that fits nowhere is a fork")
    func overlapping() async throws {
        let fixture = try await IntakeFixture()
        let device: DarkDevice = try await fixture.dark()
        try await device.syncAll()
        device.use(4)
        try await device.syncAll()
        device.use(4)
        try device.lose(4...8)
        try await device.syncAll()
        #expect(try await fixture.hub.unaccountedUses().map(\.units) == [3])
        #expect(try await fixture.billed().units == 5)
        #expect(try await fixture.faults() == [])
        let copy = DarkDevice(copying: device)
        copy.use(3)
        let gap = JournalEntry(
            epoch: 1, seq: 11, kind: .gap, api: nil, units: 0, lease: nil, time: copy.time, bootMilliseconds: 0,
            body: try JSON.text(GapRecord(from: 10, ground: .damaged, units: [:])), previous: EntryHash(of: "another past"), hash: EntryHash(of: "x"))
        #expect(try await copy.sync(entries: [gap]).quarantine == .journalFork)
    }

    @Test("of several gaps that one names the units of, those that the hub holds, here or in an earlier gap, are billed and not left open")
    func overlappingTwice() async throws {
        let fixture = try await IntakeFixture()
        let device: DarkDevice = try await fixture.dark()
        try await device.syncAll()
        // 1 is the lease; 2 to 5 are at the hub.
        device.use(4)
        try await device.syncAll()
        device.use(6)
        try device.lose(3...4, units: [:])
        try device.lose(7...8, units: ["face.search": 4], spent: ["face.search": 7])
        device.disk.acknowledged = 2
        try await device.syncAll()
        #expect(try await fixture.hub.unaccountedUses().map { [$0.seq, $0.units] } == [[8, 2]])
        #expect(try await fixture.billed().units == 8)
        // Damaged once more: what stands open already is not left open twice.
        device.use(3)
        try device.lose(12...13, units: ["face.search": 4], spent: ["face.search": 12])
        try await device.syncAll()
        #expect(try await fixture.hub.unaccountedUses().map { [$0.seq, $0.units] } == [[8, 2], [13, 2]])
        #expect(try await fixture.faults() == [])
    }

    @Test("entries whose body was forgotten are taken in, billed, and verified; a changed unit or a missing row is found across them and across gaps")
    func forgotten() async throws {
        let fixture = try await IntakeFixture()
        let device: DarkDevice = try await fixture.dark()
        try await device.syncAll()
        device.use(6, body: "{\"person\":\"somebody\"}")
        device.disk.journal = device.disk.journal.map { $0.kind == .decision ? $0.withoutBody : $0 }
        try device.lose(3...4)
        try await device.syncAll()
        #expect(try await fixture.billed().units == 4)
        #expect(try await fixture.faults() == [])
        for fault in [
            "UPDATE journal_entry SET units = 2 WHERE seq = 6", "DELETE FROM journal_entry WHERE seq = 5", "DELETE FROM journal_entry WHERE seq = 7",
            "UPDATE device SET head_seq = head_seq - 1", "UPDATE journal_entry SET body_digest = hash WHERE seq = 6",
        ] {
            struct Undone: Error {}
            let path: String = try await fixture.backUp()
            let restored = try await RestoredHub(fixture, backup: path)
            _ = try await restored.hub.database.write { try $0.execute(fault, []) }
            #expect(try await restored.hub.verify().first { $0.name == "journal" }?.faults.isEmpty == false, "\(fault)")
        }
    }

    @Test("of reports on a device's health the newest is kept, of others their place in the chain")
    func health() async throws {
        let fixture = try await IntakeFixture()
        let device: DarkDevice = try await fixture.dark()
        func body(_ number: Int64) throws -> String {
            try JSON.text(HealthRecord(states: ["fresh"], freeBytes: number, storeBytes: 1, clockSetBackMilliseconds: 0))
        }
        for number in 0..<5 { device.append(.health, body: try body(Int64(number))) }
        device.append(.health, body: "{\"of another age\":1}")
        try await device.syncAll()
        device.append(.health, body: try body(9))
        try await device.syncAll()
        #expect(try await fixture.hub.deviceHealth(device.id)?.body == (try body(9)))
        let bodies: [String] = try await fixture.hub.database.read {
            try $0.rows("SELECT body FROM journal_entry WHERE kind = 'health' AND body <> ''", []).map { try $0.text("body") }
        }
        #expect(bodies.isEmpty)
        #expect(try await fixture.faults() == [])
    }
}
