import Dispatch
import Synchronization

/// Runs blocking jobs at most `width` at once, first come first served, on queues of their own: the cooperative pool
/// never waits for one.
final class BlockingLanes: Sendable {
    typealias Job = @Sendable () -> Void

    private struct State {
        var idle: [DispatchQueue]
        var waiting: [Job] = []
    }

    private let state: Mutex<State>

    init(label: String, width: Int) {
        let lanes: [DispatchQueue] = (1...max(1, width)).map { DispatchQueue(label: "\(label).\($0)") }
        state = Mutex(State(idle: lanes))
    }

    /// Jobs that have not begun.
    var waiting: Int { state.withLock { $0.waiting.count } }

    func run<Result: Sendable>(_ work: @escaping @Sendable () -> Result) async -> Result {
        await withCheckedContinuation { continuation in
            submit { continuation.resume(returning: work()) }
        }
    }

    private func submit(_ job: @escaping Job) {
        let lane: DispatchQueue? = state.withLock { state in
            if let lane = state.idle.popLast() { return lane }
            state.waiting.append(job)
            return nil
        }
        guard let lane else { return }
        lane.async { self.drain(lane, from: job) }
    }

    /// Runs `job` and then whatever waits, and gives the lane back when nothing does.
    private func drain(_ lane: DispatchQueue, from job: @escaping Job) {
        var next: Job? = job
        while let job = next {
            job()
            next = state.withLock { state in
                if !state.waiting.isEmpty { return state.waiting.removeFirst() }
                state.idle.append(lane)
                return nil
            }
        }
    }
}
