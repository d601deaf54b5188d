import Synchronization

/// What a fleet's heartbeats took, and who was heard after a restart of the hub.
package final class HeartbeatTally: Sendable {
    package struct Span: Sendable, Codable {
        package var seconds: Double = 0
        package var beats: Int = 0
        package var failures: Int = 0
        /// From when a beat was due to its answer, connecting included.
        package var medianMilliseconds: Double = 0
        package var p99Milliseconds: Double = 0
        package var mostMilliseconds: Double = 0
        /// Beats answered in the busiest second; and in all of them, on average.
        package var busiestSecond: Int = 0
        package var averageSecond: Double = 0
        /// Devices not heard of in this span.
        package var missing: Int = 0
        /// Until the last device was heard of for the first time.
        package var allHeardSeconds: Double?
    }

    private struct State {
        var start: ContinuousClock.Instant = .now
        var latencies: [Double] = []
        var failures: Int = 0
        var seconds: [Int: Int] = [:]
        var heard: [Duration?]
    }

    private let state: Mutex<State>

    init(devices: Int) { state = Mutex(State(heard: Array(repeating: nil, count: devices))) }

    func answered(_ device: Int, after latency: Duration) {
        state.withLock { state in
            let time: Duration = .now - state.start
            state.latencies.append(latency / .milliseconds(1))
            state.seconds[Int(time / .seconds(1)), default: 0] += 1
            if state.heard[device] == nil { state.heard[device] = time }
        }
    }

    func failed() { state.withLock { $0.failures += 1 } }

    /// Ends one span, and begins the next.
    package func turn() -> Span {
        state.withLock { state in
            var span = Span()
            span.seconds = (.now - state.start) / .seconds(1)
            (span.beats, span.failures) = (state.latencies.count, state.failures)
            let sorted: [Double] = state.latencies.sorted()
            if let most = sorted.last {
                span.medianMilliseconds = sorted[sorted.count / 2]
                span.p99Milliseconds = sorted[min(sorted.count - 1, sorted.count * 99 / 100)]
                span.mostMilliseconds = most
            }
            span.busiestSecond = state.seconds.values.max() ?? 0
            span.averageSecond = Double(span.beats) / max(1, span.seconds)
            span.missing = state.heard.count { $0 == nil }
            span.allHeardSeconds = span.missing == 0 ? state.heard.compactMap(\.self).max().map { $0 / .seconds(1) } : nil
            state = State(heard: Array(repeating: nil, count: state.heard.count))
            return span
        }
    }
}
