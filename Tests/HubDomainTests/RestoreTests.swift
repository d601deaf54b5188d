import Crypto
import HubDomain
import TestKit
import Testing
import WireModel

@Suite("Devices that meet a hub restored from a backup")
struct RestoreTests {
    @Test(
        "devices that went on after the backup send again, their leases are taken for the hub's own, every unit is billed once, numbers only rise",
        arguments: [3_600, 86_400], [1, 3])
    func goesOn(seconds: Int, restores: Int) async throws {
        let fixture = try await IntakeFixture(quota: 10_000, leaseUnits: 100)
        let devices: [DarkDevice] = [try await fixture.dark(), try await fixture.dark(), try await fixture.dark()]
        func work(_ rounds: Int) async throws {
            for round in 0..<rounds {
                for (number, device) in devices.enumerated() where (round + number) % 3 > 0 {
                    try await device.syncAll()
                    device.use(Int(min(device.rest(), 37)))
                }
            }
        }
        try await work(3)
        let path: String = try await fixture.backUp()
        // A device must keep what no backup has: here the whole journal.
        var restored: [RestoredHub] = []
        for _ in 0..<restores {
            fixture.clock.advance(by: .seconds(seconds / 4))
            try await work(4)
            fixture.clock.advance(by: .seconds(seconds / 4))
            let numbers: [Int64] = devices.map { $0.lease?.number ?? 0 }
            restored.append(try await RestoredHub(fixture, backup: path))
            for device in devices { device.hub = restored.last!.hub }
            try await work(3)
            for device in devices { try await device.syncAll() }
            #expect(zip(devices, numbers).allSatisfy { ($0.lease?.number ?? 0) > $1 })
        }
        let hub: Hub = restored.last!.hub
        let made: Int64 = devices.reduce(0) { $0 + ($1.disk.spent[.search] ?? 0) }
        #expect(try await fixture.billed(hub) == (made, 0))
        #expect(devices.allSatisfy { $0.disk.hubEpoch == Int64(restores) + 1 && $0.quarantine == nil })
        #expect(try await fixture.faults(hub) == [])
        let quota: Quota = try await hub.quotas(account: "Acme")[0]
        #expect(quota.settled == made)
        #expect(quota.reserved == devices.reduce(0) { $0 + $1.rest() })
    }

    @Test("what devices hold of a quota that the restored hub has given to others is kept to: billed as overdraft, outside of the quota")
    func beyondWhatIsFree() async throws {
        let fixture = try await IntakeFixture(quota: 100, leaseUnits: 100)
        let (first, second): (DarkDevice, DarkDevice) = (try await fixture.dark(), try await fixture.dark())
        let path: String = try await fixture.backUp()
        try await first.syncAll()
        #expect(first.rest() == 50)
        let restored = try await RestoredHub(fixture, backup: path)
        second.hub = restored.hub
        for _ in 0..<8 {
            try await second.syncAll()
            second.use(Int(second.rest()))
        }
        try await second.syncAll()
        #expect(second.disk.spent[.search] == 100)
        first.hub = restored.hub
        first.use(50)
        try await first.syncAll()
        let quota: Quota = try await restored.hub.quotas(account: "Acme")[0]
        #expect(quota.settled + quota.reserved == 100)
        #expect(try await fixture.billed(restored.hub) == (150, 50))
        #expect(try await fixture.faults(restored.hub) == [])
    }

    @Test("money waits for leases that are taken in again only as far as there is money, and is let go with their uses")
    func money() async throws {
        let fixture = try await IntakeFixture(quota: 1_000, leaseUnits: 100)
        _ = try await fixture.hub.setCredit(Money(millionths: 0, currency: "CNY"), account: "Acme", by: .test)
        let device: DarkDevice = try await fixture.dark()
        let path: String = try await fixture.backUp()
        _ = try await fixture.hub.book(MoneyOrder(kind: .topUp, amount: Money(millionths: 1_500_000, currency: "CNY"), reason: "t"), account: "Acme", by: .test)
        try await device.syncAll()
        #expect(device.rest() == 100)
        let restored = try await RestoredHub(fixture, backup: path)
        device.hub = restored.hub
        _ = try await restored.hub.book(MoneyOrder(kind: .topUp, amount: Money(millionths: 300_000, currency: "CNY"), reason: "t"), account: "Acme", by: .test)
        device.use(10)
        try await device.syncAll()
        #expect(try await restored.hub.balances(fixture.account.id)[0].available <= 0)
        #expect(device.lease?.units == 90)
        #expect(try await fixture.faults(restored.hub) == [])
        device.use(Int(device.rest()))
        device.apis = []
        try await device.syncAll()
        let balance: Balance = try await restored.hub.balances(fixture.account.id)[0]
        #expect((balance.amount, balance.held, balance.due) == (0, 0, 1_200_000))
        #expect(try await fixture.billed(restored.hub) == (100, 0))
        #expect(try await fixture.faults(restored.hub) == [])
    }

    @Test("a journal that began after the backup goes on; what there was of the one before it is taken in as far as the device has it")
    func laterJournal() async throws {
        let fixture = try await IntakeFixture()
        let device: DarkDevice = try await fixture.dark()
        try await device.syncAll()
        device.use(3)
        try await device.syncAll()
        let path: String = try await fixture.backUp()
        device.use(2)
        try await device.sync(newEpoch: device.askForJournal())
        device.use(4)
        try await device.syncAll()
        let restored = try await RestoredHub(fixture, backup: path)
        device.hub = restored.hub
        device.use(1)
        try await device.syncAll()
        #expect(device.disk.epoch == 2)
        #expect(try await fixture.billed(restored.hub).units == 8)
        // The end of the first journal, as a device sends it that keeps it until a backup has it.
        let end: [JournalEntry] = Array(device.disk.ended[0].suffix(2))
        let head = JournalHead(epoch: 1, seq: end[1].seq, hash: end[1].hash)
        let answer: SyncResponse = try await restored.hub.receive(
            SyncRequest(
                agentVersion: "test", head: head, headSignature: Base64(try device.key.signature(for: head.signedBytes(device: device.id)).rawRepresentation),
                entries: end, leases: [], deviceTime: device.time, hubEpoch: 2), from: device.id)
        #expect(answer.answers.map(\.outcome) == [.accepted, .accepted])
        #expect(try await fixture.billed(restored.hub).units == 10)
        #expect(try await fixture.faults(restored.hub) == [])
    }

    @Test("a journal that no hub ever opened is refused")
    func inventedJournal() async throws {
        let fixture = try await IntakeFixture()
        let device: DarkDevice = try await fixture.dark()
        try await device.syncAll()
        device.disk = DarkDevice.Disk(epoch: 2)
        device.append(.health)
        await #expect(throws: Problem.self) { try await device.sync() }
    }
}
