import HTTPTypes
import HubAccess
import HubDomain
import RecognitionAPI
import WireModel

/// Variants of APIs in a form of an account's own: asked for, quoted, accepted (S10).
struct CustomisationRoutes {
    let hub: Hub

    private struct Wish: Decodable {
        let base: String
        let name: String
        let words: String
        let definition: JSONValue?
        let expectedMonthly: Int64
        let variant: String?
    }

    private struct Offer: Decodable {
        let api: String
        let definition: JSONValue
        let unitPrice: String
        let currency: String
        let monthlyAllowance: Int64
        let monthlyQuota: Int64
        let setupFee: String?
        let words: String
        let validUntil: Timestamp
        let effective: Timestamp?
    }

    private static let askers: Access = .member([.owner, .admin, .developer])
    private static let deciders: Access = .member([.owner, .admin])
    private static let support: Access = .operator([.administrator, .support])
    private static let reason: Schema = .object([.required("reason", .text(1...1_000))])

    private static let previewBody: Schema = .object([
        .required("base", .text(3...64), "an API of the catalogue"), .required("definition", .map(.anything), Schemas.definitionAbout),
        .optional("answer", .map(.anything), "a base answer to render; a sample otherwise"),
    ])

    var routes: [Route] { requests + variants + staff }

    private var requests: [Route] {
        [
            Route(
                .get, "/v1/account/customisations", .everyMember, "What the account asked for, newest first.", success: (200, Schemas.items("Customisation"))
            ) { call in try .json(Items(items: try await hub.customisations(try call.member.account).map(CustomisationView.init))) },
            Route(
                .post, "/v1/account/customisations", Self.askers, "Ask for a variant of an API, or for a new version of one.",
                body: .object([
                    .required("base", .text(3...64), "an API of the catalogue"), .required("name", .text(1...40), "a group for the variant's name"),
                    .required("words", .text(1...4_000), "what is needed, and for what"),
                    .optional("definition", .map(.anything), Schemas.definitionAbout), .required("expectedMonthly", .integer(0...1_000_000_000_000), "calls"),
                    .optional("variant", .identifier, "to change that one"),
                ]), success: (201, .reference("Customisation"))
            ) { call in try .json(CustomisationView(try await ask(call)), status: 201) },
            Route(
                .post, "/v1/account/customisation-previews", Self.askers, "What a definition makes of an answer; nothing is kept.", body: Self.previewBody,
                success: (200, .reference("VariantPreview"))
            ) { call in try preview(call) },
            Route(
                .get, "/v1/account/customisations/{customisation}", .everyMember, "One request with its quotes.", success: (200, .reference("Customisation"))
            ) { call in try .json(CustomisationView(try await hub.customisation(try call.id("customisation"), account: try call.member.account))) },
            Route(
                .post, "/v1/account/customisations/{customisation}/accept", Self.deciders, "Accept the quote that was read; the variant is there at once.",
                body: .object([.required("quote", .identifier)]), success: (200, .reference("Customisation"))
            ) { call in
                guard let quote = QuoteID(rawValue: call.text("quote")) else {
                    throw Problem(.notFound, "There is no such quote.", detail: call.text("quote"), remedy: "Read the request again.")
                }
                return try .json(
                    CustomisationView(
                        try await hub.acceptQuote(quote, of: try call.id("customisation"), account: try call.member.account, by: try call.actor)))
            },
            Route(
                .post, "/v1/account/customisations/{customisation}/decline", Self.deciders, "Decline the quote.", body: Self.reason,
                success: (200, .reference("Customisation"))
            ) { call in
                try .json(
                    CustomisationView(
                        try await hub.declineQuote(
                            of: try call.id("customisation"), reason: call.text("reason"), account: try call.member.account, by: try call.actor)))
            },
            Route(
                .post, "/v1/account/customisations/{customisation}/withdraw", Self.askers, "Withdraw a request.", success: (200, .reference("Customisation"))
            ) { call in
                try .json(
                    CustomisationView(
                        try await hub.withdrawCustomisation(try call.id("customisation"), account: try call.member.account, by: try call.actor)))
            },
        ]
    }

