import EdgeStore
import EdgeSync
import HubClient
import Logging
import ServiceLifecycle
import ServiceSupport
import WireModel

/// Keeps hub and device in step while the agent runs: one sync at a time, at a jittered interval, backing off while the
/// hub cannot be reached. Recognition never waits for it.
package struct SyncService: Service {
    private let store: EdgeStore
    private let interval: Duration
    private let logger: Logger
    /// The longest wait after failures.
    private static let longestWait: Duration = .seconds(15 * 60)
    private static let checkInterval: Duration = .seconds(86_400)
    /// Steps of housekeeping between two syncs.
    private static let steps: Int = 20

    package init(store: EdgeStore, interval: Duration, logger: Logger) {
        self.store = store
        self.interval = interval
        self.logger = logger
    }

    package func run() async throws {
        let sync = try HubSync(store: store)
        try await cancelWhenGracefulShutdown {
            var failures: Int = 0
            let check = StoreCheck(directory: store.directory, clock: store.clock)
            var checked: ContinuousClock.Instant = .now
            while !Task.isCancelled {
                // A consent that has ended ends where nobody searches, too.
                do { try store.eraseExpired() } catch { logger.error("erasing failed", metadata: ["code": "\(Problem(describing: error).code.rawValue)"]) }
                try keepHouse()
                if ContinuousClock.now - checked > Self.checkInterval {
                    checked = .now
                    try await check.run()
                }
                do {
                    let report: SyncReport = try await sync.run()
                    if failures > 0 { logger.notice("the hub is back", metadata: ["sent": "\(report.sent)"]) }
                    failures = 0
                } catch is CancellationError {
                    return
                } catch let error where Problem(describing: error).code == .storeDamaged {
                    // The agent ends; the next start sets the store aside.
                    throw error
                } catch {
                    failures += 1
                    // Once per outage at notice; the code says what, the store what to do.
                    logger.log(
                        level: failures == 1 ? .notice : .debug, "sync failed, recognition goes on",
                        metadata: ["code": "\(Problem(describing: error).code.rawValue)"])
                }
                do { try await Task.sleep(for: wait(after: failures)) } catch { return }
            }
        }
    }

    /// Offline too: what is over goes, and the journal says how the device is.
    private func keepHouse() throws {
        do {
            for _ in 0..<Self.steps {
                guard try store.housekeep().hasMore else { break }
            }
            try store.noteHealth(states: try store.deviceStates(certificateEnd: CertificateTerm.end(of: try store.identity())).map(\.rawValue))
        } catch {
            guard Problem(describing: error).code != .storeDamaged else { throw error }
            logger.error("housekeeping failed", metadata: ["code": "\(Problem(describing: error).code.rawValue)"])
        }
    }

    private func wait(after failures: Int) -> Duration {
        let longest: Duration = max(interval, Self.longestWait)
        let base: Duration = min(interval * (1 << min(failures, 10)), longest)
        // Jitter of ±20 %, so that a fleet that lost its hub does not come back all at once.
        return base * Double.random(in: 0.8...1.2)
    }
}
