import HubStorage
import RecognitionAPI
import WireModel

extension APIName {
    /// What a variant's name adds to its base's; `nil` for none, or more than one group.
    var group: String? {
        guard let base, self != base else { return nil }
        let rest: Substring = rawValue.dropFirst(base.rawValue.count + 1)
        return rest.contains(".") ? nil : String(rest)
    }
}

/// A custom variant of an API as its account and the operator see it, with every version there was and is to be.
package struct VariantRecord: Sendable, Codable {
    package struct Version: Sendable, Codable {
        /// From 1.
        package let number: Int64
        package let definition: JSONValue
        package let quote: QuoteID
        package let effective: Timestamp

        init(_ row: SQLRow) throws {
            guard let quote = QuoteID(rawValue: try row.text("quote_id")) else { throw HubStorageError.damaged }
            number = try row.integer("number")
            definition = try JSON.value(JSONValue.self, from: try row.text("definition"))
            self.quote = quote
            effective = try row.time("effective_ms")
        }
    }

    package let id: VariantID
    package let account: AccountID
    package let api: APIName
    package let base: APIName
    package let created: Timestamp
    /// From then on calls are refused.
    package let ends: Timestamp?
    package let endGround: String?
    /// Newest first.
    package let versions: [Version]
    /// Which of them answers now; `nil` before the first takes effect and after the end.
    package let inForce: Int64?

    init(_ row: SQLRow, versions: [Version], now: Timestamp) throws {
        guard let id = VariantID(rawValue: try row.text("id")), let account = AccountID(rawValue: try row.text("account_id")),
            let api = APIName(rawValue: try row.text("api")), let base = APIName(rawValue: try row.text("base"))
        else { throw HubStorageError.damaged }
        self.id = id
        self.account = account
        self.api = api
        self.base = base
        created = try row.time("created_ms")
        ends = try row.timeOrNil("ends_ms")
        endGround = try row.textOrNil("end_ground")
        self.versions = versions
        let isOver: Bool = ends.map { $0 <= now } ?? false
        inForce = isOver ? nil : Self.inForce(versions, at: now)?.number
    }

    /// The newest agreement whose day has come.
    static func inForce(_ versions: [Version], at now: Timestamp) -> Version? {
        versions.filter { $0.effective <= now }.max { ($0.effective, $0.number) < ($1.effective, $1.number) }
    }
}

/// A variant as a call needs it: the version in force, ready to render.
package struct Variant: Sendable {
    package let id: VariantID
    package let account: AccountID
    package let api: APIName
    package let base: APIName
    package let number: Int64
    package let definition: VariantDefinition

    /// Whether the call's own answer is in the variant's form; if not, the caller is told that the result was taken and is sent by webhook.
    package var isAnswered: Bool { definition.delivery.contains(.answer) }
    package var isSent: Bool { definition.delivery.contains(.webhook) }

    /// - Parameters:
    ///   - answer: the base API's, JSON.
    ///   - id: of the metering record.
    package func render(_ answer: [UInt8], id: String, time: Timestamp) throws -> RenderedAnswer {
        definition.render(try JSON.value(JSONValue.self, from: answer), of: VariantCall(id: id, api: api, time: time))
    }
}

/// Statements on variants.
struct Variants {
    let connection: any SQLConnection
    let now: Timestamp

    func find(_ id: VariantID, account: AccountID?) throws -> VariantRecord {
        let row: SQLRow? = try connection.firstRow(
            "SELECT * FROM variant WHERE id = ? AND (account_id = ? OR ? = 1)",
            [.text(id.rawValue), .text(account?.rawValue ?? ""), SQLValue(account == nil)])
        guard let row else { throw Problem.nothing("variant", id.rawValue) }
        return try whole(row)
    }

    func all(account: AccountID?) throws -> [VariantRecord] {
        try connection.rows(
            "SELECT * FROM variant WHERE account_id = ? OR ? = 1 ORDER BY id DESC LIMIT 500", [.text(account?.rawValue ?? ""), SQLValue(account == nil)]
        ).map(whole)
    }

    private func whole(_ row: SQLRow) throws -> VariantRecord {
        let versions: [VariantRecord.Version] = try connection.rows(
            "SELECT * FROM variant_version WHERE variant_id = ? ORDER BY number DESC", [.text(try row.text("id"))]
        ).map(VariantRecord.Version.init)
        return try VariantRecord(row, versions: versions, now: now)
    }

