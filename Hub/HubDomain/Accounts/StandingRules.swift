import HubAccess
import HubStorage
import WireModel

/// The conditions of registration (S1, S3, S14), as they hold now.
package struct Registration: Sendable, Codable {
    /// An owner's mailbox is proven and its term not over.
    package let emailProven: Bool
    /// Enterprises: the domain is proven and its term not over; `nil` for individuals.
    package let domainProven: Bool?
    /// The general agreement was accepted, in whatever version was in force then.
    package let agreementAccepted: Bool

    package var isComplete: Bool { emailProven && (domainProven ?? true) && agreementAccepted }
}

/// The one place that moves an account from standing to standing.
struct StandingRules {
    let connection: any SQLConnection
    let trail: AuditTrail
    let sealer: SecretSealer
    let now: Timestamp

    static func registration(_ connection: any SQLConnection, _ account: Account, now: Timestamp) throws -> Registration {
        let owners: [Principal] = try Principals(connection: connection).owners(of: account.id)
        let isProven: Bool = owners.contains { $0.state == .active && $0.emailVerified != nil && ($0.emailDue.map { now < $0 } ?? true) }
        var isDomainProven: Bool?
        if account.kind == .enterprise {
            let proof = try connection.firstRow("SELECT proven_ms, due_ms FROM domain_proof WHERE account_id = ?", [.text(account.id.rawValue)])
            isDomainProven = try proof.map { try $0.integerOrNil("proven_ms") != nil && (try $0.timeOrNil("due_ms").map { now < $0 } ?? true) } ?? false
        }
        return Registration(
            emailProven: isProven, domainProven: isDomainProven, agreementAccepted: try Acceptances.hasAccepted(connection, account.id, document: "general"))
    }

    /// Looks at the conditions and the measures in force, and moves the account where they say.
    @discardableResult
    func reassess(_ id: AccountID) throws -> Account {
        let account: Account = try Hub.account(connection, id)
        guard account.standing != .ended else { return account }
        let measures: [Measure] = try Measures.inForce(connection, id, now: now)
        if let end = measures.first(where: { $0.kind == .termination }) { return try move(account, to: .ended, ground: end.ground, measure: end.id) }
        if let stop = measures.first(where: { $0.kind == .suspension }) { return try move(account, to: .suspended, ground: stop.ground, measure: stop.id) }
        let registration: Registration = try Self.registration(connection, account, now: now)
        if registration.isComplete { return try move(account, to: .active, ground: account.standing == .suspended ? "measure_ended" : "conditions_met") }
        let ground: String =
            !registration.emailProven ? "email_unproven" : registration.domainProven == false ? "domain_unproven" : "agreement_not_accepted"
        let wasActive: SQLRow? = try connection.firstRow(
            "SELECT id FROM standing_change WHERE account_id = ? AND after = 'active' LIMIT 1", [.text(id.rawValue)])
        let wasComplete: Bool = account.standing != .pending && wasActive != nil
        return try move(account, to: wasComplete ? .lapsed : .pending, ground: ground)
    }

    func move(_ account: Account, to standing: Standing, ground: String, measure: MeasureID? = nil) throws -> Account {
        // The same standing on another ground is a change too, where the ground says what to put right.
        let isSame: Bool = account.standing == standing && (account.ground == ground || ![.suspended, .lapsed].contains(standing))
        if isSame { return account }
        try connection.execute(
            "UPDATE account SET standing = ?, standing_ground = ?, standing_since_ms = ? WHERE id = ?",
            [.text(standing.rawValue), .text(ground), .integer(now.milliseconds), .text(account.id.rawValue)])
        try connection.execute(
            "INSERT INTO standing_change (id, account_id, before, after, ground, actor, measure_id, changed_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                .text(StandingChangeID(at: now).rawValue), .text(account.id.rawValue), .text(account.standing.rawValue), .text(standing.rawValue),
                .text(ground), .text(trail.actor.text), SQLValue(measure?.rawValue), .integer(now.milliseconds),
            ])
        try trail.record(
            .accountStanding, account: account.id, subject: account.id.rawValue,
            ["before": account.standing.rawValue, "after": standing.rawValue, "ground": ground])
        let outbox = Outbox(connection: connection, sealer: sealer, now: now)
        try outbox.tell(account.id, .standing(standing, ground: ground), mailing: .owners)
        if account.standing == .pending, standing == .active { try tellUpcoming(account.id, outbox) }
        return try Hub.account(connection, account.id)
    }

    /// Versions announced before this account was there and not in force yet: nobody must be bound by what they were not told.
    private func tellUpcoming(_ id: AccountID, _ outbox: Outbox) throws {
        let account: Account = try Hub.account(connection, id)
        for version in try Agreements(connection: connection).versions(of: nil)
        where version.effective > now && version.notice <= account.created {
            try outbox.tell(id, .agreement(version, for: account, connection), mailing: .owners)
        }
    }
}

/// One change of standing: dated, with a ground.
package struct StandingChange: Sendable, Codable {
    package let id: StandingChangeID
    package let before: Standing
    package let after: Standing
    package let ground: String
    package let measure: MeasureID?
    package let time: Timestamp

    init(_ row: SQLRow) throws {
        guard let id = StandingChangeID(rawValue: try row.text("id")), let before = Standing(rawValue: try row.text("before")),
            let after = Standing(rawValue: try row.text("after"))
        else { throw HubStorageError.damaged }
        self.id = id
        self.before = before
        self.after = after
        ground = try row.text("ground")
        measure = try row.textOrNil("measure_id").flatMap(MeasureID.init(rawValue:))
        time = try row.time("changed_ms")
    }
}

extension Hub {
    /// Newest first.
    package func standingHistory(_ account: AccountID) async throws -> [StandingChange] {
        try await database.read {
            try $0.rows("SELECT * FROM standing_change WHERE account_id = ? ORDER BY changed_ms DESC, id DESC", [.text(account.rawValue)])
                .map(StandingChange.init)
        }
    }

    package func registration(_ account: Account) async throws -> Registration {
        let now: Timestamp = now()
        return try await database.read { try StandingRules.registration($0, account, now: now) }
    }
}
