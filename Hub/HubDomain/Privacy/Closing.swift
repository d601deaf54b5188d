import HubStorage
import WireModel

package enum ClosureState: String, Codable, Sendable {
    case requested, withdrawn, approved, refused
}

/// An account's request to end (S12).
package struct Closure: Sendable, Codable {
    package let id: ClosureID
    package let account: AccountID
    package let reason: String
    package let state: ClosureState
    package let answer: String?
    package let requested: Timestamp
    package let decided: Timestamp?

    init(_ row: SQLRow) throws {
        guard let id = ClosureID(rawValue: try row.text("id")), let account = AccountID(rawValue: try row.text("account_id")),
            let state = ClosureState(rawValue: try row.text("state"))
        else { throw HubStorageError.damaged }
        self.id = id
        self.account = account
        reason = try row.text("reason")
        self.state = state
        answer = try row.textOrNil("answer")
        requested = try row.time("requested_ms")
        decided = try row.timeOrNil("decided_ms")
    }
}

struct Closing {
    let connection: any SQLConnection
    let now: Timestamp

    /// What ends with an account: keys, devices, join tokens; its galleries and everybody in them are erased. Sessions stay, so
    /// that its people can still export.
    func end(_ account: AccountID, trail: AuditTrail) throws {
        let values: [SQLValue] = [.integer(now.milliseconds), .text(account.rawValue)]
        try connection.execute("UPDATE api_key SET frozen_ms = ?, frozen_ground = 'account ended' WHERE account_id = ? AND frozen_ms IS NULL", values)
        try connection.execute("UPDATE device SET revoked_ms = ? WHERE account_id = ? AND revoked_ms IS NULL", values)
        try connection.execute("UPDATE join_token SET expires_ms = ? WHERE account_id = ? AND used_by IS NULL", values)
        try GalleryErasure(connection: connection, trail: trail, now: now).deleteAll(of: account)
    }

    func open(_ account: AccountID) throws -> Closure? {
        try connection.firstRow("SELECT * FROM closure WHERE account_id = ? AND state = 'requested' LIMIT 1", [.text(account.rawValue)]).map(Closure.init)
    }
}

extension Hub {
    package func closures(_ account: AccountID?) async throws -> [Closure] {
        try await database.read { connection in
            guard let account else { return try connection.rows("SELECT * FROM closure ORDER BY id DESC", []).map(Closure.init) }
            return try connection.rows("SELECT * FROM closure WHERE account_id = ? ORDER BY id DESC", [.text(account.rawValue)]).map(Closure.init)
        }
    }

    package func requestClosure(_ account: AccountID, reason: String, by actor: Actor) async throws -> Closure {
        let reason: String = reason.trimmed
        guard reason.count <= 1_000 else { throw Problem(.invalidRequest, "A reason has at most 1000 characters.", remedy: "Shorten it, or give none.") }
        return try await act(actor) { connection, trail, now in
            let closing = Closing(connection: connection, now: now)
            guard try Self.account(connection, account).standing != .ended, try closing.open(account) == nil else {
                throw Problem(
                    .conflict, "The account has ended, or a request is under way.", detail: account.rawValue, remedy: "Withdraw the request to make another.")
            }
            let id = ClosureID(at: now)
            try connection.execute(
                "INSERT INTO closure (id, account_id, requested_by, reason, state, requested_ms) VALUES (?, ?, ?, ?, 'requested', ?)",
                [.text(id.rawValue), .text(account.rawValue), .text(actor.text), .text(reason), .integer(now.milliseconds)])
            try trail.record(.closureRequest, account: account, subject: id.rawValue)
            return try closing.open(account)!
        }
    }

    package func withdrawClosure(_ account: AccountID, by actor: Actor) async throws {
        try await act(actor) { connection, trail, now in
            guard let closure = try Closing(connection: connection, now: now).open(account) else {
                throw Problem.nothing("request under way", account.rawValue)
            }
            try connection.execute(
                "UPDATE closure SET state = 'withdrawn', decided_ms = ? WHERE id = ?", [.integer(now.milliseconds), .text(closure.id.rawValue)])
            try trail.record(.closureWithdraw, account: account, subject: closure.id.rawValue)
        }
    }

    /// The operator's answer. Approval ends the account, its keys and its devices; whoever signs in can still export.
    package func decideClosure(_ id: ClosureID, approve: Bool, answer: String, by actor: Actor) async throws -> Closure {
        let sealer = sealer
        guard (1...1_000).contains(answer.trimmed.count) else {
            throw Problem(.invalidRequest, "A decision on closing tells the account why.", remedy: "Give an answer of 1 to 1000 characters.")
        }
        return try await act(actor) { connection, trail, now in
            let rows: [SQLRow] = try connection.rows(
                "UPDATE closure SET state = ?, answer = ?, decided_ms = ? WHERE id = ? AND state = 'requested' RETURNING *",
                [.text(approve ? "approved" : "refused"), .text(answer.trimmed), .integer(now.milliseconds), .text(id.rawValue)])
            guard let row = rows.first else { throw Problem.nothing("request under way", id.rawValue) }
            let closure = try Closure(row)
            try trail.record(.closureDecide, account: closure.account, subject: id.rawValue, ["state": closure.state.rawValue])
            try Outbox(connection: connection, sealer: sealer, now: now).tell(
                closure.account, .closure(state: closure.state.rawValue, answer: answer.trimmed), mailing: .owners)
            if approve {
                _ = try StandingRules(connection: connection, trail: trail, sealer: sealer, now: now).move(
                    try Self.account(connection, closure.account), to: .ended, ground: "closed_on_request")
                try Closing(connection: connection, now: now).end(closure.account, trail: trail)
            }
            return closure
        }
    }
}
