import FacePipeline

/// Which face of a frame belongs to which track: by place and size against the prediction, without a model.
struct Association {
    /// By face: the index of its track; `nil` for a face that no track expects.
    private(set) var tracks: [Int?]
    /// Indices of tracks for which another answer would have been nearly as good.
    private(set) var doubtful: Set<Int> = []

    private let costs: [[Double?]]

    /// By track: answers whose costs differ by less are taken for equally good. Half a face; more after a track was not seen for a
    /// while, in which whoever it is may have turned round.
    private let margins: [Double]

    /// Walking past (1.4 m/s) moves a face by about six of its own heights a second; a third of that is predicted at worst.
    private static let stride: Double = 4

    init(_ motions: [FaceMotion], _ faces: [FaceBox], at time: ContinuousClock.Instant) {
        costs = motions.map { motion in faces.map { Self.cost(motion, $0, at: time) } }
        margins = motions.map { 0.5 + Self.stride * max(0, ($0.unseen(at: time) - 0.2)) }
        tracks = Array(repeating: nil, count: faces.count)
        take()
        improve()
        doubt()
    }

    /// Distance in faces, less what they overlap, plus how much the size changed; `nil` where it cannot be the same face.
    private static func cost(_ motion: FaceMotion, _ face: FaceBox, at time: ContinuousClock.Instant) -> Double? {
        let expected: FaceBox = motion.predicted(at: time)
        let size: Double = max(1, (face.width + face.height) / 2)
        let growth: Double = size / motion.size
        let reach: Double = min(2.5, 0.6 + stride * motion.unseen(at: time))
        let distance: Double = expected.centre.distance(to: face.centre) / ((size + motion.size) / 2)
        guard distance <= reach, (0.5...2).contains(growth) else { return nil }
        return distance + abs(growth - 1) - expected.intersectionOverUnion(face)
    }

    /// Best pairs first.
    private mutating func take() {
        let pairs = costs.indices.flatMap { track in tracks.indices.compactMap { face in costs[track][face].map { (track, face, $0) } } }
        var taken: Set<Int> = []
        for (track, face, _) in pairs.sorted(by: { ($0.2, $0.0, $0.1) < ($1.2, $1.0, $1.1) }) where tracks[face] == nil && !taken.contains(track) {
            tracks[face] = track
            taken.insert(track)
        }
    }

    /// Exchanges two faces where both together fit better.
    private mutating func improve() {
        var hasChanged: Bool = true
        while hasChanged {
            hasChanged = false
            for one in tracks.indices {
                for other in tracks.indices where other > one {
                    guard let first = tracks[one], let second = tracks[other], let gain = exchange(first, one, second, other), gain < -1e-9 else { continue }
                    tracks.swapAt(one, other)
                    hasChanged = true
                }
            }
        }
    }

    /// What exchanging two pairs costs; `nil` where it is not possible.
    private func exchange(_ first: Int, _ one: Int, _ second: Int, _ other: Int) -> Double? {
        guard let kept = costs[first][one], let alsoKept = costs[second][other], let new = costs[first][other], let alsoNew = costs[second][one] else {
            return nil
        }
        return new + alsoNew - kept - alsoKept
    }

    private mutating func doubt() {
        let taken: Set<Int> = Set(tracks.compactMap { $0 })
        for (face, track) in tracks.enumerated() {
            guard let track, let cost = costs[track][face] else { continue }
            for other in tracks.indices where other != face {
                if let second = tracks[other] {
                    if let more = exchange(track, face, second, other), more < max(margins[track], margins[second]) { doubtful.formUnion([track, second]) }
                } else if let alternative = costs[track][other], alternative - cost < margins[track] {
                    doubtful.insert(track)
                }
            }
            // A track that found nothing may be the one whose face this is.
            for second in costs.indices where !taken.contains(second) {
                if let alternative = costs[second][face], alternative - cost < max(margins[track], margins[second]) { doubtful.formUnion([track, second]) }
            }
        }
    }
}
