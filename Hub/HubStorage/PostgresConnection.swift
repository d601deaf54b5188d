/// One transaction on PostgreSQL.
final class PostgresConnection: SQLConnection {
    private let link: PostgresLink
    private let server: String
    /// What the server refused first: from then on the transaction is lost.
    private(set) var failure: PostgresFailure?
    private var error: HubStorageError?
    private var cursors: Int = 0

    /// Rows a cursor asks for at once, at most.
    private static let batch: Int = 500
    /// A batch grows while it is smaller than this, so that large rows come a few at a time.
    private static let batchBytes: Int = 500_000

    init(_ link: PostgresLink, server: String) {
        self.link = link
        self.server = server
    }

    var engine: SQLEngine { .postgres }

    /// - Throws: what failed first, even when `body` did not mind.
    func run<Value>(_ body: (any SQLConnection) throws -> Value) throws -> Value {
        let value: Value = try body(self)
        if let error { throw error }
        return value
    }

    @discardableResult
    func execute(_ sql: String, _ values: [SQLValue]) throws(HubStorageError) -> Int { try query(sql, values).rowsChanged }

    func rows(_ sql: String, _ values: [SQLValue]) throws(HubStorageError) -> [SQLRow] { try read(try query(sql, values)) }

    func forEachRow(_ sql: String, _ values: [SQLValue], _ body: (SQLRow) throws -> Void) throws {
        cursors += 1
        let cursor: String = "rows\(cursors)"
        try query("DECLARE \(cursor) NO SCROLL CURSOR FOR \(sql)", values, isPrepared: false)
        var asked: Int = Self.batch / 10
        while true {
            let rows: [SQLRow] = try read(try query("FETCH \(asked) FROM \(cursor)", [], isPrepared: false))
            for row in rows { try body(row) }
            if rows.count < asked { break }
            let bytes: Int = rows.reduce(0) { $0 + $1.approximateBytes }
            asked = min(Self.batch, max(1, asked * Self.batchBytes / max(1, bytes)), asked * 10)
        }
        try query("CLOSE \(cursor)", [], isPrepared: false)
    }

    @discardableResult
    private func query(_ sql: String, _ values: [SQLValue], isPrepared: Bool = true) throws(HubStorageError) -> PostgresResult {
        if let error { throw error }
        do throws(HubStorageError) {
            try SQLValue.checkTexts(values)
        } catch {
            self.error = error
            throw error
        }
        do throws(PostgresFailure) {
            return try link.query(sql, values, isPrepared: isPrepared)
        } catch {
            throw note(error)
        }
    }

    private func read(_ result: PostgresResult) throws(HubStorageError) -> [SQLRow] {
        do throws(HubStorageError) {
            return try result.rows()
        } catch {
            self.error = error
            throw error
        }
    }

    private func note(_ failure: PostgresFailure) -> HubStorageError {
        let known: HubStorageError = failure.error(server: server)
        self.failure = failure
        error = known
        return known
    }
}

extension SQLRow {
    /// Of its texts and blobs.
    var approximateBytes: Int {
        values.reduce(0) { sum, value in
            switch value {
            case .null, .integer: sum + 8
            case .text(let text): sum + text.utf8.count
            case .blob(let bytes): sum + bytes.count
            }
        }
    }
}

extension PostgresConnection: SchemaHost {
    /// Takes the lock that lets one hub of several migrate, and holds it to the transaction's end.
    func lockSchema() throws(HubStorageError) {
        // Any number will do if it stays the same: the letters "vultus" in ASCII.
        _ = try rows("SELECT pg_advisory_xact_lock(?)", [.integer(0x7675_6c74_7573)])
        // As every write, and before what a step locks: a write that runs alone could otherwise wait for the step, and the step for it.
        if try hasSchema() { try run(script: PostgresOpening.beside) }
    }

    func schemaVersion() throws(HubStorageError) -> Int {
        guard try hasSchema() else { return 0 }
        return try firstRow("SELECT version FROM schema_version", []).map { row throws(HubStorageError) in Int(try row.integer("version")) } ?? 0
    }

    /// Not CREATE … IF NOT EXISTS: that asks for a right which a running hub need not have.
    private func hasSchema() throws(HubStorageError) -> Bool {
        try firstRow("SELECT 1 AS one FROM pg_tables WHERE schemaname = current_schema() AND tablename = 'schema_version'", []) != nil
    }

    func setSchemaVersion(_ version: Int) throws(HubStorageError) {
        try run(script: "CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL); DELETE FROM schema_version")
        try execute("INSERT INTO schema_version (version) VALUES (?)", [.integer(Int64(version))])
    }

    func run(script: String) throws(HubStorageError) {
        if let error { throw error }
        do throws(PostgresFailure) {
            try link.run(script)
        } catch {
            throw note(error)
        }
    }
}
