extension QualityPolicy {
    /// For a probe.
    package static let identification = QualityPolicy(
        leastInterEyeDistance: 16, leastSharpness: 0, mostYaw: 60, mostPitch: 60, mostRoll: 60, leastBrightness: 0,
        mostBrightness: 1, mostOutsideShare: 0.5, leastDetectionScore: 0.6)

    /// For a reference.
    package static let enrolment = identification
}
