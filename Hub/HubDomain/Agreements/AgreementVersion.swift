import Crypto
import HubStorage
import WireModel

/// How a version comes to bind an account.
package enum AcceptanceRule: String, Codable, Sendable, CaseIterable {
    case explicit
    /// Using the service after the effective date, having been told, is recorded as acceptance.
    case continuedUse = "continued_use"
}

/// One version of one document: `general`, `face-data`, or the separate terms of an API (`api:face.search`).
package struct AgreementVersion: Sendable, Codable {
    package let id: AgreementVersionID
    package let document: String
    /// From 1.
    package let number: Int64
    package let rule: AcceptanceRule
    /// When accounts were told.
    package let notice: Timestamp
    package let effective: Timestamp
    package let supersedes: AgreementVersionID?
    /// SHA-256 over the texts' hashes and the terms above, hexadecimal.
    package let hash: String
    package let titles: [String: String]
    /// SHA-256 of each text's UTF-8 bytes, by language.
    package let textHashes: [String: String]

    init(_ row: SQLRow, texts: [SQLRow]) throws {
        guard let id = AgreementVersionID(rawValue: try row.text("id")), let rule = AcceptanceRule(rawValue: try row.text("acceptance")) else {
            throw HubStorageError.damaged
        }
        self.id = id
        document = try row.text("document")
        number = try row.integer("number")
        self.rule = rule
        notice = try row.time("notice_ms")
        effective = try row.time("effective_ms")
        supersedes = try row.textOrNil("supersedes").flatMap(AgreementVersionID.init(rawValue:))
        hash = try row.text("hash")
        titles = try texts.reduce(into: [:]) { $0[try $1.text("language")] = try $1.text("title") }
        textHashes = try texts.reduce(into: [:]) { $0[try $1.text("language")] = try $1.text("hash") }
    }

    static func hash(
        document: String, number: Int64, rule: AcceptanceRule, notice: Timestamp, effective: Timestamp, textHashes: [String: String]
    ) -> String {
        var canonical = CanonicalBytes(domain: "vultus-agreement-1")
        canonical.append(document)
        canonical.append(number)
        canonical.append(rule.rawValue)
        canonical.append(notice.milliseconds)
        canonical.append(effective.milliseconds)
        for (language, hash) in textHashes.sorted(by: { $0.key < $1.key }) {
            canonical.append(language)
            canonical.append(hash)
        }
        return SHA256.hash(data: canonical.bytes).hexadecimal
    }

    var isIntact: Bool {
        hash == Self.hash(document: document, number: number, rule: rule, notice: notice, effective: effective, textHashes: textHashes)
    }
}

/// A version's text in one language.
package struct AgreementText: Sendable, Codable {
    package let document: String
    package let number: Int64
    package let language: String
    package let title: String
    /// Markdown.
    package let body: String
    package let hash: String

    /// SHA-256 of the UTF-8 bytes, hexadecimal: what a person accepts.
    static func hash(of body: String) -> String { SHA256.hash(data: Array(body.utf8)).hexadecimal }
}

/// What is to be published.
package struct AgreementDraft: Sendable {
    package let document: String
    package let rule: AcceptanceRule
    package let effective: Timestamp
    /// Markdown by language, both of them; the first line `# …` is the title.
    package let texts: [Language: String]

    package init(document: String, rule: AcceptanceRule, effective: Timestamp, texts: [Language: String]) {
        self.document = document
        self.rule = rule
        self.effective = effective
        self.texts = texts
    }

    static func isDocument(_ name: String) -> Bool {
        name == "general" || name == "face-data" || (name.hasPrefix("api:") && APIName(rawValue: String(name.dropFirst(4))) != nil)
    }

    func titles() throws(Problem) -> [Language: String] {
        guard Self.isDocument(document) else {
            throw Problem(
                .invalidRequest, "There is no such agreement.", detail: document, remedy: "It is general, face-data, or api: and the name of an API.")
        }
        var titles: [Language: String] = [:]
        for language in Language.allCases {
            guard let text = texts[language], text.utf8.count <= 200_000, let first = text.split(separator: "\n").first, first.hasPrefix("# "),
                (3...200).contains(first.count)
            else {
                throw Problem(
                    .invalidRequest, "An agreement has a text in each language, beginning with “# ” and its title.", detail: "language \(language.rawValue)",
                    remedy: "Give both texts, each at most 200 kB.")
            }
            titles[language] = first.dropFirst(2).trimmed
        }
        return titles
    }
}
