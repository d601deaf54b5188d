import HubAccess
import HubStorage
import WireModel

/// What comes to be when a quote is accepted, in the acceptance's own transaction: the variant or its next version, and what
/// it costs and allows.
struct VariantOpening {
    let connection: any SQLConnection
    let trail: AuditTrail
    let sealer: SecretSealer
    let now: Timestamp

    func open(_ quote: Quote, for customisation: Customisation) throws {
        let terms: QuoteTerms = quote.terms
        let effective: Timestamp = max(terms.effective ?? now, now)
        let id: VariantID = try customisation.variant ?? insert(terms.api, for: customisation)
        let variant: VariantRecord = try Variants(connection: connection, now: now).find(id, account: customisation.account)
        guard variant.ends == nil else {
            throw Problem(.conflict, "The variant is to end.", detail: id.rawValue, remedy: "Ask for a new variant.")
        }
        let number: Int64 = (variant.versions.first?.number ?? 0) + 1
        try connection.execute(
            "INSERT INTO variant_version (variant_id, number, definition, quote_id, effective_ms, created_ms) VALUES (?, ?, ?, ?, ?, ?)",
            [
                .text(id.rawValue), .integer(number), .text(try JSON.text(terms.definition)), .text(quote.id.rawValue), .integer(effective.milliseconds),
                .integer(now.milliseconds),
            ])
        try trail.record(
            number == 1 ? .variantOpen : .variantVersion, account: customisation.account, subject: id.rawValue,
            ["api": terms.api.rawValue, "number": "\(number)", "effective": effective.description])
        try allow(quote, effective: effective, account: customisation.account)
        try Outbox(connection: connection, sealer: sealer, now: now).tell(
            customisation.account, .customisation(.opened(id, api: terms.api, number: number, effective: effective)), mailing: .owners)
    }

    private func insert(_ api: APIName, for customisation: Customisation) throws -> VariantID {
        guard try connection.firstRow("SELECT id FROM variant WHERE api = ?", [.text(api.rawValue)]) == nil else {
            throw Problem(.conflict, "That name was taken meanwhile.", detail: api.rawValue, remedy: "Ask for a new quote.")
        }
        let id = VariantID(at: now)
        try connection.execute(
            "INSERT INTO variant (id, account_id, api, base, created_ms) VALUES (?, ?, ?, ?, ?)",
            [.text(id.rawValue), .text(customisation.account.rawValue), .text(api.rawValue), .text(customisation.base.rawValue), .integer(now.milliseconds)])
        return id
    }

    /// The one place where a variant's terms enter the catalogue, the quota, the entitlements and the books: a contract price from
    /// the version's own date on, calls a month, every application of the account, and the fee.
    private func allow(_ quote: Quote, effective: Timestamp, account: AccountID) throws {
        let terms: QuoteTerms = quote.terms
        // No device meters a variant, so its lease terms are the smallest there are.
        _ = try Hub.setPrice(
            connection, trail, api: terms.api,
            tariff: try Tariff(free: terms.monthlyAllowance, steps: [Tariff.Step(through: nil, price: terms.unitPrice.millionths)]),
            currency: terms.unitPrice.currency, effective: effective,
            lease: LeaseTerms(units: 1, termMilliseconds: 86_400_000, whenExhausted: .refuse, hardLimit: 0), plan: Price.standardPlan, account: account,
            isAgreed: true, now: now)
        // A version to come may allow less: what is used is used, and until its day the old one's quota stands.
        let before: Quota? = try Hub.quota(connection, account, terms.api, at: now)
        let used: Int64 = before.map { $0.settled + $0.reserved } ?? 0
        let units: Int64 = max(terms.monthlyQuota, effective > now ? before?.units ?? 0 : used)
        _ = try Hub.setQuota(connection, trail, account, terms.api, units: units, period: .month, now: now)
        try entitle(terms.api, account)
        guard terms.setupFee.millionths > 0 else { return }
        let books = Books(connection: connection, now: now, actor: trail.actor)
        _ = try books.move(
            .purchase, -terms.setupFee.millionths, account, terms.setupFee.currency, counter: CounterLedger.revenue(terms.api),
            reason: terms.api.rawValue, reference: quote.id.rawValue)
        try books.flush()
    }

    /// The operator agreed with the account: each of its applications may call the variant, until the account says otherwise.
    private func entitle(_ api: APIName, _ account: AccountID) throws {
        let applications: [SQLRow] = try connection.rows(
            """
            SELECT id FROM application WHERE account_id = ? AND archived_ms IS NULL
                AND id NOT IN (SELECT application_id FROM entitlement WHERE api = ? AND ended_ms IS NULL) ORDER BY id
            """, [.text(account.rawValue), .text(api.rawValue)])
        for row in applications {
            let id = EntitlementID(at: now)
            try connection.execute(
                """
                INSERT INTO entitlement (id, account_id, application_id, api, state, period, window_ms, reason, created_ms, applied_ms, decided_ms)
                VALUES (?, ?, ?, ?, ?, ?, 0, '', ?, ?, ?)
                """,
                [
                    .text(id.rawValue), .text(account.rawValue), .text(try row.text("id")), .text(api.rawValue), .text(Entitlement.State.active.rawValue),
                    .text(UsePeriod.total.rawValue), .integer(now.milliseconds), .integer(now.milliseconds), .integer(now.milliseconds),
                ])
            try trail.record(
                .entitlementDecide, account: account, subject: id.rawValue, ["approve": "true", "api": api.rawValue, "application": try row.text("id")])
        }
    }
}
