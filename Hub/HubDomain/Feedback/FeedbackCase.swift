import HubStorage
import WireModel

/// What an account writes to the operator, and what came of it (S17, S18, S19, S23).
package struct FeedbackCase: Sendable, Codable {
    package enum Kind: String, Sendable, Codable, CaseIterable { case opinion, security, unlawful, compensation }

    package enum State: String, Sendable, Codable, CaseIterable {
        /// The operator's turn.
        case open
        /// The account's.
        case answered
        case closed
    }

    /// The categories of prohibited use, as the general agreement has them (§ 10).
    package static let categories: [String] = [
        "unlawful-state", "unlawful-violence", "unlawful-hatred", "unlawful-vice", "unlawful-fraud", "unlawful-person", "unlawful-privacy",
        "unlawful-attack", "unlawful-other",
    ]

    package let id: FeedbackID
    package let account: AccountID
    package let kind: Kind
    /// Only for ``Kind/unlawful``.
    package let category: String?
    package let subject: String
    package let state: State
    package let opened: Timestamp
    package let changed: Timestamp

    init(_ row: SQLRow) throws {
        guard let id = FeedbackID(rawValue: try row.text("id")), let account = AccountID(rawValue: try row.text("account_id")),
            let kind = Kind(rawValue: try row.text("kind")), let state = State(rawValue: try row.text("state"))
        else { throw HubStorageError.damaged }
        self.id = id
        self.account = account
        self.kind = kind
        category = try row.textOrNil("category")
        subject = try row.text("subject")
        self.state = state
        opened = try row.time("opened_ms")
        changed = try row.time("changed_ms")
    }
}

/// One message of a case. Who wrote for the operator is the operator's to know.
package struct FeedbackMessage: Sendable, Codable {
    package let isOperator: Bool
    package let body: String
    package let written: Timestamp

    init(_ row: SQLRow) throws {
        isOperator = try row.integer("is_operator") == 1
        body = try row.text("body")
        written = try row.time("written_ms")
    }
}

/// What an account reports.
package struct FeedbackDraft: Sendable {
    package let kind: FeedbackCase.Kind
    package let category: String?
    package let subject: String
    package let body: String

    package init(kind: FeedbackCase.Kind, category: String?, subject: String, body: String) {
        self.kind = kind
        self.category = category
        self.subject = subject
        self.body = body
    }

    func check() throws(Problem) {
        guard (1...200).contains(subject.trimmed.count) else {
            throw Problem(.invalidRequest, "A report has a subject.", detail: "/subject", remedy: "Give one of 1 to 200 characters.")
        }
        guard (kind == .unlawful) == (category != nil), category.map(FeedbackCase.categories.contains) ?? true else {
            throw Problem(
                .invalidRequest, "A report of unlawful use names its category, and no other report does.", detail: "/category",
                remedy: "Choose one of \(FeedbackCase.categories.joined(separator: ", ")).")
        }
        try Self.check(body: body)
    }

    static func check(body: String) throws(Problem) {
        guard (1...10_000).contains(body.trimmed.count) else {
            throw Problem(.invalidRequest, "A message says something.", detail: "/body", remedy: "Write 1 to 10000 characters.")
        }
    }
}
