/// The hub's shared engine: a PostgreSQL server through libpq, for one hub or several.
package struct PostgresDatabase: HubDatabase {
    private let pool: PostgresPool

    /// How long a transaction is tried again before it is `.busy`.
    private static let patience: Duration = .seconds(10)

    package var engine: SQLEngine { .postgres }

    /// Connects and brings the schema up to date. Several hubs may do so at once.
    /// - Parameters:
    ///   - uri: `postgres://user:password@host/database?sslmode=verify-full`, or any other form libpq reads. Tables are in the first
    ///     schema of its search path.
    ///   - poolSize: connections, at most; each is made when it is first needed.
    /// - Throws: `.unavailable`, `.newer`.
    package static func open(uri: String, poolSize: Int = 8, migrations: [Migration] = HubSchema.migrations) async throws -> PostgresDatabase {
        let database = PostgresDatabase(pool: PostgresPool(try PostgresTarget(uri: uri), size: poolSize))
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
        try await transaction("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", body)
    }

    package func write<Value: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> Value) async throws -> Value {
        try await transaction("BEGIN ISOLATION LEVEL SERIALIZABLE", body)
    }

    package func close() async { await pool.close() }

    private func transaction<Value: Sendable>(
        _ opening: String, _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value {
        let end: ContinuousClock.Instant = .now + Self.patience
        var pause: Duration = .milliseconds(1)
        while true {
            if case .done(let value) = try await attempt(opening, body) { return value }
            // The session is free for others meanwhile. Jitter, so that two who met do not meet again.
            pause = min(pause * 2, .milliseconds(200))
            let wait: Duration = pause * Double.random(in: 0.1...1)
            guard .now + wait < end else { throw HubStorageError.busy }
            try await Task.sleep(for: wait)
        }
    }

    private func attempt<Value: Sendable>(
        _ opening: String, _ body: @escaping @Sendable (any SQLConnection) throws -> Value
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
