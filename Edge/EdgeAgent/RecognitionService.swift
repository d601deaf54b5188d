import Biometrics
import FacePipeline
import FrameCapture
import RecognitionAPI
import ServiceLifecycle
import ServiceSupport
import WireModel

/// One item of a source after recognition.
package enum RecognitionEvent: Sendable {
    case decided(name: String, IdentificationResult)
    case failed(name: String, Problem)
    /// Of a live source: one decision per person and passage.
    case passage(name: String, PassageEvent)
}

/// Watches a source and decides on every picture that comes, until the source ends or the agent stops.
package struct RecognitionService: Service {
    /// What is watched.
    package enum Source: Sendable {
        /// Files and folders, polled at the interval; `once` handles what is there and ends.
        case pictures(paths: [String], interval: Duration, once: Bool)
        /// A stream of JPEGs on a descriptor: live, where only the newest frame waits; or a recording of so many frames a second,
        /// all of which are taken at their own time.
        case stream(descriptor: CInt, recorded: Double?)
        /// A camera, live; only the newest frame waits.
        case camera(Camera)
    }

    /// What all pictures of files and folders are shown as.
    package static let pictures: String = "pictures"
    package static let standardInput: String = "standard input"

    private let recogniser: Recogniser
    private let rule: DecisionRule
    private let source: Source
    private let watching: WatchSettings
    private let feed: LiveFeed?
    private let report: @Sendable (RecognitionEvent) async -> Void

    /// - Parameters:
    ///   - watching: how live sources are watched.
    ///   - feed: where people may look on.
    ///   - report: told of every item, in order.
    package init(
        recogniser: Recogniser, rule: DecisionRule, source: Source, watching: WatchSettings = WatchSettings(), feed: LiveFeed? = nil,
        report: @escaping @Sendable (RecognitionEvent) async -> Void
    ) {
        self.recogniser = recogniser
        self.rule = rule
        self.source = source
        self.watching = watching
        self.feed = feed
        self.report = report
    }

    /// - Throws: `Problem` for what no other picture can mend: the store, the models, or the lease of a device that is `once`.
    package func run() async throws {
        try await cancelWhenGracefulShutdown {
            switch source {
            case .pictures(let paths, let interval, let once):
                try await watch(paths, interval: interval, once: once)
            case .stream(let descriptor, let rate):
                let stream = JPEGStream(descriptor: descriptor, limit: recogniser.limits.bytes)
                try await watch(live: rate.map { stream.recorded(rate: $0) } ?? stream.newest(), named: Self.standardInput)
            case .camera(let camera):
                do { try await watch(live: camera.frames(), named: camera.name) } catch {
                    await camera.closed()
                    throw error
                }
                await camera.closed()
            }
        }
    }

    private func watch(_ paths: [String], interval: Duration, once: Bool) async throws {
        let files = PictureFile(limit: recogniser.limits.bytes)
        let watch = FolderWatch(paths: paths, files: files)
        var waiting: [String] = []
        repeat {
            waiting += await watch.next(settled: once)
            var postponed: [String] = []
            for path in waiting {
                if Task.isCancelled { return }
                let item: SourceItem
                do { item = .frame(try files.read(path)) } catch { item = .unreadable(name: path, reason: error) }
                if try await !handle(item, source: Self.pictures) { postponed.append(path) }
            }
            // A picture refused for want of a lease waits for the next one.
            waiting = postponed
            if once { return }
            do { try await Task.sleep(for: interval) } catch { return }
        } while !Task.isCancelled
    }

    /// One decision per person and passage, of frames as they come.
    private func watch(live items: AsyncStream<SourceItem>, named source: String) async throws {
        for await item in items {
            switch item {
            case .unreadable(let name, let reason): await report(.failed(name: name, Problem(reason, name: name)))
            case .frame(let frame):
                do throws(Problem) {
                    let events: [LiveEvent] = try await recogniser.watch(frame, of: source, rule: rule, as: watching)
                    await show(frame, of: source)
                    try await tell(frame.name, events)
                } catch {
                    await report(.failed(name: frame.name, error))
                    if error.code.stopsTheAgent { throw error }
                }
            }
        }
        try await tell(source, try await recogniser.endWatch(of: source))
    }

    /// Shows a live frame to whoever looks on.
    private func show(_ frame: Frame, of source: String) async {
        guard let feed, let view = await recogniser.sight(of: source, frame) else { return }
        feed.count(source, isLookedAt: view.isLookedAt)
        if feed.isWatched { feed.show(frame, of: source, view) }
    }

    private func tell(_ name: String, _ events: [LiveEvent]) async throws(Problem) {
        for event in events {
            switch event {
            case .passage(let passage): await report(.passage(name: name, passage))
            case .failed(let problem):
                if problem.code.stopsTheAgent { throw problem }
                await report(.failed(name: name, problem))
            }
        }
    }

    /// - Returns: whether the item is done with; false when it should be tried again.
    @discardableResult
    private func handle(_ item: SourceItem, source: String?) async throws -> Bool {
        switch item {
        case .unreadable(let name, let reason):
            await report(.failed(name: name, Problem(reason, name: name)))
            return true
        case .frame(let frame):
            do {
                if let source, let fingerprint = frame.fingerprint, try await recogniser.hasSeen(fingerprint, source: source) { return true }
                let result: IdentificationResult = try await recogniser.identify(frame, rule: rule, source: source)
                if let feed {
                    feed.count(Self.pictures, isLookedAt: true)
                    // Kept for whoever comes to look later: pictures are few, and none may follow.
                    feed.show(frame, of: Self.pictures, await recogniser.sight(of: result, frame))
                }
                await report(.decided(name: frame.name, result))
                return true
            } catch let problem as Problem {
                await report(.failed(name: frame.name, problem))
                if problem.code.stopsTheAgent { throw problem }
                return !problem.code.isAboutLeases
            }
        }
    }
}

extension ProblemCode {
    /// No later picture can go better: stop and say so, rather than look alive.
    var stopsTheAgent: Bool {
        switch self {
        case .storeDamaged, .storeUnavailable, .storeNewer, .modelsMissing, .modelsAltered, .engineUnavailable, .notJoined, .deviceWiped: true
        default: false
        }
    }

    /// May be mended by a sync.
    package var isAboutLeases: Bool {
        switch self {
        case .leaseMissing, .leaseSpent, .leaseExpired, .leaseInvalid, .storeBusy, .storeFull, .journalFork, .journalRolledBack, .journalTampered,
            .journalGap, .devicePaused:
            true
        default: false
        }
    }
}
