import FacePipeline
import PresentationAttack

/// What is known of whether a track's person is there in person.
struct TrackPresentation: Sendable {
    var evidence = PresentationEvidence()
    var challenge: HeadChallenge?
    /// What was asked last, as far as it was told.
    var asked: HeadChallenge.Request?
    var report: PresentationReport?
    /// Of the last look; degrees.
    var pose: (yaw: Double, pitch: Double)?

    var isAsked: Bool { challenge != nil && report == nil }

    mutating func saw(_ quality: FaceQuality, isSame: Bool?, at time: ContinuousClock.Instant) {
        pose = (quality.yaw, quality.pitch)
        challenge?.saw(yaw: quality.yaw, pitch: quality.pitch, isSame: isSame, at: time)
    }
}