    private var variants: [Route] {
        [
            Route(.get, "/v1/account/variants", .everyMember, "The account's variants, newest first.", success: (200, Schemas.items("Variant"))) { call in
                try .json(Items(items: try await hub.variants(try call.member.account)))
            },
            Route(
                .get, "/v1/account/variants/{variant}", .everyMember, "One variant with all its versions.", success: (200, .reference("Variant"))
            ) { call in try .json(try await hub.variant(try call.id("variant"), account: try call.member.account)) },
            Route(
                .post, "/v1/account/variants/{variant}/end", Self.deciders, "End a variant at once.", body: Self.reason,
                success: (200, .reference("Variant"))
            ) { call in
                try .json(
                    try await hub.endVariant(
                        try call.id("variant"), ground: call.text("reason"), account: try call.member.account, by: try call.actor))
            },
        ]
    }

    private var staff: [Route] {
        [
            Route(
                .get, "/v1/operator/customisations", .everyOperator, "What accounts asked for, newest first.",
                success: (200, Schemas.items("Customisation"))
            ) { _ in try .json(Items(items: try await hub.customisations(nil).map(CustomisationView.init))) },
            Route(
                .get, "/v1/operator/customisations/{customisation}", .everyOperator, "One request with its quotes.",
                success: (200, .reference("Customisation"))
            ) { call in try .json(CustomisationView(try await hub.customisation(try call.id("customisation"), account: nil))) },
            Route(
                .post, "/v1/operator/customisation-previews", Self.support, "What a definition makes of an answer; nothing is kept.", body: Self.previewBody,
                success: (200, .reference("VariantPreview"))
            ) { call in try preview(call) },
            Route(
                .post, "/v1/operator/customisations/{customisation}/quotes", Self.support, "Quote; takes the place of a quote that is open.",
                body: .object([
                    .required("api", .text(5...64), "the variant's name: its base's and one group more"),
                    .required("definition", .map(.anything), Schemas.definitionAbout), .required("unitPrice", Schemas.decimal, "of one call"),
                    .required("currency", .text(3...3), "ISO 4217"),
                    .required("monthlyAllowance", .integer(0...1_000_000_000_000), "calls a month without charge"),
                    .required("monthlyQuota", .integer(0...1_000_000_000_000), "calls a month at most"),
                    .optional("setupFee", Schemas.decimal, "once, on acceptance"),
                    .required("words", .text(1...4_000)), .required("validUntil", .time), .optional("effective", .time, "at acceptance otherwise"),
                ]), success: (201, .reference("Customisation"))
            ) { call in try .json(CustomisationView(try await quote(call)), status: 201) },
            Route(
                .post, "/v1/operator/customisations/{customisation}/refuse", Self.support, "Refuse a request, with the reason.", body: Self.reason,
                success: (200, .reference("Customisation"))
            ) { call in
                try .json(
                    CustomisationView(
                        try await hub.refuseCustomisation(try call.id("customisation"), reason: call.text("reason"), by: try call.actor)))
            },
            Route(.get, "/v1/operator/variants", .everyOperator, "Every account's variants.", success: (200, Schemas.items("Variant"))) { _ in
                try .json(Items(items: try await hub.variants(nil)))
            },
            Route(
                .post, "/v1/operator/variants/{variant}/retire", Self.support, "End a variant, with notice of 30 days at least.",
                body: .object([.required("ends", .time), .required("reason", .text(1...500), "what the account is told")]),
                success: (200, .reference("Variant"))
            ) { call in
                guard let ends = Timestamp(call.text("ends")) else { throw Problem(.invalidRequest, "That is no time.", remedy: "Write RFC 3339.") }
                return try .json(try await hub.retireVariant(try call.id("variant"), ends: ends, ground: call.text("reason"), by: try call.actor))
            },
        ]
    }

    // MARK: Work

