import HubAccess
import HubStorage
import WireModel

/// Which text of which agreement somebody says they accept: by the hash of what they were shown.
package struct AcceptedText: Sendable, Codable, Hashable {
    package let document: String
    package let number: Int64
    /// Of the text in the language it was read in.
    package let hash: String

    package init(document: String, number: Int64, hash: String) {
        self.document = document
        self.number = number
        self.hash = hash
    }
}

package struct SignUp: Sendable {
    package let kind: AccountType
    package let name: String
    package let email: EmailAddress
    package let password: String
    package let language: Language
    package let accepted: [AcceptedText]

    package init(kind: AccountType, name: String, email: EmailAddress, password: String, language: Language, accepted: [AcceptedText]) {
        self.kind = kind
        self.name = name
        self.email = email
        self.password = password
        self.language = language
        self.accepted = accepted
    }
}

/// Terms of the one-time tokens that go out by mail.
enum MailTokenPurpose: String {
    case verify, reset, invite

    var lifetime: Duration {
        switch self {
        case .verify: .seconds(86_400)
        case .reset: .seconds(3_600)
        case .invite: .seconds(7 * 86_400)
        }
    }
}

/// Statements on `mail_token`: single use, kept as hashes, bound to the mailbox they went to.
struct MailTokens {
    static let prefix: String = "vmt_"

    let connection: any SQLConnection
    let now: Timestamp

    /// A new token; older ones of the same purpose stop working.
    func issue(_ purpose: MailTokenPurpose, for principal: String, emailKey: String, lifetime: Duration? = nil) throws -> String {
        let token: String = SecretToken.generate(prefix: Self.prefix)
        try connection.execute(
            "DELETE FROM mail_token WHERE principal_id = ? AND purpose = ? AND used_ms IS NULL", [.text(principal), .text(purpose.rawValue)])
        try connection.execute(
            "INSERT INTO mail_token (hash, principal_id, purpose, email_key, created_ms, expires_ms) VALUES (?, ?, ?, ?, ?, ?)",
            [
                .text(SecretToken.hash(token)), .text(principal), .text(purpose.rawValue), .text(emailKey), .integer(now.milliseconds),
                .integer(now.advanced(by: lifetime ?? purpose.lifetime).milliseconds),
            ])
        return token
    }

    /// Whether a token would be redeemed, without using it up: asked before work that strangers must not be able to cause.
    /// - Throws: `mailTokenInvalid`.
    func check(_ token: String, _ purpose: MailTokenPurpose) throws {
        let row: SQLRow? = try connection.firstRow(
            "SELECT hash FROM mail_token WHERE hash = ? AND purpose = ? AND used_ms IS NULL AND expires_ms > ?",
            [.text(SecretToken.hash(token)), .text(purpose.rawValue), .integer(now.milliseconds)])
        guard row != nil else { throw Self.invalid }
    }

    private static let invalid = Problem(
        .mailTokenInvalid, "That token is not valid: it was used, has expired, or is another's.", remedy: "Ask for a new mail and use the newest one.")

    /// Uses a token up.
    /// - Throws: `mailTokenInvalid`, one answer for unknown, used and expired.
    func redeem(_ token: String, _ purposes: MailTokenPurpose...) throws -> Principal {
        let rows: [SQLRow] = try connection.rows(
            "UPDATE mail_token SET used_ms = ? WHERE hash = ? AND used_ms IS NULL AND expires_ms > ? RETURNING principal_id, purpose, email_key",
            [.integer(now.milliseconds), .text(SecretToken.hash(token)), .integer(now.milliseconds)])
        guard let row = rows.first, let purpose = MailTokenPurpose(rawValue: try row.text("purpose")), purposes.contains(purpose),
            let principal = try Principals(connection: connection).find(id: try row.text("principal_id")), principal.emailKey == (try row.text("email_key"))
        else {
            throw Self.invalid
        }
        return principal
    }
}

