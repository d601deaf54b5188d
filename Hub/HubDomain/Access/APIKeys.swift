import HubAccess
import HubStorage
import WireModel

/// A key with which a program calls APIs, as its account sees it: never the key itself.
package struct APIKey: Sendable, Codable {
    package let id: APIKeyID
    package let application: ApplicationID
    package let name: String
    package let environment: KeyEnvironment
    /// First and last characters, to tell keys apart.
    package let hint: String
    /// The APIs it may call; empty means all that the account may.
    package let apis: [APIName]
    /// Where calls may come from; empty means anywhere.
    package let addresses: [AddressRange]
    /// What it may do beyond calling.
    package let scopes: [KeyPermission]
    package let created: Timestamp
    package let expires: Timestamp?
    /// To the minute.
    package let lastUsed: Timestamp?
    package let lastAddress: String?
    package let frozen: Timestamp?
    package let frozenGround: String?
    /// Calls a minute, at most, whatever the APIs allow.
    package let perMinute: Int64?
    /// The key that takes its place; this one ends at `expires`.
    package let replacedBy: APIKeyID?

    init(_ row: SQLRow) throws {
        guard let id = APIKeyID(rawValue: try row.text("id")), let application = ApplicationID(rawValue: try row.text("application_id")),
            let environment = KeyEnvironment(rawValue: try row.text("environment"))
        else { throw HubStorageError.damaged }
        self.id = id
        self.application = application
        name = try row.text("name")
        self.environment = environment
        hint = try row.text("hint")
        apis = try JSON.value([APIName].self, from: try row.text("apis"))
        addresses = try JSON.value([AddressRange].self, from: try row.text("addresses"))
        scopes = try JSON.value([KeyPermission].self, from: try row.text("scopes"))
        created = try row.time("created_ms")
        expires = try row.timeOrNil("expires_ms")
        lastUsed = try row.timeOrNil("used_ms")
        lastAddress = try row.textOrNil("used_address")
        frozen = try row.timeOrNil("frozen_ms")
        frozenGround = try row.textOrNil("frozen_ground")
        perMinute = try row.integerOrNil("per_minute")
        replacedBy = try row.textOrNil("replaced_by").flatMap(APIKeyID.init(rawValue:))
    }
}

/// A key as it is handed out, once.
package struct IssuedKey: Sendable, Codable {
    /// The whole key. The hub keeps its hash and cannot show it again.
    package let secret: String
    package let key: APIKey
}

/// What a new key may do.
package struct KeyScope: Sendable {
    package let name: String
    package let environment: KeyEnvironment
    package let apis: [APIName]
    package let addresses: [AddressRange]
    package let expires: Timestamp?
    package let perMinute: Int64?
    /// What it may do beyond calling.
    package let scopes: [KeyPermission]

    package init(
        name: String, environment: KeyEnvironment, apis: [APIName], addresses: [AddressRange], expires: Timestamp?, perMinute: Int64? = nil,
        scopes: [KeyPermission] = []
    ) {
        self.name = name
        self.environment = environment
        self.apis = apis
        self.addresses = addresses
        self.expires = expires
        self.perMinute = perMinute
        self.scopes = scopes
    }
}

extension Hub {
    private static let mostKeys: Int64 = 500
    /// How long the old key goes on beside the new one at most.
    package static let longestOverlap: Duration = .seconds(90 * 86_400)

    package func apiKeys(_ account: AccountID) async throws -> [APIKey] {
        try await database.read {
            try $0.rows("SELECT * FROM api_key WHERE account_id = ? ORDER BY id DESC", [.text(account.rawValue)]).map(APIKey.init)
        }
    }

    package func apiKey(_ id: APIKeyID, account: AccountID) async throws -> APIKey {
        try await database.read { try Self.apiKey($0, id, account) }
    }

    private static func apiKey(_ connection: any SQLConnection, _ id: APIKeyID, _ account: AccountID) throws -> APIKey {
        guard let row = try connection.firstRow("SELECT * FROM api_key WHERE id = ? AND account_id = ?", [.text(id.rawValue), .text(account.rawValue)]) else {
            throw Problem.nothing("key", id.rawValue)
        }
        return try APIKey(row)
    }

    package func makeKey(_ scope: KeyScope, application: ApplicationID, account: AccountID, by actor: Actor) async throws -> IssuedKey {
        let name: String = try Self.checkName(scope.name)
        let text = APIKeyText.generate(scope.environment)
        return try await act(actor) { connection, trail, now in
            guard scope.expires.map({ $0 > now }) ?? true else {
                throw Problem(.invalidRequest, "A key ends in the future.", detail: "\(scope.expires ?? now)", remedy: "Name a time to come, or none.")
            }
            let isThere: Bool =
                try connection.firstRow(
                    "SELECT id FROM application WHERE id = ? AND account_id = ? AND archived_ms IS NULL",
                    [.text(application.rawValue), .text(account.rawValue)]) != nil
            guard isThere else { throw Problem.nothing("application in use", application.rawValue) }
            let count: Int64 = try connection.rows(
                "SELECT count(*) AS n FROM api_key WHERE account_id = ? AND frozen_ms IS NULL", [.text(account.rawValue)])[0].integer("n")
            guard count < Self.mostKeys else {
                throw Problem(.conflict, "An account has at most \(Self.mostKeys) keys.", remedy: "Freeze those that are not used.")
            }
            let key: APIKey = try Self.insertKey(connection, text, named: name, scope: scope, application: application, account: account, by: actor, now: now)
            try trail.record(.keyMake, account: account, subject: key.id.rawValue, ["application": application.rawValue])
            return IssuedKey(secret: text.text, key: key)
        }
    }

