import Crypto
import GRDB
import ServiceSupport
import WireModel

/// Everything a device keeps: who it is, its sealed gallery, its journal, its leases and its idea of the time,
/// in one SQLite file and one key file under a directory of its own (mode 0700).
///
/// Safe to share between threads and processes: every change is one immediate transaction, `synchronous=FULL`
/// (measured: with `NORMAL`, acknowledged commits are lost on power loss).
package final class EdgeStore: Sendable {
    package let path: String
    let queue: DatabaseQueue
    let masterKey: SymmetricKey
    package let clock: any TimeSource

    /// Opens the store under `directory`, making it when it is not there.
    package init(directory: String, clock: any TimeSource = SystemClock()) throws {
        try PrivateFiles.makeDirectory(directory)
        let file: String = directory + "/edge.sqlite"
        path = file
        self.clock = clock
        var configuration = Configuration()
        configuration.busyMode = .timeout(10)
        configuration.foreignKeysEnabled = true
        configuration.prepareDatabase { database in
            // auto_vacuum: a store gives back what it dropped, a few pages at a time. Before anything is written, or it has no effect.
            // secure_delete: an erased key must not linger in a free page (P5).
            try database.execute(sql: "PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON")
        }
        do {
            queue = try DatabaseQueue(path: file, configuration: configuration)
            try EdgeSchema.migrate(queue, path: file)
        } catch {
            throw EdgeStoreError(error, path: file)
        }
        masterKey = try Self.loadMasterKey(directory + "/master.key", database: queue, path: file)
    }

    /// Whether a store is there, without making one.
    package static func exists(in directory: String) -> Bool {
        (try? PrivateFiles.read(directory + "/master.key")) != nil
    }

    func read<Value>(_ body: (Database) throws -> Value) throws(EdgeStoreError) -> Value {
        do {
            return try queue.read(body)
        } catch {
            throw EdgeStoreError(error, path: path)
        }
    }

    /// One immediate transaction: it commits when `body` returns, and leaves nothing behind when it throws.
    func write<Value>(_ body: (Database) throws -> Value) throws(EdgeStoreError) -> Value {
        do {
            return try queue.writeWithoutTransaction { database in
                var value: Value?
                try database.inTransaction(.immediate) {
                    value = try body(database)
                    return .commit
                }
                return value!  // set on the only path that commits
            }
        } catch {
            throw EdgeStoreError(error, path: path)
        }
    }

    /// SQLite's own check of the file.
    /// - Returns: `nil` when it is sound, otherwise the first finding.
    package func integrityFault() throws(EdgeStoreError) -> String? {
        let finding: String = try read { try String.fetchOne($0, sql: "PRAGMA quick_check(1)") ?? "no answer" }
        return finding == "ok" ? nil : finding
    }

    /// How commits reach the disk, as SQLite itself says: `wal, synchronous 2` is the only right answer.
    package func durability() throws(EdgeStoreError) -> String {
        try read { database in
            "\(try String.fetchOne(database, sql: "PRAGMA journal_mode") ?? ""), synchronous \(try Int.fetchOne(database, sql: "PRAGMA synchronous") ?? -1)"
        }
    }

    /// The key that seals the others lives outside the database, so that a stolen database opens nothing.
    private static func loadMasterKey(_ file: String, database: DatabaseQueue, path: String) throws -> SymmetricKey {
        if let bytes = try PrivateFiles.read(file) {
            guard bytes.count == 32 else { throw EdgeStoreError.damaged(path: file, what: "the master key is \(bytes.count) bytes, not 32") }
            return SymmetricKey(data: bytes)
        }
        // Under the database's write lock, so that two first starts agree on one key.
        do {
            return try database.writeWithoutTransaction { connection in
                var key = SymmetricKey(size: .bits256)
                try connection.inTransaction(.immediate) {
                    if let bytes = try PrivateFiles.read(file), bytes.count == 32 {
                        key = SymmetricKey(data: bytes)
                        return .commit
                    }
                    let sealed: Int =
                        try Int.fetchOne(connection, sql: "SELECT (SELECT count(*) FROM person_key WHERE is_free = 0) + (SELECT count(*) FROM identity)") ?? 0
                    guard sealed == 0 else {
                        throw EdgeStoreError.damaged(path: file, what: "the master key is missing, so nothing sealed can be opened")
                    }
                    try PrivateFiles.write(key.bytes, to: file)
                    return .commit
                }
                return key
            }
        } catch let problem as Problem {
            throw problem
        } catch {
            throw EdgeStoreError(error, path: path)
        }
    }
}
