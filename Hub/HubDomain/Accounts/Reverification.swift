import HubAccess
import HubStorage
import WireModel

extension Hub {
    /// The schedule of S14, to be run now and then: reminders before a mailbox's or domain's term ends, domains looked up
    /// again, and accounts moved when a term ends or a measure begins or expires. Safe to run on several hubs at once.
    /// - Returns: how many accounts were looked at.
    package func reverify() async throws -> Int {
        let now: Timestamp = now()
        let actor = Actor.system("reverification")
        let sealer = sealer
        let reminder: Duration = try await database.read { try Settings($0).days(.reminderDays) }
        let horizon: Int64 = now.advanced(by: reminder).milliseconds
        // After that nobody reads them any more; whoever comes back asks for a new mail.
        let monthsAgo: Int64 = now.advanced(by: .seconds(-90 * 86_400)).milliseconds
        let weekAgo: Int64 = now.advanced(by: .seconds(-7 * 86_400)).milliseconds

        let due: [String] = try await database.read { connection in
            try connection.rows(
                """
                SELECT id FROM principal WHERE kind = 'member' AND state = 'active' AND email_due_ms < ? AND email_due_ms > ?
                    AND (reminded_ms IS NULL OR reminded_ms < ?) AND account_id IN (SELECT id FROM account WHERE standing <> 'ended')
                ORDER BY id LIMIT 500
                """, [.integer(horizon), .integer(monthsAgo), .integer(weekAgo)]
            ).map { try $0.text("id") }
        }
        for id in due {
            try await act(actor) { connection, _, now in
                // Claimed by the update: another hub at the same work finds nothing.
                let rows: [SQLRow] = try connection.rows(
                    "UPDATE principal SET reminded_ms = ? WHERE id = ? AND (reminded_ms IS NULL OR reminded_ms < ?) RETURNING *",
                    [.integer(now.milliseconds), .text(id), .integer(weekAgo)])
                guard let row = rows.first else { return }
                let principal = try Principal(row)
                let token: String = try MailTokens(connection: connection, now: now).issue(
                    .verify, for: id, emailKey: principal.emailKey, lifetime: .seconds(8 * 86_400))
                try Outbox(connection: connection, sealer: sealer, now: now).mail(
                    .emailDue(principal.emailDue ?? now, token: token, publicURL: try Settings(connection)[.publicURL]), to: principal)
            }
        }

        let dayAgo: Int64 = now.advanced(by: .seconds(-86_400)).milliseconds
        let domains: [AccountID] = try await database.read { connection in
            try connection.rows(
                """
                SELECT domain_proof.account_id AS id FROM domain_proof JOIN account ON account.id = domain_proof.account_id
                WHERE account.standing <> 'ended' AND proven_ms IS NOT NULL AND due_ms < ? AND (checked_ms IS NULL OR checked_ms < ?) ORDER BY due_ms LIMIT 100
                """, [.integer(horizon), .integer(dayAgo)]
            ).compactMap { AccountID(rawValue: try $0.text("id")) }
        }
        for account in domains { try await recheckDomain(account, actor: actor, weekAgo: weekAgo) }

        return try await due.count + domains.count + reassessTurned(actor, now: now)
    }

    /// Whoever's conditions or measures may have turned since: cheap to look at, and only changes are written. By pages, since
    /// an account of several owners of whom one lapsed is looked at each time and must not stand before the others.
    private func reassessTurned(_ actor: Actor, now: Timestamp) async throws -> Int {
        let sealer = sealer
        let moment: SQLValue = .integer(now.milliseconds)
        var (last, looked): (String, Int) = ("", 0)
        while true {
            let after: String = last
            let page: [AccountID] = try await database.read { connection in
                try connection.rows(
                    """
                    SELECT DISTINCT account.id AS id FROM account
                    LEFT JOIN principal ON principal.account_id = account.id
                    LEFT JOIN domain_proof ON domain_proof.account_id = account.id
                    LEFT JOIN measure ON measure.account_id = account.id
                    WHERE account.id > ? AND account.standing <> 'ended' AND (
                        (account.standing = 'active' AND (principal.email_due_ms <= ? OR domain_proof.due_ms <= ?))
                        OR account.standing = 'lapsed' OR (account.standing = 'suspended' AND measure.expires_ms <= ?))
                    ORDER BY account.id LIMIT 500
                    """, [.text(after), moment, moment, moment]
                ).compactMap { AccountID(rawValue: try $0.text("id")) }
            }
            for account in page {
                try await act(actor) { connection, trail, now in
                    _ = try StandingRules(connection: connection, trail: trail, sealer: sealer, now: now).reassess(account)
                }
            }
            looked += page.count
            guard page.count == 500, let end = page.last else { return looked }
            last = end.rawValue
        }
    }

    private func recheckDomain(_ account: AccountID, actor: Actor, weekAgo: Int64) async throws {
        do {
            _ = try await checkDomain(account, by: actor)
        } catch let problem as Problem where problem.code == .domainProofMissing || problem.code == .domainProofUnreachable {
            let sealer = sealer
            try await act(actor) { connection, _, now in
                let rows: [SQLRow] = try connection.rows(
                    "UPDATE domain_proof SET reminded_ms = ? WHERE account_id = ? AND (reminded_ms IS NULL OR reminded_ms < ?) RETURNING *",
                    [.integer(now.milliseconds), .text(account.rawValue), .integer(weekAgo)])
                guard let row = rows.first else { return }
                let proof = try DomainProof(row)
                try Outbox(connection: connection, sealer: sealer, now: now).tell(
                    account, .domainDue(domain: proof.domain, due: proof.due ?? now, fault: proof.fault ?? ""), mailing: .owners)
            }
        }
    }
}
