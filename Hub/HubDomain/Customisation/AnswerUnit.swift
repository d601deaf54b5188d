import WireModel

/// What a value is written in.
enum AnswerUnit: String, Sendable, Hashable, CaseIterable {
    /// As the base answer has it.
    case base
    // Scores and their thresholds; all are the base's order, so that what is above the threshold stays above.
    case cosine, unit, percent, permille
    // Places and sizes.
    case pixels, fraction
    case degrees, radians
    case rfc3339 = "rfc-3339"
    case unixMilliseconds = "unix-ms"

    /// The sets from which a definition's `units` and a field's `unit` choose, by the name in `units`.
    static let kinds: [(name: String, units: [AnswerUnit])] = [
        ("score", [.cosine, .unit, .percent, .permille]), ("box", [.pixels, .fraction]), ("angle", [.degrees, .radians]),
        ("time", [.rfc3339, .unixMilliseconds]),
    ]

    /// - Returns: the name in `units` for a leaf that has units at all.
    static func kind(of leaf: AnswerLeaf) -> String? {
        switch leaf {
        case .score, .threshold: "score"
        case .across, .down: "box"
        case .angle: "angle"
        case .time: "time"
        case .text, .boolean, .outcome, .count, .number, .rate: nil
        }
    }

    /// The same number in this unit.
    /// - Parameter whole: of the picture in pixels, for a fraction.
    func convert(_ value: Double, whole: Double? = nil) -> Double? {
        switch self {
        case .unit: (value + 1) / 2
        case .percent: (value + 1) * 50
        case .permille: (value + 1) * 500
        case .fraction: whole.flatMap { $0 > 0 ? value / $0 : nil }
        case .radians: value * .pi / 180
        case .base, .cosine, .pixels, .degrees, .rfc3339, .unixMilliseconds: value
        }
    }

    /// Decimals where the definition names none: as fine as the base, without the noise of arithmetic.
    var standardDecimals: Int? {
        switch self {
        case .unit, .fraction, .radians: 6
        case .percent: 4
        case .permille: 3
        default: nil
        }
    }

    /// The conversion in words, for a score.
    var scoreFormula: String {
        switch self {
        case .unit: "(s + 1) / 2, from 0 to 1"
        case .percent: "50 · (s + 1), from 0 to 100"
        case .permille: "500 · (s + 1), from 0 to 1000"
        default: "s, from −1 to 1"
        }
    }
}

/// Rounding for people who read the figures and decide on them.
enum Rounding {
    private static func power(_ decimals: Int) -> Double { (0..<decimals).reduce(1) { power, _ in power * 10 } }

    /// Half away from zero.
    static func nearest(_ value: Double, decimals: Int) -> Double {
        let power: Double = power(decimals)
        let scaled: Double = value * power
        return scaled.isFinite ? scaled.rounded() / power : value
    }

    /// A rate that is not zero is never written as zero.
    static func up(_ value: Double, decimals: Int) -> Double {
        let power: Double = power(decimals)
        // What is a whole step but for the noise of binary fractions stays that step.
        let scaled: Double = value * power
        return abs(scaled - scaled.rounded()) < 1e-9 * max(1, abs(scaled)) && (scaled.rounded() > 0 || value <= 0)
            ? scaled.rounded() / power : scaled.rounded(.up) / power
    }

    /// To the nearest, but on its own side of the threshold: a score that missed it never reads as one that met it.
    static func score(_ value: Double, threshold: Double?, decimals: Int) -> Double {
        let rounded: Double = nearest(value, decimals: decimals)
        guard let threshold, value < threshold else { return rounded }
        let bar: Double = nearest(threshold, decimals: decimals)
        return rounded < bar ? rounded : nearest(bar - 1 / power(decimals), decimals: decimals)
    }
}
