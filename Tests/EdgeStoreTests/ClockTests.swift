import Crypto
import EdgeStore
import Foundation
import ServiceSupport
import TestKit
import Testing
import WireModel

@Suite("Clocks that are wrong")
struct ClockTests {
    @Test("a clock set back is in doubt and gains nothing; set right, or at a contact, it is no more")
    func setBack() throws {
        let device = try JoinedDevice()
        try device.grant(ceiling: 10, for: .seconds(7_200))
        device.clock.advance(by: .seconds(3_600))
        _ = try device.store.record([JoinedDevice.decision()])
        #expect(try !device.store.clockState().isInDoubt)
        device.clock.shift(wall: .seconds(-86_400))
        #expect(try device.store.clockState().isInDoubt)
        device.clock.advance(by: .seconds(3_600))
        #expect(throws: EdgeStoreError.self) { _ = try device.store.record([JoinedDevice.decision()]) }
        try device.contact(time: device.clock.now().wall.advanced(by: .seconds(86_400)))
        #expect(try !device.store.clockState().isInDoubt)
    }

    @Test("a start with a dead clock goes on from the time that is known to have passed, and time passes")
    func deadBattery() throws {
        let device = try JoinedDevice()
        try device.grant(ceiling: 10, for: .seconds(7_200))
        device.clock.advance(by: .seconds(3_600))
        _ = try device.store.record([JoinedDevice.decision()])
        let known: Timestamp = try device.store.trustedTime()
        device.clock.restart()
        device.clock.shift(wall: Timestamp(milliseconds: 0).since(device.clock.now().wall))
        try device.reopen()
        #expect(try device.store.trustedTime() == known)
        #expect(try device.store.clockState().isInDoubt)
        _ = try device.store.record([JoinedDevice.decision()])
        device.clock.advance(by: .seconds(1_800))
        #expect(try device.store.trustedTime() == known.advanced(by: .seconds(1_800)))
        device.clock.advance(by: .seconds(1_800))
        #expect(throws: EdgeStoreError.self) { _ = try device.store.record([JoinedDevice.decision()]) }
    }

    @Test("the time is taken from an answer that the hub signed for this exchange, and not from one with another signature")
    func signedTime() throws {
        let device = try JoinedDevice()
        let real: Timestamp = device.clock.now().wall
        try device.contact(time: real.advanced(by: .seconds(60)), signer: device.hubKey)
        #expect(try device.store.clockState().isSigned)
        #expect(try device.store.trustedTime() == real.advanced(by: .seconds(60)))
        try device.contact(time: real.advanced(by: .seconds(-86_400)), signer: Curve25519.Signing.PrivateKey())
        #expect(try device.store.trustedTime() == real.advanced(by: .seconds(60)))
    }

    @Test(
        "whatever the clock does in the middle of a batch, no lease is used after its end by the hub's time, and every decision is in the chain",
        arguments: [-86_400, 86_400, -315_360_000, 315_360_000])
    func jumps(seconds: Int) throws {
        let device = try JoinedDevice()
        let end: Timestamp = device.clock.now().wall.advanced(by: .seconds(3_600))
        try device.grant(ceiling: 1_000, for: .seconds(3_600))
        var (real, count): (Timestamp, Int64) = (device.clock.now().wall, 0)
        for step in 0..<80 {
            if step == 20 { device.clock.shift(wall: .seconds(seconds)) }
            if step == 40 { try device.contact(acknowledged: 1, time: real) }
            if step == 60 { device.clock.shift(wall: .seconds(-seconds)) }
            if (try? device.store.record([JoinedDevice.decision()])) != nil {
                count += 1
                #expect(real < end)
            }
            device.clock.advance(by: .seconds(60))
            real = real.advanced(by: .seconds(60))
        }
        #expect(count >= 20)
        #expect(try device.store.journalSummary().units == [.search: count])
        #expect(try device.store.journalFault() == nil)
    }
}