    private func base(_ text: String) throws(Problem) -> APIName {
        guard let api = APIName(rawValue: text), APIName.all.contains(api) else {
            throw Problem(
                .invalidRequest, "There is no such API.", detail: text, remedy: "Choose among \(APIName.all.map(\.rawValue).joined(separator: ", ")).")
        }
        return api
    }

    private func ask(_ call: Call) async throws -> Customisation {
        let body: Wish = try call.value(Wish.self)
        let variant: VariantID? = try body.variant.map { text in
            guard let id = VariantID(rawValue: text) else {
                throw Problem(.notFound, "There is no such variant.", detail: text, remedy: "See /v1/account/variants.")
            }
            return id
        }
        let wish = CustomisationWish(
            base: try base(body.base), name: body.name, words: body.words, definition: body.definition, expectedMonthly: body.expectedMonthly,
            variant: variant)
        return try await hub.requestCustomisation(wish, account: try call.member.account, by: try call.actor)
    }

    private func preview(_ call: Call) throws -> Reply {
        guard let definition = call.body["definition"] else { throw Problem(.invalidRequest, "No definition.", remedy: "Send one.") }
        return try .json(try hub.preview(definition, of: try base(call.text("base")), answer: call.body["answer"]))
    }

    private func quote(_ call: Call) async throws -> Customisation {
        let body: Offer = try call.value(Offer.self)
        guard let api = APIName(rawValue: body.api) else {
            throw Problem(.invalidRequest, "That is no name of an API.", detail: body.api, remedy: "Write its base's name and one group more.")
        }
        let terms = QuoteTerms(
            api: api, definition: body.definition, unitPrice: try Money(body.unitPrice, currency: body.currency), monthlyAllowance: body.monthlyAllowance,
            monthlyQuota: body.monthlyQuota, setupFee: try Money(body.setupFee ?? "0", currency: body.currency), words: body.words, validUntil: body.validUntil,
            effective: body.effective)
        return try await hub.quote(terms, for: try call.id("customisation"), by: try call.actor)
    }
}

/// A request as it goes over the wire: amounts as decimal texts.
struct CustomisationView: Encodable, Sendable {
    struct QuoteView: Encodable, Sendable {
        let id: QuoteID
        let number: Int64
        let state: QuoteState
        let api: APIName
        let definition: JSONValue
        let unitPrice: String
        let setupFee: String
        let currency: String
        let monthlyAllowance: Int64
        let monthlyQuota: Int64
        let words: String
        let validUntil: Timestamp
        let effective: Timestamp?
        let quoted: Timestamp

        init(_ quote: Quote) {
            id = quote.id
            number = quote.number
            state = quote.state
            api = quote.terms.api
            definition = quote.terms.definition
            unitPrice = String(quote.terms.unitPrice.text.prefix { $0 != " " })
            setupFee = String(quote.terms.setupFee.text.prefix { $0 != " " })
            currency = quote.terms.unitPrice.currency
            monthlyAllowance = quote.terms.monthlyAllowance
            monthlyQuota = quote.terms.monthlyQuota
            words = quote.terms.words
            validUntil = quote.terms.validUntil
            effective = quote.terms.effective
            quoted = quote.quoted
        }
    }

    let id: CustomisationID
    let account: AccountID
    let base: APIName
    let name: String
    let words: String
    let definition: JSONValue?
    let expectedMonthly: Int64
    let variant: VariantID?
    let state: CustomisationState
    let answer: String?
    let requested: Timestamp
    let changed: Timestamp
    let quotes: [QuoteView]

    init(_ customisation: Customisation) {
        id = customisation.id
        account = customisation.account
        base = customisation.base
        name = customisation.name
        words = customisation.words
        definition = customisation.definition
        expectedMonthly = customisation.expectedMonthly
        variant = customisation.variant
        state = customisation.state
        answer = customisation.answer
        requested = customisation.requested
        changed = customisation.changed
        quotes = customisation.quotes.map(QuoteView.init)
    }
}
