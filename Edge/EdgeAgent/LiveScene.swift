import Biometrics
import FacePipeline
import FaceTracking
import RecognitionAPI
import WireModel

/// A person, and the gallery they were found in: `nil` for the device's own.
struct PlacedPerson: Hashable, Sendable {
    let gallery: GalleryID?
    let person: PersonID
}

/// What is known of one live source. Not thread safe: its recogniser's.
final class LiveScene: FaceChooser {
    var tracker: FaceTracker<PlacedPerson>
    var scheduler: DetectionScheduler
    var rule: DecisionRule
    /// Of the frame that is looked at.
    var time: ContinuousClock.Instant
    /// When the configuration was last asked for.
    var configured: ContinuousClock.Instant?
    /// For so long what a match rests on is kept.
    var marking: Duration = .zero
    /// Verdicts whose failure was told.
    var failed: Set<Int64> = []

    init(rule: DecisionRule, at time: ContinuousClock.Instant) {
        (self.rule, self.time, tracker, scheduler) = (rule, time, FaceTracker(), DetectionScheduler())
    }

    func choose(_ faces: [DetectedFace], width: Int, height: Int) -> Set<Int> {
        tracker.look(faces.map { FaceSight(box: $0.box, landmarks: $0.landmarks) }, width: width, height: height, at: time)
    }

    func wantsTemplate(of face: Int, _ quality: FaceQuality) -> Bool { tracker.wantsTemplate(of: face, quality) }
}

/// What a frame of a live source brought.
package enum LiveEvent: Sendable {
    case passage(PassageEvent)
    /// A decision could not be journaled; it is tried again while its passage lasts.
    case failed(Problem)
}
