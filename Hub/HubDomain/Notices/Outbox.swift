import HubAccess
import HubStorage
import WireModel

/// Mail that is to go out, written in the transaction that gives rise to it. Subject and text are sealed, because they
/// hold tokens; they are erased once the mail is sent.
struct Outbox {
    enum Mailing { case owners, everybody }

    struct Content: Codable {
        let subject: String
        let text: String
    }

    let connection: any SQLConnection
    let sealer: SecretSealer
    let now: Timestamp

    static func context(_ id: String) -> String { "mail:" + id }

    func mail(_ event: Event, to principal: Principal) throws {
        try put(event, mailbox: principal.mailbox, language: principal.language, principal: principal.id, state: "queued")
    }

    /// Does what ``mail`` does, for nobody: so that a request about an unknown mailbox takes the same time.
    func pretend(_ event: Event, language: Language) throws {
        try put(event, mailbox: "", language: language, principal: nil, state: "void")
    }

    private func put(_ event: Event, mailbox: String, language: Language, principal: String?, state: String) throws {
        let id: String = MailID(at: now).rawValue
        let content = Content(subject: event.title(in: language), text: event.body(in: language))
        try connection.execute(
            "INSERT INTO mail (id, principal_id, mailbox, purpose, language, sealed, state, next_ms, created_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                .text(id), SQLValue(principal), .text(mailbox), .text(event.kind), .text(language.rawValue),
                .blob(try sealer.seal(try JSON.bytes(content), context: Self.context(id))), .text(state), .integer(now.milliseconds),
                .integer(now.milliseconds),
            ])
    }

    /// A notice in the user centre and to the webhooks that take notices, and mail to those it concerns.
    func tell(_ id: AccountID, _ event: Event, mailing: Mailing) throws {
        let account: Account = try Hub.account(connection, id)
        let row: SQLRow = try connection.rows(
            "INSERT INTO notice (id, account_id, kind, title, body, link, created_ms) VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING *",
            [
                .text(NoticeID(at: now).rawValue), .text(id.rawValue), .text(event.kind), .text(event.title(in: account.language)),
                .text(event.body(in: account.language)), SQLValue(event.link), .integer(now.milliseconds),
            ])[0]
        try WebhookQueue(connection: connection, sealer: sealer, now: now).put(try Notice(row), account: id)
        let members: [Principal] = try Principals(connection: connection).members(of: id).filter { $0.state == .active && $0.emailVerified != nil }
        for member in members where mailing == .everybody || member.memberRole == .owner { try mail(event, to: member) }
    }
}

/// What an account was told.
package struct Notice: Sendable, Codable {
    package let id: NoticeID
    package let kind: String
    package let title: String
    package let body: String
    package let link: String?
    package let created: Timestamp
    package let read: Timestamp?

    init(_ row: SQLRow) throws {
        guard let id = NoticeID(rawValue: try row.text("id")) else { throw HubStorageError.damaged }
        self.id = id
        kind = try row.text("kind")
        title = try row.text("title")
        body = try row.text("body")
        link = try row.textOrNil("link")
        created = try row.time("created_ms")
        read = try row.timeOrNil("read_ms")
    }
}

extension Hub {
    /// Newest first, at most 200.
    package func notices(_ account: AccountID) async throws -> [Notice] {
        try await database.read {
            try $0.rows("SELECT * FROM notice WHERE account_id = ? ORDER BY created_ms DESC, id DESC LIMIT 200", [.text(account.rawValue)]).map(Notice.init)
        }
    }

    /// A page of them, newest first.
    /// - Parameter before: only those older than this one of the account's.
    /// - Returns: with it, before which the next page begins; `nil` on the last.
    package func noticePage(_ account: AccountID, before: NoticeID?, limit: Int = 50) async throws -> (notices: [Notice], next: NoticeID?) {
        try await database.read { connection in
            var (clause, values): (String, [SQLValue]) = ("account_id = ?", [.text(account.rawValue)])
            if let before {
                clause += " AND (created_ms, id) < (SELECT created_ms, id FROM notice WHERE id = ? AND account_id = ?)"
                values += [.text(before.rawValue), .text(account.rawValue)]
            }
            let notices: [Notice] = try connection.rows(
                "SELECT * FROM notice WHERE \(clause) ORDER BY created_ms DESC, id DESC LIMIT ?", values + [.integer(Int64(limit) + 1)]
            ).map(Notice.init)
            return (Array(notices.prefix(limit)), notices.count > limit ? notices[limit - 1].id : nil)
        }
    }

    package func readNotice(_ id: NoticeID, account: AccountID) async throws -> Notice {
        let now: Timestamp = now()
        return try await database.write { connection in
            let rows: [SQLRow] = try connection.rows(
                "UPDATE notice SET read_ms = coalesce(read_ms, ?) WHERE id = ? AND account_id = ? RETURNING *",
                [.integer(now.milliseconds), .text(id.rawValue), .text(account.rawValue)])
            guard let row = rows.first else { throw Problem.nothing("notice", id.rawValue) }
            return try Notice(row)
        }
    }
}

extension Problem {
    /// What is asked for is not there, or not the caller's: the same answer for both.
    static func nothing(_ what: String, _ id: String) -> Problem {
        Problem(.notFound, "There is no such \(what).", detail: id, remedy: "Check the identifier against the list.")
    }
}
