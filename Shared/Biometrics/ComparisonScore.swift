/// How alike two templates are: their cosine, −1…1. Not a probability and not a confidence; what a score means is
/// what `Calibration` measured at that threshold.
package struct ComparisonScore: RawRepresentable, Hashable, Comparable, Sendable, Codable {
    package let rawValue: Float

    package init(rawValue: Float) {
        self.rawValue = rawValue
    }

    package init(from decoder: any Decoder) throws {
        rawValue = try decoder.singleValueContainer().decode(Float.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }

    package static func < (left: ComparisonScore, right: ComparisonScore) -> Bool {
        left.rawValue < right.rawValue
    }
}
