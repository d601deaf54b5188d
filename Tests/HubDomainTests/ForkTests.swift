import HubDomain
import TestKit
import Testing
import WireModel

@Suite("Copied and rolled-back devices")
struct ForkTests {
    @Test("a copy is found at its first sync that conflicts; then nothing is taken from the device or given to it, and others go on")
    func copied() async throws {
        let fixture = try await IntakeFixture(quota: 1_000, leaseUnits: 50)
        let (device, other): (DarkDevice, DarkDevice) = (try await fixture.dark(), try await fixture.dark())
        try await device.syncAll()
        let copy = DarkDevice(copying: device)
        device.use(5)
        copy.use(9, body: "{\"copy\":1}")
        try await device.syncAll()
        let found: SyncResponse = try await copy.sync()
        #expect(found.quarantine == .journalFork)
        #expect(found.leases.isEmpty)
        #expect(Set(found.answers.compactMap(\.code)) == [.journalFork])
        device.use(3)
        let barred: SyncResponse = try await device.sync()
        #expect(barred.quarantine == .journalFork)
        #expect(barred.answers.allSatisfy { $0.code == .journalFork })
        #expect(try await fixture.billed().units == 5)
        try await other.syncAll()
        other.use(4)
        try await other.syncAll()
        #expect(try await fixture.billed().units == 9)

        let fork: DeviceFork = try #require(try await fixture.hub.forks().first)
        #expect(fork.device == device.id)
        #expect(fork.evidence.reduce(0) { $0 + $1.units } >= 9)
        #expect(try await fixture.hub.figures().forkAlarms > 0)
        #expect(try await fixture.hub.notices(fixture.account.id).contains { $0.kind == "device_quarantined" })
        #expect(try await fixture.hub.auditEntries().count { $0.action == "device.quarantine" } == 1)

        _ = try await fixture.hub.resolveFork(device.id, .keep, reason: "the copy was wiped", by: .test)
        try await device.syncAll()
        #expect(device.quarantine == nil)
        #expect(try await fixture.billed().units == 12)
        #expect(try await fixture.hub.figures().forkAlarms == 0)
        #expect(try await copy.sync().quarantine == .journalFork)
        // What was resolved once speaks against it again.
        #expect(try await fixture.hub.forks().first?.evidence.isEmpty == false)
        #expect(try await fixture.hub.figures().forkAlarms > 0)
        #expect(try await fixture.faults() == [])
    }

    @Test("a copy that only shows its head is found as well")
    func headOnly() async throws {
        let fixture = try await IntakeFixture()
        let device: DarkDevice = try await fixture.dark()
        try await device.syncAll()
        let copy = DarkDevice(copying: device)
        device.use(5)
        copy.use(3, body: "{\"copy\":1}")
        try await device.syncAll()
        #expect(try await copy.sync(entries: []).quarantine == .journalFork)
        #expect(try await fixture.hub.forks()[0].evidence.map(\.kind) == [nil])
    }

    @Test("requests that come late, twice, in any order are never taken for a copy", arguments: 0..<20)
    func late(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let fixture = try await IntakeFixture(quota: 1_000, leaseUnits: 50)
        let device: DarkDevice = try await fixture.dark()
        device.batch = 4
        var made: Int64 = 0
        for _ in 0..<30 {
            if Int.random(in: 0..<4, using: &random) == 0 { try await device.sync(hears: Bool.random(using: &random)) }
            let use: Int64 = min(device.rest(), Int64.random(in: 0...6, using: &random))
            device.use(Int(use))
            made += use
            for request in device.sent.shuffled(using: &random).prefix(3) {
                #expect(try await fixture.hub.receive(request, from: device.id).quarantine == nil, "seed \(seed)")
            }
            if Int.random(in: 0..<12, using: &random) == 0, device.lease != nil {
                fixture.clock.advance(by: .seconds(36_000))
                try await device.syncAll()
                try await device.sync(entries: [], newEpoch: device.askForJournal())
            }
        }
        try await device.syncAll()
        for request in device.sent.shuffled(using: &random) { _ = try await fixture.hub.receive(request, from: device.id) }
        #expect(try await fixture.hub.forks().isEmpty, "seed \(seed)")
        #expect(try await fixture.billed().units == made, "seed \(seed)")
        #expect(try await fixture.faults() == [], "seed \(seed)")
    }

    @Test("copies of one device together never bill more than what it was granted", arguments: [2, 5])
    func sums(copies: Int) async throws {
        let fixture = try await IntakeFixture(quota: 1_000, leaseUnits: 40, policy: .continueAndFlag, hardLimit: 5)
        let device: DarkDevice = try await fixture.dark()
        try await device.syncAll()
        let all: [DarkDevice] = [device] + (1..<copies).map { _ in DarkDevice(copying: device) }
        for (number, copy) in all.enumerated() {
            copy.use(Int(copy.rest()), body: "{\"copy\":\(number)}")
            try await copy.sync(hears: number > 0)
            try await copy.sync()
        }
        #expect(try await fixture.billed().units == 45)
        for resolution in [ForkResolution.keep, .newEpoch] {
            _ = try await fixture.hub.resolveFork(device.id, resolution, reason: "r", by: .test)
            for copy in all { for _ in 0..<3 { try await copy.sync() } }
        }
        // The old journal is billed at most once; of the new one, at most one copy's first slice.
        #expect(try await fixture.billed().units <= 45 + 45)
        #expect(try await fixture.faults() == [])
    }

