import EdgeStore
import EdgeUpdate
import FacePipeline
import Logging
import ServiceLifecycle
import ServiceSupport
import WireModel

/// Says of a program, or of models, that are tried whether they work: the models look at a picture, and the hub is reached once. Ends the
/// agent when its launcher has gone.
package struct TrialService: Service {
    private let store: EdgeStore
    private let launch: LaunchSituation
    private let models: Result<String, ModelError>
    private let end: @Sendable () -> Void
    private let logger: Logger

    /// - Parameter end: ends the agent as its supervisor would.
    package init?(store: EdgeStore, launch: LaunchSituation, models: Result<String, ModelError>, end: @escaping @Sendable () -> Void, logger: Logger) {
        guard launch.folder != nil else { return nil }
        self.store = store
        self.launch = launch
        self.models = models
        self.end = end
        self.logger = logger
    }

    package func run() async throws {
        try await cancelWhenGracefulShutdown {
            let began: Timestamp = store.clock.now().wall
            let contactBefore: Timestamp? = try? store.syncState().contact
            var checks: [String] = []
            if let trial = launch.trial, let folder = launch.folder {
                do {
                    checks.append(try await ModelTrial().run(models))
                } catch {
                    let problem = Problem(describing: error)
                    return try folder.tell(HealthMark(mark: trial, failure: "\(problem.title) \(problem.detail)", checks: checks))
                }
                while !Task.isCancelled {
                    if let contact = try? store.syncState().contact, contact != contactBefore || contact > began {
                        try folder.tell(HealthMark(mark: trial, failure: nil, checks: checks + ["the hub was reached"]))
                        break
                    }
                    guard !launch.isOrphaned else { break }
                    do { try await Task.sleep(for: .milliseconds(200)) } catch { return }
                }
            }
            while !Task.isCancelled {
                if launch.isOrphaned {
                    logger.notice("the launcher has gone: ending")
                    return end()
                }
                do { try await Task.sleep(for: .seconds(1)) } catch { return }
            }
        }
    }
}
