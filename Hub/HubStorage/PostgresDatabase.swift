/// The hub's shared engine: a PostgreSQL server through libpq, for one hub or several.
///
/// A write that conflicts with others is run again, as PostgreSQL asks of its callers, which warns that "multiple retries may be
/// needed" (https://www.postgresql.org/docs/current/mvcc-serialization-failure-handling.html): the quick win, and a slow one could
/// lose for ever. So one that has lost ``losses`` times gets its turn: among the losers of this hub one by one, in the order of
/// asking and without a session while they wait, and then alone among the writes of all hubs (see ``PostgresOpening``). While a
/// long write is under way nobody can be alone; then the turn is used for attempts beside the others as well.
package struct PostgresDatabase: HubDatabase {
    private let pool: PostgresPool
    private let turns: FairSemaphore

    /// How long a transaction is tried again, or waits for its turn, before it is `.busy`. Each wait for a session comes on top.
    private static let patience: Duration = .seconds(10)
    /// Two who met once seldom meet again; a crowd does, and each time all but one have worked for nothing.
    private static let losses: Int = 3

    package var engine: SQLEngine { .postgres }

    /// Connects and brings the schema up to date. Several hubs may do so at once.
    /// - Parameters:
    ///   - uri: `postgres://user:password@host/database?sslmode=verify-full`, or any other form libpq reads. Tables are in the first
    ///     schema of its search path.
    ///   - poolSize: connections, at most; each is made when it is first needed.
    /// - Throws: `.unavailable`, `.newer`.
    package static func open(uri: String, poolSize: Int = 8, migrations: [Migration] = HubSchema.migrations) async throws -> PostgresDatabase {
        let target = try PostgresTarget(uri: uri)
        let database = PostgresDatabase(pool: PostgresPool(target, size: poolSize), turns: FairSemaphore(1, closed: target.closed))
        let session: PostgresSession = try await database.pool.acquire()
        do {
            try await session.connect()
            try await session.migrate(migrations)
        } catch {
            database.pool.release(session)
            await database.pool.close()
            throw error
        }
        database.pool.release(session)
        return database
    }

    package func read<Value: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> Value) async throws -> Value {
        guard let value = try await attempts(.read, until: .now + Self.patience, body) else { throw HubStorageError.busy }
        return value
    }

    package func write<Value: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> Value) async throws -> Value {
        let end: ContinuousClock.Instant = .now + Self.patience
        if let value = try await attempts(.write, atMost: Self.losses, until: end, body) { return value }
        try await turns.enter(within: end - .now)
        defer { turns.leave() }
        // Whoever gets a turn uses it, however long it was waited for.
        repeat {
            if let value = try await attempts(.writeAlone, atMost: 1, until: end, body) { return value }
            // The others were held up for as long.
            if let value = try await attempts(.write, until: min(end, .now + PostgresOpening.claim), body) { return value }
        } while .now < end
        throw HubStorageError.busy
    }

    package func close() async { await pool.close() }

    /// Runs a transaction until it has been done, at least once.
    /// - Returns: `nil` when it conflicted every time.
    private func attempts<Value: Sendable>(
        _ opening: PostgresOpening, atMost most: Int = .max, until end: ContinuousClock.Instant,
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value? {
        var pause: Duration = .milliseconds(1)
        for number in 1... {
            if case .done(let value) = try await attempt(opening, body) { return value }
            // The session is free for others meanwhile. Jitter, so that two who met do not meet again.
            pause = min(pause * 2, .milliseconds(200))
            let wait: Duration = pause * Double.random(in: 0.1...1)
            if number == most || .now + wait >= end { break }
            try await Task.sleep(for: wait)
        }
        return nil
    }

    private func attempt<Value: Sendable>(
        _ opening: PostgresOpening, _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> PostgresSession.Attempt<Value> {
        let session: PostgresSession = try await pool.acquire()
        defer { pool.release(session) }
        return try await session.attempt(opening, body)
    }

    /// Runs statements separated by `;` on a connection of their own: for setting a server up, and for tests. Blocks.
    package static func execute(script: String, at uri: String) throws(HubStorageError) {
        let target = try PostgresTarget(uri: uri)
        let link = try PostgresLink(target)
        do throws(PostgresFailure) {
            try link.run(script)
        } catch {
            throw error.error(server: target.redacted)
        }
    }
}
