import HubAccess
import HubStorage
import WireModel

extension Hub {
    /// Removes what has ended and proves nothing: sessions, tokens, counts; the mailbox of mails sent a month ago;
    /// registrations that nobody confirmed for a week, so that nobody can sit on somebody else's mailbox; persons whose consent or retention is over.
    package func clearExpired() async throws {
        let now: Timestamp = now()
        @Sendable func ago(_ days: Int64) -> SQLValue { .integer(now.advanced(by: .seconds(-days * 86_400)).milliseconds) }
        let idle: SQLValue = .integer(now.advanced(by: .zero - Self.sessionIdle).milliseconds)
        try await database.write { connection in
            try connection.execute("DELETE FROM session WHERE expires_ms < ? OR seen_ms < ?", [.integer(now.milliseconds), idle])
            try connection.execute("DELETE FROM mail_token WHERE expires_ms < ?", [ago(1)])
            try connection.execute("DELETE FROM attempt_window WHERE began_ms < ?", [ago(1)])
            try connection.execute("DELETE FROM idempotent_answer WHERE expires_ms < ?", [.integer(now.milliseconds)])
            // A bucket that is full again says nothing.
            try connection.execute("DELETE FROM rate_bucket WHERE full_us < ?", [.integer((now.milliseconds - 86_400_000) * 1_000)])
            try WaitingDevices(connection: connection, now: now).clear()
            try connection.execute("DELETE FROM mail WHERE state IN ('sent', 'failed') AND created_ms < ?", [ago(30)])
        }
        try await clearUnconfirmed(before: now.advanced(by: .seconds(-7 * 86_400)))
        try await clearEndedPersons()
        try await clearTombstones()
    }

    private func clearUnconfirmed(before: Timestamp) async throws {
        let unconfirmed: String = """
            SELECT id FROM account WHERE standing = 'pending' AND created_ms < ?
                AND account.id IN (SELECT account_id FROM principal WHERE state = 'active')
                AND NOT EXISTS (SELECT 1 FROM principal WHERE account_id = account.id AND email_verified_ms IS NOT NULL)
            """
        let found: [AccountID] = try await database.read {
            try $0.rows(unconfirmed + " ORDER BY id LIMIT 500", [.integer(before.milliseconds)]).compactMap { AccountID(rawValue: try $0.text("id")) }
        }
        let sealer = sealer
        for id in found {
            try await act(.system("clearing")) { connection, trail, now in
                // Confirmed meanwhile, or cleared by another hub: nothing to do.
                let values: [SQLValue] = [.integer(before.milliseconds), .text(id.rawValue)]
                guard try connection.firstRow(unconfirmed + " AND account.id = ?", values) != nil else { return }
                try UnconfirmedRegistration(connection: connection, trail: trail, sealer: sealer, now: now).drop(id, ground: "never_confirmed")
            }
        }
    }
}

/// A registration whose mailbox nobody has proven.
struct UnconfirmedRegistration {
    let connection: any SQLConnection
    let trail: AuditTrail
    let sealer: SecretSealer
    let now: Timestamp

    /// Ends it and frees its mailbox and its name.
    func drop(_ id: AccountID, ground: String) throws {
        _ = try StandingRules(connection: connection, trail: trail, sealer: sealer, now: now).move(
            try Hub.account(connection, id), to: .ended, ground: ground)
        try Closing(connection: connection, now: now).end(id, trail: trail)
        try connection.execute("UPDATE account SET name = id WHERE id = ?", [.text(id.rawValue)])
        let principals = Principals(connection: connection)
        for member in try principals.members(of: id) { try principals.remove(member) }
    }
}
