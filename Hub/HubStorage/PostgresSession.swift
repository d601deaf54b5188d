import Dispatch

/// One of the pool's connections and the queue on which libpq may block. It connects when it is first needed.
///
/// `@unchecked Sendable`: `link` is only touched on `queue`.
final class PostgresSession: @unchecked Sendable {
    private let target: PostgresTarget
    private let queue: DispatchQueue
    private var link: PostgresLink?

    enum Attempt<Value> {
        case done(Value)
        /// Rolled back, or not begun, because of what others did; may be tried again.
        case conflict
    }

    init(_ target: PostgresTarget, number: Int) {
        self.target = target
        queue = DispatchQueue(label: "vultus.postgres.\(number)")
    }

    /// Runs a transaction once.
    func attempt<Value: Sendable>(
        _ opening: PostgresOpening, _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Attempt<Value> {
        try await onQueue {
            try self.runTransaction(opening.script, isBesideWrites: opening == .write) { try $0.run(body) }
        }
    }

    func migrate(_ migrations: [Migration]) async throws {
        try await onQueue {
            try SchemaMigrator.migrate(migrations) { step in
                // READ COMMITTED: what the lock was waited for must be seen after it. A step may take longer than a statement of every day,
                // and so may the wait for another hub's.
                let opening: String = "BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = '600s'"
                let attempt: Attempt<Void> = try self.runTransaction(opening) { connection in
                    try connection.lockSchema()
                    try step(connection)
                }
                guard case .done = attempt else { throw HubStorageError.busy }
            }
        }
    }

    /// Connects if need be.
    func connect() async throws { try await onQueue { _ = try self.begin("SELECT 1") } }

    func disconnect() async throws { try await onQueue { self.link = nil } }

    private func onQueue<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result(catching: work)) }
        }
    }

    private func runTransaction<Value>(_ opening: String, isBesideWrites: Bool = false, _ body: (PostgresConnection) throws -> Value) throws -> Attempt<Value> {
        let link: PostgresLink
        do throws(HubStorageError) {
            link = try begin(opening)
        } catch {
            // A lock that the opening asks for was not to be had in time.
            if error == .busy { return .conflict }
            throw error
        }
        let connection = PostgresConnection(link, server: target.redacted)
        let value: Value
        do {
            value = try body(connection)
        } catch {
            rollBack(link, connection.failure)
            if connection.failure?.isConflict == true || (isBesideWrites && connection.failure?.isDuplicate == true) { return .conflict }
            if connection.failure?.isStaleStatement == true, forgetStatements(link) { return .conflict }
            throw error
        }
        do throws(PostgresFailure) {
            try link.commit()
        } catch {
            rollBack(link, error)
            if error.isConflict { return .conflict }
            throw error.error(server: target.redacted)
        }
        return .done(value)
    }

    /// An idle connection may have died with a server that was started anew: then, and only here, where nothing is lost yet, a
    /// second one is made.
    private func begin(_ opening: String) throws(HubStorageError) -> PostgresLink {
        if let link {
            do throws(PostgresFailure) {
                try link.run(opening)
                return link
            } catch {
                rollBack(link, error)
                guard error.isLinkLost || self.link == nil else { throw error.error(server: target.redacted) }
            }
        }
        let fresh = try PostgresLink(target)
        link = fresh
        do throws(PostgresFailure) {
            try fresh.run(opening)
        } catch {
            rollBack(fresh, error)
            throw error.error(server: target.redacted)
        }
        return fresh
    }

    /// Leaves a connection that can be used again, or none.
    private func rollBack(_ link: PostgresLink, _ failure: PostgresFailure?) {
        if failure?.isLinkLost == true || failure?.isReadOnlyServer == true || link.isBroken {
            self.link = nil
            return
        }
        do throws(PostgresFailure) {
            try link.run("ROLLBACK")
        } catch {
            self.link = nil
        }
    }

    private func forgetStatements(_ link: PostgresLink) -> Bool {
        do throws(PostgresFailure) {
            try link.forgetStatements()
            return true
        } catch {
            self.link = nil
            return false
        }
    }
}

extension PostgresSession.Attempt: Sendable where Value: Sendable {}
