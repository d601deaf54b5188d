import HubStorage
import WireModel

/// Writes the audit log, in the transaction of the act itself: neither exists without the other.
struct AuditTrail {
    let connection: any SQLConnection
    let actor: Actor
    let now: Timestamp

    /// - Parameter detail: figures and identifiers; written as JSON with sorted keys.
    /// - Returns: the entry's place in the chain.
    @discardableResult
    func record(_ action: AuditAction, account: AccountID? = nil, subject: String, _ detail: [String: String] = [:]) throws -> Int64 {
        guard let head = try connection.firstRow("SELECT seq, hash FROM audit_head WHERE only_row = 1", []), let previous = EntryHash(try head.blob("hash"))
        else { throw HubStorageError.damaged }
        let entry = AuditEntry(
            seq: try head.integer("seq") + 1, time: now, actor: actor, action: action, account: account, subject: subject, detail: try JSON.text(detail),
            previous: previous)
        // First the head, so that of two transactions that want the same place the later one starts again, rather than meet
        // the other's entry as a duplicate (PostgreSQL, "Serializable Isolation Level": unique constraints).
        try connection.execute("UPDATE audit_head SET seq = ?, hash = ? WHERE only_row = 1", [.integer(entry.seq), .blob(entry.hash.bytes)])
        try connection.execute(
            """
            INSERT INTO audit_entry (seq, at_ms, actor_kind, actor, address, action, account_id, subject, detail, previous, hash)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .integer(entry.seq), .integer(now.milliseconds), .text(entry.actorKind), .text(entry.actor), .text(entry.address), .text(entry.action),
                SQLValue(entry.account), .text(entry.subject), .text(entry.detail), .blob(entry.previous.bytes), .blob(entry.hash.bytes),
            ])
        return entry.seq
    }
}

extension Hub {
    /// One write transaction with an audit trail: how everything that somebody does is done.
    func act<Value: Sendable>(
        _ actor: Actor, _ body: @escaping @Sendable (any SQLConnection, AuditTrail, Timestamp) throws -> Value
    ) async throws -> Value {
        let now: Timestamp = now()
        return try await database.write { connection in
            try body(connection, AuditTrail(connection: connection, actor: actor, now: now), now)
        }
    }

    /// - Parameters:
    ///   - account: only what concerns this account.
    ///   - before: only entries before this place; 0 for the newest.
    ///   - limit: 1…500.
    /// - Returns: newest first.
    package func auditEntries(account: AccountID? = nil, before: Int64 = 0, limit: Int = 100) async throws -> [AuditEntry] {
        let end: Int64 = before > 0 ? before : .max
        let count = Int64(min(max(limit, 1), 500))
        return try await database.read { connection in
            guard let account else {
                return try connection.rows("SELECT * FROM audit_entry WHERE seq < ? ORDER BY seq DESC LIMIT ?", [.integer(end), .integer(count)])
                    .map(AuditEntry.init)
            }
            return try connection.rows(
                "SELECT * FROM audit_entry WHERE account_id = ? AND seq < ? ORDER BY seq DESC LIMIT ?",
                [.text(account.rawValue), .integer(end), .integer(count)]
            ).map(AuditEntry.init)
        }
    }
}