    /// One statement: the version in force of an account's own variant.
    func inForce(_ api: APIName, account: AccountID) throws -> Variant? {
        let row: SQLRow? = try connection.firstRow(
            """
            SELECT variant.id AS id, base, number, definition FROM variant JOIN variant_version ON variant_id = variant.id
            WHERE api = ? AND account_id = ? AND (ends_ms IS NULL OR ends_ms > ?) AND effective_ms <= ? ORDER BY effective_ms DESC, number DESC LIMIT 1
            """, [.text(api.rawValue), .text(account.rawValue), .integer(now.milliseconds), .integer(now.milliseconds)])
        guard let row else { return nil }
        guard let id = VariantID(rawValue: try row.text("id")), let base = APIName(rawValue: try row.text("base")) else { throw HubStorageError.damaged }
        do {
            let definition = try VariantDefinition(try JSON.value(JSONValue.self, from: try row.text("definition")), base: base)
            return Variant(id: id, account: account, api: api, base: base, number: try row.integer("number"), definition: definition)
        } catch let faults as DefinitionFaults { throw faults.problem }
    }
}

extension Hub {
    package func variants(_ account: AccountID?) async throws -> [VariantRecord] {
        let now: Timestamp = now()
        return try await database.read { try Variants(connection: $0, now: now).all(account: account) }
    }

    package func variant(_ id: VariantID, account: AccountID?) async throws -> VariantRecord {
        let now: Timestamp = now()
        return try await database.read { try Variants(connection: $0, now: now).find(id, account: account) }
    }

    /// - Returns: `nil` when this account has no variant of that name in force: it is somebody else's, ended, yet to begin, or none.
    package func variant(_ api: APIName, account: AccountID) async throws -> Variant? {
        let now: Timestamp = now()
        return try await database.read { try Variants(connection: $0, now: now).inForce(api, account: account) }
    }

    /// The shortest time between an operator's word that a variant ends and its end.
    package static let retirementNotice: Duration = .seconds(30 * 86_400)

    /// The operator ends a variant, with notice and reason.
    package func retireVariant(_ id: VariantID, ends: Timestamp, ground: String, by actor: Actor) async throws -> VariantRecord {
        guard ends >= now().advanced(by: Self.retirementNotice) else {
            throw Problem(
                .invalidRequest, "A variant is retired with notice of 30 days at least.", detail: "\(ends)", remedy: "Name a later day.")
        }
        return try await end(id, at: ends, ground: ground, account: nil, by: actor)
    }

    /// The account ends its own variant, at once.
    package func endVariant(_ id: VariantID, ground: String, account: AccountID, by actor: Actor) async throws -> VariantRecord {
        try await end(id, at: now(), ground: ground, account: account, by: actor)
    }

    private func end(_ id: VariantID, at ends: Timestamp, ground: String, account: AccountID?, by actor: Actor) async throws -> VariantRecord {
        let ground: String = ground.trimmed
        guard (1...500).contains(ground.unicodeScalars.count) else {
            throw Problem(.invalidRequest, "Ending a variant states its ground.", remedy: "Give a ground of 1 to 500 characters.")
        }
        let sealer = sealer
        return try await act(actor) { connection, trail, now in
            let variants = Variants(connection: connection, now: now)
            let variant: VariantRecord = try variants.find(id, account: account)
            // Who retires cannot prolong: of two ends the earlier stands.
            guard variant.ends.map({ $0 > ends && $0 > now }) ?? true else {
                throw Problem(.conflict, "That variant has ended, or ends before.", detail: id.rawValue, remedy: "Read it again.")
            }
            try connection.execute(
                "UPDATE variant SET ends_ms = ?, end_ground = ?, ended_by = ?, told_ms = ? WHERE id = ?",
                [
                    .integer(ends.milliseconds), .text(ground), .text(actor.text), ends <= now ? .integer(now.milliseconds) : .null, .text(id.rawValue),
                ])
            try trail.record(.variantEnd, account: variant.account, subject: id.rawValue, ["ends": ends.description])
            let event: CustomisationEvent =
                ends <= now ? .ended(id, api: variant.api) : .retiring(id, api: variant.api, ends: ends, ground: ground)
            try Outbox(connection: connection, sealer: sealer, now: now).tell(variant.account, .customisation(event), mailing: .owners)
            return try variants.find(id, account: account)
        }
    }

    /// Tells once that an end that was announced has come.
    func tellEndedVariants() async throws -> Int {
        let sealer = sealer
        let now: Timestamp = now()
        let isDue: Bool = try await database.read {
            try $0.firstRow("SELECT id FROM variant WHERE ends_ms <= ? AND told_ms IS NULL LIMIT 1", [.integer(now.milliseconds)]) != nil
        }
        guard isDue else { return 0 }
        return try await act(.system("variants")) { connection, _, now in
            let rows: [SQLRow] = try connection.rows(
                "UPDATE variant SET told_ms = ? WHERE ends_ms <= ? AND told_ms IS NULL RETURNING *",
                [.integer(now.milliseconds), .integer(now.milliseconds)])
            for row in rows {
                let variant: VariantRecord = try VariantRecord(row, versions: [], now: now)
                try Outbox(connection: connection, sealer: sealer, now: now).tell(
                    variant.account, .customisation(.ended(variant.id, api: variant.api)), mailing: .owners)
            }
            return rows.count
        }
    }
}
