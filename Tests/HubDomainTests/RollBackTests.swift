import HubDomain
import ServiceSupport
import TestKit
import Testing
import WireModel

@Suite("A device that says its store is an old copy")
struct RollBackTests {
    /// What it says when it has just met the hub.
    private func report(_ device: DarkDevice, acknowledged: Int64 = 100) -> RollBackReport {
        RollBackReport(epoch: device.disk.epoch, seq: device.disk.journal.last?.seq ?? 0, acknowledged: acknowledged, heard: device.clock.now().wall)
    }

    @Test("is barred with a notice, an audit entry and its head as evidence; a new journal sets it going", arguments: [0, 3])
    func told(used: Int) async throws {
        let fixture = try await IntakeFixture()
        let device: DarkDevice = try await fixture.dark()
        if used > 0 { try await device.syncAll() }
        device.use(used)
        if used > 0 { try await device.syncAll() }
        let old = DarkDevice(copying: device)
        try await device.syncAll()
        device.use(5)
        try await device.syncAll()
        let answer: SyncResponse = try await old.sync(entries: [], rollBack: report(old))
        #expect(answer.quarantine == .journalRolledBack && answer.leases.isEmpty)
        let fork: DeviceFork = try #require(try await fixture.hub.forks().first)
        #expect(fork.device == device.id && fork.code == .journalRolledBack)
        #expect(fork.evidence.map(\.seq) == [old.disk.journal.last?.seq ?? 0] && fork.evidence[0].kind == nil)
        #expect(try await fixture.hub.notices(fixture.account.id).count { $0.kind == "device_quarantined" } == 1)
        _ = try await old.sync(entries: [], rollBack: report(old))
        #expect(try await fixture.hub.auditEntries().count { $0.action == "device.quarantine" } == 1)
        #expect(try await fixture.hub.forks().first?.evidence.count == 1)

        fixture.clock.advance(by: .seconds(60))
        _ = try await fixture.hub.resolveFork(device.id, .newEpoch, reason: "an old image was put back", by: .test)
        try await old.syncAll()
        #expect(old.quarantine == nil && old.disk.epoch == 2)
        old.use(2)
        try await old.syncAll()
        #expect(try await fixture.billed().units == Int64(used) + 5 + 2)
        #expect(try await fixture.faults() == [])
    }

    @Test("is not believed when the hub holds no more than it, nor of another journal, nor of another entry than it signs")
    func unbelieved() async throws {
        let fixture = try await IntakeFixture()
        let device: DarkDevice = try await fixture.dark()
        try await device.syncAll()
        device.use(5)
        try await device.syncAll()
        let (last, now): (Int64, Timestamp) = (device.disk.journal.last!.seq, fixture.clock.now().wall)
        for (epoch, seq) in [(Int64(1), last), (1, last - 1), (1, 0), (2, last), (0, 1)] {
            let told = RollBackReport(epoch: epoch, seq: seq, acknowledged: last + 9, heard: now)
            #expect(try await device.sync(entries: [], rollBack: told).quarantine == nil, "\(epoch)/\(seq)")
        }
        #expect(try await fixture.hub.forks().isEmpty)
    }

    @Test(
        "changes nothing when what it said comes late or again, after an operator looked; what it hears anew does", arguments: [ForkResolution.newEpoch, .keep])
    func late(_ resolution: ForkResolution) async throws {
        let fixture = try await IntakeFixture()
        let device: DarkDevice = try await fixture.dark()
        try await device.syncAll()
        let old = DarkDevice(copying: device)
        device.use(5)
        try await device.syncAll()
        let told: RollBackReport = report(old)
        try await old.sync(hears: false, entries: [], rollBack: told)
        fixture.clock.advance(by: .seconds(60))
        _ = try await fixture.hub.resolveFork(device.id, resolution, reason: "looked", by: .test)
        fixture.clock.advance(by: .seconds(60))
        for _ in 0..<3 { #expect(try await fixture.hub.receive(old.sent[0], from: device.id).quarantine == nil) }
        #expect(try await fixture.hub.forks().isEmpty)
        #expect(try await fixture.hub.figures().forkAlarms == 0)
        try await device.syncAll()
        device.use(2)
        try await device.syncAll()
        #expect(try await fixture.billed().units == 7)
        if resolution == .keep {
            #expect(try await old.sync(hears: false, entries: [], rollBack: report(old)).quarantine == .journalRolledBack)
            #expect(try await fixture.hub.forks().first?.evidence.count == 1)
        }
        #expect(try await fixture.faults() == [])
    }
}
