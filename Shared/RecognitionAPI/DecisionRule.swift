import Biometrics
import WireModel

/// What turns a score into an answer: a threshold chosen by its measured false-match rate.
package struct DecisionRule: Sendable {
    package let model: ModelID
    package let row: CalibrationRow

    /// - Parameter target: one of ``FalseMatchRate/offered``.
    /// - Throws: `invalid_request` when the model's calibration has no such row.
    package init(model: ModelID, target: FalseMatchRate) throws(Problem) {
        guard let row = Calibration.published(for: model)?.row(for: target) else {
            throw Problem(
                .invalidRequest, "The model was not calibrated for that false-match rate.", detail: "\(target.rawValue)",
                remedy: "Choose one of \(FalseMatchRate.offered.map { "\($0.rawValue)" }.joined(separator: ", ")).")
        }
        self.model = model
        self.row = row
    }

    package func isMatch(_ score: ComparisonScore) -> Bool { score >= row.threshold }
}
