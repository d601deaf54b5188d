import Dispatch
import Synchronization

/// A bounded number of sessions, handed out in the order of asking.
final class PostgresPool: Sendable {
    private struct Waiter {
        let number: Int
        let continuation: CheckedContinuation<PostgresSession, any Error>
    }

    private struct State {
        var idle: [PostgresSession]
        var lent: Int = 0
        var waiters: [Waiter] = []
        var isClosed: Bool = false
        var closing: [CheckedContinuation<Void, Never>] = []
    }

    private let state: Mutex<State>
    private let target: PostgresTarget
    private let patience: Duration
    private let numbers = Atomic<Int>(0)

    /// - Parameters:
    ///   - size: at least 1.
    ///   - patience: how long one waits for a session.
    init(_ target: PostgresTarget, size: Int, patience: Duration = .seconds(10)) {
        self.target = target
        self.patience = patience
        state = Mutex(State(idle: (1...max(1, size)).map { PostgresSession(target, number: $0) }))
    }

    /// - Throws: `.busy` when none came free in time, `.unavailable` after `close`.
    func acquire() async throws -> PostgresSession {
        let number: Int = numbers.add(1, ordering: .relaxed).newValue
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                enum Now { case session(PostgresSession), refused, wait }
                let now: Now = state.withLock { state in
                    if state.isClosed { return .refused }
                    if let session = state.idle.popLast() {
                        state.lent += 1
                        return .session(session)
                    }
                    state.waiters.append(Waiter(number: number, continuation: continuation))
                    return .wait
                }
                switch now {
                case .session(let session): continuation.resume(returning: session)
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

    func release(_ session: PostgresSession) {
        let next: Waiter? = state.withLock { state in
            if !state.waiters.isEmpty { return state.waiters.removeFirst() }
            state.lent -= 1
            state.idle.append(session)
            return nil
        }
        if let next {
            next.continuation.resume(returning: session)
        } else {
            endClosing()
        }
    }

    /// Refuses those who wait or come, and returns when every session is back and disconnected.
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
        for session in state.withLock({ $0.idle }) { try? await session.disconnect() }  // it throws nothing
    }

    private func endClosing() {
        let done: [CheckedContinuation<Void, Never>] = state.withLock { state in
            guard state.isClosed, state.lent == 0 else { return [] }
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

    private var closed: HubStorageError { .unavailable(code: 0, state: "08003", server: target.redacted) }
}

extension Duration {
    fileprivate var timeInterval: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
