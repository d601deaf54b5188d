import HubAccess
import HubStorage
import ServiceSupport
import WireModel

/// A join token as the operator sees it once; the hub keeps only the secret's hash.
package struct IssuedToken: Sendable, Codable {
    package let token: String
    package let account: AccountID
    package let expires: Timestamp
}

/// A join token as it is listed: its secret is known to nobody but its holder.
package struct ListedToken: Sendable, Codable {
    package let id: TokenID
    package let account: AccountID
    package let created: Timestamp
    package let expires: Timestamp
    package let group: DeviceGroupID?
    package let replaces: DeviceID?
    /// The device it made.
    package let usedBy: DeviceID?

    init(_ row: SQLRow) throws {
        guard let id = TokenID(rawValue: try row.text("id")), let account = AccountID(rawValue: try row.text("account_id")) else {
            throw HubStorageError.damaged
        }
        self.id = id
        self.account = account
        created = try row.time("created_ms")
        expires = try row.time("expires_ms")
        group = try row.textOrNil("group_id").flatMap(DeviceGroupID.init(rawValue:))
        replaces = try row.textOrNil("replaces").flatMap(DeviceID.init(rawValue:))
        usedBy = try row.textOrNil("used_by").flatMap(DeviceID.init(rawValue:))
    }
}

extension Hub {
    /// Tokens that may still make a device, and those that made one or ended within a month; newest first, 200 at most.
    package func joinTokens() async throws -> [ListedToken] {
        let since: Int64 = now().advanced(by: .seconds(-30 * 86_400)).milliseconds
        return try await database.read {
            try $0.rows("SELECT * FROM join_token WHERE expires_ms > ? ORDER BY created_ms DESC, id DESC LIMIT 200", [.integer(since)]).map(ListedToken.init)
        }
    }

    /// Nobody joins with it any more.
    /// - Throws: `token_used` for one that made a device: revoke that.
    package func withdrawToken(_ id: TokenID, by actor: Actor) async throws -> ListedToken {
        try await act(actor) { connection, trail, _ in
            guard let row = try connection.firstRow("SELECT * FROM join_token WHERE id = ?", [.text(id.rawValue)]) else {
                throw Problem(.notFound, "There is no such token.", detail: id.rawValue, remedy: "`vultus-hub device tokens` shows them.")
            }
            let token = try ListedToken(row)
            if let device = token.usedBy {
                throw Problem(
                    .tokenUsed, "That token has made a device.", detail: device.rawValue, remedy: "Revoke the device: `vultus-hub device revoke \(device)`.")
            }
            try connection.execute("DELETE FROM join_token WHERE id = ?", [.text(id.rawValue)])
            try trail.record(.deviceTokenWithdraw, account: token.account, subject: id.rawValue)
            return token
        }
    }

    /// - Parameters:
    ///   - lifetime: minutes rather than days; at most a week.
    ///   - group: of the account, by id or name: the device joins into it.
    ///   - replaced: a device of the account in whose place it comes; that one is revoked when the new one joins.
    package func issueToken(account reference: String, lifetime: Duration, group: String? = nil, replacing replaced: DeviceID? = nil, by actor: Actor)
        async throws -> IssuedToken
    {
        guard lifetime > .zero, lifetime <= .seconds(7 * 86_400) else {
            throw Problem(.invalidRequest, "A join token lives from a minute to a week.", remedy: "Give --minutes between 1 and 10080.")
        }
        let now: Timestamp = now()
        let secret: String = Base64(SystemRandom.bytes(16)).text
        let expires: Timestamp = now.advanced(by: lifetime)
        let account: Account = try await act(actor) { connection, trail, now in
            let account: Account = try Self.account(connection, reference)
            try Self.requireActive(account)
            let target: DeviceGroup? = try group.map { try DeviceGroups(connection: connection).group($0, of: account.id) }
            if let replaced, try Device.find(replaced, connection).account != account.id {
                throw Problem(.notFound, "The account has no such device.", detail: replaced.rawValue, remedy: "`vultus-hub device list` shows all devices.")
            }
            let id: String = TokenID(at: now).rawValue
            try trail.record(.deviceToken, account: account.id, subject: id, ["expires": expires.description])
            try connection.execute(
                "INSERT INTO join_token (id, secret_hash, account_id, expires_ms, created_ms, group_id, replaces) VALUES (?, ?, ?, ?, ?, ?, ?)",
                [
                    .text(id), .text(SecretToken.hash(secret)), .text(account.id.rawValue), .integer(expires.milliseconds),
                    .integer(now.milliseconds), SQLValue(target?.id.rawValue), SQLValue(replaced?.rawValue),
                ])
            return account
        }
        return IssuedToken(token: JoinToken(secret: secret, authorityFingerprint: keys.fingerprint).text, account: account.id, expires: expires)
    }

    static func requireActive(_ account: Account) throws(Problem) {
        guard account.standing == .active else {
            throw Problem(
                .accountInactive, "The account is \(account.standing.rawValue).", detail: "\(account.id): \(GroundText.text(account.ground, .en))",
                remedy: "The account's standing must be put right first: `vultus-hub admin account show` says what is missing.")
        }
    }
}
