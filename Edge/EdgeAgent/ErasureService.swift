import EdgeStore
import Logging
import ServiceLifecycle
import ServiceSupport
import WireModel

/// Erases what ends by itself – consents, terms of persons and of galleries – while the agent runs, whether or not anybody searches
/// and whether or not the hub can be reached.
package struct ErasureService: Service {
    private let store: EdgeStore
    private let logger: Logger
    /// Between two looks: what has ended is not searched for from the very moment, so this only bounds how long it stays on the disk.
    private static let interval: Duration = .seconds(30)

    package init(store: EdgeStore, logger: Logger) {
        self.store = store
        self.logger = logger
    }

    package func run() async throws {
        try await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do { try store.eraseExpired() } catch { logger.error("erasing failed", metadata: ["code": "\(Problem(describing: error).code.rawValue)"]) }
                do { try await Task.sleep(for: Self.interval) } catch { return }
            }
        }
    }
}
