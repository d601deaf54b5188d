import FrameCapture
import Synchronization

/// Between recognition and whoever looks on: the newest frame of each source, and nothing older. Recognition never waits here, and
/// keeps no frame while nobody looks.
package final class LiveFeed: Sendable {
    private struct State {
        var sources: [String]
        var scenes: [String: Scene] = [:]
        var paces: [String: Pace] = [:]
        var onlookers: [Int: AsyncStream<Void>.Continuation] = [:]
        var next: Int = 0
    }

    private let state: Mutex<State>
    private let now: @Sendable () -> ContinuousClock.Instant

    /// - Parameter sources: their names, as they will be shown.
    package init(sources: [String], now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) {
        state = Mutex(State(sources: sources))
        self.now = now
    }

    package var sources: [String] { state.withLock { $0.sources } }

    package var isWatched: Bool { state.withLock { !$0.onlookers.isEmpty } }

    /// Of new frames. Whoever holds it is an onlooker.
    package func news() -> News {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let number: Int = state.withLock { state in
            state.next += 1
            state.onlookers[state.next] = continuation
            return state.next
        }
        continuation.onTermination = { [weak self] _ in self?.leave(number) }
        return News(words: stream) { continuation.yield() }
    }

    /// - Returns: `nil` before a frame came while somebody looked.
    package func scene(of source: String) -> Scene? { state.withLock { $0.scenes[source] } }

    /// How old the newest frame of a source is; `nil` before there was one. Known also while nobody looks.
    package func age(of source: String) -> Duration? { state.withLock { $0.paces[source]?.last }.map { now() - $0 } }

    /// Counts a frame.
    /// - Parameter isLookedAt: whether it was looked at.
    func count(_ source: String, isLookedAt: Bool) {
        let time: ContinuousClock.Instant = now()
        state.withLock { $0.paces[source, default: Pace()].note(time, isLookedAt) }
    }

    /// The newest frame of a source. A camera's buffer is copied, so that it goes back at once.
    func show(_ frame: Frame, of source: String, _ view: SceneView) {
        let own: Frame = frame.detached
        let told: [AsyncStream<Void>.Continuation] = state.withLock { state in
            let pace: Pace = state.paces[source] ?? Pace()
            state.scenes[source] = Scene(
                number: (state.scenes[source]?.number ?? 0) + 1, frame: own, view: view, rate: pace.rate, lookedRate: pace.lookedRate)
            return Array(state.onlookers.values)
        }
        for one in told { one.yield() }
    }

    private func leave(_ number: Int) {
        state.withLock { state in
            state.onlookers[number] = nil
            // A film goes on; a picture of a folder is there for who comes next.
            if state.onlookers.isEmpty { state.scenes = state.scenes.filter { $0.key == RecognitionService.pictures } }
        }
    }
}

/// Frames a second over windows of two seconds.
private struct Pace {
    var last: ContinuousClock.Instant?
    private var since: ContinuousClock.Instant?
    private var counts: (all: Int, looked: Int) = (0, 0)
    private(set) var rate: Double = 0
    private(set) var lookedRate: Double = 0

    mutating func note(_ time: ContinuousClock.Instant, _ isLookedAt: Bool) {
        last = time
        guard let since else {
            since = time
            return
        }
        counts = (counts.all + 1, counts.looked + (isLookedAt ? 1 : 0))
        let seconds: Double = (time - since) / .seconds(1)
        guard seconds >= 2 else { return }
        (rate, lookedRate) = (Double(counts.all) / seconds, Double(counts.looked) / seconds)
        (self.since, counts) = (time, (0, 0))
    }
}
