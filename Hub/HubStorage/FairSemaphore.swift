import Dispatch
import Synchronization

/// A bounded number of places, given in the order of asking to tasks that wait without a thread.
final class FairSemaphore: Sendable {
    private struct Waiter {
        let number: Int
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var free: Int
        var taken: Int = 0
        var waiters: [Waiter] = []
        var isClosed: Bool = false
        var closing: [CheckedContinuation<Void, Never>] = []
    }

    private let state: Mutex<State>
    private let closed: HubStorageError
    private let numbers = Atomic<Int>(0)

    /// - Parameters:
    ///   - places: at least 1.
    ///   - closed: what those are told who wait or come when it is closed.
    init(_ places: Int, closed: HubStorageError) {
        state = Mutex(State(free: max(1, places)))
        self.closed = closed
    }

    /// Takes a place, to be given back with ``leave()``.
    /// - Throws: `.busy` when none came free in time; what `init` was given, after ``close()``.
    func enter(within patience: Duration) async throws {
        let number: Int = numbers.add(1, ordering: .relaxed).newValue
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                enum Now { case entered, refused, wait }
                let now: Now = state.withLock { state in
                    if state.isClosed { return .refused }
                    if state.free > 0 {
                        state.free -= 1
                        state.taken += 1
                        return .entered
                    }
                    state.waiters.append(Waiter(number: number, continuation: continuation))
                    return .wait
                }
                switch now {
                case .entered: continuation.resume()
                case .refused: continuation.resume(throwing: closed)
                case .wait:
                    DispatchQueue.global().asyncAfter(deadline: .now() + patience.timeInterval) { [weak self] in self?.giveUp(number, HubStorageError.busy) }
                    // A cancellation that came before the waiter stood in line found nobody.
                    if Task.isCancelled { giveUp(number, CancellationError()) }
                }
            }
        } onCancel: {
            giveUp(number, CancellationError())
        }
    }

    func leave() {
        let next: Waiter? = state.withLock { state in
            if !state.waiters.isEmpty { return state.waiters.removeFirst() }
            state.taken -= 1
            state.free += 1
            return nil
        }
        if let next {
            next.continuation.resume()
        } else {
            endClosing()
        }
    }

    /// Refuses those who wait or come, and returns when every place has been given back.
    func close() async {
        let waiters: [Waiter] = state.withLock { state in
            state.isClosed = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.continuation.resume(throwing: closed) }
        await withCheckedContinuation { continuation in
            state.withLock { $0.closing.append(continuation) }
            endClosing()
        }
    }

    private func endClosing() {
        let done: [CheckedContinuation<Void, Never>] = state.withLock { state in
            guard state.isClosed, state.taken == 0 else { return [] }
            defer { state.closing = [] }
            return state.closing
        }
        for continuation in done { continuation.resume() }
    }

    private func giveUp(_ number: Int, _ error: any Error) {
        let waiter: Waiter? = state.withLock { state in
            state.waiters.firstIndex { $0.number == number }.map { state.waiters.remove(at: $0) }
        }
        waiter?.continuation.resume(throwing: error)
    }
}

extension Duration {
    fileprivate var timeInterval: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
