import EdgeStore
import EdgeSync
import FacePipeline
import HubClient
import ServiceSupport
import WireModel

/// Carries out what the hub's operators asked of this device, after a sync has brought it.
package struct RemoteCommandExecutor: Sendable {
    /// What carrying out came to.
    package struct Outcome: Sendable, Equatable {
        /// There is something to tell the hub: the next sync is due now.
        package var isNews: Bool = false
        /// The next sync is to take no account of the day's bytes.
        package var isUrgent: Bool = false
        /// The agent is to end, for its supervisor to start again.
        package var restarts: Bool = false
    }

    private let store: EdgeStore
    private let models: Result<String, ModelError>
    /// Whether a `restart` can be carried out: by a running agent, not by a command that syncs once.
    private let isAgent: Bool

    /// - Parameter models: the models' directory, or why it was not found: diagnostics look at them.
    package init(store: EdgeStore, models: Result<String, ModelError>, isAgent: Bool) {
        self.store = store
        self.models = models
        self.isAgent = isAgent
    }

    package func run() async throws -> Outcome {
        var outcome = Outcome()
        for (id, kind) in try store.waitingCommands() {
            switch kind {
            case .restart:
                guard isAgent else { continue }
                try store.finish(id, kind)
                outcome.restarts = true
            case .syncNow:
                try store.finish(id, kind)
                outcome.isUrgent = true
            case .pause, .resume, .wipe: try store.finish(id, kind)
            case .diagnostics: try await attempt(id, kind) { try JSON.text(await diagnostics()) }
            case .rotateCertificate:
                try await attempt(id, kind) {
                    let isNew: Bool = try await HubSync(store: store).renewCertificate()
                    return isNew ? nil : "the hub gave the same certificate"
                }
            }
            outcome.isNews = true
        }
        return outcome
    }

    private func attempt(_ id: CommandID, _ kind: RemoteCommandKind, _ body: () async throws -> String?) async throws {
        do {
            try store.finish(id, kind, detail: try await body())
        } catch {
            let problem = Problem(describing: error)
            // A full or damaged store cannot keep the receipt either: the command waits.
            guard ![.storeFull, .storeDamaged, .storeBusy].contains(problem.code) else { throw error }
            try store.finish(id, kind, .failed, detail: "\(problem.code.rawValue): \(problem.title)")
        }
    }

    /// A bundle without faces, names of persons, or keys.
    private struct Diagnostics: Encodable {
        let agent: String
        let findings: [Finding]
        let states: [String]
        let configuration: DeviceConfiguration
        /// The journal's last entry, and of it what the hub holds.
        let head: JournalHead
        let acknowledgedThrough: Int64
        let damage: [DamageReport]
        let trafficToday: Int64
    }

    private func diagnostics() async throws -> Diagnostics {
        let findings: [Finding] = await Examination(directory: store.directory, models: models).run()
        return Diagnostics(
            agent: ReleaseVersion.current, findings: findings,
            states: try store.deviceStates(certificateEnd: try store.identity().certificateEnd).map(\.rawValue),
            configuration: try store.configuration(), head: try store.journalHead(), acknowledgedThrough: try store.syncState().acknowledgedThrough,
            damage: Array(try store.damageReports().prefix(3)),
            trafficToday: try store.trafficToday().total)
    }
}
