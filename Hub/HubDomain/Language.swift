/// The languages Vultus speaks to people.
package enum Language: String, Codable, Sendable, CaseIterable {
    case en, zh

    /// - Parameter acceptLanguage: RFC 9110 §12.5.4; English when neither is asked for.
    package init(acceptLanguage: String?) {
        let wishes: [(language: Language, weight: Double)] = (acceptLanguage ?? "").split(separator: ",").prefix(20).compactMap { part in
            let pieces: [Substring] = part.split(separator: ";")
            let tag: String = pieces.first.map { $0.trimmed.lowercased() } ?? ""
            let weight: Double = pieces.dropFirst().first { $0.trimmed.hasPrefix("q=") }.flatMap { Double($0.trimmed.dropFirst(2)) } ?? 1
            guard weight > 0, let language = Language.allCases.first(where: { tag == $0.rawValue || tag.hasPrefix($0.rawValue + "-") }) else { return nil }
            return (language, weight)
        }
        // The first of the heaviest.
        self = wishes.enumerated().max { ($0.element.weight, -$0.offset) < ($1.element.weight, -$1.offset) }?.element.language ?? .en
    }

    package func text(_ english: String, _ chinese: String) -> String { self == .en ? english : chinese }
}

extension StringProtocol {
    /// Without spaces and tabs at both ends.
    var trimmed: String { String(drop { $0 == " " || $0 == "\t" }.reversed().drop { $0 == " " || $0 == "\t" }.reversed()) }
}
