import Synchronization

/// A bounded number of sessions, handed out in the order of asking.
final class PostgresPool: Sendable {
    private let idle: Mutex<[PostgresSession]>
    private let places: FairSemaphore
    private let patience: Duration

    /// - Parameters:
    ///   - size: at least 1.
    ///   - patience: how long one waits for a session.
    init(_ target: PostgresTarget, size: Int, patience: Duration = .seconds(10)) {
        idle = Mutex((1...max(1, size)).map { PostgresSession(target, number: $0) })
        places = FairSemaphore(size, closed: target.closed)
        self.patience = patience
    }

    /// - Throws: `.busy` when none came free in time, `.unavailable` after `close`.
    func acquire() async throws -> PostgresSession {
        try await places.enter(within: patience)
        return idle.withLock { $0.removeLast() }  // there is one for each place
    }

    func release(_ session: PostgresSession) {
        idle.withLock { $0.append(session) }
        places.leave()
    }

    /// Refuses those who wait or come, and returns when every session is back and disconnected.
    func close() async {
        await places.close()
        for session in idle.withLock({ $0 }) { try? await session.disconnect() }  // it throws nothing
    }
}
