import Biometrics

/// Tracks that may have been mixed up are put right by templates: whoever a face is most like, it is of that track.
extension FaceTracker {
    mutating func verify(_ face: Int, _ template: Template) {
        guard let here = index(of: looked[face]), tracks[here].identity.isDoubtful else { return }
        let own: ComparisonScore? = tracks[here].identity.likeness(template)
        var other: (index: Int, score: ComparisonScore)?
        for index in tracks.indices where index != here && tracks[index].identity.isDoubtful {
            guard let score = tracks[index].identity.likeness(template), score >= policy.sameScore else { continue }
            if other.map({ score > $0.score }) ?? true { other = (index, score) }
        }
        if let other, own.map({ other.score > $0 }) ?? true {
            exchange(here, other.index)
            tracks[here].identity.isDoubtful = false
        } else if own.map({ $0 >= policy.sameScore }) ?? true {
            tracks[here].identity.isDoubtful = false
        } else {
            part(here, from: face)
        }
    }

    /// Each takes the other's place, in the frame that is looked at too.
    private mutating func exchange(_ one: Int, _ other: Int) {
        let (first, second): (Int64, Int64) = (tracks[one].identity.id, tracks[other].identity.id)
        let identity: TrackIdentity<Person> = tracks[one].identity
        tracks[one].identity = tracks[other].identity
        tracks[other].identity = identity
        looked = looked.map { $0 == first ? second : $0 == second ? first : $0 }
    }

    /// Somebody else stands where the track was thought to be: a track begins, and the former one is looked for from here.
    private mutating func part(_ index: Int, from face: Int) {
        var lost: Track = tracks[index]
        lost.motion.missed += 1
        tracks[index].identity = TrackIdentity(id: nextTrack, at: lost.motion.time)
        tracks[index].identity.hits = lost.identity.hits
        tracks[index].identity.hasEntered = lost.identity.hasEntered
        looked[face] = nextTrack
        nextTrack += 1
        tracks.append(lost)
    }
}