extension Hub {
    /// Registers an account, pending until its mailbox (and, for an enterprise, its domain) is proven. A mailbox that is
    /// registered already gets a mail that says so, and the caller the same answer after the same work: a stranger cannot
    /// ask who has an account.
    /// - Throws: `mailDomainRefused`, `passwordWeak`, `agreementRequired`, `agreementChanged`, `tooManyAttempts`.
    package func signUp(_ request: SignUp, address: String) async throws {
        let name: String = try Self.checkName(request.name)
        try PasswordPolicy.check(request.password, email: request.email.text, name: name)
        let hash: String = try await hasher.hash(request.password)
        let sealer = sealer
        let id: String = MemberID(at: now()).rawValue
        try await act(Actor(.member, id, address: address)) { connection, trail, now in
            if request.kind == .enterprise { try MailDomainRules(connection, for: request.email.domain).requireOwnDomain(request.email) }
            let versions: [AgreementVersion] = try Agreements(connection: connection).matching(request.accepted, now: now, requiring: ["general"])
            try MailThrottle(connection: connection, now: now).admit(request.email, for: "register", address: address)
            let principals = Principals(connection: connection)
            let outbox = Outbox(connection: connection, sealer: sealer, now: now)
            let url: String = try Settings(connection)[.publicURL]
            if let known = try principals.find(key: Principals.key(request.email, isOperator: false)) {
                if known.state == .invited {
                    // Whoever is invited joins that way; the mail may have gone astray.
                    let invited: Account = try Self.account(connection, known.account!)
                    let token: String = try MailTokens(connection: connection, now: now).issue(.invite, for: known.id, emailKey: known.emailKey)
                    return try outbox.mail(.invite(account: invited.name, token: token, publicURL: url), to: known)
                }
                guard known.emailVerified == nil else { return try outbox.mail(.alreadyRegistered(publicURL: url), to: known) }
                // Nobody has proven that mailbox, so what was registered with it may be a stranger's: it gives way.
                try UnconfirmedRegistration(connection: connection, trail: trail, sealer: sealer, now: now).drop(known.account!, ground: "registered_again")
            }
            let account: Account = try Self.insertAccount(
                connection, id: AccountID(at: now), name: name, kind: request.kind, language: request.language, now: now)
            try principals.insert(
                id: id, account: account.id, role: MemberRole.owner.rawValue, email: request.email, language: request.language, passwordHash: hash,
                state: .active, now: now)
            if request.kind == .enterprise { try DomainProofs(connection: connection, now: now).begin(account.id, domain: request.email.domain) }
            try trail.record(.accountRegister, account: account.id, subject: account.id.rawValue, ["kind": request.kind.rawValue])
            let principal: Principal = try principals.find(id: id)!
            try Acceptances(connection: connection, trail: trail, now: now).record(
                zip(versions, request.accepted).map { ($0, $1.hash) }, account: account.id, by: principal, decision: .accepted, manner: .explicit,
                address: address)
            let token: String = try MailTokens(connection: connection, now: now).issue(.verify, for: id, emailKey: principal.emailKey)
            try outbox.mail(.verify(token: token, publicURL: url), to: principal)
        }
    }

    /// Proves a mailbox with the token that was mailed to it.
    /// - Returns: the account as it stands now.
    package func verifyEmail(token: String, address: String) async throws -> Account {
        let sealer = sealer
        let now: Timestamp = now()
        return try await database.write { connection in
            let principal: Principal = try MailTokens(connection: connection, now: now).redeem(token, .verify)
            guard let account = principal.account else { throw Problem.nothing("account", principal.id) }
            let trail = AuditTrail(connection: connection, actor: principal.actor(address: address), now: now)
            try Self.proveEmail(connection, principal, trail: trail, now: now)
            return try StandingRules(connection: connection, trail: trail, sealer: sealer, now: now).reassess(account)
        }
    }

    func checkToken(_ token: String, _ purpose: MailTokenPurpose) async throws {
        let now: Timestamp = now()
        try await database.read { try MailTokens(connection: $0, now: now).check(token, purpose) }
    }

    static func proveEmail(_ connection: any SQLConnection, _ principal: Principal, trail: AuditTrail, now: Timestamp) throws {
        let due: Timestamp = now.advanced(by: try Settings(connection).days(.emailDays))
        try connection.execute(
            "UPDATE principal SET email_verified_ms = ?, email_due_ms = ?, reminded_ms = NULL WHERE id = ?",
            [.integer(now.milliseconds), .integer(due.milliseconds), .text(principal.id)])
        try trail.record(.emailVerify, account: principal.account, subject: principal.id)
    }

    /// Mails a new token to a mailbox that is registered and not proven (or soon due); the same answer and work for any other.
    package func resendVerification(_ email: EmailAddress, language: Language, address: String) async throws {
        try await mailToken(.verify, to: email, isOperator: false, language: language, address: address) { .verify(token: $0, publicURL: $1) }
    }

    /// Mails a token to a registered mailbox, and does the same work for any other, so that nobody learns which is which.
    /// - Throws: `tooManyAttempts`.
    func mailToken(
        _ purpose: MailTokenPurpose, to email: EmailAddress, isOperator: Bool, language: Language, address: String,
        saying event: @escaping @Sendable (_ token: String, _ publicURL: String) -> Event
    ) async throws {
        let sealer = sealer
        let now: Timestamp = now()
        try await database.write { connection in
            try MailThrottle(connection: connection, now: now).admit(email, for: purpose.rawValue, address: address)
            let url: String = try Settings(connection)[.publicURL]
            let outbox = Outbox(connection: connection, sealer: sealer, now: now)
            let principal: Principal? = try Principals(connection: connection).find(key: Principals.key(email, isOperator: isOperator))
            // A new password for an unproven mailbox would be one for whoever registered it.
            guard let principal, principal.state == .active, purpose == .verify || principal.emailVerified != nil else {
                return try outbox.pretend(event(SecretToken.generate(prefix: MailTokens.prefix), url), language: language)
            }
            let token: String = try MailTokens(connection: connection, now: now).issue(purpose, for: principal.id, emailKey: principal.emailKey)
            try outbox.mail(event(token, url), to: principal)
        }
    }
}
