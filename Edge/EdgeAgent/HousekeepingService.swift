import EdgeStore
import EdgeSync
import Logging
import ServiceLifecycle
import ServiceSupport
import WireModel

/// What a device does by itself while the agent runs, whether or not anybody searches and whether or not the hub can be reached:
/// erases what ends (consents, terms of persons and of galleries), forgets results whose time is over, keeps the store within its
/// room, writes down how the device is, and once a day looks through the whole store.
package struct HousekeepingService: Service {
    private let store: EdgeStore
    private let logger: Logger
    private let health: AgentHealth?
    /// Between two rounds: what has ended is not searched for from the very moment, so this only bounds how long it stays on the disk.
    private static let interval: Duration = .seconds(30)
    private static let checkInterval: Duration = .seconds(86_400)
    /// Steps of housekeeping in one round.
    private static let steps: Int = 20

    /// - Parameter health: of the agent it works in.
    package init(store: EdgeStore, logger: Logger, health: AgentHealth? = nil) {
        self.store = store
        self.health = health
        self.logger = logger
    }

    /// - Throws: `.damaged`: the agent ends, and the next start sets the store aside.
    package func run() async throws {
        try await cancelWhenGracefulShutdown {
            let check = StoreCheck(directory: store.directory, clock: store.clock)
            var checked: ContinuousClock.Instant = .now
            while !Task.isCancelled {
                try attempt("erasing") { _ = try store.eraseExpired() }
                try attempt("housekeeping", keepHouse)
                if ContinuousClock.now - checked > Self.checkInterval {
                    checked = .now
                    try await check.run()
                }
                do { try await Task.sleep(for: Self.interval) } catch { return }
            }
        }
    }

    private func keepHouse() throws {
        for _ in 0..<Self.steps {
            guard try store.housekeep().hasMore else { break }
        }
        guard let identity = try? store.identity() else { return }
        try store.noteHealth(
            states: try store.deviceStates(certificateEnd: identity.certificateEnd).map(\.rawValue), decisions: { health?.decisions(for: .journal) },
            vitals: { health?.vitals(for: .journal) })
    }

    /// What fails is logged and tried again in the next round; only damage ends the agent.
    private func attempt(_ name: String, _ body: () throws -> Void) throws {
        do { try body() } catch {
            let code: ProblemCode = Problem(describing: error).code
            guard code != .storeDamaged else { throw error }
            logger.error("\(name) failed", metadata: ["code": "\(code.rawValue)"])
        }
    }
}
