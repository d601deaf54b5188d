extension Schema {
    /// A text of a query or form as the value this schema asks for; what cannot be read stays a text, which does not fit.
    package func value(plain text: String) -> JSONValue {
        switch self {
        case .integer: Self.isPlain(text) ? Int64(text).map(JSONValue.integer) ?? .string(text) : .string(text)
        case .number, .numbers: Double(text).map(JSONValue.number) ?? .string(text)
        case .boolean: ["true": true, "false": false][text].map(JSONValue.boolean) ?? .string(text)
        default: .string(text)
        }
    }

    /// Digits alone, or after a minus: `+5` is no number in a query.
    private static func isPlain(_ text: String) -> Bool { text.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == UInt8(ascii: "-") } }
}
