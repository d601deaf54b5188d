import EdgeStore
import EdgeUpdate
import Logging
import ServiceLifecycle
import ServiceSupport
import WireModel

/// Has models that the hub wants shadowed look at what this agent decides on, one picture at a time, and counts where they would have
/// decided otherwise. Nothing of it is shown, journaled or charged; whether they are tried is for ``UpdateService`` to say, by the count.
package struct ShadowService: Service {
    private let folder: UpdateFolder
    private let recogniser: Recogniser
    private let logger: Logger
    /// Of one processor: after each picture it rests for so many times as long as that took.
    private static let rest: Int = 9
    private static let pause: Duration = .milliseconds(200)
    private static let longPause: Duration = .seconds(2)
    /// What a power cut may cost of what was compared, and how often waiting is written down.
    private static let saving: (news: Duration, waiting: Duration) = (.seconds(10), .seconds(60))

    /// - Parameter recogniser: whose decisions are compared, by pictures that come to its ``Recogniser/shadow``.
    /// - Returns: `nil` where there is no launcher.
    package init?(store: EdgeStore, launch: LaunchSituation, recogniser: Recogniser, logger: Logger) {
        guard let folder = launch.folder, UpdateFolder.path(in: store.directory) == folder.root else { return nil }
        self.folder = folder
        self.recogniser = recogniser
        self.logger = logger
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                if let due = try? folder.dueShadow() { await shadow(due) }
                do { try await Task.sleep(for: Self.longPause) } catch { return }
            }
        }
    }

    /// Until there is a verdict, or it is not wanted any more.
    private func shadow(_ due: DueShadow) async {
        var record: ShadowRecord = due.record
        let bench = ShadowBench(folder: folder, wanted: due.wanted, recogniser: recogniser)
        record.failure = await bench.load()
        logger.notice("models are shadowed", metadata: ["version": "\(due.wanted.version)", "compared": "\(record.tally.compared)"])
        defer { recogniser.shadow.close() }
        var (looked, saved): (ContinuousClock.Instant, ContinuousClock.Instant) = (.now, .now)
        var kept: ShadowTally = record.tally
        while record.verdict == .more {
            var pause: Duration = Self.pause
            if let offer = recogniser.shadow.take(), let found = try? await bench.compare(offer) {
                record.tally.note(found.faces)
                pause = max(pause, found.work * Self.rest)
            }
            do { try await Task.sleep(for: record.verdict == .more ? pause : .zero) } catch { break }
            let now: ContinuousClock.Instant = .now
            record.milliseconds += (now - looked).wholeMilliseconds
            looked = now
            guard now - saved >= (kept == record.tally ? Self.saving.waiting : Self.saving.news) else { continue }
            // A roll-out that was paused, cancelled or replaced by another ends it; what was compared stays, should it go on.
            guard keep(record), (try? folder.dueShadow())?.wanted == due.wanted else { return }
            (saved, kept) = (now, record.tally)
        }
        _ = keep(record)
    }

    /// - Returns: whether it is still the one on record.
    private func keep(_ record: ShadowRecord) -> Bool {
        guard (try? folder.shadow(of: record.rollout)) != nil else { return false }
        // A full disk costs what was compared, no more.
        try? folder.note(record)
        return true
    }
}