    private static func insertKey(
        _ connection: any SQLConnection, _ text: APIKeyText, named name: String, scope: KeyScope, application: ApplicationID, account: AccountID,
        by actor: Actor, now: Timestamp
    ) throws -> APIKey {
        try APIKey(
            connection.rows(
                """
                INSERT INTO api_key (id, account_id, application_id, name, environment, hash, hint, apis, addresses, created_by, created_ms, expires_ms,
                    per_minute, scopes)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING *
                """,
                [
                    .text(APIKeyID(at: now).rawValue), .text(account.rawValue), .text(application.rawValue), .text(name), .text(scope.environment.rawValue),
                    .text(text.hash), .text(text.hint), .text(try JSON.text(Set(scope.apis).sorted())),
                    .text(try JSON.text(Set(scope.addresses).sorted { $0.text < $1.text })), .text(actor.text), .integer(now.milliseconds),
                    SQLValue(scope.expires?.milliseconds), SQLValue(scope.perMinute),
                    .text(try JSON.text(KeyPermission.allCases.filter(scope.scopes.contains))),
                ])[0])
    }

    /// A new key of the same scope; the old one goes on for `overlap` and then ends.
    package func rotateKey(_ id: APIKeyID, overlap: Duration, account: AccountID, by actor: Actor) async throws -> IssuedKey {
        guard overlap >= .zero, overlap <= Self.longestOverlap else {
            throw Problem(.invalidRequest, "Old and new key overlap for at most 90 days.", remedy: "Give fewer seconds; 0 ends the old key at once.")
        }
        return try await act(actor) { connection, trail, now in
            let old: APIKey = try Self.apiKey(connection, id, account)
            guard old.frozen == nil, old.replacedBy == nil, old.expires.map({ $0 > now }) ?? true else {
                throw Problem(.conflict, "Only a key in use can be rotated.", detail: id.rawValue, remedy: "Make a new key.")
            }
            let text = APIKeyText.generate(old.environment)
            let scope = KeyScope(
                name: old.name, environment: old.environment, apis: old.apis, addresses: old.addresses, expires: old.expires,
                perMinute: old.perMinute, scopes: old.scopes)
            let key: APIKey = try Self.insertKey(
                connection, text, named: old.name, scope: scope, application: old.application, account: account, by: actor, now: now)
            let end: Timestamp = min(old.expires ?? now.advanced(by: overlap), now.advanced(by: overlap))
            try connection.execute(
                "UPDATE api_key SET replaced_by = ?, expires_ms = ? WHERE id = ?", [.text(key.id.rawValue), .integer(end.milliseconds), .text(id.rawValue)])
            try trail.record(.keyRotate, account: account, subject: id.rawValue, ["by": key.id.rawValue, "ends": end.description])
            return IssuedKey(secret: text.text, key: key)
        }
    }

    /// From now on no call with it passes; for good.
    /// - Parameter account: whose it must be; `nil` for an operator.
    package func freezeKey(_ id: APIKeyID, ground: String, account: AccountID?, by actor: Actor) async throws -> APIKey {
        let ground: String = ground.trimmed
        guard (1...200).contains(ground.count) else {
            throw Problem(.invalidRequest, "Freezing a key states its ground.", remedy: "Give a ground of 1 to 200 characters.")
        }
        let sealer = sealer
        return try await act(actor) { connection, trail, now in
            let whose: [SQLValue] = [.text(id.rawValue), .text(account?.rawValue ?? ""), .integer(account == nil ? 1 : 0)]
            let before: SQLRow? = try connection.firstRow("SELECT * FROM api_key WHERE id = ? AND (account_id = ? OR ? = 1)", whose)
            guard let before, let owner = AccountID(rawValue: try before.text("account_id")) else { throw Problem.nothing("key", id.rawValue) }
            // Frozen already: the first ground stands, and nobody is told twice, however often a finder reports it.
            guard try before.integerOrNil("frozen_ms") == nil else { return try APIKey(before) }
            let key = try APIKey(
                connection.rows(
                    "UPDATE api_key SET frozen_ground = ?, frozen_ms = ? WHERE id = ? RETURNING *",
                    [.text(ground), .integer(now.milliseconds), .text(id.rawValue)])[0])
            try trail.record(.keyFreeze, account: owner, subject: id.rawValue)
            try Outbox(connection: connection, sealer: sealer, now: now).tell(owner, .keyFrozen(hint: key.hint, ground: ground), mailing: .owners)
            return key
        }
    }

    /// Freezes whatever key this text is: what somebody does who finds one lying about (S17). Needs no sign-in, because
    /// who holds the key could do worse.
    package func freezeFoundKey(_ text: String, address: String) async throws {
        guard let parsed = APIKeyText(text) else {
            throw Problem(.keyMalformed, "That is not a key of this service.", remedy: "Send the whole key, beginning with vlt_.")
        }
        let id: APIKeyID? = try await database.read { connection in
            try connection.firstRow("SELECT id FROM api_key WHERE hash = ?", [.text(parsed.hash)]).flatMap { APIKeyID(rawValue: try $0.text("id")) }
        }
        guard let id else { throw Problem(.keyUnknown, "No account has that key.", remedy: "It may have been made on another hub.") }
        _ = try await freezeKey(id, ground: "reported as found", account: nil, by: Actor(.system, "finder", address: address))
    }
}
