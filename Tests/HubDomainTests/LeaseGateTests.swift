import HubDomain
import HubStorage
import ServiceSupport
import TestKit
import Testing
import WireModel

@Suite("The gate before leases")
struct LeaseGateTests {
    @Test("no lease is granted to an account that may not call, and each ground has the code a call would get; what was used is still taken in")
    func refusals() async throws {
        let fixture = try await IntakeFixture()
        let device: PlayedDevice = try await fixture.device()
        try await device.sync()
        #expect(device.lease != nil)
        let hub: Hub = fixture.hub
        // Joined while the account stood well, not synced yet.
        var waiting: [PlayedDevice] = []
        for _ in 0..<4 { waiting.append(try await fixture.device()) }
        func code() async throws -> ProblemCode? {
            let fresh: PlayedDevice = waiting.removeLast()
            return try await fresh.sync().refusals.first { $0.api == .search }?.code
        }
        #expect(try await code() == nil)
        let suspension: Measure = try await hub.order(MeasureOrder(kind: .suspension, ground: "g", statement: "s"), account: "Acme", by: .test)
        #expect(try await code() == .accountSuspended)
        await #expect { _ = try await fixture.device() } throws: { ($0 as? Problem)?.code == .accountInactive }
        // A dark device's use under a lease it had is billed whatever happened meanwhile.
        device.use()
        #expect(try await device.sync().answers.map(\.outcome) == [.accepted])
        _ = try await hub.lift(suspension.id, ground: "g", by: .test)
        let pause: Measure = try await hub.order(MeasureOrder(kind: .pauseAPI, api: .search, ground: "g", statement: "s"), account: "Acme", by: .test)
        #expect(try await code() == .apiPaused)
        _ = try await hub.lift(pause.id, ground: "g", by: .test)
        fixture.clock.advance(by: .seconds(366 * 86_400))
        #expect(try await code() == .accountLapsed)
    }
}
