import Dispatch
import GRDB
import Synchronization

/// The hub's embedded engine: one SQLite file through GRDB, many readers beside one writer.
package struct SQLiteDatabase: HubDatabase {
    private let pool: DatabasePool
    private let closing = Closing()

    /// A pool that is closed must not be asked again, not even to close: GRDB ends the process.
    private final class Closing: Sendable {
        let isDone = Mutex(false)
    }

    package var engine: SQLEngine { .sqlite }

    /// Opens or makes the file and brings its schema up to date. Blocks.
    package init(path: String, migrations: [Migration] = HubSchema.migrations) throws(HubStorageError) {
        var configuration = Configuration()
        configuration.busyMode = .timeout(10)
        configuration.foreignKeysEnabled = true
        configuration.maximumReaderCount = 4
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA secure_delete = ON")
        }
        do {
            let pool = try DatabasePool(path: path, configuration: configuration)
            self.pool = pool
            // FULL: an acknowledgement leaves the hub only after its commit is on disk (I1). Only now, and on the one connection that
            // writes: a pool sets it to NORMAL once its writer is prepared (GRDB's Database.setUpWALMode).
            try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
            try SchemaMigrator.migrate(migrations) { step in
                try pool.writeWithoutTransaction { database in
                    try database.inTransaction(.immediate) {
                        try step(SQLiteConnection(database))
                        return .commit
                    }
                }
            }
        } catch {
            throw HubStorageError(error)
        }
    }

    package func read<Value: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> Value) async throws -> Value {
        do {
            return try await pool.read { try SQLiteConnection($0).run(body) }
        } catch let error as DatabaseError {
            throw HubStorageError(error)
        }
    }

    package func write<Value: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> Value) async throws -> Value {
        do {
            return try await pool.writeWithoutTransaction { database in
                var value: Value?
                try database.inTransaction(.immediate) {
                    value = try SQLiteConnection(database).run(body)
                    return .commit
                }
                return value!  // set on the only path that commits
            }
        } catch let error as DatabaseError {
            throw HubStorageError(error)
        }
    }

    /// Once, however often it is called; whoever comes second returns when it is closed.
    package func close() async {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                closing.isDone.withLock { isDone in
                    guard !isDone else { return }
                    // What the write-ahead log holds goes into the file itself, so that the file alone is the database.
                    _ = try? pool.writeWithoutTransaction { try $0.checkpoint(.truncate) }
                    // It fails only for statements still open, which end with their transactions; the process's end closes the rest.
                    try? pool.close()
                    isDone = true
                }
                continuation.resume()
            }
        }
    }
}
