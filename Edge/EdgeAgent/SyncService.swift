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

    package init(store: EdgeStore, interval: Duration, logger: Logger) {
        self.store = store
        self.interval = interval
        self.logger = logger
    }

    package func run() async throws {
        let sync = try HubSync(store: store)
        try await cancelWhenGracefulShutdown {
            var failures: Int = 0
            while !Task.isCancelled {
                // A consent that has ended ends where nobody searches, too.
                do { try store.eraseExpired() } catch { logger.error("erasing failed", metadata: ["code": "\(Problem(describing: error).code.rawValue)"]) }
                do {
                    let report: SyncReport = try await sync.run()
                    if failures > 0 { logger.notice("the hub is back", metadata: ["sent": "\(report.sent)"]) }
                    failures = 0
                } catch is CancellationError {
                    return
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

    private func wait(after failures: Int) -> Duration {
        let longest: Duration = max(interval, Self.longestWait)
        let base: Duration = min(interval * (1 << min(failures, 10)), longest)
        // Jitter of ±20 %, so that a fleet that lost its hub does not come back all at once.
        return base * Double.random(in: 0.8...1.2)
    }
}