    @Test("a new journal by the operator's order: what the device had not sent is taken in first, what its leases allow stays reserved until they end")
    func ordered() async throws {
        let fixture = try await IntakeFixture(quota: 200, leaseUnits: 100)
        let device: DarkDevice = try await fixture.dark()
        try await device.syncAll()
        let copy = DarkDevice(copying: device)
        copy.use(1, body: "{\"copy\":1}")
        device.use(10)
        try await device.sync()
        try await copy.sync()
        device.use(7)
        #expect(try await fixture.hub.forks().count == 1)
        _ = try await fixture.hub.resolveFork(device.id, .newEpoch, reason: "an old image was put back", by: .test)
        await #expect(throws: Problem.self) { _ = try await fixture.hub.resolveFork(device.id, .keep, reason: "again", by: .test) }
        try await device.syncAll()
        #expect(device.disk.epoch == 2)
        #expect(try await fixture.billed() == (17, 0))
        #expect(device.rest() > 0)
        let reserved: Int64 = try await fixture.quota().reserved
        #expect(reserved == 83 + device.rest())
        device.use(5)
        try await device.syncAll()
        fixture.clock.advance(by: .seconds(86_401))
        #expect(try await fixture.hub.settleLeases() == 1)
        #expect(try await fixture.quota().reserved == reserved - 83 - 5)
        #expect(try await fixture.billed() == (22, 0))
        #expect(try await fixture.faults() == [])
    }

    @Test("a device with a damaged store gets a new journal, the same one however often it asks; what it had spent beyond its entries is left open")
    func damaged() async throws {
        let fixture = try await IntakeFixture(quota: 1_000, leaseUnits: 100)
        let device: DarkDevice = try await fixture.dark()
        try await device.syncAll()
        device.use(10)
        // The last four are lost, their count is not.
        device.disk.journal.removeLast(4)
        for _ in 0..<3 {
            let answer: SyncResponse = try await device.sync(hears: false, newEpoch: device.askForJournal())
            #expect(answer.journalEpoch == 2)
            #expect(answer.acknowledgedThrough == 0)
        }
        #expect(try await fixture.hub.unaccountedUses().map(\.units) == [4])
        try await device.sync(newEpoch: device.askForJournal())
        #expect(device.disk.epoch == 2)
        device.use(3)
        try await device.syncAll()
        // The old request once more, when the new journal has begun.
        #expect(try await fixture.hub.receive(device.sent[3], from: device.id).quarantine == nil)
        #expect(try await fixture.billed() == (9, 0))
        #expect(try await fixture.quota().reserved == 90 + device.rest())
        #expect(try await fixture.faults() == [])
    }

    @Test("an old image whose journal had gone on, and that asks for another, is a copy; so is one that begins the new journal again")
    func damagedCopy() async throws {
        let fixture = try await IntakeFixture()
        let device: DarkDevice = try await fixture.dark()
        try await device.syncAll()
        device.use(2)
        try await device.syncAll()
        let copy = DarkDevice(copying: device)
        let (third, fourth) = (DarkDevice(copying: device), try await fixture.dark())
        try await device.sync(newEpoch: device.askForJournal())
        device.use(1)
        try await device.syncAll()
        copy.use(3, body: "{\"copy\":1}")
        #expect(try await copy.sync(entries: [], newEpoch: copy.askForJournal()).quarantine == .journalFork)
        _ = try await fixture.hub.resolveFork(device.id, .keep, reason: "r", by: .test)
        // It hears of the journal that has begun, and writes another first entry.
        try await third.sync(entries: [])
        #expect(third.disk.epoch == 2)
        third.append(.health, body: "{\"copy\":2}")
        #expect(try await third.sync().quarantine == .journalFork)
        try await fourth.syncAll()
        #expect(fourth.quarantine == nil)
        #expect(try await fixture.faults() == [])
    }

    @Test("a device that loses more than three journals a day is barred until somebody looks")
    func tooOften() async throws {
        let fixture = try await IntakeFixture()
        let device: DarkDevice = try await fixture.dark()
        for _ in 0..<3 {
            try await device.syncAll()
            try await device.sync(newEpoch: device.askForJournal())
        }
        #expect(device.disk.epoch == 4)
        #expect(try await device.sync(newEpoch: device.askForJournal()).quarantine == .storeDamaged)
        _ = try await fixture.hub.resolveFork(device.id, .newEpoch, reason: "another disk", by: .test)
        try await device.syncAll()
        #expect(device.disk.epoch == 5)
        #expect(device.quarantine == nil)
        #expect(try await fixture.faults() == [])
    }
}
