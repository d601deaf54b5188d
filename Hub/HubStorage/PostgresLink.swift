import CPostgres

/// One connection and its prepared statements. Every call blocks; not for two threads at once.
final class PostgresLink {
    private let connection: OpaquePointer
    private var translations: [String: (sql: String, parameters: Int)] = [:]
    private var prepared: [Key: Prepared] = [:]
    private var clock: Int = 0

    private struct Key: Hashable {
        let sql: String
        let types: [Oid]
    }

    private struct Prepared {
        let name: String
        var used: Int
    }

    /// More would be memory on the server for statements that are not coming back.
    private static let preparedLimit: Int = 256
    /// With more parameters a statement is a bulk one, parsed each time: its NULLs would make a statement of each row's pattern.
    private static let preparedParameters: Int = 40

    /// Connects and sets the session up.
    init(_ target: PostgresTarget) throws(HubStorageError) {
        connection = try Self.connect(target)
        vultus_postgres_drop_notices(connection)
        do {
            try run(Self.setUp)
        } catch {
            throw error.error(server: target.redacted)
        }
    }

    deinit { PQfinish(connection) }

    /// synchronous_commit: an acknowledgement leaves the hub only after its commit is on disk (I1); what waits for replicas too stays.
    private static let setUp: String = """
        SET statement_timeout = '60s';
        SET lock_timeout = '\(PostgresOpening.lockTimeout)';
        SET idle_in_transaction_session_timeout = '60s';
        SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') NOT IN ('on', 'remote_apply')
        """

    private static func connect(_ target: PostgresTarget) throws(HubStorageError) -> OpaquePointer {
        // What comes before the URI gives way to it. A server that vanished is noticed after 30 s, and of several hosts the one
        // that takes writes is chosen.
        let settings: [(String, String)] = [
            ("connect_timeout", "5"), ("keepalives_idle", "10"), ("keepalives_interval", "5"), ("keepalives_count", "3"),
            ("tcp_user_timeout", "30000"), ("target_session_attrs", "read-write"), ("dbname", target.uri), ("application_name", "vultus-hub"),
            ("client_encoding", "UTF8"),
        ]
        let connection: OpaquePointer? = withCStrings(settings.map(\.0)) { names in
            withCStrings(settings.map(\.1)) { values in PQconnectdbParams(names, values, 1) }
        }
        guard let connection else { throw .unavailable(code: 0, state: "53200", server: target.redacted) }
        guard PQstatus(connection) == CONNECTION_OK else {
            let reason: String = reason(String(cString: PQerrorMessage(connection)))
            PQfinish(connection)
            throw .unavailable(code: 0, state: "08001", server: target.redacted, reason: reason)
        }
        return connection
    }

    /// Of `connection to server on socket "…" failed: FATAL:  …`, one line for each host, the part that says why. None quotes a password.
    private static func reason(_ message: String) -> String {
        message.split(separator: "\n").compactMap { line in
            line.split(separator: "failed: ", maxSplits: 1).dropFirst().first?.replacing("FATAL:  ", with: "")
        }.joined(separator: "; ")
    }

    private static func withCStrings<Value>(_ strings: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> Value) -> Value {
        let buffer: [CChar] = strings.flatMap { $0.utf8CString }
        return buffer.withUnsafeBufferPointer { buffer in
            var pointers: [UnsafePointer<CChar>?] = []
            var at: UnsafePointer<CChar> = buffer.baseAddress!  // never empty: every string brings its end
            for string in strings {
                pointers.append(at)
                at += string.utf8.count + 1
            }
            return body(pointers + [nil])
        }
    }

    var isBroken: Bool { PQstatus(connection) == CONNECTION_BAD }

    /// Statements without parameters, separated by `;`.
    @discardableResult
    func run(_ script: String) throws(PostgresFailure) -> PostgresResult { try PostgresResult(PQexec(connection, script), connection) }

    /// - Throws: `08007` when the connection broke, so that nobody knows whether it was done.
    func commit() throws(PostgresFailure) {
        let result: PostgresResult
        do {
            result = try run("COMMIT")
        } catch {
            throw error.isLinkLost || isBroken ? PostgresFailure(state: "08007", isLinkLost: true) : error
        }
        // The server's answer to committing what it has already given up.
        guard result.tag == "COMMIT" else { throw PostgresFailure(state: "25P02") }
    }

    /// - Parameter isPrepared: whether it is likely to come again.
    func query(_ sql: String, _ values: [SQLValue], isPrepared: Bool = true) throws(PostgresFailure) -> PostgresResult {
        let statement = translate(sql)
        guard statement.parameters == values.count else { throw PostgresFailure(state: "07001") }
        let parameters = PostgresParameters(values)
        let count = Int32(values.count)
        guard isPrepared, values.count <= Self.preparedParameters else {
            let result: OpaquePointer? = parameters.withPointers { values, lengths, formats in
                PQexecParams(connection, statement.sql, count, parameters.types, values, lengths, formats, 1)
            }
            return try PostgresResult(result, connection)
        }
        let (name, isNew) = try prepare(Key(sql: sql, types: parameters.types), statement.sql)
        let result: OpaquePointer? = parameters.withPointers { values, lengths, formats in
            PQexecPrepared(connection, name, count, values, lengths, formats, 1)
        }
        do {
            return try PostgresResult(result, connection)
        } catch {
            // 0A000: "cached plan must not change result type"; 26000: no such prepared statement.
            throw PostgresFailure(state: error.state, isLinkLost: error.isLinkLost, isStaleStatement: !isNew && ["0A000", "26000"].contains(error.state))
        }
    }

    /// Makes every statement be prepared anew. Outside of transactions.
    func forgetStatements() throws(PostgresFailure) {
        prepared = [:]
        try run("DEALLOCATE ALL")
    }

    private func translate(_ sql: String) -> (sql: String, parameters: Int) {
        if let known = translations[sql] { return known }
        if translations.count >= 2 * Self.preparedLimit { translations = [:] }
        let translation = SQLText.numberingParameters(sql)
        translations[sql] = translation
        return translation
    }

    private func prepare(_ key: Key, _ sql: String) throws(PostgresFailure) -> (name: String, isNew: Bool) {
        clock += 1
        if let name = prepared[key]?.name {
            prepared[key]!.used = clock
            return (name, false)
        }
        if prepared.count >= Self.preparedLimit, let oldest = prepared.min(by: { $0.value.used < $1.value.used }) {
            try run("DEALLOCATE \(oldest.value.name)")
            prepared[oldest.key] = nil
        }
        let name: String = "s\(clock)"
        _ = try PostgresResult(PQprepare(connection, name, sql, Int32(key.types.count), key.types), connection)
        prepared[key] = Prepared(name: name, used: clock)
        return (name, true)
    }
}
