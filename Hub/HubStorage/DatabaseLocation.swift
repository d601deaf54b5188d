import Dispatch

/// Where a hub's rows are kept.
package enum DatabaseLocation: Sendable, Hashable {
    case sqlite(path: String)
    case postgres(uri: String)

    /// - Parameter argument: a path, or a URI that begins with `postgres://` or `postgresql://`. Nil for nothing and for another
    ///   kind of URI.
    package init?(argument: String) {
        if argument.hasPrefix("postgres://") || argument.hasPrefix("postgresql://") {
            self = .postgres(uri: argument)
        } else if !argument.isEmpty, !argument.contains("://") {
            self = .sqlite(path: argument)
        } else {
            return nil
        }
    }

    package var engine: SQLEngine {
        switch self {
        case .sqlite: .sqlite
        case .postgres: .postgres
        }
    }

    /// For people and logs: without the password.
    package var redacted: String {
        switch self {
        case .sqlite(let path): return path
        case .postgres(let uri):
            do throws(HubStorageError) {
                return try PostgresTarget(uri: uri).redacted
            } catch {
                return "postgres://…"
            }
        }
    }

    /// Opens the database for `body`, and closes it whatever happens.
    package func use<Value>(_ body: (any HubDatabase) async throws -> Value) async throws -> Value {
        let database: any HubDatabase = try await open()
        do {
            let value: Value = try await body(database)
            await database.close()
            return value
        } catch {
            await database.close()
            throw error
        }
    }

    /// Opens the database and brings its schema up to date.
    /// - Parameter poolSize: connections to PostgreSQL, at most; SQLite has its own number.
    package func open(poolSize: Int = 8, migrations: [Migration] = HubSchema.migrations) async throws -> any HubDatabase {
        switch self {
        case .postgres(let uri):
            return try await PostgresDatabase.open(uri: uri, poolSize: poolSize, migrations: migrations)
        case .sqlite(let path):
            return try await withCheckedThrowingContinuation { continuation in
                DispatchQueue.global().async {
                    continuation.resume(with: Result { try SQLiteDatabase(path: path, migrations: migrations) })
                }
            }
        }
    }
}
