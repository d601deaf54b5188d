import EdgeStore
import EdgeSync
import EdgeUpdate
import HubClient
import Logging
import ServiceLifecycle
import ServiceSupport
import WireModel

/// Brings what the hub wants this device to run: receives it beside recognition, has it tried at the next start, and ends the agent for
/// that; models that are to be shadowed only once they agree with those that decide. The launcher decides whether it stays. Does nothing
/// where no launcher runs the agent.
package struct UpdateService: Service {
    private let store: EdgeStore
    private let folder: UpdateFolder
    private let policy: SyncPolicy
    private let restart: @Sendable () -> Void
    private let logger: Logger
    /// Between two looks at what is wanted.
    private static let pause: Duration = .seconds(2)
    /// After something that was in the way.
    private static let longPause: Duration = .seconds(30)

    /// - Returns: `nil` where there is no launcher.
    package init?(store: EdgeStore, policy: SyncPolicy, launch: LaunchSituation, restart: @escaping @Sendable () -> Void, logger: Logger) {
        guard let folder = launch.folder, UpdateFolder.path(in: store.directory) == folder.root else { return nil }
        self.store = store
        self.folder = folder
        self.policy = policy
        self.restart = restart
        self.logger = logger
    }

    package func run() async throws {
        try await cancelWhenGracefulShutdown {
            let source = try SecureLink(store: store)
            let probe = LinkProbe(hub: try store.identity().hub)
            var download: (of: WantedRelease, ReleaseDownload)?
            while !Task.isCancelled {
                var pause: Duration = Self.pause
                if let wanted = try? due() {
                    if download?.of != wanted { download = (wanted, ReleaseDownload(folder: folder, source: source)) }
                    do {
                        switch try await work(wanted, download!.1, probe) {
                        case .trial: return restart()
                        case .more: pause = .zero
                        case .shadow: break
                        }
                    } catch is CancellationError {
                        return
                    } catch {
                        try? hold(wanted, error)
                        pause = (error as? HubClientError)?.retryAfter ?? Self.longPause
                    }
                }
                do { try await Task.sleep(for: pause) } catch { return }
            }
        }
    }

    /// What is still to be done; nothing while something is tried.
    private func due() throws -> WantedRelease? {
        guard try folder.trial() == nil else { return nil }
        return try folder.wanted().first { wanted in
            let outcome: KindRecord.Outcome? = try folder.record(wanted.kind).outcome
            return outcome?.rollout != wanted.rollout || outcome?.goesBack != wanted.goesBack
        }
    }

    private enum Step {
        /// Is to be tried now.
        case trial
        case more
        /// Is being compared with what decides.
        case shadow
    }

    private func work(_ wanted: WantedRelease, _ download: ReleaseDownload, _ probe: LinkProbe) async throws -> Step {
        if wanted.goesBack {
            try goBack(wanted)
            return try folder.trial() != nil ? .trial : .more
        }
        // What is in its place needs no link.
        if !folder.isStaged(wanted.kind, wanted.version, wanted.release), try await receive(wanted, download, probe) != .staged { return .more }
        guard try due() == wanted else { return .more }
        switch try folder.shadowed(wanted) {
        case .more:
            try folder.hold(wanted.rollout, nil)
            return .shadow
        case .failed(let reason):
            logger.error("a release is refused", metadata: ["reason": "\(reason)"])
            try folder.refuse(wanted.kind, rollout: wanted.rollout, reason)
            return .more
        case .passed:
            try folder.mark(wanted.kind, to: wanted.version, rollout: wanted.rollout)
            logger.notice("a release is tried now", metadata: ["kind": "\(wanted.kind.rawValue)", "version": "\(wanted.version)"])
            return .trial
        }
    }

    private func receive(_ wanted: WantedRelease, _ download: ReleaseDownload, _ probe: LinkProbe) async throws -> ReleaseDownload.Step {
        let bytes: Int64? = try await allowance(probe)
        let result: Result<ReleaseDownload.Step, any Error>
        do { result = .success(try await download.step(wanted, at: try store.trustedTime(), within: bytes)) } catch { result = .failure(error) }
        let traffic = await download.takeTraffic()
        try store.countTraffic(up: traffic.up, down: traffic.down)
        try folder.hold(wanted.rollout, nil)
        return try result.get()
    }

    /// Only to what ran before, and only from what is meant: a hub cannot send a device anywhere that nobody signed for it.
    private func goBack(_ wanted: WantedRelease) throws {
        let record: KindRecord = try folder.record(wanted.kind)
        guard folder.current(wanted.kind) == wanted.version, let previous = record.previous else {
            return try folder.refuse(
                wanted.kind, rollout: wanted.rollout, goesBack: true, "\(wanted.version) does not run here, or nothing that ran before is kept")
        }
        try folder.mark(wanted.kind, to: previous.version, rollout: wanted.rollout, goesBack: true)
    }

    /// Half of a day's bytes is for the journal, whatever is to be fetched.
    private func allowance(_ probe: LinkProbe) async throws -> Int64? {
        let configuration: DeviceConfiguration = try store.configuration()
        let links: LinkPolicy = policy.linkPolicy(configuration)
        if links.links == .unmetered, !links.allows(await probe.interface()) {
            throw Problem(.hubUnreachable, SyncHold.meteredLink.description, remedy: "It goes on with another link.")
        }
        guard let budget = configuration.bytesPerDay else { return nil }
        let left: Int64 = budget / 2 - (try store.trafficToday().total)
        guard left > 0 else { throw Problem(.hubUnreachable, "half of the day's bytes is used up; goes on tomorrow (UTC)", remedy: "It goes on tomorrow.") }
        return left
    }

    private func hold(_ wanted: WantedRelease, _ error: any Error) throws {
        let problem = Problem(describing: error)
        let reason: String = [problem.title, problem.detail].filter { !$0.isEmpty }.joined(separator: " ")
        if [.releaseUntrusted, .releaseUnsuitable, .releaseAltered].contains(problem.code) {
            logger.error("a release is refused", metadata: ["code": "\(problem.code.rawValue)", "reason": "\(reason)"])
            try folder.refuse(wanted.kind, rollout: wanted.rollout, "\(problem.code.rawValue): \(reason)")
        } else {
            try folder.hold(wanted.rollout, reason)
        }
    }
}
