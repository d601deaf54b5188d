import HubAccess
import HubStorage
import WireModel

/// The rows of cases and their messages.
private struct FeedbackRows {
    let connection: any SQLConnection
    let now: Timestamp

    /// - Parameter account: whose it must be; `nil` for the operator.
    func find(_ id: FeedbackID, of account: AccountID?) throws -> FeedbackCase {
        let row: SQLRow? = try connection.firstRow(
            "SELECT * FROM feedback_case WHERE id = ? AND (account_id = ? OR ? = 1)",
            [.text(id.rawValue), .text(account?.rawValue ?? ""), .integer(account == nil ? 1 : 0)])
        guard let row else { throw Problem.nothing("report", id.rawValue) }
        return try FeedbackCase(row)
    }

    func write(_ body: String, to id: FeedbackID, by actor: Actor) throws {
        try connection.execute(
            "INSERT INTO feedback_message (id, case_id, is_operator, author, body, written_ms) VALUES (?, ?, ?, ?, ?, ?)",
            [
                .text(FeedbackID(at: now).rawValue), .text(id.rawValue), .integer(actor.kind == .member ? 0 : 1), .text(actor.text), .text(body.trimmed),
                .integer(now.milliseconds),
            ])
    }

    func set(_ state: FeedbackCase.State, of id: FeedbackID) throws -> FeedbackCase {
        try FeedbackCase(
            connection.rows(
                "UPDATE feedback_case SET state = ?, changed_ms = ? WHERE id = ? RETURNING *",
                [.text(state.rawValue), .integer(now.milliseconds), .text(id.rawValue)])[0])
    }
}

extension Hub {
    /// Cases of an account that are not closed, at most: whoever writes more than is read helps nobody.
    private static let mostOpen: Int64 = 50

    package func openCase(_ draft: FeedbackDraft, account: AccountID, by actor: Actor) async throws -> FeedbackCase {
        try draft.check()
        return try await act(actor) { connection, trail, now in
            let open: Int64 = try connection.rows(
                "SELECT count(*) AS n FROM feedback_case WHERE account_id = ? AND state <> 'closed'", [.text(account.rawValue)])[0].integer("n")
            guard open < Self.mostOpen else {
                throw Problem(.conflict, "\(Self.mostOpen) reports wait already.", remedy: "Add to one of them, or close what is done.")
            }
            let id = FeedbackID(at: now)
            let row: SQLRow = try connection.rows(
                """
                INSERT INTO feedback_case (id, account_id, kind, category, subject, state, opened_ms, changed_ms) VALUES (?, ?, ?, ?, ?, 'open', ?, ?)
                RETURNING *
                """,
                [
                    .text(id.rawValue), .text(account.rawValue), .text(draft.kind.rawValue), SQLValue(draft.category), .text(draft.subject.trimmed),
                    .integer(now.milliseconds), .integer(now.milliseconds),
                ])[0]
            try FeedbackRows(connection: connection, now: now).write(draft.body, to: id, by: actor)
            try trail.record(.feedbackOpen, account: account, subject: id.rawValue, ["kind": draft.kind.rawValue])
            return try FeedbackCase(row)
        }
    }

    /// Newest change first.
    /// - Parameter account: `nil` for every account's.
    package func cases(_ account: AccountID?) async throws -> [FeedbackCase] {
        try await database.read {
            try $0.rows(
                "SELECT * FROM feedback_case WHERE account_id = ? OR ? = 1 ORDER BY changed_ms DESC, id DESC LIMIT 500",
                [.text(account?.rawValue ?? ""), .integer(account == nil ? 1 : 0)]
            ).map(FeedbackCase.init)
        }
    }

    /// A page of them, newest change first.
    /// - Parameter before: what the page before gave: changes of cases in between bring them to the front, and no other is passed over.
    /// - Returns: with it, before which the next page begins; `nil` on the last.
    package func casePage(_ account: AccountID?, before: String?, limit: Int = 50) async throws -> (cases: [FeedbackCase], next: String?) {
        let place: (changed: Int64, id: String)? = before.flatMap { text in
            let parts: [Substring] = text.split(separator: ".")
            return parts.count == 2 ? Int64(parts[0]).map { ($0, String(parts[1])) } : nil
        }
        return try await database.read { connection in
            var (clause, values): (String, [SQLValue]) = ("1 = 1", [])
            if let account {
                clause += " AND account_id = ?"
                values.append(.text(account.rawValue))
            }
            if let place {
                clause += " AND (changed_ms < ? OR changed_ms = ? AND id < ?)"
                values += [.integer(place.changed), .integer(place.changed), .text(place.id)]
            }
            let cases: [FeedbackCase] = try connection.rows(
                "SELECT * FROM feedback_case WHERE \(clause) ORDER BY changed_ms DESC, id DESC LIMIT ?", values + [.integer(Int64(limit) + 1)]
            ).map(FeedbackCase.init)
            let last: FeedbackCase? = cases.count > limit ? cases[limit - 1] : nil
            return (Array(cases.prefix(limit)), last.map { "\($0.changed.milliseconds).\($0.id)" })
        }
    }

    /// A case and what was written, in its order.
    package func feedbackCase(_ id: FeedbackID, account: AccountID?) async throws -> (found: FeedbackCase, messages: [FeedbackMessage]) {
        let now: Timestamp = now()
        return try await database.read { connection in
            let found: FeedbackCase = try FeedbackRows(connection: connection, now: now).find(id, of: account)
            let rows: [SQLRow] = try connection.rows("SELECT * FROM feedback_message WHERE case_id = ? ORDER BY written_ms, id", [.text(id.rawValue)])
            return (found, try rows.map(FeedbackMessage.init))
        }
    }

    /// A further message: the account's opens the case again, the operator's answers it and is told to the account.
    /// - Parameters:
    ///   - account: whose it must be; `nil` for the operator.
    ///   - closes: whether nothing more is expected.
    package func write(_ body: String, to id: FeedbackID, account: AccountID?, closes: Bool = false, by actor: Actor) async throws -> FeedbackCase {
        try FeedbackDraft.check(body: body)
        let sealer: SecretSealer = sealer
        return try await act(actor) { connection, trail, now in
            let rows = FeedbackRows(connection: connection, now: now)
            let before: FeedbackCase = try rows.find(id, of: account)
            try rows.write(body, to: id, by: actor)
            let after: FeedbackCase = try rows.set(closes ? .closed : account == nil ? .answered : .open, of: id)
            try trail.record(account == nil ? .feedbackAnswer : .feedbackWrite, account: before.account, subject: id.rawValue, ["state": after.state.rawValue])
            if account == nil {
                try Outbox(connection: connection, sealer: sealer, now: now).tell(before.account, .feedback(subject: before.subject, id), mailing: .owners)
            }
            return after
        }
    }
}
