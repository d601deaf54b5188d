import Biometrics
import EdgeStore
import FacePipeline
import FaceTracking
import FrameCapture
import RecognitionAPI
import WireModel

/// What was seen of a live source last, kept for whoever looks on: a few figures a track, whether or not anybody does.
struct LastSight {
    struct Track {
        var refusals: [ProblemCode] = []
        var score: Float?
        var threshold: Float?
        /// The decision that holds.
        var answer: FaceResult?
        var label: String?
    }

    var tracks: [Int64: Track] = [:]
    var width: Int = 0
    var height: Int = 0
    var timings: SceneView.Timings?
    var time: ContinuousClock.Instant?
}

extension LiveScene {
    /// Between what the tracker looked at and what it made of it: faces have their tracks then.
    func note(_ picture: AnalysedImage, _ readings: [Int: FaceReading<PlacedPerson>]) {
        (sight.width, sight.height) = (picture.width, picture.height)
        let present: Set<Int64> = Set(tracker.predicted(at: time).map(\.track))
        sight.tracks = sight.tracks.filter { present.contains($0.key) }
        for (face, reading) in readings {
            guard let track = tracker.track(ofFace: face) else { continue }
            var known: LastSight.Track = sight.tracks[track] ?? LastSight.Track()
            known.refusals = tracker.policy.quality.refusals(of: reading.quality).map(\.code)
            if let vote = reading.vote { (known.score, known.threshold) = (vote.score?.rawValue, vote.threshold.rawValue) }
            sight.tracks[track] = known
        }
    }

    /// - Parameter label: of whom the answer names.
    func note(_ answer: FaceResult, of track: Int64, label: String?) {
        sight.tracks[track, default: LastSight.Track()].answer = answer
        sight.tracks[track]?.label = label
    }
}

extension Recogniser {
    /// What is known of the newest frame of a live source.
    /// - Parameter frame: the one that ``watch(_:of:rule:as:)`` took last.
    package func sight(of source: String, _ frame: Frame) -> SceneView? {
        guard let scene = scenes[source] else { return nil }
        let faces: [SceneView.Face] = scene.tracker.predicted(at: frame.arrived).map { track, box in
            let known: LastSight.Track = scene.sight.tracks[track] ?? LastSight.Track()
            return SceneView.Face(
                track: track, box: FaceArea(box), outcome: known.answer?.outcome, label: known.label, score: known.answer?.score ?? known.score,
                threshold: known.answer?.threshold ?? known.threshold, refusals: known.refusals)
        }
        return SceneView(
            width: scene.sight.width, height: scene.sight.height, faces: faces, timings: scene.sight.timings, isLookedAt: scene.sight.time == frame.arrived)
    }

    /// What was decided on the faces of one picture, by itself.
    package func sight(of result: IdentificationResult, _ frame: Frame) -> SceneView {
        let faces: [SceneView.Face] = result.faces.map { face in
            SceneView.Face(
                box: face.box, outcome: face.outcome, label: face.person.flatMap { store.label(of: $0, in: face.gallery) }, score: face.score,
                threshold: face.threshold, refusals: face.refusals)
        }
        return SceneView(width: result.width, height: result.height, faces: faces, timings: timings(of: frame), isLookedAt: true)
    }

    func timings(of frame: Frame) -> SceneView.Timings {
        let stages: StageTimings = pipeline.lastTimings
        func milliseconds(_ duration: Duration) -> Double { ((duration / .milliseconds(1)) * 10).rounded() / 10 }
        return SceneView.Timings(
            decode: milliseconds(stages.decode), detect: milliseconds(stages.detect), align: milliseconds(stages.align), embed: milliseconds(stages.embed),
            answer: milliseconds(now() - frame.arrived))
    }
}

extension EdgeStore {
    /// What a person is called; `nil` for somebody who was erased since.
    /// - Parameter gallery: `nil` for the device's own.
    package func label(of person: PersonID, in gallery: GalleryID?) -> String? {
        if let gallery { try? heldLabel(of: person, in: gallery) } else { try? self.person(person).label }
    }
}
