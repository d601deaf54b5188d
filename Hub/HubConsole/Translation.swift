import HubDomain

/// Sentences of the route table and its schemas, which are in English, in other languages.
enum Translation {
    static func of(_ english: String, in language: Language) -> String { language == .en ? english : chinese[english] ?? english }
}
