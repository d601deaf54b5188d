import FoundationEssentials
import GRDB

/// The hub's embedded engine: one SQLite file through GRDB, many readers beside one writer.
package struct SQLiteDatabase: HubDatabase {
    private let pool: DatabasePool

    /// Opens or makes the file and brings its schema up to date.
    package init(path: String) throws(HubStorageError) {
        var configuration = Configuration()
        configuration.busyMode = .timeout(10)
        configuration.foreignKeysEnabled = true
        configuration.maximumReaderCount = 4
        configuration.prepareDatabase { database in
            // FULL: an acknowledgement leaves the hub only after its commit is on disk (I1).
            try database.execute(sql: "PRAGMA synchronous = FULL; PRAGMA secure_delete = ON")
        }
        do {
            pool = try DatabasePool(path: path, configuration: configuration)
            try SQLiteMigrator.migrate(pool)
        } catch {
            throw HubStorageError(error)
        }
    }

    package func read<Value: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> Value) async throws -> Value {
        do {
            return try await pool.read { try body(SQLiteConnection(database: $0)) }
        } catch let error as DatabaseError {
            throw HubStorageError(error)
        }
    }

    package func write<Value: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> Value) async throws -> Value {
        do {
            return try await pool.writeWithoutTransaction { database in
                var value: Value?
                try database.inTransaction(.immediate) {
                    value = try body(SQLiteConnection(database: database))
                    return .commit
                }
                return value!  // set on the only path that commits
            }
        } catch let error as DatabaseError {
            throw HubStorageError(error)
        }
    }
}

private struct SQLiteConnection: SQLConnection {
    let database: Database

    func execute(_ sql: String, _ values: [SQLValue]) throws(HubStorageError) -> Int {
        do {
            let statement: Statement = try database.cachedStatement(sql: sql)
            try statement.execute(arguments: Self.arguments(values))
            return database.changesCount
        } catch {
            throw HubStorageError(error)
        }
    }

    func rows(_ sql: String, _ values: [SQLValue]) throws(HubStorageError) -> [SQLRow] {
        do {
            return try Row.fetchAll(try database.cachedStatement(sql: sql), arguments: Self.arguments(values)).map(Self.row)
        } catch {
            throw HubStorageError(error)
        }
    }

    func forEachRow(_ sql: String, _ values: [SQLValue], _ body: (SQLRow) throws -> Void) throws {
        let cursor = try Row.fetchCursor(database, sql: sql, arguments: Self.arguments(values))
        while let row = try cursor.next() { try body(Self.row(row)) }
    }

    private static func arguments(_ values: [SQLValue]) -> StatementArguments {
        StatementArguments(
            values.map { value -> (any DatabaseValueConvertible)? in
                switch value {
                case .null: nil
                case .integer(let integer): integer
                case .text(let text): text
                case .blob(let bytes): Data(bytes)
                }
            })
    }

    private static func row(_ row: Row) -> SQLRow {
        var columns: [String: SQLValue] = [:]
        for (name, value) in row {
            columns[name] =
                switch value.storage {
                case .null: .null
                case .int64(let integer): .integer(integer)
                case .double(let double): .integer(Int64(double))
                case .string(let text): .text(text)
                case .blob(let data): .blob([UInt8](data))
                }
        }
        return SQLRow(columns)
    }
}

extension HubStorageError {
    init(_ error: any Error) {
        if let known = error as? HubStorageError {
            self = known
            return
        }
        guard let database = error as? DatabaseError else {
            self = .statement(code: -1)
            return
        }
        self =
            switch database.resultCode {
            case .SQLITE_BUSY, .SQLITE_LOCKED: .busy
            case .SQLITE_FULL: .full
            // The shared-memory file could not be made on a full disk.
            case .SQLITE_IOERR where database.extendedResultCode == .SQLITE_IOERR_SHMSIZE: .full
            case .SQLITE_CORRUPT, .SQLITE_NOTADB: .damaged
            case .SQLITE_CONSTRAINT: .constraint
            case .SQLITE_CANTOPEN, .SQLITE_READONLY, .SQLITE_IOERR, .SQLITE_PERM: .unavailable(code: database.extendedResultCode.rawValue)
            default: .statement(code: database.extendedResultCode.rawValue)
            }
    }
}
