import EdgeStore
import EdgeSync
import HubClient
import HubDomain
import ServiceSupport
import TestKit
import Testing
import WireModel

@Suite("Chaos between device and hub", .serialized)
struct ChaosTests {
    @Test("cut, reset, truncated or stalled at any byte, either way: nothing is lost, nothing billed twice")
    func anyByte() async throws {
        let exchanges: Int = ChaosWorld.count(1_000)
        let seed: UInt64 = SeededGenerator.wantedSeed
        let world = try await ChaosWorld(seed: seed)
        let outcome = try await Weather(world, exchanges: exchanges) { world in
            // Above what an exchange with its handshake takes either way, so that some get through.
            let (direction, after): (ChaosProxy.Direction, Int) = (world.draw(2) == 0 ? .up : .down, world.draw(5_000))
            switch world.draw(20) {
            case 0: return .stall(direction, after: after)
            case 1, 2: return .delay(milliseconds: 1 + world.draw(20))
            case 3...10: return .truncate(direction, after: after)
            default: return .reset(direction, after: after)
            }
        }.run()
        print("NOTICE: seed \(seed): \(outcome)")
        #expect(try await world.violationsAfterCalm() == [], "VULTUS_SEED=\(seed)")
        // Cuts that all lie beyond the last byte test nothing.
        #expect(outcome.hits > exchanges / 5)
        #expect(outcome.failed > exchanges / 10)
    }

    @Test("exchanges lost on the way: nothing is lost, nothing billed twice", arguments: [10, 30])
    func loss(percent: Int) async throws {
        let exchanges: Int = ChaosWorld.count(1_000)
        let seed: UInt64 = SeededGenerator.wantedSeed
        let world = try await ChaosWorld(seed: seed)
        let outcome = try await Weather(world, exchanges: exchanges) { world in
            guard world.draw(100) < percent else { return .pass }
            // Half of them before anything is sent, half when the hub has done its work.
            return .reset(world.draw(2) == 0 ? .up : .down, after: 0)
        }.run()
        print("NOTICE: seed \(seed): \(percent) %: \(outcome)")
        #expect(try await world.violationsAfterCalm() == [], "VULTUS_SEED=\(seed)")
        #expect(outcome.hits > exchanges * percent / 400)
    }

    @Test("answers lost, requests repeated 2 to 10 times: nothing is lost, nothing billed twice")
    func lostAnswers() async throws {
        let exchanges: Int = ChaosWorld.count(1_000)
        let seed: UInt64 = SeededGenerator.wantedSeed
        let world = try await ChaosWorld(seed: seed)
        let device: ChaosDevice = try await world.device("edge")
        let link = ChaosLink(
            try device.link(to: world.served.url, timeout: .seconds(30)), seed: seed,
            chances: .init(lostRequest: 0.1, lostAnswer: 0.4, duplicate: 0.3))
        let sync = try HubSync(store: device.store, link: link)
        while await link.counts.exchanges < exchanges {
            try world.use(device, faces: 1 + world.draw(4))
            _ = try? await sync.run()
        }
        print("NOTICE: seed \(seed): \(await link.counts)")
        #expect(try await world.violationsAfterCalm() == [], "VULTUS_SEED=\(seed)")
        #expect(await link.counts.lostAnswers > exchanges / 8)
    }

    @Test("entries repeated and overtaken within a hundred exchanges: nothing is lost, nothing billed twice")
    func reordered() async throws {
        let entries: Int = ChaosWorld.count(100_000)
        let seed: UInt64 = SeededGenerator.wantedSeed
        let world = try await ChaosWorld(seed: seed, leaseUnits: 100_000)
        let device: ChaosDevice = try await world.device("edge")
        let link = ChaosLink(HubDoor(hub: world.served.hub, device: device.id), seed: seed, chances: .init(lostAnswer: 0.1, duplicate: 0.1, late: 0.3))
        let sync = try HubSync(store: device.store, link: link)
        while world.books.entries < entries {
            try world.use(device, faces: 1 + world.draw(100))
            _ = try? await sync.run()
        }
        await link.settle()
        print("NOTICE: seed \(seed): \(world.books.entries) entries, \(await link.counts)")
        #expect(try await world.violationsAfterCalm() == [], "VULTUS_SEED=\(seed)")
        #expect(await link.counts.late > 20)
    }
}

/// The hub itself, without a network: what the link's chaos is wrapped around where bytes do not matter.
struct HubDoor: HubLink {
    let hub: Hub
    let device: DeviceID

    func sync(_ request: SyncRequest) async throws(HubClientError) -> SyncResponse {
        do { return try await hub.receive(request, from: device) } catch { throw .declined(Problem(describing: error)) }
    }
}
