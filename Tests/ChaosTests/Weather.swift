import CurlTransfer
import EdgeStore
import EdgeSync
import HubClient
import Synchronization
import TestKit
import WireModel

/// Many exchanges of one device through the chaos proxy, each with a fate of its own.
final class Weather {
    struct Outcome: CustomStringConvertible {
        var exchanges: Int = 0
        var failed: Int = 0
        var hits: Int = 0
        var entries: Int = 0

        var description: String { "\(exchanges) exchanges, \(hits) met their fate, \(failed) failed; \(entries) entries" }
    }

    private let world: ChaosWorld
    private let exchanges: Int
    private let fate: (ChaosWorld) -> ChaosProxy.Fate

    init(_ world: ChaosWorld, exchanges: Int, fate: @escaping (ChaosWorld) -> ChaosProxy.Fate) {
        self.world = world
        self.exchanges = exchanges
        self.fate = fate
    }

    func run() async throws -> Outcome {
        let device: ChaosDevice = try await world.device("edge")
        let link = ArmedLink(try device.link(to: world.proxy.url, timeout: .milliseconds(1_500)), proxy: world.proxy)
        let sync = try HubSync(store: device.store, link: link)
        var sinceCheck: Int = 0
        while link.exchanges < exchanges {
            // Mostly less than the network manages, so that there is a backlog to halve at times and none at others.
            try world.use(device, faces: 1 + world.draw(12))
            link.load(fate(world))
            _ = try? await sync.run()
            sinceCheck += 1
            if sinceCheck == 50 {
                sinceCheck = 0
                let found: [String] = try await world.books.violations(world.served, devices: world.devices, isSettled: false)
                guard found.isEmpty else { throw Violations(found: found) }
            }
        }
        return Outcome(exchanges: link.exchanges, failed: link.failed, hits: world.proxy.hits, entries: world.books.entries)
    }

    struct Violations: Error {
        let found: [String]
    }
}

/// Loads the proxy with the next fate as each exchange begins.
private final class ArmedLink: HubLink {
    private struct State {
        var next: ChaosProxy.Fate = .pass
        var exchanges: Int = 0
        var failed: Int = 0
    }

    private let link: any HubLink
    private let proxy: ChaosProxy
    private let state = Mutex(State())

    init(_ link: any HubLink, proxy: ChaosProxy) {
        self.link = link
        self.proxy = proxy
    }

    var exchanges: Int { state.withLock { $0.exchanges } }
    var failed: Int { state.withLock { $0.failed } }
    var traffic: TransferTraffic { get async { await link.traffic } }

    func load(_ fate: ChaosProxy.Fate) { state.withLock { $0.next = fate } }

    func sync(_ request: SyncRequest) async throws(HubClientError) -> SyncResponse {
        // The same fate for the tries that a sync makes by itself.
        proxy.arm(state.withLock { $0.next })
        state.withLock { $0.exchanges += 1 }
        do { return try await link.sync(request) } catch {
            state.withLock { $0.failed += 1 }
            throw error
        }
    }
}
