import Biometrics
import FacePipeline
import PresentationAttack

/// Follows faces over the frames of one source, and says when whom is to be decided on: once per person and passage.
///
/// For every frame that is looked at: ``look(_:width:height:at:)`` with what the detector found, which says what to make templates of;
/// then ``finish(_:)`` with what they said. All time is that of the frames. Not thread safe: one owner.
package struct FaceTracker<Person: Hashable & Sendable>: Sendable {
    struct Track: Sendable {
        var motion: FaceMotion
        var identity: TrackIdentity<Person>
    }

    struct Unsettled: Sendable {
        let verdict: Verdict<Person>
        var next: ContinuousClock.Instant
        let end: ContinuousClock.Instant
    }

    package var policy: TrackingPolicy
    var tracks: [Track] = []
    var book = PassageBook<Person>()
    /// By the verdict's number.
    var unsettled: [Int64: Unsettled] = [:]
    /// By face of the frame that is looked at: the identity of its track.
    var looked: [Int64] = []
    var sights: [FaceSight] = []
    /// Of the frame that is looked at.
    var time: ContinuousClock.Instant?
    var frame: (width: Double, height: Double) = (1, 1)
    /// What became of tracks before the frame that is looked at was.
    var overdue: [TrackNews<Person>] = []
    var nextTrack: Int64 = 1
    var nextVerdict: Int64 = 1

    /// What is asked in a challenge.
    let prompts: @Sendable () -> [HeadChallenge.Prompt]

    /// - Parameter prompts: draws what a challenge asks, at random unless a test says otherwise.
    package init(policy: TrackingPolicy = TrackingPolicy(), prompts: @escaping @Sendable () -> [HeadChallenge.Prompt] = Self.drawn) {
        (self.policy, self.prompts) = (policy, prompts)
    }

    package static var drawn: @Sendable () -> [HeadChallenge.Prompt] {
        {
            var random = SystemRandomNumberGenerator()
            return HeadChallenge.draw(using: &random)
        }
    }

    /// Tracks that have not ended.
    package var count: Int { tracks.count }

    /// What the scheduler asks.
    package var activity: DetectionScheduler.Activity {
        guard !tracks.isEmpty, let now = time else { return .empty }
        let isOpen: Bool = tracks.contains { track in
            let identity: TrackIdentity<Person> = track.identity
            if track.motion.missed > 0 { return true }
            // Whoever shows no face worth a template for so long is looked at with the others.
            guard identity.isDoubtful || identity.isOpen, now - identity.since < policy.attention || identity.presentation.isAsked else { return false }
            return isEligible(identity, track.motion.box)
        }
        return .present(isOpen: isOpen, speed: tracks.map(\.motion.speed).max() ?? 0)
    }

    /// Where each face should be at a frame that is not looked at.
    package func predicted(at time: ContinuousClock.Instant) -> [(track: Int64, box: FaceBox)] {
        tracks.map { ($0.identity.id, $0.motion.predicted(at: time)) }
    }

    /// The track of a face of the frame that is looked at; `nil` between frames.
    package func track(ofFace face: Int) -> Int64? { looked.indices.contains(face) ? looked[face] : nil }

    /// Takes what the detector found in a frame.
    /// - Parameters:
    ///   - width: of the picture, pixels; `height` too.
    ///   - time: of the frame; one that is not after the last is taken as if it were.
    /// - Returns: indices of the faces to cut out and measure closely, and to make a template of if ``wantsTemplate(of:_:)`` agrees.
    package mutating func look(_ faces: [FaceSight], width: Int, height: Int, at time: ContinuousClock.Instant) -> Set<Int> {
        let now: ContinuousClock.Instant = max(time, self.time ?? time)
        (self.time, sights, frame) = (now, faces, (Double(max(1, width)), Double(max(1, height))))
        endWhatStalled(at: now)
        let answer = Association(tracks.map(\.motion), faces.map(\.box), at: now)
        for track in answer.doubtful {
            tracks[track].identity.isDoubtful = true
            // What was seen of one may have been of another.
            tracks[track].identity.presentation = TrackPresentation()
        }
        for index in tracks.indices { tracks[index].motion.missed += 1 }
        looked = []
        for (face, track) in zip(faces, answer.tracks) {
            let index: Int = track ?? begin(face, at: now)
            tracks[index].motion.found(face.box, at: now)
            tracks[index].identity.hits += 1
            if !tracks[index].identity.hasEntered { tracks[index].identity.hasEntered = isInEntry(face.box) }
            looked.append(tracks[index].identity.id)
        }
        reopenWhatIsOld(at: now)
        return choose(at: now)
    }

    /// Whether a template of a face would be of use, now that its quality is known.
    package func wantsTemplate(of face: Int, _ quality: FaceQuality) -> Bool {
        guard looked.indices.contains(face), let track = track(looked[face]) else { return false }
        if track.identity.presentation.challenge?.wantsWitness(yaw: quality.yaw, pitch: quality.pitch) == true { return true }
        guard policy.quality.refusals(of: quality).isEmpty else { return false }
        return track.identity.isDoubtful || track.identity.wants(value: quality.shotValue, most: policy.mostShots)
    }

    private mutating func begin(_ face: FaceSight, at now: ContinuousClock.Instant) -> Int {
        tracks.append(Track(motion: FaceMotion(face.box, at: now), identity: TrackIdentity(id: nextTrack, at: now)))
        nextTrack += 1
        return tracks.count - 1
    }

    /// A source that stood still for as long as a passage lasts shows somebody else, wherever they stand.
    private mutating func endWhatStalled(at now: ContinuousClock.Instant) {
        for track in tracks where now - track.motion.time >= policy.passageGap { overdue += end(track, at: now) }
        book.forget(unseenFor: policy.passageGap, at: now)
    }

    private mutating func reopenWhatIsOld(at now: ContinuousClock.Instant) {
        guard let term = policy.redecideAfter else { return }
        for index in tracks.indices {
            switch tracks[index].identity.state {
            case .decided(_, let at), .undecided(let at): if now - at >= term { tracks[index].identity.reopen(at: now) }
            case .open: break
            }
        }
    }

    /// Who may have been mixed up first, then whoever has fewest shots.
    private func choose(at now: ContinuousClock.Instant) -> Set<Int> {
        let wanted: [(rank: Int, face: Int)] = looked.enumerated().compactMap { face, id in
            guard let identity = track(id)?.identity, isEligible(identity, sights[face].box) else { return nil }
            if identity.isDoubtful { return (-1, face) }
            guard identity.isOpen, identity.lastShot.map({ now - $0 >= policy.shotSpacing }) ?? true else { return nil }
            return (identity.shots.count, face)
        }
        return Set(wanted.sorted { $0 < $1 }.prefix(policy.embeddingsPerFrame).map(\.face))
    }

    func isEligible(_ identity: TrackIdentity<Person>, _ box: FaceBox) -> Bool { identity.hasEntered && !isTooSmall(box) }

    private func isTooSmall(_ box: FaceBox) -> Bool { min(box.width, box.height) < policy.minimumFace }

    func track(_ id: Int64) -> Track? { tracks.first { $0.identity.id == id } }

    func index(of id: Int64) -> Int? { tracks.firstIndex { $0.identity.id == id } }

    private func isInEntry(_ box: FaceBox) -> Bool {
        let entries: [Zone] = policy.zones.filter { $0.kind == .entry }
        return entries.isEmpty || entries.contains { $0.contains(place(of: box)) }
    }

    /// A box's centre in shares of the picture.
    func place(of box: FaceBox) -> ImagePoint { ImagePoint(x: box.centre.x / frame.width, y: box.centre.y / frame.height) }
}
