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

extension Hub {
    /// - Parameters:
    ///   - lifetime: minutes rather than days; at most a week.
    ///   - group: of the account, by id or name: the device joins into it.
    package func issueToken(account reference: String, lifetime: Duration, group: String? = nil, by actor: Actor) async throws -> IssuedToken {
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
            let id: String = TokenID(at: now).rawValue
            try trail.record(.deviceToken, account: account.id, subject: id, ["expires": expires.description])
            try connection.execute(
                "INSERT INTO join_token (id, secret_hash, account_id, expires_ms, created_ms, group_id) VALUES (?, ?, ?, ?, ?, ?)",
                [
                    .text(id), .text(SecretToken.hash(secret)), .text(account.id.rawValue), .integer(expires.milliseconds),
                    .integer(now.milliseconds), SQLValue(target?.id.rawValue),
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
