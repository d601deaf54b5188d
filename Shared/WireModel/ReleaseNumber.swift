/// The version of a release: three numbers, `1.12.0`, compared number by number.
package struct ReleaseNumber: RawRepresentable, Hashable, Sendable {
    package let rawValue: String
    private let parts: [Int64]

    /// - Returns: `nil` unless the text is three numbers of at most nine digits, without leading zeros.
    package init?(rawValue: String) {
        let texts: [Substring] = rawValue.split(separator: ".", omittingEmptySubsequences: false)
        let parts: [Int64] = texts.compactMap { text in
            guard (1...9).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), text == "0" || text.first != "0" else { return nil }
            return Int64(text)
        }
        guard texts.count == 3, parts.count == 3 else { return nil }
        (self.rawValue, self.parts) = (rawValue, parts)
    }
}

extension ReleaseNumber: Comparable {
    package static func < (left: Self, right: Self) -> Bool { left.parts.lexicographicallyPrecedes(right.parts) }
}

extension ReleaseNumber: CustomStringConvertible {
    package var description: String { rawValue }
}

extension ReleaseNumber: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let value = Self(rawValue: try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not three numbers, as 1.12.0")
        }
        self = value
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }
}
