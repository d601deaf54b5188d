import HubStorage
import RecognitionAPI
import WireModel

/// The road to a variant: asked, quoted, accepted; or refused, declined, withdrawn, lapsed.
extension Hub {
    private static let mostOpen: Int64 = 20
    private static let longestOffer: Duration = .seconds(366 * 86_400)

    package func customisations(_ account: AccountID?) async throws -> [Customisation] {
        let now: Timestamp = now()
        return try await database.read { try Customisations(connection: $0, now: now).all(account: account) }
    }

    package func customisation(_ id: CustomisationID, account: AccountID?) async throws -> Customisation {
        let now: Timestamp = now()
        return try await database.read { try Customisations(connection: $0, now: now).find(id, account: account) }
    }

    package func requestCustomisation(_ wish: CustomisationWish, account: AccountID, by actor: Actor) async throws -> Customisation {
        let wish: CustomisationWish = try Self.checked(wish)
        return try await act(actor) { connection, trail, now in
            let customisations = Customisations(connection: connection, now: now)
            if let id = wish.variant {
                let variant: VariantRecord = try Variants(connection: connection, now: now).find(id, account: account)
                guard variant.base == wish.base, variant.ends == nil else {
                    throw Problem(
                        .conflict, "That variant is of another API, or is to end.", detail: id.rawValue, remedy: "Ask for a new variant, or name its own base.")
                }
            }
            let open: Int64 = try connection.rows(
                "SELECT count(*) AS n FROM customisation WHERE account_id = ? AND state IN ('requested', 'quoted')", [.text(account.rawValue)])[0].integer("n")
            guard open < Self.mostOpen else {
                throw Problem(.conflict, "An account has at most \(Self.mostOpen) requests under way.", remedy: "Withdraw what is not wanted any more.")
            }
            let id: CustomisationID = try customisations.insert(wish, account: account, by: actor)
            try trail.record(.customisationRequest, account: account, subject: id.rawValue, ["base": wish.base.rawValue])
            return try customisations.find(id, account: account)
        }
    }

    private static func checked(_ wish: CustomisationWish) throws -> CustomisationWish {
        guard APIName.all.contains(wish.base) else {
            throw Problem(
                .invalidRequest, "There is no such API.", detail: wish.base.rawValue,
                remedy: "Choose among \(APIName.all.map(\.rawValue).joined(separator: ", ")).")
        }
        let words: String = wish.words.trimmed
        guard (1...4_000).contains(words.unicodeScalars.count), wish.expectedMonthly >= 0 else {
            throw Problem(.invalidRequest, "A request says what is needed, in 1 to 4000 characters.", remedy: "Write what the answer is for.")
        }
        guard let api = APIName(rawValue: wish.base.rawValue + "." + wish.name), api.base == wish.base, !wish.name.contains(".") else {
            throw Problem(
                .invalidRequest, "A variant's name is lower-case letters, digits and hyphens, short enough for its API's name.",
                detail: String(wish.name.prefix(100)), remedy: "Choose one such as acme-door.")
        }
        if let definition = wish.definition { try check(definition, of: wish.base) }
        return CustomisationWish(
            base: wish.base, name: wish.name, words: words, definition: wish.definition, expectedMonthly: wish.expectedMonthly, variant: wish.variant)
    }

    private static func check(_ definition: JSONValue, of base: APIName) throws(Problem) {
        do { _ = try VariantDefinition(definition, base: base) } catch { throw error.problem }
    }

    /// What a definition makes of an answer; nothing is kept.
    package func preview(_ definition: JSONValue, of base: APIName, answer: JSONValue?) throws(Problem) -> VariantPreview {
        do { return try VariantDefinition(definition, base: base).preview(answer) } catch { throw error.problem }
    }

