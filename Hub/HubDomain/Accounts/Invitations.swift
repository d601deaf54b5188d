import HubAccess
import HubStorage
import WireModel

extension Hub {
    /// Opens an account for somebody: the owner is invited by mail, and by accepting proves the mailbox, sets a password
    /// and accepts the agreements. Until then the account is pending.
    package func openAccount(name: String, kind: AccountType, owner: EmailAddress, language: Language, by actor: Actor) async throws -> Account {
        let name: String = try Self.checkName(name)
        let sealer = sealer
        return try await act(actor) { connection, trail, now in
            if kind == .enterprise { try MailDomainRules(connection, for: owner.domain).requireOwnDomain(owner) }
            guard try connection.firstRow("SELECT id FROM account WHERE name = ?", [.text(name)]) == nil else {
                throw Problem(
                    .conflict, "An account of that name exists already.", remedy: "Use it, or choose another name; `vultus-hub admin account list` shows all.")
            }
            let account: Account = try Self.insertAccount(connection, id: AccountID(at: now), name: name, kind: kind, language: language, now: now)
            if kind == .enterprise { try DomainProofs(connection: connection, now: now).begin(account.id, domain: owner.domain) }
            try trail.record(.accountOpen, account: account.id, subject: account.id.rawValue, ["kind": kind.rawValue])
            try Self.invite(connection, owner, role: .owner, to: account, language: language, sealer: sealer, trail: trail, now: now)
            return account
        }
    }

    private static let mostMembers: Int = 1_000
    private static let invitationsADay: Int64 = 100

    /// Invites a member, once the enterprise itself is proven. A mailbox that is a member anywhere already is refused.
    package func invite(
        _ email: EmailAddress, role: MemberRole, to id: AccountID, language: Language, inviter: MemberRole?, by actor: Actor
    ) async throws -> Member {
        let sealer = sealer
        return try await act(actor) { connection, trail, now in
            let account: Account = try Self.account(connection, id)
            guard account.kind == .enterprise else {
                throw Problem(
                    .conflict, "An individual's account has one member.", detail: id.rawValue, remedy: "Register an enterprise to work with several people.")
            }
            // Before that, the domain may be somebody else's, and so the mailboxes.
            guard try StandingRules.registration(connection, account, now: now).isComplete else {
                throw Problem(
                    .domainUnproven, "Members are invited once mailbox, domain and agreement are in order.", detail: id.rawValue,
                    remedy: "GET /v1/account says what is still to be done.")
            }
            guard try Principals(connection: connection).members(of: id).count < Self.mostMembers else {
                throw Problem(.conflict, "An account has at most \(Self.mostMembers) members.", remedy: "Take out those who left.")
            }
            let sent: Int64 = try AttemptWindow(connection: connection, now: now).count("invite:\(id)", within: .seconds(86_400))
            guard sent <= Self.invitationsADay else {
                throw Problem(.tooManyAttempts, "Too many invitations today.", detail: "at most \(Self.invitationsADay) a day", remedy: "Go on tomorrow.")
            }
            if role == .owner, inviter == .admin {
                throw Problem(.roleInsufficient, "Only an owner makes another owner.", remedy: "Ask an owner, or invite with another role.")
            }
            try Self.requireDomain(connection, email, id)
            return try Self.invite(connection, email, role: role, to: account, language: language, sealer: sealer, trail: trail, now: now)
        }
    }

    /// Invites an owner to an account that has none who can be reached: opened before there were members, its invitation went
    /// astray, or the owner's mailbox is dead and its term over. Whoever was owner till then is taken out.
    package func inviteOwner(_ email: EmailAddress, to reference: String, language: Language, by actor: Actor) async throws -> Member {
        let sealer = sealer
        return try await act(actor) { connection, trail, now in
            let account: Account = try Self.account(connection, reference)
            guard account.standing != .ended else {
                throw Problem(.accountEnded, "The account has ended.", detail: account.id.rawValue, remedy: "Open another account.")
            }
            let principals = Principals(connection: connection)
            let owners: [Principal] = try principals.owners(of: account.id)
            let isReachable: Bool = owners.contains { $0.state == .active && ($0.emailDue.map { now < $0 } ?? false) }
            guard !isReachable else {
                throw Problem(.conflict, "The account has an owner.", detail: account.id.rawValue, remedy: "Owners invite further members themselves.")
            }
            if account.kind == .enterprise {
                try MailDomainRules(connection, for: email.domain).requireOwnDomain(email)
                let proofs = DomainProofs(connection: connection, now: now)
                if try proofs.of(account.id) == nil { try proofs.begin(account.id, domain: email.domain) }
                try Self.requireDomain(connection, email, account.id)
            }
            for owner in owners {
                try principals.remove(owner)
                try trail.record(.memberRemove, account: account.id, subject: owner.id, ["role": MemberRole.owner.rawValue])
            }
            return try Self.invite(connection, email, role: .owner, to: account, language: language, sealer: sealer, trail: trail, now: now)
        }
    }

    private static func requireDomain(_ connection: any SQLConnection, _ email: EmailAddress, _ account: AccountID) throws {
        let domain: String? = try connection.firstRow("SELECT domain FROM domain_proof WHERE account_id = ?", [.text(account.rawValue)])?.text("domain")
        guard let domain, email.domain == domain || email.domain.hasSuffix("." + domain) else {
            throw Problem(
                .mailDomainRefused, "Members of an enterprise have mailboxes on its own domain.", detail: "\(email.domain) is not \(domain ?? "known")",
                remedy: "Invite a mailbox on that domain or one below it.")
        }
    }

