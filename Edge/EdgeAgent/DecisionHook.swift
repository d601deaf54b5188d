import Dispatch
import Glibc
import Synchronization
import WireModel

/// Starts a program for every decision, a few side by side; recognition never waits for it.
package final class DecisionHook: Sendable {
    /// What became of the decisions.
    package struct Counters: Sendable, Codable, Hashable {
        package var started: Int = 0
        package var succeeded: Int = 0
        /// Ended with another status than 0, by a signal, or not started at all.
        package var failed: Int = 0
        package var timedOut: Int = 0
        /// Never started, because more came than could be waited for: the oldest.
        package var dropped: Int = 0
        /// Why the last one that failed did.
        package var lastFailure: String?

        package init() {}
    }

    private struct State {
        var counters = Counters()
        var waiting: [DecisionNotice] = []
        var running: Int = 0
        var processes: Set<pid_t> = []
    }

    private let program: HookProgram
    private let atOnce: Int
    private let mostWaiting: Int
    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "vultus.hook", attributes: .concurrent)

    package init(_ program: HookProgram, atOnce: Int = 4, mostWaiting: Int = 64) {
        self.program = program
        self.atOnce = atOnce
        self.mostWaiting = mostWaiting
    }

    package var path: String { program.path }
    package var counters: Counters { state.withLock { $0.counters } }

    /// Who left is no decision: that is not told.
    package func tell(_ notice: DecisionNotice) {
        guard notice.outcome != nil else { return }
        let isFree: Bool = state.withLock { state in
            state.waiting.append(notice)
            if state.waiting.count > mostWaiting {
                state.waiting.removeFirst()
                state.counters.dropped += 1
            }
            guard state.running < atOnce else { return false }
            state.running += 1
            return true
        }
        if isFree { queue.async { [self] in work() } }
    }

    /// Until nobody waits.
    private func work() {
        while let notice = next() {
            var process: pid_t?
            let end: HookProgram.End =
                if let json = try? JSON.text(notice) {
                    program.run(input: json + "\n", environment: Self.environment(notice)) { started in
                        process = started
                        state.withLock { _ = $0.processes.insert(started) }
                    }
                } else { .notStarted(errno: EIO) }
            state.withLock { state in
                if let process { state.processes.remove(process) }
                state.counters.note(end)
            }
        }
    }

    /// The agent ends: all together have as long as one program may take; what is left then is ended.
    package func end() async {
        await withCheckedContinuation { continuation in
            queue.async { [self] in
                let deadline: ContinuousClock.Instant = .now + program.timeout
                while isBusy, ContinuousClock.now < deadline { usleep(10_000) }
                let left: Set<pid_t> = state.withLock { state in
                    state.counters.dropped += state.waiting.count
                    state.waiting = []
                    return state.processes
                }
                for process in left { kill(-process, SIGKILL) }
                while isBusy { usleep(10_000) }
                continuation.resume()
            }
        }
    }

    private var isBusy: Bool { state.withLock { $0.running > 0 } }

    private func next() -> DecisionNotice? {
        state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.running -= 1
                return nil
            }
            state.counters.started += 1
            return state.waiting.removeFirst()
        }
    }

    /// What a script can read without JSON.
    static func environment(_ notice: DecisionNotice) -> [String: String] {
        let values: [String: String?] = [
            "VULTUS_KIND": notice.kind.rawValue, "VULTUS_TIME": "\(notice.time)", "VULTUS_SOURCE": notice.source, "VULTUS_OUTCOME": notice.outcome?.rawValue,
            "VULTUS_PERSON": notice.person?.rawValue, "VULTUS_LABEL": notice.label, "VULTUS_GALLERY": notice.gallery?.rawValue,
            "VULTUS_SCORE": notice.score.map { "\($0)" }, "VULTUS_THRESHOLD": notice.threshold.map { "\($0)" },
            "VULTUS_REASONS": notice.refusals?.map(\.rawValue).joined(separator: ","), "VULTUS_ENTRY": notice.entry.map { "\($0)" },
            "VULTUS_TRACK": notice.track.map { "\($0)" },
        ]
        // No string of C holds a zero.
        return values.compactMapValues { $0 }.mapValues { $0.filter { $0 != "\0" } }
    }
}

extension DecisionHook.Counters {
    mutating func note(_ end: HookProgram.End) {
        switch end {
        case .exited(0): succeeded += 1
        case .exited(let status): (failed, lastFailure) = (failed + 1, "it ended with status \(status)")
        case .killed(let signal): (failed, lastFailure) = (failed + 1, "signal \(signal) ended it")
        case .timedOut: (timedOut, lastFailure) = (timedOut + 1, "it took longer than it may")
        case .notStarted(let cause): (failed, lastFailure) = (failed + 1, "it did not start: \(String(cString: strerror(cause)))")
        }
    }
}
