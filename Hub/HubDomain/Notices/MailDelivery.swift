import HubAccess
import HubOutbound
import HubStorage
import WireModel

/// One mail of the outbox as operators see it: who, when, what became of it. The content only while it is unsent, and
/// only to whoever holds the hub's keys.
package struct OutboxMail: Sendable, Codable {
    package let id: MailID
    package let mailbox: String
    package let purpose: String
    package let state: String
    package let attempts: Int64
    package let created: Timestamp
    package let next: Timestamp
    package let sent: Timestamp?
    package let fault: String?

    init(_ row: SQLRow) throws {
        guard let id = MailID(rawValue: try row.text("id")) else { throw HubStorageError.damaged }
        self.id = id
        mailbox = try row.text("mailbox")
        purpose = try row.text("purpose")
        state = try row.text("state")
        attempts = try row.integer("attempts")
        created = try row.time("created_ms")
        next = try row.time("next_ms")
        sent = try row.timeOrNil("sent_ms")
        fault = try row.textOrNil("fault")
    }
}

extension Hub {
    /// How long a hub that took a mail may work on it before another hub takes it over.
    private static let claim: Duration = .seconds(120)
    /// Tried for two days, at growing distances (1 min, 2, 4, … at most 4 h).
    private static let lastAttempt: Int64 = 18

    /// Sends what is due. Several hubs may do so at once: a mail is claimed in SQL before it is sent. A hub that dies
    /// between sending and noting it makes the mail go out twice, never not at all.
    /// - Returns: how many were sent.
    package func deliverMail(through transport: any MailTransport, limit: Int = 100) async throws -> Int {
        _ = try await database.write { connection in
            try connection.execute("DELETE FROM mail WHERE state = 'void'", [])
        }
        var sent: Int = 0
        for _ in 0..<limit where !Task.isCancelled {
            // What is in hand is finished, noted too, when the hub is told to stop: in a task of its own, which nobody cancels.
            let outcome: Bool? = try await Task { try await deliverNext(through: transport) }.value
            guard let outcome else { break }
            if outcome { sent += 1 }
        }
        return sent
    }

    /// - Returns: whether it was sent; `nil` when nothing is due.
    private func deliverNext(through transport: any MailTransport) async throws -> Bool? {
        let now: Timestamp = now()
        let claimed: SQLRow? = try await database.write { connection in
            try connection.rows(
                """
                UPDATE mail SET next_ms = ?, attempts = attempts + 1
                WHERE id = (SELECT id FROM mail WHERE state = 'queued' AND next_ms <= ? 
                    ORDER BY CASE WHEN purpose IN ('verify', 'reset', 'invite') THEN 0 ELSE 1 END, next_ms, id LIMIT 1) RETURNING *
                """, [.integer(now.advanced(by: Self.claim).milliseconds), .integer(now.milliseconds)]
            ).first
        }
        guard let claimed else { return nil }
        return try await send(claimed, through: transport)
    }

    private func send(_ row: SQLRow, through transport: any MailTransport) async throws -> Bool {
        let id: String = try row.text("id")
        let content: Outbox.Content = try JSON.value(
            Outbox.Content.self, from: try sealer.open(try row.blobOrNil("sealed") ?? [], context: Outbox.context(id)))
        let from: String = try await setting(.mailFrom)
        let message = MailMessage(
            id: id, from: from, to: try row.text("mailbox"), subject: content.subject, text: content.text, language: try row.text("language"),
            date: try row.time("created_ms"))
        let now: Timestamp = now()
        do throws(MailTransportError) {
            try await transport.send(message)
        } catch {
            try await postpone(id, after: error, attempts: try row.integer("attempts"), now: now)
            return false
        }
        _ = try await database.write {
            try $0.execute("UPDATE mail SET state = 'sent', sent_ms = ?, sealed = NULL, fault = NULL WHERE id = ?", [.integer(now.milliseconds), .text(id)])
        }
        return true
    }

    private func postpone(_ id: String, after error: MailTransportError, attempts: Int64, now: Timestamp) async throws {
        let (reason, isFinal): (String, Bool) =
            switch error {
            case .permanent(let reason): (reason, true)
            case .transient(let reason): (reason, attempts >= Self.lastAttempt)
            }
        let wait = Duration.seconds(min(14_400, 60 << min(attempts - 1, 10)))
        _ = try await database.write {
            try $0.execute(
                "UPDATE mail SET state = ?, next_ms = ?, fault = ?, sealed = CASE WHEN ? = 1 THEN NULL ELSE sealed END WHERE id = ?",
                [
                    .text(isFinal ? "failed" : "queued"), .integer(now.advanced(by: wait).milliseconds), .text(String(reason.prefix(200))),
                    .integer(isFinal ? 1 : 0), .text(id),
                ])
        }
    }

    /// Newest first, at most 200.
    package func outbox() async throws -> [OutboxMail] {
        try await database.read { try $0.rows("SELECT * FROM mail WHERE state <> 'void' ORDER BY created_ms DESC, id DESC LIMIT 200", []).map(OutboxMail.init) }
    }

    /// The text of a mail that is not sent yet, for a hub without a mail server. Audited, because it holds a token.
    /// - Parameters:
    ///   - mailbox: the newest queued mail to it.
    ///   - purpose: only mail of this kind.
    package func queuedMail(to mailbox: String, purpose: String? = nil, by actor: Actor) async throws -> (subject: String, text: String) {
        let sealer: SecretSealer = sealer
        return try await act(actor) { connection, trail, _ in
            let row: SQLRow? = try connection.firstRow(
                "SELECT * FROM mail WHERE mailbox = ? AND (purpose = ? OR ? = 1) AND state = 'queued' ORDER BY created_ms DESC, id DESC LIMIT 1",
                [.text(mailbox), .text(purpose ?? ""), .integer(purpose == nil ? 1 : 0)])
            guard let row else { throw Problem.nothing("queued mail to that mailbox", mailbox) }
            let id: String = try row.text("id")
            let content: Outbox.Content = try JSON.value(
                Outbox.Content.self, from: try sealer.open(try row.blobOrNil("sealed") ?? [], context: Outbox.context(id)))
            try trail.record(.mailShow, subject: id)
            return (content.subject, content.text)
        }
    }
}
