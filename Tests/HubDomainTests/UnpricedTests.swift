import HubDomain
import HubStorage
import ServiceSupport
import TestKit
import Testing
import WireModel

@Suite("Uses of what a restored hub has no price for")
struct UnpricedTests {
    private static let terms = LeaseTerms(units: 100, termMilliseconds: 86_400_000, whenExhausted: .refuse, hardLimit: 0)

    private func price(_ hub: Hub, from effective: Timestamp? = nil) async throws {
        _ = try await hub.setPrice(api: .compare, unitPrice: Money(millionths: 20_000, currency: "CNY"), effective: effective, lease: Self.terms, by: .test)
        _ = try await hub.setQuota(account: "Acme", api: .compare, units: 1_000, by: .test)
    }

    /// A device that used an API first priced after the backup, before the hub was lost and after; and when that price began.
    private func restored() async throws -> (IntakeFixture, RestoredHub, DarkDevice, Timestamp) {
        let fixture = try await IntakeFixture()
        let device: DarkDevice = try await fixture.dark()
        let path: String = try await fixture.backUp()
        fixture.clock.advance(by: .seconds(60))
        let began: Timestamp = fixture.clock.now().wall
        try await price(fixture.hub)
        device.apis = [.compare]
        try await device.syncAll()
        device.use(5, of: .compare)
        try await device.syncAll()
        fixture.clock.advance(by: .seconds(600))
        let restored = try await RestoredHub(fixture, backup: path)
        device.hub = restored.hub
        device.use(2, of: .compare)
        fixture.clock.advance(by: .seconds(60))
        return (fixture, restored, device, began)
    }

    private func compared(_ fixture: IntakeFixture, _ hub: Hub) async throws -> Int64 {
        try await hub.usage(account: "Acme").filter { $0.api == .compare }.reduce(0) { $0 + $1.units }
    }

    @Test("are kept and shown, and billed once when the price is set again as of its day", arguments: [false, true])
    func held(isPricedAnewFirst: Bool) async throws {
        let (fixture, restored, device, began): (IntakeFixture, RestoredHub, DarkDevice, Timestamp) = try await restored()
        let hub: Hub = restored.hub
        // A price from now on takes up the lease; for what was used before it there is none still.
        if isPricedAnewFirst { try await price(hub) }
        try await device.syncAll()
        #expect(try await compared(fixture, hub) == 0)
        let open: [UnaccountedUse] = try await hub.unaccountedUses()
        #expect(open.map(\.units) == [7] && open.map(\.ground) == ["not_for_sale"] && open[0].device == device.id)
        fixture.clock.advance(by: .seconds(60))
        try await price(hub, from: began)
        try await device.syncAll()
        #expect(try await compared(fixture, hub) == 7)
        #expect(try await hub.unaccountedUses().isEmpty)
        device.use(3, of: .compare)
        for _ in 0..<2 { try await device.syncAll() }
        for request in device.sent { _ = try await hub.receive(request, from: device.id) }
        #expect(try await compared(fixture, hub) == 10)
        #expect(try await fixture.faults(hub) == [])
        let quota: Quota = try #require(try await hub.quotas(account: "Acme").first { $0.api == .compare })
        #expect(quota.settled == 10 && quota.reserved == device.rest(.compare))
        #expect(device.rest(.compare) > 0)
    }

    @Test("a price begins in the past only where there was none")
    func backdated() async throws {
        let fixture = try await IntakeFixture()
        let began: Timestamp = fixture.clock.now().wall
        fixture.clock.advance(by: .seconds(600))
        try await price(fixture.hub, from: began)
        await #expect(throws: Problem.self) { try await price(fixture.hub, from: began) }
        await #expect(throws: Problem.self) { try await price(fixture.hub, from: began.advanced(by: .seconds(60))) }
        try await price(fixture.hub, from: began.advanced(by: .seconds(-60)))
    }
}
