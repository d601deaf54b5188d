import HubStorage
import WireModel

/// Everything the hub holds of an account, in one document that programs read: what whoever leaves takes along.
package struct AccountExport: Sendable, Encodable {
    package let exported: Timestamp
    package let account: Account
    package let members: [Member]
    package let domain: DomainProof?
    package let applications: [Application]
    package let keys: [APIKey]
    package let agreements: [Acceptance]
    package let standing: [StandingChange]
    package let measures: [Measure]
    package let notices: [Notice]
    package let closures: [Closure]
    package let devices: [Device]
    package let quotas: [Quota]
    package let entitlements: [Entitlement]
    package let balances: [Balance]
    /// The newest 500 entries of the books, older ones are read page by page.
    package let ledger: [LedgerTransaction]
    package let purchases: [Purchase]
    package let alerts: [Alert]
    package let invoice: Invoice
    package let audit: [AuditEntry]
    package let persons: PersonTally
    package let galleries: [GalleryExport]
    package let customisations: [Customisation]
    package let variants: [VariantRecord]
    package let webhooks: [Webhook]
    package let deviceAlertRules: [AlertRule]
    package let feedback: [FeedbackExport]
}

/// What was reported and written about it.
package struct FeedbackExport: Sendable, Codable {
    package let report: FeedbackCase
    package let messages: [FeedbackMessage]
}

/// A gallery and everybody in it: what was told of them, never their templates.
package struct GalleryExport: Sendable, Codable {
    package let gallery: Gallery
    package let persons: [Person]
}

extension Hub {
    /// - Returns: also the account's newest 500 audit entries; older ones are read page by page.
    package func export(_ id: AccountID, by actor: Actor) async throws -> AccountExport {
        let now: Timestamp = now()
        _ = try await act(actor) { _, trail, _ in try trail.record(.accountExport, account: id, subject: id.rawValue) }
        let (account, members, domain, acceptances, devices): (Account, [Member], DomainProof?, [Acceptance], [Device]) =
            try await database.read { connection in
                (
                    try Self.account(connection, id), try Principals(connection: connection).members(of: id).map { try Member($0) },
                    try DomainProofs(connection: connection, now: now).of(id),
                    try connection.rows("SELECT * FROM acceptance WHERE account_id = ? ORDER BY audit_seq", [.text(id.rawValue)]).map(Acceptance.init),
                    try connection.rows("SELECT * FROM device WHERE account_id = ? ORDER BY id", [.text(id.rawValue)]).map(Device.init)
                )
            }
        return AccountExport(
            exported: now, account: account, members: members, domain: domain, applications: try await applications(id), keys: try await apiKeys(id),
            agreements: acceptances, standing: try await standingHistory(id), measures: try await measures(id), notices: try await notices(id),
            closures: try await closures(id), devices: devices, quotas: try await quotas(account: id.rawValue),
            entitlements: try await entitlements(id), balances: try await balances(id), ledger: try await ledger(id, before: nil, limit: 500),
            purchases: try await purchases(id), alerts: try await alerts(id),
            invoice: try await invoice(account: id.rawValue, from: Timestamp(milliseconds: 0), to: now.advanced(by: .milliseconds(1))),
            audit: try await auditEntries(account: id, limit: 500), persons: try await personTally(id), galleries: try await exportGalleries(id),
            customisations: try await customisations(id), variants: try await variants(id), webhooks: try await webhooks(id),
            deviceAlertRules: try await alertRules(of: id), feedback: try await exportFeedback(id))
    }

    private func exportFeedback(_ id: AccountID) async throws -> [FeedbackExport] {
        var all: [FeedbackExport] = []
        for one in try await cases(id) { all.append(FeedbackExport(report: one, messages: try await feedbackCase(one.id, account: id).messages)) }
        return all
    }

    private func exportGalleries(_ id: AccountID) async throws -> [GalleryExport] {
        let (now, sealer) = (now(), sealer)
        return try await database.read { connection in
            try connection.rows("SELECT * FROM gallery WHERE account_id = ? AND deleted_ms IS NULL ORDER BY id", [.text(id.rawValue)]).map { row in
                let gallery = try Gallery(row)
                let persons = Persons(connection: connection, sealer: sealer, gallery: gallery.id)
                return GalleryExport(gallery: gallery, persons: try persons.page(after: nil, limit: .max, now: now))
            }
        }
    }
}
