import FoundationEssentials
import GRDB

/// One transaction on SQLite.
final class SQLiteConnection: SQLConnection {
    private let database: Database
    private var failure: HubStorageError?

    init(_ database: Database) { self.database = database }

    var engine: SQLEngine { .sqlite }

    /// - Throws: what failed first, even when `body` did not mind.
    func run<Value>(_ body: (any SQLConnection) throws -> Value) throws -> Value {
        let value: Value = try body(self)
        if let failure { throw failure }
        return value
    }

    @discardableResult
    func execute(_ sql: String, _ values: [SQLValue]) throws(HubStorageError) -> Int {
        try noting {
            let before: Int = database.totalChangesCount
            try database.cachedStatement(sql: sql).execute(arguments: try Self.arguments(values))
            // SQLite leaves the count of the statement before when one changes nothing by its nature.
            return database.totalChangesCount == before ? 0 : database.changesCount
        }
    }

    func rows(_ sql: String, _ values: [SQLValue]) throws(HubStorageError) -> [SQLRow] {
        try noting {
            var rows: [SQLRow] = []
            let cursor = try Row.fetchCursor(try database.cachedStatement(sql: sql), arguments: try Self.arguments(values))
            let columns = SQLColumns(cursor.columnNames)
            while let row = try cursor.next() { rows.append(try Self.row(row, columns)) }
            return rows
        }
    }

    func forEachRow(_ sql: String, _ values: [SQLValue], _ body: (SQLRow) throws -> Void) throws {
        // Not a cached statement: `body` may run the same SQL.
        let statement: Statement = try noting { try database.makeStatement(sql: sql) }
        let columns = SQLColumns(statement.columnNames)
        let cursor = try noting { try Row.fetchCursor(statement, arguments: try Self.arguments(values)) }
        while let row = try noting({ try cursor.next().map { try Self.row($0, columns) } }) { try body(row) }
    }

    private func noting<Value>(_ work: () throws -> Value) throws(HubStorageError) -> Value {
        if let failure { throw failure }
        do {
            return try work()
        } catch {
            let known = HubStorageError(error)
            failure = known
            throw known
        }
    }

    private static func arguments(_ values: [SQLValue]) throws(HubStorageError) -> StatementArguments {
        try SQLValue.checkTexts(values)
        return StatementArguments(
            values.map { value -> (any DatabaseValueConvertible)? in
                switch value {
                case .null: nil
                case .integer(let integer): integer
                case .text(let text): text
                case .blob(let bytes): Data(bytes)
                }
            })
    }

    private static func row(_ row: Row, _ columns: SQLColumns) throws(HubStorageError) -> SQLRow {
        var values: [SQLValue] = []
        values.reserveCapacity(columns.names.count)
        for (position, name) in columns.names.enumerated() {
            let value: DatabaseValue = row[position]
            switch value.storage {
            case .null: values.append(.null)
            case .int64(let integer): values.append(.integer(integer))
            case .string(let text): values.append(.text(text))
            case .blob(let data): values.append(.blob([UInt8](data)))
            case .double(let double):
                guard let integer = Int64(exactly: double) else { throw .unexpectedValue(column: name) }
                values.append(.integer(integer))
            }
        }
        return SQLRow(columns, values: values)
    }
}

extension SQLiteConnection: SchemaHost {
    func schemaVersion() throws(HubStorageError) -> Int {
        try noting { try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0 }
    }

    func setSchemaVersion(_ version: Int) throws(HubStorageError) { try run(script: "PRAGMA user_version = \(version)") }

    func run(script: String) throws(HubStorageError) {
        try noting { try database.execute(sql: script) }
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