    @discardableResult
    private static func invite(
        _ connection: any SQLConnection, _ email: EmailAddress, role: MemberRole, to account: Account, language: Language, sealer: SecretSealer,
        trail: AuditTrail, now: Timestamp
    ) throws -> Member {
        let principals = Principals(connection: connection)
        guard try principals.find(key: Principals.key(email, isOperator: false)) == nil else {
            throw Problem(.conflict, "That mailbox cannot be invited.", remedy: "It may belong to a member already; use another mailbox.")
        }
        let id: String = MemberID(at: now).rawValue
        try principals.insert(
            id: id, account: account.id, role: role.rawValue, email: email, language: language, passwordHash: nil, state: .invited, now: now)
        let principal: Principal = try principals.find(id: id)!
        let token: String = try MailTokens(connection: connection, now: now).issue(.invite, for: id, emailKey: principal.emailKey)
        try Outbox(connection: connection, sealer: sealer, now: now).mail(
            .invite(account: account.name, token: token, publicURL: try Settings(connection)[.publicURL]), to: principal)
        try trail.record(.memberInvite, account: account.id, subject: id, ["role": role.rawValue])
        return try Member(principal)
    }

    /// Makes the invited mailbox a member: the token proves it. The first owner also accepts the agreements in force.
    /// - Parameter manner: `shell` when an operator types it in for the person who holds the mail.
    package func acceptInvitation(
        token: String, password: String, accepted: [AcceptedText], manner: AcceptanceManner = .explicit, address: String, by shell: Actor? = nil
    ) async throws -> Account {
        try PasswordPolicy.check(password, email: "", name: "")
        try await checkToken(token, .invite)
        let hash: String = try await hasher.hash(password)
        let sealer = sealer
        let now: Timestamp = now()
        return try await database.write { connection in
            let principal: Principal = try MailTokens(connection: connection, now: now).redeem(token, .invite)
            guard accepted.isEmpty || principal.memberRole == .owner || principal.memberRole == .admin else {
                throw Problem(
                    .roleInsufficient, "Owners and admins decide on agreements; you join as \(principal.memberRole?.rawValue ?? "an operator").",
                    remedy: "Accept the invitation without naming agreements.")
            }
            guard let id = principal.account else { throw Problem.nothing("invitation", "") }
            let account: Account = try Self.account(connection, id)
            try PasswordPolicy.check(password, email: principal.email, name: account.name)
            let trail = AuditTrail(connection: connection, actor: shell ?? principal.actor(address: address), now: now)
            try Self.activate(connection, principal, hash: hash, trail: trail, now: now)
            let isFirst: Bool = try !StandingRules.registration(connection, account, now: now).agreementAccepted
            let versions = try Agreements(connection: connection).matching(accepted, now: now, requiring: isFirst ? ["general"] : [])
            try Acceptances(connection: connection, trail: trail, now: now).record(
                zip(versions, accepted).map { ($0, $1.hash) }, account: id, by: principal, decision: .accepted, manner: manner, address: address)
            return try StandingRules(connection: connection, trail: trail, sealer: sealer, now: now).reassess(id)
        }
    }

    static func activate(_ connection: any SQLConnection, _ principal: Principal, hash: String, trail: AuditTrail, now: Timestamp) throws {
        try connection.execute(
            "UPDATE principal SET state = 'active', password_hash = ?, password_changed_ms = ? WHERE id = ?",
            [.text(hash), .integer(now.milliseconds), .text(principal.id)])
        try proveEmail(connection, principal, trail: trail, now: now)
        try trail.record(.memberJoin, account: principal.account, subject: principal.id)
    }

    package func members(_ account: AccountID) async throws -> [Member] {
        try await database.read { try Principals(connection: $0).members(of: account).map { try Member($0) } }
    }

    /// - Parameters:
    ///   - role: `nil` takes the member out of the account.
    ///   - changer: the role of whoever does it; `nil` for an operator.
    package func setMember(_ id: String, of account: AccountID, role: MemberRole?, changer: MemberRole?, by actor: Actor) async throws {
        let sealer = sealer
        try await act(actor) { connection, trail, now in
            let principals = Principals(connection: connection)
            guard let member = try principals.find(id: id), member.account == account, let before = member.memberRole else {
                throw Problem.nothing("member", id)
            }
            if changer == .admin, before == .owner || role == .owner {
                throw Problem(.roleInsufficient, "Only an owner changes owners.", remedy: "Ask an owner.")
            }
            let others: Bool = try principals.owners(of: account).contains { $0.id != id && $0.state == .active }
            guard before != .owner || role == .owner || others else {
                throw Problem(.conflict, "An account keeps at least one owner.", detail: id, remedy: "Make somebody else an owner first.")
            }
            if let role {
                try connection.execute("UPDATE principal SET role = ? WHERE id = ?", [.text(role.rawValue), .text(id)])
                try trail.record(.memberChange, account: account, subject: id, ["before": before.rawValue, "after": role.rawValue])
            } else {
                try principals.remove(member)
                try trail.record(.memberRemove, account: account, subject: id, ["role": before.rawValue])
            }
            // Who owns it decides whether an owner's mailbox is proven.
            try StandingRules(connection: connection, trail: trail, sealer: sealer, now: now).reassess(account)
        }
    }
}
