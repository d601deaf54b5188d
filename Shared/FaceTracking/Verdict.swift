import Biometrics
import FacePipeline
import PresentationAttack

/// What is to be journaled of one track.
package struct Verdict<Person: Hashable & Sendable>: Sendable {
    package enum Outcome: Sendable, Hashable {
        case match(Person)
        case unknown
        /// The shots disagree, or none was good enough.
        case undecided
        /// It would be a match, and the presentation is an attack, or was not found to be bona fide: see ``Verdict/presentation``.
        case unproven
    }

    /// Names the verdict towards its tracker.
    package let number: Int64
    package let track: Int64
    package let outcome: Outcome
    /// Mean of the votes that agree; `nil` without votes, and where no gallery has anybody.
    package let score: ComparisonScore?
    /// The vote that the answer rests on most.
    package let leading: Vote<Person>?
    package let agreeing: Int
    package let votes: Int
    /// Best first.
    package let templates: [Template]
    /// Of the best shot, or of the best look at a face too poor.
    package let quality: FaceQuality
    package let box: FaceBox
    package let refusals: [QualityRefusal]
    /// When the first frame came that shows the face well enough.
    package let firstGood: ContinuousClock.Instant?
    /// Whether this is the same passage decided on again.
    package let isRepeat: Bool
    /// What was found of the presentation; `nil` where nothing was asked of it.
    package let presentation: PresentationReport?
    let passage: Int64?
}

/// What a frame brought.
package enum TrackNews<Person: Hashable & Sendable>: Sendable {
    /// To be journaled, then settled: ``FaceTracker/settle(_:entry:)``.
    case due(Verdict<Person>)
    /// A track turned out to be of a passage that was decided on already: nothing to journal.
    case returned(Verdict<Person>, entry: Int64?)
    /// A head is to be turned, or held straight again, before its track can be a match.
    case asked(track: Int64, HeadChallenge.Request)
    /// The track ended; `zone` where it was lost in an exit zone.
    case left(track: Int64, zone: String?)
}
