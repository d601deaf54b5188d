import Biometrics

/// One face of a picture.
package struct AnalysedFace: Sendable {
    /// In pixels of the upright picture, as the landmarks are.
    package let box: FaceBox
    package let landmarks: FaceLandmarks
    /// 0…1
    package let detectionScore: Double
    package let quality: FaceQuality
    /// `nil` when it was not asked for.
    package let template: Template?
}

/// What one call took.
package struct StageTimings: Hashable, Sendable {
    /// Header and pixels; both decodes when a face was cut from a larger one.
    package var decode = Duration.zero
    /// Making the picture smaller, inference and suppression.
    package var detect = Duration.zero
    /// Cutting faces out and measuring their quality.
    package var align = Duration.zero
    package var embed = Duration.zero
    /// Loading models, in the first call that needs them.
    package var load = Duration.zero

    package init() {}

    package var total: Duration { decode + detect + align + embed + load }
}

/// A picture and its faces.
package struct AnalysedImage: Sendable {
    /// As seen, after turning upright.
    package let width: Int
    package let height: Int
    /// Largest box first; of equal ones, the better detected first.
    package let faces: [AnalysedFace]
    package let timings: StageTimings

    /// The face whose box is centred nearest to the picture's centre, as the LFW protocol asks; `nil` without faces.
    package var faceNearestCentre: AnalysedFace? {
        let centre = ImagePoint(x: Double(width - 1) / 2, y: Double(height - 1) / 2)
        return faces.min { $0.box.centre.distance(to: centre) < $1.box.centre.distance(to: centre) }
    }
}