    /// The operator's offer; takes the place of one that is open.
    package func quote(_ terms: QuoteTerms, for id: CustomisationID, by actor: Actor) async throws -> Customisation {
        let sealer = sealer
        return try await act(actor) { connection, trail, now in
            let customisations = Customisations(connection: connection, now: now)
            let customisation: Customisation = try customisations.find(id, account: nil)
            try Self.check(terms, for: customisation, now: now)
            if let variant = customisation.variant {
                let record: VariantRecord = try Variants(connection: connection, now: now).find(variant, account: customisation.account)
                guard record.api == terms.api, record.ends == nil else {
                    throw Problem(
                        .conflict, "A new version keeps its variant's name, and the variant goes on.", detail: record.api.rawValue,
                        remedy: "Quote under that name, or refuse if the variant is to end.")
                }
                if let price = try Self.price(connection, terms.api, for: customisation.account, at: Timestamp(milliseconds: .max)),
                    price.unitPrice.currency != terms.unitPrice.currency
                {
                    throw Problem(
                        .conflict, "A variant keeps its currency.", detail: price.unitPrice.currency, remedy: "Quote in that currency, or under another name.")
                }
            } else {
                try customisations.requireFree(terms.api, for: customisation)
            }
            try customisations.move(customisation, to: .quoted)
            try customisations.closeQuotes(of: id, as: .replaced)
            let quote: QuoteID = try customisations.insert(terms, for: id, by: actor)
            try trail.record(
                .customisationQuote, account: customisation.account, subject: id.rawValue,
                ["quote": quote.rawValue, "api": terms.api.rawValue, "price": terms.unitPrice.text])
            try Outbox(connection: connection, sealer: sealer, now: now).tell(
                customisation.account, .customisation(.quoted(id, api: terms.api, price: terms.unitPrice, validUntil: terms.validUntil)), mailing: .owners)
            return try customisations.find(id, account: nil)
        }
    }

    private static func check(_ terms: QuoteTerms, for customisation: Customisation, now: Timestamp) throws(Problem) {
        guard terms.api != customisation.base, terms.api.base == customisation.base, terms.api.group != nil else {
            throw Problem(
                .invalidRequest, "A variant has its base's name and one group more.", detail: terms.api.rawValue,
                remedy: "Write \(customisation.base.rawValue).\(customisation.name).")
        }
        guard terms.validUntil > now, now.advanced(by: longestOffer) >= terms.validUntil else {
            throw Problem(.invalidRequest, "A quote stands until a day to come, within a year.", detail: "\(terms.validUntil)", remedy: "Name another day.")
        }
        let amounts: [Int64] = [terms.unitPrice.millionths, terms.setupFee.millionths, terms.monthlyAllowance, terms.monthlyQuota]
        guard amounts.allSatisfy({ $0 >= 0 }), terms.unitPrice.currency == terms.setupFee.currency, (1...4_000).contains(terms.words.unicodeScalars.count)
        else {
            throw Problem(
                .invalidRequest, "A quote has amounts of one currency that are not negative, and words.", remedy: "See the route in /openapi.json.")
        }
        _ = try Tariff(free: terms.monthlyAllowance, steps: [Tariff.Step(through: nil, price: terms.unitPrice.millionths)])
        try check(terms.definition, of: customisation.base)
    }

    /// - Parameter quote: the one that was read; another has taken its place, or its day has passed: `conflict`.
    package func acceptQuote(_ quote: QuoteID, of id: CustomisationID, account: AccountID, by actor: Actor) async throws -> Customisation {
        let sealer = sealer
        return try await act(actor) { connection, trail, now in
            let customisations = Customisations(connection: connection, now: now)
            let customisation: Customisation = try customisations.find(id, account: account)
            guard let offer = customisation.quotes.first(where: { $0.id == quote }) else { throw Problem.nothing("quote", quote.rawValue) }
            guard offer.state == .open else {
                throw Problem(
                    .conflict, "That quote is \(offer.state.rawValue).", detail: quote.rawValue, remedy: "Read the request again; ask for a new quote.")
            }
            try customisations.move(customisation, to: .accepted)
            try customisations.closeQuotes(of: id, as: .accepted)
            try trail.record(
                .customisationAccept, account: account, subject: id.rawValue, ["quote": quote.rawValue, "price": offer.terms.unitPrice.text])
            let opening = VariantOpening(connection: connection, trail: trail, sealer: sealer, now: now)
            try opening.open(offer, for: customisation)
            return try customisations.find(id, account: account)
        }
    }

