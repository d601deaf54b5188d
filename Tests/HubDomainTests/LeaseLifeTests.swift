import Crypto
import HubDomain
import TestKit
import Testing
import WireModel

@Suite("Leases from grant to settlement")
struct LeaseLifeTests {
    private static let day: Duration = .seconds(86_400)

    @Test("a lease that is journaled and spent is billed unit by unit, renewed with a higher number, and the books stay whole")
    func honest() async throws {
        let fixture = try await IntakeFixture(quota: 300, leaseUnits: 50)
        let device: DarkDevice = try await fixture.dark()
        var made: Int64 = 0
        var number: Int64 = 0
        for _ in 0..<20 {
            try await device.syncAll()
            #expect(device.lease.map(\.number) ?? 0 >= number)
            number = device.lease?.number ?? number
            let use: Int64 = min(device.rest(), 20)
            device.use(Int(use))
            made += use
        }
        try await device.syncAll()
        #expect(made == 300 || made > 250)
        #expect(try await fixture.billed().units == made)
        #expect(try await fixture.faults() == [])
    }

    @Test("a lease that another key signed, of another device or another journal is not believed, and blocks nothing")
    func forged() async throws {
        let fixture = try await IntakeFixture()
        let (device, other): (DarkDevice, DarkDevice) = (try await fixture.dark(), try await fixture.dark())
        try await device.syncAll()
        try await other.syncAll()
        let lease: Lease = try #require(device.lease)
        let foreign: Lease = try #require(other.lease)
        func with(_ lease: Lease, _ key: Curve25519.Signing.PrivateKey) throws -> String {
            try JSON.text(LeaseEvent(.installed, api: .search, lease: try SignedLease(lease, signedBy: key), spent: 0))
        }
        let larger = Lease(
            id: LeaseID(at: fixture.hub.now()), number: 99, account: lease.account, device: lease.device, api: .search, keyThumbprint: lease.keyThumbprint,
            journalEpoch: 1, hubEpoch: 1, units: 1_000, ceiling: 1_000, notBefore: lease.notBefore, notAfter: lease.notAfter, whenExhausted: .refuse,
            hardLimit: 0)
        device.append(.lease, api: .search, body: try with(larger, Curve25519.Signing.PrivateKey()))
        device.append(.lease, api: .search, body: try with(foreign, fixture.hub.keys.leaseKey))
        device.append(.lease, api: .search, body: "nothing")
        device.append(.decision, api: .search, units: 1, lease: larger.id)
        device.use()
        let answer: SyncResponse = try await device.sync()
        #expect(answer.answers.map { $0.code?.rawValue ?? "accepted" } == ["lease_invalid", "lease_invalid", "invalid_request", "lease_invalid", "accepted"])
        #expect(try await fixture.billed().units == 1)
        #expect(try await fixture.faults() == [])
    }

    @Test("what a device gives back is free at once, quota and money, exactly once, and is not handed to it again")
    func returned() async throws {
        let fixture = try await IntakeFixture(quota: 100, leaseUnits: 100)
        let device: DarkDevice = try await fixture.dark()
        try await device.syncAll()
        device.use(10)
        try await device.syncAll()
        #expect(try await fixture.quota().reserved > 0)
        device.apis = []
        try device.giveBack()
        let request: SyncRequest = try device.request(device.unsent)
        for _ in 0..<3 { _ = try await fixture.hub.receive(request, from: device.id) }
        #expect(try await fixture.quota().reserved == 0)
        #expect(try await fixture.quota().settled == 10)
        #expect(try await fixture.hub.balances(fixture.account.id)[0].held == 0)
        // Without a free unit left, the old lease must not come back to one that asks for it.
        _ = try await fixture.hub.setQuota(account: "Acme", api: .search, units: 10, by: .test)
        device.apis = [.search]
        device.disk.numbers = [:]
        let answer: SyncResponse = try await device.sync()
        #expect(answer.leases.isEmpty)
        #expect(answer.refusals.map(\.code) == [.quotaExhausted])
        #expect(try await fixture.faults() == [])
    }

    @Test("a lease that was given back and then installed after all, because the answer was under way, is reserved again")
    func crossed() async throws {
        let fixture = try await IntakeFixture(quota: 400, leaseUnits: 100)
        let device: DarkDevice = try await fixture.dark()
        try await device.syncAll()
        device.use(80)
        let late: SyncResponse = try await device.sync(hears: false)
        try device.giveBack()
        device.disk.acknowledged = late.acknowledgedThrough
        device.apis = []
        try await device.sync()
        #expect(try await fixture.quota().reserved == 0)
        device.apis = [.search]
        try device.apply(late)
        #expect(device.rest() > 0)
        device.use(Int(device.rest()))
        try await device.syncAll()
        #expect(try await fixture.billed().units == device.disk.spent[.search])
        #expect(try await fixture.billed().overdraft == 0)
        #expect(try await fixture.faults() == [])
    }

