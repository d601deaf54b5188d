import HubStorage
import WireModel

package enum MeasureType: String, Codable, Sendable, CaseIterable {
    case warning, throttle
    case pauseAPI = "pause_api"
    case suspension, termination
}

/// What the operator does about an account (S13): with a ground and a statement the account reads, and an end where it
/// can have one.
package struct Measure: Sendable, Codable {
    package let id: MeasureID
    package let account: AccountID
    package let kind: MeasureType
    /// Only for ``MeasureType/pauseAPI``.
    package let api: APIName?
    /// Only for ``MeasureType/throttle``: calls a minute.
    package let perMinute: Int64?
    package let ground: String
    package let statement: String
    package let begins: Timestamp
    package let expires: Timestamp?
    package let ended: Timestamp?
    package let endedGround: String?

    init(_ row: SQLRow) throws {
        guard let id = MeasureID(rawValue: try row.text("id")), let account = AccountID(rawValue: try row.text("account_id")),
            let kind = MeasureType(rawValue: try row.text("kind"))
        else { throw HubStorageError.damaged }
        self.id = id
        self.account = account
        self.kind = kind
        api = try row.textOrNil("api").flatMap(APIName.init(rawValue:))
        perMinute = try row.integerOrNil("per_minute")
        ground = try row.text("ground")
        statement = try row.text("statement")
        begins = try row.time("begins_ms")
        expires = try row.timeOrNil("expires_ms")
        ended = try row.timeOrNil("ended_ms")
        endedGround = try row.textOrNil("ended_ground")
    }

    func text(in language: Language) -> String {
        let term: String = expires.map { language.text("until \($0.day)", "至 \($0.day)") } ?? language.text("until it is lifted", "直至解除")
        let what: String =
            switch kind {
            case .warning: language.text("A warning", "警告")
            case .throttle: language.text("At most \(perMinute ?? 0) calls a minute, \(term)", "每分钟最多 \(perMinute ?? 0) 次调用，\(term)")
            case .pauseAPI: language.text("\(api?.rawValue ?? "") is paused, \(term)", "接口 \(api?.rawValue ?? "") 停用，\(term)")
            case .suspension: language.text("Service is interrupted, \(term)", "服务中断，\(term)")
            case .termination: language.text("Service ends", "服务终止")
            }
        return language.text("\(what). The ground: \(ground).\n\n\(statement)", "\(what)。依据：\(ground)。\n\n\(statement)")
    }
}

enum Measures {
    static func inForce(_ connection: any SQLConnection, _ account: AccountID, now: Timestamp) throws -> [Measure] {
        try connection.rows(
            "SELECT * FROM measure WHERE account_id = ? AND begins_ms <= ? AND ended_ms IS NULL AND (expires_ms IS NULL OR expires_ms > ?) ORDER BY id",
            [.text(account.rawValue), .integer(now.milliseconds), .integer(now.milliseconds)]
        ).map(Measure.init)
    }
}

/// What an operator orders.
package struct MeasureOrder: Sendable {
    package let kind: MeasureType
    package let api: APIName?
    package let perMinute: Int64?
    package let ground: String
    package let statement: String
    package let expires: Timestamp?

    package init(kind: MeasureType, api: APIName? = nil, perMinute: Int64? = nil, ground: String, statement: String, expires: Timestamp? = nil) {
        self.kind = kind
        self.api = api
        self.perMinute = perMinute
        self.ground = ground
        self.statement = statement
        self.expires = expires
    }

    func check(now: Timestamp) throws(Problem) {
        func refuse(_ title: String, _ remedy: String) -> Problem { Problem(.invalidRequest, title, remedy: remedy) }
        guard (1...100).contains(ground.trimmed.count), (1...2_000).contains(statement.trimmed.count) else {
            throw refuse("A measure states its ground and what the account is told.", "Give a ground of 1–100 characters and a statement of 1–2000.")
        }
        guard (kind == .pauseAPI) == (api != nil) else { throw refuse("Only pausing an API names an API, and it must.", "Give --api with pause_api only.") }
        if let api, !APIName.all.contains(api) {
            throw refuse("There is no such API: \(api).", "Choose among \(APIName.all.map(\.rawValue).joined(separator: ", ")).")
        }
        guard (kind == .throttle) == (perMinute != nil), perMinute.map({ (1...100_000).contains($0) }) ?? true else {
            throw refuse("Only a throttle has calls a minute, 1 to 100000.", "Give --per-minute with throttle only.")
        }
        guard expires.map({ $0 > now }) ?? true, kind != .termination || expires == nil else {
            throw refuse("A measure ends in the future, and ending an account is for good.", "Name a time to come, or none.")
        }
    }
}

