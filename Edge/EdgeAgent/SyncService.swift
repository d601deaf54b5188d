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
    private let commands: RemoteCommandExecutor
    private let restart: @Sendable () -> Void
    private let health: AgentHealth?
    private let logger: Logger
    /// How often a wait looks whether a lease has run low.
    private static let watch: Duration = .seconds(2)

    /// - Parameters:
    ///   - commands: carries out what the hub's operators ask.
    ///   - restart: ends the agent as its supervisor would.
    ///   - health: what the hub is told of how the agent is.
    package init(
        store: EdgeStore, policy: SyncPolicy, commands: RemoteCommandExecutor, restart: @escaping @Sendable () -> Void, health: AgentHealth? = nil,
        logger: Logger
    ) {
        self.health = health
        self.store = store
        self.policy = policy
        self.commands = commands
        self.restart = restart
        self.logger = logger
    }

    package func run() async throws {
        let told: (@Sendable () -> HealthRecord?)? = if let health { { health.record() } } else { nil }
        let sync = try HubSync(store: store, health: told)
        let probe = LinkProbe(hub: try store.identity().hub)
        try await cancelWhenGracefulShutdown {
            var plan = ContactPlan()
            var need = LeaseNeed()
            var random = SystemRandomNumberGenerator()
            var reserve: ContinuousClock.Instant?
            var isUrgent: Bool = false
            while !Task.isCancelled {
                var outcome: ContactPlan.Outcome
                var configuration: DeviceConfiguration = .standard
                do {
                    configuration = try store.configuration()
                    let budget = ByteBudget(perDay: configuration.bytesPerDay)
                    let allowance: ByteBudget.Allowance =
                        isUrgent
                        ? .unlimited
                        : budget.allowance(used: try store.trafficToday().total, sinceReserve: reserve.map { ContinuousClock.now - $0 })
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
                        let carriedOut: RemoteCommandExecutor.Outcome = try await commands.run()
                        isUrgent = carriedOut.isUrgent
                        if carriedOut.restarts {
                            logger.notice("ending by the operator's command")
                            restart()
                            return
                        }
                        // What was carried out is told at once.
                        if carriedOut.isNews { continue }
                    }
                } catch is CancellationError {
                    return
                } catch let error where [.storeDamaged, .deviceWiped, .deviceStolen].contains(Problem(describing: error).code) {
                    // The agent ends; the next start of a damaged store sets it aside.
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
