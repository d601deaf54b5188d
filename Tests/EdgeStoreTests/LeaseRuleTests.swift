import Crypto
import EdgeStore
import ServiceSupport
import TestKit
import Testing
import WireModel

@Suite("What a lease allows")
struct LeaseRuleTests {
    private func ground(_ body: () throws -> Void) -> LeaseGround? {
        do {
            try body()
            return nil
        } catch EdgeStoreError.refused(let ground) {
            return ground
        } catch {
            Issue.record("unexpected \(error)")
            return nil
        }
    }

    @Test("without a lease nothing is recorded, and the ground says so")
    func missing() throws {
        let device = try JoinedDevice()
        #expect(ground { _ = try device.store.record([JoinedDevice.decision()]) } == .missing(.search))
        #expect(try device.store.journalSummary().head.seq == 0)
    }

    @Test("spends exactly the units, then refuses, across restarts")
    func spent() throws {
        let device = try JoinedDevice()
        try device.grant(ceiling: 3)
        for _ in 0..<3 {
            _ = try device.store.record([JoinedDevice.decision()])
            try device.reopen()
        }
        #expect(ground { _ = try device.store.record([JoinedDevice.decision()]) } == .spent(.search, ceiling: 3, spent: 3))
        #expect(try device.store.journalSummary().units == [.search: 3])
        // What costs nothing is still recorded.
        _ = try device.store.record([JoinedDevice.decision(units: 0)])
    }

    @Test("a picture with more faces than units is refused whole")
    func allOrNothing() throws {
        let device = try JoinedDevice()
        try device.grant(ceiling: 2)
        #expect(ground { _ = try device.store.record(Array(repeating: JoinedDevice.decision(), count: 3)) } != nil)
        #expect(try device.store.journalSummary().decisions == 0)
        #expect(try device.store.leases()[0].remaining == 2)
    }

    @Test("spends at most the lease under 10 concurrent writers")
    func concurrent() async throws {
        let device = try JoinedDevice()
        try device.grant(ceiling: 25)
        let folder: String = device.folder
        let clock = device.clock
        let granted: Int = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<10 {
                group.addTask {
                    guard let store = try? EdgeStore(directory: folder, clock: clock) else { return 0 }
                    return (0..<5).reduce(0) { count, _ in (try? store.record([JoinedDevice.decision()])) == nil ? count : count + 1 }
                }
            }
            return await group.reduce(0, +)
        }
        #expect(granted == 25)
        #expect(try device.store.journalSummary().units == [.search: 25])
        #expect(try device.store.journalFault() == nil)
    }

    @Test("goes on under continue-and-flag up to the hard limit, and says so in the entry")
    func overdraft() throws {
        let device = try JoinedDevice()
        try device.grant(ceiling: 1, policy: .continueAndFlag, hardLimit: 2)
        let bodies: [String] = try (0..<3).map { _ in try device.store.record([JoinedDevice.decision()])[0].body ?? "" }
        #expect(bodies.map { $0.contains("\"overdraft\":true") } == [false, true, true])
        #expect(ground { _ = try device.store.record([JoinedDevice.decision()]) } == .spent(.search, ceiling: 1, spent: 3))
    }

    @Test("a lease of another hub, another device's key, or an edited one is not used")
    func foreign() throws {
        let device = try JoinedDevice()
        try device.grant(ceiling: 5, signer: Curve25519.Signing.PrivateKey())
        #expect(ground { _ = try device.store.record([JoinedDevice.decision()]) } == .missing(.search))
        try device.grant(ceiling: 5, thumbprint: "00")
        #expect(ground { _ = try device.store.record([JoinedDevice.decision()]) } == .missing(.search))
    }

    @Test("a later lease raises the total; an earlier one that comes late changes nothing")
    func renewal() throws {
        let device = try JoinedDevice()
        try device.grant(ceiling: 2)
        _ = try device.store.record([JoinedDevice.decision(), JoinedDevice.decision()])
        try device.grant(ceiling: 5)
        #expect(try device.store.leases()[0].remaining == 3)
    }

    @Test("each API has a lease of its own")
    func separateAPIs() throws {
        let device = try JoinedDevice()
        try device.grant(ceiling: 1, api: .compare)
        #expect(ground { _ = try device.store.record([JoinedDevice.decision()]) } == .missing(.search))
        _ = try device.store.record([JoinedDevice.decision(api: .compare)])
    }
}

@Suite("Time on the device")
struct TrustedTimeTests {
    @Test("a lease ends by the larger of both clocks, and a clock set back gains nothing")
    func setBack() throws {
        let device = try JoinedDevice()
        try device.grant(ceiling: 10, for: .seconds(3_600))
        _ = try device.store.record([JoinedDevice.decision()])
        device.clock.shift(wall: .seconds(-86_400), boot: .seconds(3_601))
        #expect(throws: EdgeStoreError.self) { _ = try device.store.record([JoinedDevice.decision()]) }
    }

    @Test("time that has passed stays passed over a restart with the clock set back")
    func highWater() throws {
        let device = try JoinedDevice()
        try device.grant(ceiling: 10, for: .seconds(3_600))
        device.clock.advance(by: .seconds(3_000))
        _ = try device.store.record([JoinedDevice.decision()])
        let before: Timestamp = try device.store.trustedTime()
        device.clock.restart()
        device.clock.shift(wall: .seconds(-10_000))
        #expect(try device.store.trustedTime() >= before)
    }

    @Test("a wrong jump forward is cleared at the next contact")
    func jumpForward() throws {
        let device = try JoinedDevice()
        let real: Timestamp = device.clock.now().wall
        try device.grant(ceiling: 10, for: .seconds(3_600))
        device.clock.shift(wall: .seconds(400 * 86_400))
        #expect(throws: EdgeStoreError.self) { _ = try device.store.record([JoinedDevice.decision()]) }
        device.clock.shift(wall: .seconds(-400 * 86_400))
        try device.contact(time: real)
        _ = try device.store.record([JoinedDevice.decision()])
    }

    @Test("a device whose clock is a day behind or ahead works under the hub's time", arguments: [-86_400, 86_400])
    func dayApart(seconds: Int) throws {
        let device = try JoinedDevice()
        let hub: Timestamp = device.clock.now().wall
        device.clock.shift(wall: .seconds(seconds))
        try device.grant(ceiling: 10, for: .seconds(3_600), hubTime: hub)
        _ = try device.store.record([JoinedDevice.decision()])
        #expect(try device.store.trustedTime() == hub)
    }
}
