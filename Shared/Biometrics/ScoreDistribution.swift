/// Counts comparison scores on a grid of 0.001, so that millions of comparisons take kilobytes and every
/// threshold of three decimals is counted exactly.
package struct ScoreDistribution: Sendable, Equatable {
    /// Grid points per unit of score.
    package static let stepsPerUnit = 1000

    /// `counts[i]`: scores at or above grid point i and below grid point i + 1; the first point is −1.
    private var counts = [Int](repeating: 0, count: 2 * stepsPerUnit + 1)
    /// How many scores were added.
    package private(set) var total = 0

    package init() {}

    package init(_ scores: some Sequence<Float>) {
        for score in scores { add(score) }
    }

    /// The threshold of grid point `index`, the Float nearest to its three decimals.
    private static func threshold(_ index: Int) -> Float {
        Float(Double(index - stepsPerUnit) / Double(stepsPerUnit))
    }

    /// Adds one score; anything outside −1…1 counts as the nearest end.
    package mutating func add(_ score: Float) {
        let last = counts.count - 1
        let scaled = (Double(score) * Double(Self.stepsPerUnit)).rounded(.down) + Double(Self.stepsPerUnit)
        var index = min(last, max(0, Int(scaled)))
        // The division above may land one grid point off for scores that lie on one.
        if index < last, score >= Self.threshold(index + 1) { index += 1 }
        if index > 0, score < Self.threshold(index) { index -= 1 }
        counts[index] += 1
        total += 1
    }

    /// The share of scores at or above a threshold on the grid; 0 when there are none.
    package func rate(atOrAbove threshold: ComparisonScore) -> Double {
        guard total > 0 else { return 0 }
        var above = 0
        for index in counts.indices where Self.threshold(index) >= threshold.rawValue { above += counts[index] }
        return Double(above) / Double(total)
    }

    /// The smallest threshold of three decimals that at most `target` of the scores pass.
    /// - Returns: `nil` when there are no scores, or when even a threshold of 1 lets too many pass.
    package func threshold(for target: FalseMatchRate) -> ComparisonScore? {
        guard total > 0 else { return nil }
        var above = 0
        var best: Int?
        for index in counts.indices.reversed() {
            above += counts[index]
            guard Double(above) <= target.rawValue * Double(total) else { break }
            best = index
        }
        return best.map { ComparisonScore(rawValue: Self.threshold($0)) }
    }
}
