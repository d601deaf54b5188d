/// What a variant answers, before it is written in one of the formats. Members keep their order.
indirect enum RenderedValue: Sendable, Hashable {
    struct Member: Sendable, Hashable {
        let name: String
        let value: RenderedValue
    }

    case null
    case boolean(Bool)
    case integer(Int64)
    case number(Double)
    case text(String)
    case list([RenderedValue])
    case group([Member])

    init(_ scalar: VariantDefinition.Scalar) {
        switch scalar {
        case .null: self = .null
        case .boolean(let value): self = .boolean(value)
        case .integer(let value): self = .integer(value)
        case .number(let value): self = .number(value)
        case .text(let value): self = .text(value)
        }
    }

    /// A scalar as text, for CSV and XML; empty for nothing.
    var plain: String {
        switch self {
        case .null, .group, .list: ""
        case .boolean(let value): value ? "true" : "false"
        case .integer(let value): String(value)
        case .number(let value): PlainNumber.text(value) ?? ""
        case .text(let value): value
        }
    }
}

/// Numbers without exponents, which not every reader of CSV and XML takes for numbers.
enum PlainNumber {
    /// - Returns: the shortest digits that read back as the same number; `nil` for what is no number.
    static func text(_ value: Double) -> String? {
        guard value.isFinite else { return nil }
        if value == value.rounded(), abs(value) < 1e15 { return String(Int64(value)) }
        let text: String = value.description
        guard let mark = text.firstIndex(of: "e"), let exponent = Int(text[text.index(after: mark)...]), abs(exponent) <= 40 else { return text }
        let sign: String = text.hasPrefix("-") ? "-" : ""
        let parts: [Substring] = text[..<mark].drop { $0 == "-" }.split(separator: ".")
        let fraction: Substring = parts.count == 2 && parts[1] != "0" ? parts[1] : ""
        let digits: String = String(parts[0]) + fraction
        let point: Int = parts[0].count + exponent
        if point <= 0 { return sign + "0." + String(repeating: "0", count: -point) + digits }
        if point >= digits.count { return sign + digits + String(repeating: "0", count: point - digits.count) }
        return sign + digits.prefix(point) + "." + digits.dropFirst(point)
    }
}