extension Hub {
    package func order(_ order: MeasureOrder, account reference: String, by actor: Actor) async throws -> Measure {
        let sealer = sealer
        return try await act(actor) { connection, trail, now in
            try order.check(now: now)
            let account: Account = try Self.account(connection, reference)
            guard account.standing != .ended else {
                throw Problem(.accountEnded, "The account has ended already.", detail: account.id.rawValue, remedy: "No measure can be taken on it.")
            }
            let id = MeasureID(at: now)
            try connection.execute(
                """
                INSERT INTO measure (id, account_id, kind, api, per_minute, ground, statement, begins_ms, expires_ms, ordered_by)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    .text(id.rawValue), .text(account.id.rawValue), .text(order.kind.rawValue), SQLValue(order.api?.rawValue), SQLValue(order.perMinute),
                    .text(order.ground.trimmed), .text(order.statement.trimmed), .integer(now.milliseconds), SQLValue(order.expires?.milliseconds),
                    .text(actor.text),
                ])
            let measure = try Measure(connection.rows("SELECT * FROM measure WHERE id = ?", [.text(id.rawValue)])[0])
            try trail.record(
                .measureOrder, account: account.id, subject: id.rawValue,
                ["kind": order.kind.rawValue, "ground": measure.ground, "expires": order.expires?.description ?? "never"])
            try Outbox(connection: connection, sealer: sealer, now: now).tell(account.id, .measure(measure), mailing: .everybody)
            try StandingRules(connection: connection, trail: trail, sealer: sealer, now: now).reassess(account.id)
            if order.kind == .termination { try Closing(connection: connection, now: now).end(account.id, trail: trail) }
            return measure
        }
    }

    /// Ends a measure before its time.
    package func lift(_ id: MeasureID, ground: String, by actor: Actor) async throws -> Measure {
        let sealer = sealer
        guard (1...500).contains(ground.trimmed.count) else {
            throw Problem(.invalidRequest, "Lifting a measure states its ground.", remedy: "Give a ground of 1 to 500 characters.")
        }
        return try await act(actor) { connection, trail, now in
            let rows: [SQLRow] = try connection.rows(
                "UPDATE measure SET ended_ms = ?, ended_ground = ? WHERE id = ? AND ended_ms IS NULL AND kind <> 'termination' RETURNING *",
                [.integer(now.milliseconds), .text(ground.trimmed), .text(id.rawValue)])
            guard let row = rows.first else { throw Problem.nothing("measure in force", id.rawValue) }
            let measure = try Measure(row)
            try trail.record(.measureEnd, account: measure.account, subject: id.rawValue, ["ground": ground.trimmed])
            try Outbox(connection: connection, sealer: sealer, now: now).tell(
                measure.account, .measureEnded(measure, ground: ground.trimmed), mailing: .everybody)
            try StandingRules(connection: connection, trail: trail, sealer: sealer, now: now).reassess(measure.account)
            return measure
        }
    }

    /// Newest first.
    package func measures(_ account: AccountID) async throws -> [Measure] {
        try await database.read {
            try $0.rows("SELECT * FROM measure WHERE account_id = ? ORDER BY begins_ms DESC, id DESC", [.text(account.rawValue)]).map(Measure.init)
        }
    }
}
