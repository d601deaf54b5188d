/// What one threshold was measured to do.
package struct CalibrationRow: Codable, Hashable, Sendable {
    /// The rate the threshold was chosen for.
    package let target: FalseMatchRate
    /// Scores at or above it are a match.
    package let threshold: ComparisonScore
    /// The false-match rate counted at that threshold; at most `target`.
    package let measured: FalseMatchRate
    /// The share of genuine pairs that the threshold refuses (FNMR), 0…1.
    package let falseNonMatchRate: Double

    package init(
        target: FalseMatchRate, threshold: ComparisonScore, measured: FalseMatchRate, falseNonMatchRate: Double
    ) {
        self.target = target
        self.threshold = threshold
        self.measured = measured
        self.falseNonMatchRate = falseNonMatchRate
    }
}

/// Thresholds of one model, and the faces they were measured on.
package struct Calibration: Codable, Hashable, Sendable {
    package let model: ModelID
    /// What was measured, in words: data set and pipeline.
    package let source: String
    /// Pictures in which a face was found.
    package let images: Int
    /// Persons in them.
    package let people: Int
    package let genuinePairs: Int
    package let impostorPairs: Int
    /// Laxest first.
    package let rows: [CalibrationRow]

    package init(
        model: ModelID, source: String, images: Int, people: Int, genuinePairs: Int, impostorPairs: Int,
        rows: [CalibrationRow]
    ) {
        self.model = model
        self.source = source
        self.images = images
        self.people = people
        self.genuinePairs = genuinePairs
        self.impostorPairs = impostorPairs
        self.rows = rows
    }

    /// The row chosen for a rate; `nil` when the table has none.
    package func row(for target: FalseMatchRate) -> CalibrationRow? {
        rows.first { $0.target == target }
    }

    /// The threshold chosen for a rate; `nil` when the table has none.
    package func threshold(for target: FalseMatchRate) -> ComparisonScore? {
        row(for: target)?.threshold
    }

    /// The committed table of a model; `nil` for a model that was never measured.
    package static func published(for model: ModelID) -> Calibration? {
        published.first { $0.model == model }
    }
}
