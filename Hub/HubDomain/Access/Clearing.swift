import HubStorage
import WireModel

extension Hub {
    /// Removes what has ended and proves nothing: sessions, tokens, counts; the mailbox of mails sent a month ago.
    package func clearExpired() async throws {
        let now: Timestamp = now()
        @Sendable func ago(_ days: Int64) -> SQLValue { .integer(now.advanced(by: .seconds(-days * 86_400)).milliseconds) }
        let idle: SQLValue = .integer(now.advanced(by: .zero - Self.sessionIdle).milliseconds)
        try await database.write { connection in
            try connection.execute("DELETE FROM session WHERE expires_ms < ? OR seen_ms < ?", [.integer(now.milliseconds), idle])
            try connection.execute("DELETE FROM mail_token WHERE expires_ms < ?", [ago(1)])
            try connection.execute("DELETE FROM attempt_window WHERE began_ms < ?", [ago(1)])
            try connection.execute("DELETE FROM mail WHERE state IN ('sent', 'failed') AND created_ms < ?", [ago(30)])
        }
    }
}
