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
        try allow(terms, effective: effective, account: customisation.account)
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

    /// The one place where a variant's terms enter the catalogue and the quota: price from the version's own date on, and units.
    private func allow(_ terms: QuoteTerms, effective: Timestamp, account: AccountID) throws {
        let price = PriceID(at: now)
        // No device meters a variant, so its lease terms are the smallest there are.
        try connection.execute(
            """
            INSERT INTO price (id, api, version, unit_price, currency, effective_ms, lease_units, lease_term_ms, when_exhausted, hard_limit, created_ms)
            VALUES (?, ?, (SELECT coalesce(max(version), 0) + 1 FROM price WHERE api = ?), ?, ?, ?, 1, 86400000, ?, 0, ?)
            """,
            [
                .text(price.rawValue), .text(terms.api.rawValue), .text(terms.api.rawValue), .integer(terms.unitPrice.millionths),
                .text(terms.unitPrice.currency), .integer(effective.milliseconds), .text(ExhaustionPolicy.refuse.rawValue), .integer(now.milliseconds),
            ])
        try trail.record(
            .priceSet, account: account, subject: price.rawValue,
            ["api": terms.api.rawValue, "price": terms.unitPrice.text, "effective": effective.description])
        // What a later version allows is on top of nothing: the quota is in all, and never below what is used.
        try connection.execute(
            """
            INSERT INTO quota (account_id, api, units) VALUES (?, ?, ?) ON CONFLICT (account_id, api)
            DO UPDATE SET units = CASE WHEN excluded.units > quota.settled THEN excluded.units ELSE quota.settled END
            """, [.text(account.rawValue), .text(terms.api.rawValue), .integer(terms.quota)])
        try trail.record(.quotaSet, account: account, subject: terms.api.rawValue, ["units": "\(terms.quota)"])
    }
}
