import FacePipeline

/// What the sights of one track say of whether somebody is there in person.
package struct PresentationEvidence: Sendable {
    private struct Sight: Sendable {
        let landmarks: FaceLandmarks
        let fingerprint: UInt64
        let rows: BandFlicker.Rows
        let spot: HighlightMotion.Spot?
    }

    /// The newest that are kept.
    private static let most: Int = 60
    /// Scores of the operator's network, at most.
    private static let mostScores: Int = 5

    private var sights: [Sight] = []
    private var grid = GridSpectrum()
    private var scores: [Double] = []
    private var first: ContinuousClock.Instant?
    private var last: ContinuousClock.Instant?
    /// The part of the picture that is looked at beside the face: where the face was first.
    private var place: FaceBox?

    package init() {}

    /// Sights that were examined, and from the first to the last of them.
    package var count: Int { sights.count }
    package var span: Duration { if let first, let last { last - first } else { .zero } }

    /// Whether another score of the operator's network would be heard.
    package var wantsScore: Bool { scores.count < Self.mostScores }

    /// Takes a look at the face; about half a millisecond.
    /// - Parameter time: of the frame.
    package mutating func add(_ view: FaceView, at time: ContinuousClock.Instant) {
        let place: FaceBox = place ?? view.box
        (self.place, first, last) = (place, first ?? time, time)
        if grid.count < GridSpectrum.most, let patch = view.middle(side: GridSpectrum.side) { grid.add(patch) }
        let beside: [Float]? = view.beside(
            rows: place.y...place.y + max(1, place.height), without: place.x - place.width...place.x + 2 * max(1, place.width), count: BandFlicker.bands)
        let rows = BandFlicker.Rows(
            face: Self.rows(view.aligned), beside: beside, scale: view.landmarks.interEyeDistance / FaceView.alignedEyeDistance)
        sights.append(Sight(landmarks: view.landmarks, fingerprint: view.fingerprint(), rows: rows, spot: HighlightMotion.spot(view)))
        if sights.count > Self.most { sights.removeFirst() }
    }

    /// - Parameter attack: what the operator's network says: 0 bona fide, 1 an attack.
    package mutating func add(attack: Double) { if wantsScore { scores.append(attack) } }

    /// - Parameter threshold: of the operator's network, from which on it says attack; scaled so that it becomes that of the joint score.
    package func score(modelThreshold threshold: Double = PresentationScore.standardThreshold) -> PresentationScore {
        let flicker = BandFlicker(height: place?.height ?? 1, sights: sights.map(\.rows))
        var readings: [CueReading?] = [
            LandmarkParallax(sights.map(\.landmarks))?.reading, flicker.reading, grid.reading, HighlightMotion(spots: sights.compactMap(\.spot)).reading,
            PixelRepetition(fingerprints: sights.map(\.fingerprint)).reading,
        ]
        if !scores.isEmpty {
            let mean: Double = scores.reduce(0, +) / Double(scores.count)
            let half: Double = PresentationScore.standardThreshold
            let scaled: Double = mean < threshold ? half * mean / max(1e-9, threshold) : half + half * (mean - threshold) / max(1e-9, 1 - threshold)
            readings.append(CueReading(.model, suspicion: scaled, measured: mean))
        }
        return PresentationScore(readings.compactMap(\.self))
    }

    /// How many scores of the operator's network there are.
    package var scoreCount: Int { scores.count }

    private static func rows(_ aligned: PixelBuffer) -> [Float] {
        withExtendedLifetime(aligned) {
            let bytes = aligned.bytes
            return FaceView.skinRows.map { y in
                Float(FaceView.skinColumns.reduce(0) { $0 + Int(bytes[3 * (y * aligned.width + $1) + 1]) }) / Float(FaceView.skinColumns.count)
            }
        }
    }
}
