import Biometrics
import FacePipeline
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

    func isMatch(_ score: ComparisonScore) -> Bool { score >= row.threshold }
}

extension QualityResult {
    init(_ quality: FaceQuality) {
        self.init(
            eyeDistance: Float(quality.interEyeDistance), sharpness: Float(quality.sharpness), yaw: Float(quality.yaw), pitch: Float(quality.pitch),
            roll: Float(quality.roll), brightness: Float(quality.brightness))
    }
}

extension FaceArea {
    init(_ box: FaceBox) {
        self.init(x: Float(box.x), y: Float(box.y), width: Float(box.width), height: Float(box.height))
    }
}
