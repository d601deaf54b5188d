import HubStorage
import RecognitionAPI
import WireModel

/// Statements on requests and quotes.
struct Customisations {
    let connection: any SQLConnection
    let now: Timestamp

    /// - Parameter account: whose it must be; `nil` for an operator.
    func find(_ id: CustomisationID, account: AccountID?) throws -> Customisation {
        let row: SQLRow? = try connection.firstRow(
            "SELECT * FROM customisation WHERE id = ? AND (account_id = ? OR ? = 1)",
            [.text(id.rawValue), .text(account?.rawValue ?? ""), SQLValue(account == nil)])
        guard let row else { throw Problem.nothing("request", id.rawValue) }
        return try whole(row)
    }

    /// Newest first, at most 200.
    func all(account: AccountID?) throws -> [Customisation] {
        try connection.rows(
            "SELECT * FROM customisation WHERE account_id = ? OR ? = 1 ORDER BY id DESC LIMIT 200",
            [.text(account?.rawValue ?? ""), SQLValue(account == nil)]
        ).map(whole)
    }

    private func whole(_ row: SQLRow) throws -> Customisation {
        let quotes: [Quote] = try connection.rows(
            "SELECT * FROM quote WHERE customisation_id = ? ORDER BY number DESC", [.text(try row.text("id"))]
        ).map { try Quote($0, now: now) }
        return try Customisation(row, quotes: quotes, now: now)
    }

    func insert(_ wish: CustomisationWish, account: AccountID, by actor: Actor) throws -> CustomisationID {
        let id = CustomisationID(at: now)
        try connection.execute(
            """
            INSERT INTO customisation (id, account_id, base, variant_id, name, words, definition, expected_monthly, state, requested_by, requested_ms, changed_ms)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'requested', ?, ?, ?)
            """,
            [
                .text(id.rawValue), .text(account.rawValue), .text(wish.base.rawValue), SQLValue(wish.variant?.rawValue), .text(wish.name), .text(wish.words),
                SQLValue(try wish.definition.map { try JSON.text($0) }), .integer(wish.expectedMonthly), .text(actor.text), .integer(now.milliseconds),
                .integer(now.milliseconds),
            ])
        return id
    }

    /// - Throws: `conflict` when the table of transitions has no such step.
    func move(_ customisation: Customisation, to next: CustomisationState, answer: String? = nil) throws {
        guard customisation.state.mayBecome(next) else {
            throw Problem(
                .conflict, "A request that is \(customisation.state.rawValue) cannot become \(next.rawValue).", detail: customisation.id.rawValue,
                remedy: "Read the request again: somebody may have decided it meanwhile.")
        }
        try connection.execute(
            "UPDATE customisation SET state = ?, answer = ?, changed_ms = ? WHERE id = ?",
            [.text(next.rawValue), SQLValue(answer), .integer(now.milliseconds), .text(customisation.id.rawValue)])
    }

    /// What is open ends in this state.
    func closeQuotes(of id: CustomisationID, as state: QuoteState) throws {
        try connection.execute(
            "UPDATE quote SET state = ? WHERE customisation_id = ? AND state = 'open'", [.text(state.rawValue), .text(id.rawValue)])
    }

    func insert(_ terms: QuoteTerms, for id: CustomisationID, by actor: Actor) throws -> QuoteID {
        let quote = QuoteID(at: now)
        try connection.execute(
            """
            INSERT INTO quote (id, customisation_id, number, api, definition, unit_price, currency, monthly_allowance, monthly_quota, setup_fee, words, valid_until_ms,
                effective_ms, state, quoted_by, quoted_ms)
            VALUES (?, ?, (SELECT coalesce(max(number), 0) + 1 FROM quote WHERE customisation_id = ?), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'open', ?, ?)
            """,
            [
                .text(quote.rawValue), .text(id.rawValue), .text(id.rawValue), .text(terms.api.rawValue), .text(try JSON.text(terms.definition)),
                .integer(terms.unitPrice.millionths), .text(terms.unitPrice.currency), .integer(terms.monthlyAllowance), .integer(terms.monthlyQuota),
                .integer(terms.setupFee.millionths), .text(terms.words), .integer(terms.validUntil.milliseconds), SQLValue(terms.effective?.milliseconds),
                .text(actor.text), .integer(now.milliseconds),
            ])
        return quote
    }

    /// - Throws: `conflict` when a variant of somebody else, or an open quote to somebody else, has that name.
    func requireFree(_ api: APIName, for customisation: Customisation) throws {
        let isTaken: Bool =
            try connection.firstRow("SELECT id FROM variant WHERE api = ?", [.text(api.rawValue)]) != nil
            || connection.firstRow(
                "SELECT id FROM quote WHERE api = ? AND state = 'open' AND valid_until_ms > ? AND customisation_id <> ?",
                [.text(api.rawValue), .integer(now.milliseconds), .text(customisation.id.rawValue)]) != nil
        if isTaken {
            throw Problem(.conflict, "That name is taken.", detail: api.rawValue, remedy: "Quote under another group after \(customisation.base.rawValue).")
        }
    }
}
