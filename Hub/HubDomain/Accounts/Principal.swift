import HubAccess
import HubStorage
import WireModel

/// What a member may do in their account.
package enum MemberRole: String, Codable, Sendable, CaseIterable {
    /// Everything, closing the account included. There is always one.
    case owner
    /// Everything but owners and closing.
    case admin
    /// Applications and keys.
    case developer
    /// Reads everything, changes nothing.
    case auditor
    /// Use and bills.
    case billing
}

/// What a member of the provider's staff may do.
package enum OperatorRole: String, Codable, Sendable, CaseIterable {
    /// Everything, other operators included.
    case administrator
    /// Accounts, measures, agreements.
    case support
    /// Prices, quotas, bills.
    case finance
    /// Reads everything, changes nothing.
    case auditor
}

package enum PrincipalState: String, Codable, Sendable {
    case invited, active, removed
}

/// Somebody who signs in: a member of an account or an operator.
package struct Principal: Sendable {
    package enum Kind: Sendable, Hashable {
        case member(AccountID, MemberRole)
        case `operator`(OperatorRole)
    }

    package let id: String
    package let kind: Kind
    /// As a person reads it.
    package let email: String
    /// As it is mailed to.
    let mailbox: String
    let emailKey: String
    package let language: Language
    package let state: PrincipalState
    let passwordHash: String?
    package let emailVerified: Timestamp?
    /// By when the mailbox must be proven again.
    package let emailDue: Timestamp?
    let totpSealed: [UInt8]?
    package let totpEnabled: Timestamp?
    let totpStep: Int64
    package let created: Timestamp
    package let lastSignIn: Timestamp?

    init(_ row: SQLRow) throws {
        guard let language = Language(rawValue: try row.text("language")), let state = PrincipalState(rawValue: try row.text("state")) else {
            throw HubStorageError.damaged
        }
        id = try row.text("id")
        if try row.text("kind") == "member" {
            guard let account = try row.textOrNil("account_id").flatMap(AccountID.init(rawValue:)), let role = MemberRole(rawValue: try row.text("role")) else {
                throw HubStorageError.damaged
            }
            kind = .member(account, role)
        } else {
            guard let role = OperatorRole(rawValue: try row.text("role")) else { throw HubStorageError.damaged }
            kind = .operator(role)
        }
        email = try row.text("email")
        mailbox = try row.text("mailbox")
        emailKey = try row.text("email_key")
        self.language = language
        self.state = state
        passwordHash = try row.textOrNil("password_hash")
        emailVerified = try row.timeOrNil("email_verified_ms")
        emailDue = try row.timeOrNil("email_due_ms")
        totpSealed = try row.blobOrNil("totp_sealed")
        totpEnabled = try row.timeOrNil("totp_enabled_ms")
        totpStep = try row.integer("totp_step")
        created = Timestamp(milliseconds: try row.integer("created_ms"))
        lastSignIn = try row.timeOrNil("login_ms")
    }

    package var account: AccountID? {
        if case .member(let account, _) = kind { account } else { nil }
    }

    package var memberRole: MemberRole? {
        if case .member(_, let role) = kind { role } else { nil }
    }

    package func actor(address: String) -> Actor {
        switch kind {
        case .member: Actor(.member, id, address: address)
        case .operator: Actor(.operator, id, address: address)
        }
    }
}

extension SQLRow {
    func timeOrNil(_ column: String) throws(HubStorageError) -> Timestamp? { try integerOrNil(column).map(Timestamp.init(milliseconds:)) }
    func time(_ column: String) throws(HubStorageError) -> Timestamp { Timestamp(milliseconds: try integer(column)) }
}

/// A member as other members of the account see it.
package struct Member: Sendable, Codable {
    package let id: String
    package let email: String
    package let role: MemberRole
    package let state: PrincipalState
    package let language: Language
    package let emailVerified: Timestamp?
    package let emailDue: Timestamp?
    package let hasSecondFactor: Bool
    package let lastSignIn: Timestamp?
    package let created: Timestamp

    init(_ principal: Principal) throws(HubStorageError) {
        guard let role = principal.memberRole else { throw .damaged }
        id = principal.id
        email = principal.email
        self.role = role
        state = principal.state
        language = principal.language
        emailVerified = principal.emailVerified
        emailDue = principal.emailDue
        hasSecondFactor = principal.totpEnabled != nil
        lastSignIn = principal.lastSignIn
        created = principal.created
    }

    /// - Throws: for an operator.
    package init(of principal: Principal) throws { try self.init(principal) }
}

/// Statements on `principal`.
struct Principals {
    let connection: any SQLConnection

    /// The namespace keeps an operator's mailbox apart from a member's.
    static func key(_ email: EmailAddress, isOperator: Bool) -> String { (isOperator ? "operator:" : "member:") + email.key }

    func find(id: String) throws -> Principal? {
        try connection.firstRow("SELECT * FROM principal WHERE id = ? AND state <> 'removed'", [.text(id)]).map(Principal.init)
    }

    func find(key: String) throws -> Principal? {
        try connection.firstRow("SELECT * FROM principal WHERE email_key = ?", [.text(key)]).map(Principal.init)
    }

    func members(of account: AccountID) throws -> [Principal] {
        try connection.rows(
            "SELECT * FROM principal WHERE account_id = ? AND kind = 'member' AND state <> 'removed' ORDER BY id", [.text(account.rawValue)]
        ).map(Principal.init)
    }

    func owners(of account: AccountID) throws -> [Principal] { try members(of: account).filter { $0.memberRole == .owner } }

    /// - Parameter account: `nil` makes an operator.
    func insert(
        id: String, account: AccountID?, role: String, email: EmailAddress, language: Language, passwordHash: String?, state: PrincipalState, now: Timestamp
    ) throws {
        try connection.execute(
            """
            INSERT INTO principal (id, kind, account_id, role, email, mailbox, email_key, language, state, password_hash, password_changed_ms, created_ms)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .text(id), .text(account == nil ? "operator" : "member"), SQLValue(account?.rawValue), .text(role), .text(email.text), .text(email.mailbox),
                .text(Self.key(email, isOperator: account == nil)), .text(language.rawValue), .text(state.rawValue), SQLValue(passwordHash),
                passwordHash == nil ? .null : .integer(now.milliseconds), .integer(now.milliseconds),
            ])
    }

    /// Ends everything that lets this principal in, and frees the mailbox for another registration.
    func remove(_ principal: Principal) throws {
        for table in ["session", "mail_token", "recovery_code"] {
            try connection.execute("DELETE FROM \(table) WHERE principal_id = ?", [.text(principal.id)])
        }
        try connection.execute(
            """
            UPDATE principal SET state = 'removed', email = '', mailbox = '', email_key = ?, password_hash = NULL, totp_sealed = NULL,
                totp_enabled_ms = NULL, email_verified_ms = NULL, email_due_ms = NULL
            WHERE id = ?
            """, [.text("removed:" + principal.id), .text(principal.id)])
    }

    func endSessions(of principal: String, except kept: String? = nil) throws {
        try connection.execute("DELETE FROM session WHERE principal_id = ? AND id <> ?", [.text(principal), .text(kept ?? "")])
    }
}
