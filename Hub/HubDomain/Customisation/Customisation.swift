import HubStorage
import RecognitionAPI
import WireModel

package enum CustomisationState: String, Codable, Sendable, CaseIterable {
    case requested, quoted, accepted, declined, refused, withdrawn, lapsed

    /// Which states may follow which.
    private static let table: [CustomisationState: Set<CustomisationState>] = [
        .requested: [.quoted, .refused, .withdrawn],
        .quoted: [.quoted, .accepted, .declined, .refused, .withdrawn, .lapsed],
        .lapsed: [.quoted, .refused, .withdrawn],
    ]

    func mayBecome(_ next: CustomisationState) -> Bool { Self.table[self]?.contains(next) ?? false }
}

/// What an account asked for, and what has become of it (S10).
package struct Customisation: Sendable, Codable {
    package let id: CustomisationID
    package let account: AccountID
    package let base: APIName
    /// The variant that is to change; `nil` asks for a new one.
    package let variant: VariantID?
    /// The group that the account would like in the variant's name.
    package let name: String
    /// What it needs, in its own words.
    package let words: String
    package let definition: JSONValue?
    /// Calls a month.
    package let expectedMonthly: Int64
    package let state: CustomisationState
    /// The operator's reason for refusing, or the account's for declining.
    package let answer: String?
    package let requested: Timestamp
    package let changed: Timestamp
    /// Newest first.
    package let quotes: [Quote]

    /// - Parameter now: an open quote whose date has passed has lapsed, whether or not a job has noted it.
    init(_ row: SQLRow, quotes: [Quote], now: Timestamp) throws {
        guard let id = CustomisationID(rawValue: try row.text("id")), let account = AccountID(rawValue: try row.text("account_id")),
            let base = APIName(rawValue: try row.text("base")), let state = CustomisationState(rawValue: try row.text("state"))
        else { throw HubStorageError.damaged }
        self.id = id
        self.account = account
        self.base = base
        variant = try row.textOrNil("variant_id").flatMap(VariantID.init(rawValue:))
        name = try row.text("name")
        words = try row.text("words")
        definition = try row.textOrNil("definition").map { try JSON.value(JSONValue.self, from: $0) }
        expectedMonthly = try row.integer("expected_monthly")
        self.state = state == .quoted && quotes.first.map({ $0.validUntil <= now }) ?? false ? .lapsed : state
        answer = try row.textOrNil("answer")
        requested = try row.time("requested_ms")
        changed = try row.time("changed_ms")
        self.quotes = quotes
    }
}

package enum QuoteState: String, Codable, Sendable, CaseIterable {
    case open, accepted, declined, replaced, lapsed
    /// The request was refused or withdrawn.
    case void
}

/// What the operator offers: a definition, what it costs and allows, and until when the offer stands.
package struct Quote: Sendable, Codable {
    package let id: QuoteID
    /// From 1 within its request.
    package let number: Int64
    package let terms: QuoteTerms
    package let state: QuoteState
    package let quoted: Timestamp

    package var validUntil: Timestamp { terms.validUntil }

    init(_ row: SQLRow, now: Timestamp) throws {
        guard let id = QuoteID(rawValue: try row.text("id")), let api = APIName(rawValue: try row.text("api")),
            let state = QuoteState(rawValue: try row.text("state"))
        else { throw HubStorageError.damaged }
        self.id = id
        number = try row.integer("number")
        let currency: String = try row.text("currency")
        terms = QuoteTerms(
            api: api, definition: try JSON.value(JSONValue.self, from: try row.text("definition")),
            unitPrice: Money(millionths: try row.integer("unit_price"), currency: currency), monthlyAllowance: try row.integer("monthly_allowance"),
            monthlyQuota: try row.integer("monthly_quota"), setupFee: Money(millionths: try row.integer("setup_fee"), currency: currency),
            words: try row.text("words"),
            validUntil: try row.time("valid_until_ms"), effective: try row.timeOrNil("effective_ms"))
        self.state = state == .open && terms.validUntil <= now ? .lapsed : state
        quoted = try row.time("quoted_ms")
    }
}

package struct QuoteTerms: Sendable, Codable {
    /// The variant's own name: that of its base and one group more.
    package let api: APIName
    package let definition: JSONValue
    package let unitPrice: Money
    /// Calls a month that the price asks nothing for.
    package let monthlyAllowance: Int64
    /// Calls a month that the account may make under the variant's name.
    package let monthlyQuota: Int64
    /// Once, on acceptance; in the currency of the unit price.
    package let setupFee: Money
    package let words: String
    package let validUntil: Timestamp
    /// When it takes effect; `nil`, or a time that has passed at acceptance, is at acceptance.
    package let effective: Timestamp?

    package init(
        api: APIName, definition: JSONValue, unitPrice: Money, monthlyAllowance: Int64, monthlyQuota: Int64, setupFee: Money, words: String,
        validUntil: Timestamp,
        effective: Timestamp?
    ) {
        self.api = api
        self.definition = definition
        self.unitPrice = unitPrice
        self.monthlyAllowance = monthlyAllowance
        self.monthlyQuota = monthlyQuota
        self.setupFee = setupFee
        self.words = words
        self.validUntil = validUntil
        self.effective = effective
    }
}

/// What an account asks for.
package struct CustomisationWish: Sendable {
    package let base: APIName
    package let name: String
    package let words: String
    package let definition: JSONValue?
    package let expectedMonthly: Int64
    package let variant: VariantID?

    package init(base: APIName, name: String, words: String, definition: JSONValue?, expectedMonthly: Int64, variant: VariantID?) {
        self.base = base
        self.name = name
        self.words = words
        self.definition = definition
        self.expectedMonthly = expectedMonthly
        self.variant = variant
    }
}
