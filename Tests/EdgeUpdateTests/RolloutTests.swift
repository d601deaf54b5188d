import Crypto
import EdgeUpdate
import Foundation
import HubClient
import HubDomain
import ReleaseFiles
import TestKit
import Testing
import WireModel

@Suite("Roll-outs")
struct RolloutTests {
    private let one = ReleaseNumber(rawValue: "1.0.0")
    private let two = ReleaseNumber(rawValue: "2.0.0")

    @Test(
        "to a thousand devices, of which 3 % fail: it pauses by itself, those that failed run again what they ran, and the others never began; then all go back"
    )
    func thousand() async throws {
        let count: Int = FullTests.count(1_000)
        let fleet = try await RolledOutFleet()
        try await fleet.add(count)
        _ = try await fleet.publish("1.0.0")
        _ = try await fleet.hub.startRollout(of: "1.0.0", RolloutOrder(stages: [RolloutStage(percent: 100)]), by: .test)
        try await fleet.round()
        #expect(fleet.running == [one: count])

        _ = try await fleet.publish("2.0.0")
        var order = RolloutOrder(stages: [RolloutStage(percent: FullTests.isOn ? 10 : 50), RolloutStage(percent: 100)])
        order.failurePermille = 10
        let id: RolloutID = try await fleet.hub.startRollout(of: "2.0.0", order, by: .test).id
        let before: Int = fleet.tries
        // Three of a hundred that try it.
        func fails(_ tries: Int) -> Bool { [5, 38, 71].contains((tries - before) % 100) }
        for _ in 0..<2 { try await fleet.round(fails: fails) }
        let paused: Rollout = try await fleet.hub.rollout(id)
        #expect(paused.state == .paused && paused.reason?.contains("failed") == true)
        #expect(paused.failed >= 1 && paused.tried >= order.minimumTries && paused.tried < count)
        // Whoever failed is back by itself; nobody else has begun.
        #expect(fleet.running[two] == Int(paused.tried - paused.failed) && fleet.running[one] == count - Int(paused.tried - paused.failed))
        #expect(try await fleet.hub.rolloutDevices(id, .rolledBack).allSatisfy { $0.reason == "it ended with exit code 1" })
        let audit: [AuditEntry] = try await fleet.hub.auditEntries(limit: 20)
        #expect(audit.contains { $0.action == "rollout.pause" && $0.actor == "rollouts" })
        await #expect(throws: Problem.self) { try await fleet.hub.act(.advance, on: id, by: .test) }
        try await fleet.round()
        #expect(fleet.running[two] == Int(paused.tried - paused.failed))

        _ = try await fleet.hub.act(.return, on: id, by: .test)
        for _ in 0..<2 { try await fleet.round() }
        #expect(fleet.running == [one: count])
        let returned: Rollout = try await fleet.hub.rollout(id)
        #expect(returned.count([.returned]) == paused.tried - paused.failed)
        print("\(count) devices: \(paused.tried) tried, \(paused.failed) failed; \(paused.reason ?? "")")
    }

    @Test("rings come first, then shares that grow: whoever was included stays so; each stage begins when the operator says so, or when its time is over")
    func stages() async throws {
        let fleet = try await RolledOutFleet()
        try await fleet.add(40)
        for device in fleet.devices.prefix(3) { _ = try await fleet.hub.labelDevice(device.id, name: nil, labels: ["ring": "canary"], by: .test) }
        _ = try await fleet.publish("1.0.0")
        var order = RolloutOrder(stages: [
            RolloutStage(label: "ring=canary", percent: 100, waitMilliseconds: 3_600_000), RolloutStage(percent: 50), RolloutStage(percent: 100),
        ])
        order.minimumTries = 3
        let id: RolloutID = try await fleet.hub.startRollout(of: "1.0.0", order, by: .test).id
        try await fleet.round()
        #expect(fleet.devices.map { $0.folder.current(.agent) == one } == (0..<40).map { $0 < 3 })
        // Its time is over, but nobody has said yet that it works.
        fleet.clock.advance(by: .seconds(3_601))
        #expect(try await fleet.hub.advanceRollouts() == 0)
        try await fleet.round()
        #expect(try await fleet.hub.advanceRollouts() == 1)
        try await fleet.round()
        let half: Set<DeviceID> = Set(fleet.devices.filter { $0.folder.current(.agent) == one }.map(\.id))
        #expect((8..<36).contains(half.count) && half.isSuperset(of: fleet.devices.prefix(3).map(\.id)))
        #expect(try await fleet.hub.advanceRollouts() == 0)
        _ = try await fleet.hub.act(.advance, on: id, by: .test)
        for _ in 0..<2 { try await fleet.round() }
        #expect(fleet.running == [one: 40])
        #expect(try await fleet.hub.rollout(id).count([.confirmed]) == 40)
    }