    package func declineQuote(of id: CustomisationID, reason: String, account: AccountID, by actor: Actor) async throws -> Customisation {
        try await close(id, as: .declined, quotes: .declined, answer: reason, account: account, action: .customisationDecline, by: actor)
    }

    package func withdrawCustomisation(_ id: CustomisationID, account: AccountID, by actor: Actor) async throws -> Customisation {
        try await close(id, as: .withdrawn, quotes: .void, answer: nil, account: account, action: .customisationWithdraw, by: actor)
    }

    /// The operator's no, with its reason.
    package func refuseCustomisation(_ id: CustomisationID, reason: String, by actor: Actor) async throws -> Customisation {
        try await close(id, as: .refused, quotes: .void, answer: reason, account: nil, action: .customisationRefuse, by: actor)
    }

    private func close(
        _ id: CustomisationID, as state: CustomisationState, quotes: QuoteState, answer: String?, account: AccountID?, action: AuditAction, by actor: Actor
    ) async throws -> Customisation {
        let answer: String? = answer?.trimmed
        guard answer.map({ (1...1_000).contains($0.unicodeScalars.count) }) ?? true else {
            throw Problem(.invalidRequest, "A no has a reason of 1 to 1000 characters.", remedy: "Say why.")
        }
        let sealer = sealer
        return try await act(actor) { connection, trail, now in
            let customisations = Customisations(connection: connection, now: now)
            let customisation: Customisation = try customisations.find(id, account: account)
            try customisations.move(customisation, to: state, answer: answer)
            try customisations.closeQuotes(of: id, as: quotes)
            try trail.record(action, account: customisation.account, subject: id.rawValue)
            if state == .refused {
                try Outbox(connection: connection, sealer: sealer, now: now).tell(
                    customisation.account, .customisation(.refused(id, answer: answer ?? "")), mailing: .owners)
            }
            return try customisations.find(id, account: account)
        }
    }

    /// Notes, and tells, what lapsed since the last time, and which variants have come to their end.
    /// - Returns: how many.
    package func lapseCustomisations() async throws -> Int {
        let now: Timestamp = now()
        let due: [CustomisationID] = try await database.read { connection in
            try connection.rows(
                """
                SELECT customisation.id AS id FROM customisation JOIN quote ON quote.customisation_id = customisation.id
                WHERE customisation.state = 'quoted' AND quote.state = 'open' AND valid_until_ms <= ? ORDER BY customisation.id LIMIT 500
                """, [.integer(now.milliseconds)]
            ).compactMap { CustomisationID(rawValue: try $0.text("id")) }
        }
        let sealer = sealer
        for id in due {
            try await act(.system("quotes")) { connection, trail, now in
                // Another hub noted it, or the operator quoted anew meanwhile: nothing to do.
                let lapsed: Int = try connection.execute(
                    "UPDATE quote SET state = 'lapsed' WHERE customisation_id = ? AND state = 'open' AND valid_until_ms <= ?",
                    [.text(id.rawValue), .integer(now.milliseconds)])
                guard lapsed > 0 else { return }
                let customisation: Customisation = try Customisations(connection: connection, now: now).find(id, account: nil)
                try connection.execute(
                    "UPDATE customisation SET state = 'lapsed', changed_ms = ? WHERE id = ? AND state = 'quoted'",
                    [.integer(now.milliseconds), .text(id.rawValue)])
                try trail.record(.customisationLapse, account: customisation.account, subject: id.rawValue)
                try Outbox(connection: connection, sealer: sealer, now: now).tell(customisation.account, .customisation(.lapsed(id)), mailing: .owners)
            }
        }
        return try await due.count + tellEndedVariants()
    }
}
