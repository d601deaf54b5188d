import Biometrics
import FacePipeline
import FaceTracking
import PresentationAttack
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
    /// Of the last frame that came: see `Frame.stretch`.
    var stretch: Int?
    /// When the configuration was last asked for.
    var configured: ContinuousClock.Instant?
    /// For so long what a match rests on is kept.
    var marking: Duration = .zero
    /// Verdicts whose failure was told.
    var failed: Set<Int64> = []
    /// For whoever looks on.
    var sight = LastSight()

    /// What the device asks of presentations by itself, and all that it and its galleries ask.
    var ownPresentation: PresentationRequirements = []
    var allPresentation: PresentationRequirements = []
    /// The operator's network.
    var network: PresentationModel?
    /// What the network failed with, until it was told.
    var networkFault: Problem?
    /// Faults of the network that were told, lest each frame tells them.
    var hasToldFault: Bool = false

    init(rule: DecisionRule, at time: ContinuousClock.Instant, prompts: @escaping @Sendable () -> [HeadChallenge.Prompt]) {
        (self.rule, self.time, tracker, scheduler) = (rule, time, FaceTracker(prompts: prompts), DetectionScheduler())
    }

    func choose(_ faces: [DetectedFace], width: Int, height: Int) -> Set<Int> {
        tracker.look(faces.map { FaceSight(box: $0.box, landmarks: $0.landmarks) }, width: width, height: height, at: time)
    }

    func wantsTemplate(of face: Int, _ quality: FaceQuality) -> Bool { tracker.wantsTemplate(of: face, quality) }

    func examine(_ view: FaceView, of face: Int) {
        let wanted = tracker.wants(ofPresentation: face)
        guard wanted.view else { return }
        var attack: Double?
        if wanted.score, allPresentation.contains(.model), let network {
            do throws(PresentationModelError) { attack = try network.attack(view) } catch { networkFault = Problem(error) }
        }
        tracker.examine(view, of: face, attack: attack)
    }

    /// What went wrong with the network, once.
    func takeFault() -> Problem? {
        defer { networkFault = nil }
        guard let networkFault, !hasToldFault else { return nil }
        hasToldFault = true
        return networkFault
    }
}

/// What a frame of a live source brought.
package enum LiveEvent: Sendable {
    case passage(PassageEvent)
    /// A decision could not be journaled; it is tried again while its passage lasts.
    case failed(Problem)
}

extension LiveEvent {
    var latencyMilliseconds: Int64? { if case .passage(let passage) = self { passage.latencyMilliseconds } else { nil } }
}