    @Test("no more devices than may at once are between being told and an outcome; paused, nobody begins, whatever was told before")
    func bounds() async throws {
        let fleet = try await RolledOutFleet()
        try await fleet.add(10)
        _ = try await fleet.publish("1.0.0")
        var order = RolloutOrder(stages: [RolloutStage(percent: 100)])
        order.atOnce = 4
        let id: RolloutID = try await fleet.hub.startRollout(of: "1.0.0", order, by: .test).id
        for device in fleet.devices { try await device.contact() }
        #expect(try fleet.devices.filter { try !$0.folder.wanted().isEmpty }.count == 4)
        _ = try await fleet.hub.act(.pause, on: id, by: .test)
        try await fleet.round()
        #expect(fleet.running == [nil: 10])
        _ = try await fleet.hub.act(.resume, on: id, by: .test)
        for _ in 0..<6 { try await fleet.round() }
        #expect(fleet.running == [one: 10])
        _ = try await fleet.hub.act(.cancel, on: id, by: .test)
        await #expect(throws: Problem.self) { try await fleet.hub.act(.resume, on: id, by: .test) }
    }

    @Test("a device gets at nothing that no roll-out has for it; one that does not trust the key refuses, which counts as failed; withdrawn, it is gone")
    func bars() async throws {
        let fleet = try await RolledOutFleet()
        try await fleet.add(1)
        try await fleet.add(1, trusting: false)
        let release: Release = try await fleet.publish("1.0.0")
        let file: ReleaseFile = try #require(try release.manifest.files.first)
        let source = DirectReleases(hub: fleet.hub, device: fleet.devices[0].id)
        await #expect(throws: HubClientError.self) { try await source.release(release.id) }
        await #expect(throws: HubClientError.self) { try await source.part(of: file, in: release.id, at: 0, count: 10) }
        var order = RolloutOrder(stages: [RolloutStage(percent: 100)])
        order.minimumTries = 1
        let id: RolloutID = try await fleet.hub.startRollout(of: release.id.rawValue, order, by: .test).id
        for _ in 0..<2 { try await fleet.round() }
        #expect(fleet.running == [one: 1, nil: 1] && fleet.devices[1].refusal == .releaseUntrusted)
        #expect(try await fleet.hub.rollout(id).state == .paused)
        #expect(try await fleet.hub.withdrawRelease("1.0.0", by: .test).withdrawn != nil)
        #expect(try await fleet.hub.rollout(id).state == .cancelled)
        await #expect(throws: HubClientError.self) { try await source.part(of: file, in: release.id, at: 0, count: 10) }
        await #expect(throws: Problem.self) { try await fleet.hub.startRollout(of: release.id.rawValue, order, by: .test) }
        // Published again, it is whole again.
        _ = try await fleet.publish("1.0.0")
        #expect(try await source.part(of: file, in: release.id, at: 2, count: 5) == [UInt8]("ogram".utf8))
    }

    @Test("a file larger than a part comes whole, from any place on; an altered folder is not published")
    func parts() async throws {
        let fleet = try await RolledOutFleet()
        try await fleet.add(1)
        let bytes: [UInt8] = (0..<2_600_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
        let made: ReleaseWorkshop.Made = try fleet.workshop.make(.agent, "1.0.0", files: [ReleaseManifest.program: bytes, "empty": []])
        let place: String = fleet.workshop.folder + "/large"
        try made.write(to: place)
        let release: Release = try await fleet.hub.publishRelease(place, trusting: [fleet.workshop.key], by: .test)
        _ = try await fleet.hub.startRollout(of: "1.0.0", RolloutOrder(stages: [RolloutStage(percent: 100)]), by: .test)
        try await fleet.devices[0].contact()
        let file: ReleaseFile = try #require(try release.manifest.files.first { $0.bytes > 0 })
        let source = DirectReleases(hub: fleet.hub, device: fleet.devices[0].id)
        for (offset, count) in [(0, 10), (1_048_570, 20), (2_599_990, 100), (1_048_576, 1_048_576), (500_000, 1_048_576)] {
            let part: [UInt8] = try await source.part(of: file, in: release.id, at: Int64(offset), count: count)
            #expect(part == Array(bytes[offset..<min(bytes.count, offset + count)]), "\(offset), \(count)")
        }
        await #expect(throws: HubClientError.self) { try await source.part(of: file, in: release.id, at: 2_600_000, count: 1) }
        try await fleet.round()
        #expect(fleet.running == [one: 1])
        try Data("x".utf8).write(to: URL(filePath: place + "/empty"))
        await #expect(throws: Problem.self) { try await fleet.hub.publishRelease(place, trusting: [fleet.workshop.key], by: .test) }
        await #expect(throws: Problem.self) {
            try await fleet.hub.publishRelease(
                place, trusting: [try #require(ReleaseKey(Array(Curve25519.Signing.PrivateKey().publicKey.rawRepresentation)))], by: .test)
        }
    }
}
