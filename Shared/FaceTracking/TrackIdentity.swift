import Biometrics
import FacePipeline
import PresentationAttack

/// One shot of a track that was voted on.
struct Shot<Person: Hashable & Sendable>: Sendable {
    let template: Template
    let vote: Vote<Person>
    let quality: FaceQuality
    let box: FaceBox
    let time: ContinuousClock.Instant

    var value: Double { quality.shotValue }
}

/// Whom a track is of, as far as is known: kept apart from its motion, so that two tracks that were mixed up can be put right.
struct TrackIdentity<Person: Hashable & Sendable>: Sendable {
    enum State: Sendable {
        case open
        /// Part of a passage that was decided on.
        case decided(passage: Int64, at: ContinuousClock.Instant)
        /// No answer could be given.
        case undecided(at: ContinuousClock.Instant)
    }

    let id: Int64
    var state: State = .open
    /// When it began to be looked at.
    var since: ContinuousClock.Instant
    /// The passage it was found to be of.
    var passage: Int64?
    /// Detections.
    var hits: Int = 0
    /// Whether the face was in an entry zone, where there are some.
    var hasEntered: Bool = false
    /// Another track may have been taken for this one: nothing is decided before a template has shown who it is.
    var isDoubtful: Bool = false
    /// Best first.
    var shots: [Shot<Person>] = []
    /// Templates that say who this is, after the shots were spent on a decision too.
    var references: [Template] = []
    var firstGood: ContinuousClock.Instant?
    var lastShot: ContinuousClock.Instant?
    /// The best look at a face that was too poor, and what was wrong with it.
    var poor: (quality: FaceQuality, box: FaceBox, refusals: [QualityRefusal])?
    var presentation = TrackPresentation()

    /// A value below this is no shot to decide early on.
    static var goodValue: Double { 0.3 }

    init(id: Int64, at time: ContinuousClock.Instant) { (self.id, since) = (id, time) }

    var isOpen: Bool { if case .open = state { true } else { false } }

    /// How like this track's own templates another is; `nil` without any.
    func likeness(_ template: Template) -> ComparisonScore? {
        (references + shots.map(\.template)).compactMap { try? $0.score(against: template) }.max()
    }

    mutating func add(_ shot: Shot<Person>, most: Int) {
        shots.append(shot)
        shots.sort { ($0.value, $1.time) > ($1.value, $0.time) }
        if shots.count > most { shots.removeLast() }
        lastShot = shot.time
    }

    /// Whether another shot of that value would change anything.
    func wants(value: Double, most: Int) -> Bool { shots.count < most || value > (shots.last?.value ?? 0) * 1.1 }

    /// Begins to look again.
    mutating func reopen(at time: ContinuousClock.Instant) {
        (state, since) = (.open, time)
        keepReferences()
        (shots, firstGood, lastShot, poor, presentation) = ([], nil, nil, nil, TrackPresentation())
    }

    mutating func keepReferences() { if !shots.isEmpty { references = shots.prefix(3).map(\.template) } }
}
