import HubAccess
import HubStorage
import WireModel

/// A member of the provider's staff, as other operators see them.
package struct OperatorAccount: Sendable, Codable {
    package let id: String
    package let email: String
    package let role: OperatorRole
    package let state: PrincipalState
    package let hasSecondFactor: Bool
    package let lastSignIn: Timestamp?
    package let created: Timestamp

    init(_ principal: Principal) throws(HubStorageError) {
        guard case .operator(let role) = principal.kind else { throw .damaged }
        id = principal.id
        email = principal.email
        self.role = role
        state = principal.state
        hasSecondFactor = principal.totpEnabled != nil
        lastSignIn = principal.lastSignIn
        created = principal.created
    }
}

extension Hub {
    package func operators() async throws -> [OperatorAccount] {
        try await database.read {
            try $0.rows("SELECT * FROM principal WHERE kind = 'operator' AND state <> 'removed' ORDER BY id", []).map { try OperatorAccount(Principal($0)) }
        }
    }

    package func inviteOperator(_ email: EmailAddress, role: OperatorRole, language: Language, by actor: Actor) async throws -> OperatorAccount {
        let sealer = sealer
        return try await act(actor) { connection, trail, now in
            let principals = Principals(connection: connection)
            guard try principals.find(key: Principals.key(email, isOperator: true)) == nil else {
                throw Problem(.conflict, "That mailbox is an operator's already.", remedy: "`vultus-hub admin operator list` shows all.")
            }
            let id: String = OperatorID(at: now).rawValue
            try principals.insert(
                id: id, account: nil, role: role.rawValue, email: email, language: language, passwordHash: nil, state: .invited, now: now)
            let principal: Principal = try principals.find(id: id)!
            let token: String = try MailTokens(connection: connection, now: now).issue(.invite, for: id, emailKey: principal.emailKey)
            try Outbox(connection: connection, sealer: sealer, now: now).mail(
                .inviteOperator(token: token, publicURL: try Settings(connection)[.publicURL]), to: principal)
            try trail.record(.operatorInvite, subject: id, ["role": role.rawValue])
            return try OperatorAccount(principal)
        }
    }

    package func acceptOperatorInvitation(token: String, password: String, address: String) async throws -> OperatorAccount {
        try PasswordPolicy.check(password, email: "", name: "")
        try await checkToken(token, .invite)
        let hash: String = try await hasher.hash(password)
        let now: Timestamp = now()
        return try await database.write { connection in
            let principal: Principal = try MailTokens(connection: connection, now: now).redeem(token, .invite)
            guard principal.account == nil else {
                throw Problem(.mailTokenInvalid, "That token is not an operator's.", remedy: "Accept it in the user centre.")
            }
            try PasswordPolicy.check(password, email: principal.email, name: "")
            let trail = AuditTrail(connection: connection, actor: principal.actor(address: address), now: now)
            try Self.activate(connection, principal, hash: hash, trail: trail, now: now)
            return try OperatorAccount(try Principals(connection: connection).find(id: principal.id)!)
        }
    }

    /// - Parameter role: `nil` takes the operator out.
    package func setOperator(_ id: String, role: OperatorRole?, by actor: Actor) async throws {
        try await act(actor) { connection, trail, _ in
            let principals = Principals(connection: connection)
            guard let principal = try principals.find(id: id), case .operator(let before) = principal.kind else { throw Problem.nothing("operator", id) }
            guard actor.kind == .shell || actor.id != id else {
                throw Problem(.conflict, "Nobody changes their own role.", remedy: "Ask another administrator, or use the shell.")
            }
            if let role {
                try connection.execute("UPDATE principal SET role = ? WHERE id = ?", [.text(role.rawValue), .text(id)])
                try trail.record(.operatorChange, subject: id, ["before": before.rawValue, "after": role.rawValue])
            } else {
                try principals.remove(principal)
                try trail.record(.operatorRemove, subject: id, ["role": before.rawValue])
            }
        }
    }
}
