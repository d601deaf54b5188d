import EdgeStore
import EdgeSync
import HubClient
import Logging
import ServiceLifecycle
import ServiceSupport
import WireModel

/// Keeps hub and device in step while the agent runs: one sync at a time, when the hub, the configuration, the link and the
/// day's bytes allow it, backing off while the hub cannot be reached. Recognition never waits for it.
package struct SyncService: Service {
    private let store: EdgeStore
    private let policy: SyncPolicy
    private let logger: Logger
    /// How often a wait looks whether a lease has run low.
    private static let watch: Duration = .seconds(2)

    package init(store: EdgeStore, policy: SyncPolicy, logger: Logger) {
        self.store = store
        self.policy = policy
        self.logger = logger
    }

    package func run() async throws {
        let sync = try HubSync(store: store)
        let probe = LinkProbe(hub: try store.identity().hub)
        try await cancelWhenGracefulShutdown {
            var plan = ContactPlan()
            var need = LeaseNeed()
            var random = SystemRandomNumberGenerator()
            var reserve: ContinuousClock.Instant?
            while !Task.isCancelled {
                var outcome: ContactPlan.Outcome
                var configuration: DeviceConfiguration = .standard
                do {
                    configuration = try store.configuration()
                    let budget = ByteBudget(perDay: configuration.bytesPerDay)
                    let allowance: ByteBudget.Allowance = budget.allowance(
                        used: try store.trafficToday().total, sinceReserve: reserve.map { ContinuousClock.now - $0 })
                    let hold: SyncHold? = try await hold(probe, allowance, configuration)
                    try store.setSyncHold(hold)
                    if hold == .meteredLink || allowance == .nothing {
                        outcome = .held
                    } else {
                        if case .erasuresOnly = allowance { reserve = .now }
                        let report: SyncReport = try await sync.run(within: allowance)
                        if plan.failures > 0 { logger.notice("the hub is back", metadata: ["sent": "\(report.sent)"]) }
                        outcome = .synced(next: report.nextContactMilliseconds.map { .milliseconds($0) }, bytes: report.bytesUp + report.bytesDown)
                        need.note(try store.leases())
                    }
                } catch is CancellationError {
                    return
                } catch let error where Problem(describing: error).code == .storeDamaged {
                    // The agent ends; the next start sets the store aside.
                    throw error
                } catch {
                    outcome = .failed(notBefore: (error as? HubClientError)?.retryAfter)
                    // Once per outage at notice; the code says what, the store what to do.
                    logger.log(
                        level: plan.failures == 0 ? .notice : .debug, "sync failed, recognition goes on",
                        metadata: ["code": "\(Problem(describing: error).code.rawValue)"])
                }
                let wait: Duration = plan.wait(
                    after: outcome, interval: policy.interval(configuration), isFixed: policy.interval != nil, budget: configuration.bytesPerDay,
                    using: &random)
                do { try await rest(wait, need: plan.failures == 0 && outcome != .held ? need : nil) } catch { return }
            }
        }
    }

    private func hold(_ probe: LinkProbe, _ allowance: ByteBudget.Allowance, _ configuration: DeviceConfiguration) async throws -> SyncHold? {
        let links: LinkPolicy = policy.linkPolicy(configuration)
        if links.links == .unmetered, !links.allows(await probe.interface()) { return .meteredLink }
        switch allowance {
        case .unlimited, .upTo: return nil
        case .erasuresOnly, .nothing: return .budgetSpent
        }
    }

    /// - Parameter need: wakes up early when a lease has run low; `nil` rests to the end.
    private func rest(_ wait: Duration, need: LeaseNeed?) async throws {
        let end: ContinuousClock.Instant = .now + wait
        while case let left = end - .now, left > .zero {
            guard let need else { return try await Task.sleep(for: left) }
            try await Task.sleep(for: min(left, Self.watch))
            if let leases = try? store.leases(), need.isUrgent(leases) { return }
        }
    }
}