    @Test("a dark device's lease is settled some days after its end; what it reports later all the same is billed, as overdraft, at the price of its day")
    func settledLater() async throws {
        let fixture = try await IntakeFixture(quota: 100, leaseUnits: 100)
        try await fixture.hub.set(.changeNoticeDays, to: "0", by: .test)
        let device: DarkDevice = try await fixture.dark()
        try await device.syncAll()
        device.use(30)
        #expect(try await fixture.quota().reserved == 50)
        fixture.clock.advance(by: Self.day * 30)
        #expect(try await fixture.hub.settleLeases() == 0)
        _ = try await fixture.hub.setPrice(
            api: .search, unitPrice: Money(millionths: 20_000, currency: "CNY"), effective: nil,
            lease: LeaseTerms(units: 100, termMilliseconds: 86_400_000, whenExhausted: .refuse, hardLimit: 0), by: .test)
        fixture.clock.advance(by: Self.day * 2)
        #expect(try await fixture.hub.settleLeases() == 1)
        #expect(try await fixture.hub.settleLeases() == 0)
        #expect(try await fixture.quota().reserved == 0)
        #expect(try await fixture.hub.balances(fixture.account.id)[0].held == 0)
        // Another device takes all that there is.
        let other: DarkDevice = try await fixture.dark()
        for _ in 0..<12 {
            try await other.syncAll()
            other.use(Int(other.rest()))
        }
        try await other.syncAll()
        #expect(other.disk.spent[.search] == 100)
        try await device.syncAll()
        #expect(try await fixture.quota().settled == 100)
        #expect(try await fixture.billed() == (130, 30))
        let invoice: Invoice = try await fixture.hub.invoice(
            account: "Acme", from: Timestamp(milliseconds: 0), to: fixture.hub.now().advanced(by: .seconds(1)))
        #expect(invoice.lines.map(\.amount.millionths) == [30 * 15_000, 100 * 20_000])
        #expect(try await fixture.faults() == [])
    }

    @Test("a device that says after its lease's end that it has nothing more to report lets go of the rest at once; grace is waited for")
    func settledByContact() async throws {
        let fixture = try await IntakeFixture(quota: 100, leaseUnits: 100)
        try await fixture.hub.set(.changeNoticeDays, to: "0", by: .test)
        _ = try await fixture.hub.setPrice(
            api: .search, unitPrice: Money(millionths: 15_000, currency: "CNY"), effective: nil,
            lease: LeaseTerms(units: 100, termMilliseconds: 86_400_000, whenExhausted: .refuse, hardLimit: 0, graceMilliseconds: 3_600_000), by: .test)
        let device: DarkDevice = try await fixture.dark()
        try await device.syncAll()
        #expect(device.lease?.graceMilliseconds == 3_600_000)
        device.use(5)
        try await device.syncAll()
        device.apis = []
        fixture.clock.advance(by: Self.day + .seconds(60))
        device.use(1)
        try await device.syncAll()
        #expect(try await fixture.quota().reserved > 0)
        fixture.clock.advance(by: .seconds(3_600))
        // Its own clock says that the lease goes on: what the hub believes is the later of both.
        device.offset = .zero - Self.day
        try await device.sync()
        #expect(try await fixture.quota().reserved > 0)
        device.offset = .zero
        try await device.sync()
        #expect(try await fixture.quota().reserved == 0)
        #expect(try await fixture.billed() == (6, 0))
        #expect(try await fixture.faults() == [])
    }

    @Test("every answer names when to come again, spread by a fifth, and is signed with the hub's time for this very exchange")
    func answers() async throws {
        let fixture = try await IntakeFixture()
        try await fixture.hub.set(.deviceContactSeconds, to: "100", by: .test)
        let device: DarkDevice = try await fixture.dark()
        var pauses: Set<Int64> = []
        for _ in 0..<20 {
            let request: SyncRequest = try device.request([])
            let answer: SyncResponse = try await fixture.hub.receive(request, from: device.id)
            pauses.insert(try #require(answer.nextContactMilliseconds))
            let signed: [UInt8] = SyncResponse.signedTimeBytes(device: device.id, head: request.head, time: answer.time)
            #expect(fixture.hub.keys.leaseKey.publicKey.isValidSignature(try #require(answer.timeSignature).bytes, for: signed))
        }
        #expect(pauses.allSatisfy { (80_000...120_000).contains($0) })
        #expect(pauses.count > 10)
    }
}
