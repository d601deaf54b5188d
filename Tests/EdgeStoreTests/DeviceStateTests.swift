import EdgeStore
import Foundation
import ServiceSupport
import TestKit
import Testing
import WireModel

@Suite("What each state allows")
struct DeviceStateTests {
    @Test("the documentation prints the table that decides")
    func documented() throws {
        let text = try String(contentsOfFile: Program.repository + "/Edge/README.md", encoding: .utf8)
        let parts: [String] = text.components(separatedBy: "<!-- states -->\n")
        try #require(parts.count == 3)
        #expect(parts[1] == DeviceState.table + "\n", "print it with `vultus-edge status --states`")
    }

    @Test("a device is in the states it is said to be in, and does what they allow")
    func states() throws {
        let device = try JoinedDevice()
        func meters(_ api: APIName = .search) -> Bool { (try? device.store.record([JoinedDevice.decision(api: api)])) != nil }
        #expect(try device.store.deviceStates() == [.leaseMissing])
        #expect(!meters())
        #expect(!DeviceState.leaseMissing.allows(.meter))
        try device.grant(ceiling: 1, api: .compare)
        // Each API has a lease of its own: what the missing one refuses is no more than what it would have allowed.
        #expect(try device.store.standings() == [DeviceStanding(state: .leaseMissing, apis: [.search])])
        #expect(try device.store.standings()[0].refuses == [.searchLocal, .searchHub])
        #expect(meters(.compare))
        try device.grant(ceiling: 2, api: .compare)
        try device.grant(ceiling: 2, for: .seconds(3_600), grace: .seconds(60))
        #expect(try device.store.deviceStates() == [.fresh])
        #expect(meters())
        #expect(DeviceState.fresh.allows(.meter))
        device.clock.advance(by: .seconds(3_600))
        #expect(try device.store.deviceStates() == [.leaseInGrace])
        #expect(meters())
        #expect(DeviceState.leaseInGrace.allows(.meter))
        #expect(try device.store.deviceStates() == [.leaseSpent])
        #expect(!meters())
        #expect(!DeviceState.leaseSpent.allows(.meter))
        device.clock.advance(by: .seconds(61))
        #expect(try device.store.deviceStates() == [.leaseExpired])
        #expect(!meters())
        #expect(meters(.compare))
        device.clock.shift(wall: .seconds(-86_400))
        #expect(try device.store.deviceStates().contains(.clockInDoubt))
        #expect(try device.store.deviceStates(certificateEnd: device.clock.now().wall).contains(.certificateExpired))
        try device.contact(quarantine: .journalFork)
        #expect(try device.store.deviceStates().contains(.quarantined))
    }
}
