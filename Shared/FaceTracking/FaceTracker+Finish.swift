import Biometrics
import FacePipeline
import PresentationAttack

extension FaceTracker {
    /// Takes what was measured of the frame's faces.
    /// - Parameter readings: by face, as ``look(_:width:height:at:)`` was given them.
    /// - Returns: what is to be journaled, and what is to be told, in order.
    package mutating func finish(_ readings: [Int: FaceReading<Person>]) -> [TrackNews<Person>] {
        guard let now = time else { return [] }
        var news: [TrackNews<Person>] = overdue + dropUnsettled(at: now)
        overdue = []
        for face in looked.indices {
            if let template = readings[face]?.template { verify(face, template) }
        }
        for face in looked.indices {
            guard let reading = readings[face], let index = index(of: looked[face]) else { continue }
            let isSame: Bool? = reading.template.flatMap { tracks[index].identity.likeness($0) }.map { $0 >= policy.sameScore }
            tracks[index].identity.presentation.saw(reading.quality, isSame: isSame, at: now)
            take(reading, sights[face].box, into: &tracks[index].identity, at: now)
        }
        for index in tracks.indices {
            var identity: TrackIdentity<Person> = tracks[index].identity
            if case .decided(let passage, _) = identity.state, tracks[index].motion.time == now { book[passage]?.lastSeen = now }
            news += decide(&identity, isOver: false, at: now)
            tracks[index].identity = identity
        }
        for track in tracks where track.motion.missed >= policy.lostLooks && now - track.motion.time >= policy.lostAfter { news += end(track, at: now) }
        book.forget(unseenFor: policy.passageGap, at: now)
        (looked, sights) = ([], [])
        return news
    }

    /// The source has ended: so do all tracks.
    package mutating func end(at time: ContinuousClock.Instant) -> [TrackNews<Person>] {
        let now: ContinuousClock.Instant = max(time, self.time ?? time)
        self.time = now
        defer { overdue = [] }
        return overdue + dropUnsettled(at: now) + tracks.flatMap { end($0, at: now) }
    }

    /// A verdict is in the journal.
    package mutating func settle(_ verdict: Verdict<Person>, entry: Int64?) {
        unsettled[verdict.number] = nil
        if let passage = verdict.passage { book[passage]?.entry = entry }
    }

    /// A verdict could not be journaled: it is due again in a while, and forgotten after ``TrackingPolicy/passageGap``.
    package mutating func postpone(_ verdict: Verdict<Person>) {
        guard let time else { return }
        unsettled[verdict.number]?.next = time + policy.retryAfter
    }

    /// A verdict holds no more, for whom it names is no longer in the gallery: whoever is still here is looked at anew.
    package mutating func withdraw(_ verdict: Verdict<Person>) {
        guard let now = time else { return }
        unsettled[verdict.number] = nil
        if let passage = verdict.passage { book[passage] = nil }
        for index in tracks.indices {
            let identity: TrackIdentity<Person> = tracks[index].identity
            if case .decided(let passage, _) = identity.state, passage == verdict.passage { tracks[index].identity.reopen(at: now) }
            if verdict.passage == nil, identity.id == verdict.track { tracks[index].identity.reopen(at: now) }
        }
    }

    private mutating func dropUnsettled(at now: ContinuousClock.Instant) -> [TrackNews<Person>] {
        var news: [TrackNews<Person>] = []
        for (number, one) in unsettled.sorted(by: { $0.key < $1.key }) {
            if now >= one.end {
                withdraw(one.verdict)
            } else if now >= one.next {
                unsettled[number]?.next = now + policy.retryAfter
                news.append(.due(one.verdict))
            }
        }
        return news
    }

    private func take(_ reading: FaceReading<Person>, _ box: FaceBox, into identity: inout TrackIdentity<Person>, at now: ContinuousClock.Instant) {
        guard identity.isOpen, !identity.isDoubtful, isEligible(identity, box) else { return }
        let refusals: [QualityRefusal] = policy.quality.refusals(of: reading.quality)
        if refusals.isEmpty {
            identity.firstGood = identity.firstGood ?? now
        } else if identity.poor.map({ reading.quality.shotValue > $0.quality.shotValue }) ?? true {
            identity.poor = (reading.quality, box, refusals)
        }
        guard refusals.isEmpty, let template = reading.template, let vote = reading.vote else { return }
        identity.add(Shot(template: template, vote: vote, quality: reading.quality, box: box, time: now), most: policy.mostShots)
    }

    /// - Parameter isOver: nothing more will be seen of the track.
    private mutating func decide(_ identity: inout TrackIdentity<Person>, isOver: Bool, at now: ContinuousClock.Instant) -> [TrackNews<Person>] {
        guard identity.isOpen, isOver || !identity.isDoubtful, identity.hits >= policy.confirmations else { return [] }
        guard !identity.shots.isEmpty else { return isOver ? reportPoor(&identity, at: now) : [] }
        let waited: Duration = identity.firstGood.map { now - $0 } ?? .zero
        let good: Int = identity.shots.count { $0.value >= TrackIdentity<Person>.goodValue }
        guard isOver || good >= policy.shots || waited >= policy.patience else { return [] }
        var count = VoteCount(identity.shots.prefix(policy.shots).map(\.vote))
        if count.outcome == .disagreement {
            count = VoteCount(identity.shots.map(\.vote))
            let isPatient: Bool = !isOver && identity.shots.count < policy.mostShots && waited < policy.patience * 3
            if count.outcome == .disagreement, isPatient { return [] }
        }
        switch count.outcome {
        case .disagreement:
            identity.state = .undecided(at: now)
            return [due(identity, count, .undecided, passage: nil, isRepeat: false, at: now)]
        case .match(let person):
            guard let isBonaFide = present(&identity, count.leading.presentation, isOver: isOver, at: now) else { return ask(&identity, at: now) }
            guard isBonaFide else {
                identity.state = .undecided(at: now)
                return [due(identity, count, .unproven, passage: nil, isRepeat: false, at: now)]
            }
            return pass(&identity, person, count, at: now)
        case .unknown: return pass(&identity, nil, count, at: now)
        }
    }

    /// One decision per person and passage: the passage that is known, or a new one.
    private mutating func pass(
        _ identity: inout TrackIdentity<Person>, _ person: Person?, _ count: VoteCount<Person>, at now: ContinuousClock.Instant
    ) -> [TrackNews<Person>] {
        let templates: [Template] = identity.shots.map(\.template)
        identity.keepReferences()
        let outcome: Verdict<Person>.Outcome = person.map { .match($0) } ?? .unknown
        guard let known = book.find(person, templates, threshold: count.leading.threshold) else {
            let passage: Int64 = book.open(person, templates, at: now)
            identity.state = .decided(passage: passage, at: now)
            identity.passage = passage
            return [due(identity, count, outcome, passage: passage, isRepeat: false, at: now)]
        }
        defer { identity.passage = known.id }
        book[known.id]?.lastSeen = now
        book[known.id]?.templates = Array((templates + known.templates).prefix(policy.mostShots))
        let isOld: Bool = policy.redecideAfter.map { now - known.decided >= $0 } ?? false
        // Somebody unknown is reported once, however long they stay.
        guard isOld, person != nil else {
            identity.state = .decided(passage: known.id, at: isOld ? now : known.decided)
            guard identity.passage != known.id else { return [] }
            return [.returned(verdict(identity, count, outcome, passage: known.id, isRepeat: false), entry: known.entry)]
        }
        book[known.id]?.decided = now
        identity.state = .decided(passage: known.id, at: now)
        return [due(identity, count, outcome, passage: known.id, isRepeat: true, at: now)]
    }

    private mutating func due(
        _ identity: TrackIdentity<Person>, _ count: VoteCount<Person>, _ outcome: Verdict<Person>.Outcome, passage: Int64?, isRepeat: Bool,
        at now: ContinuousClock.Instant
    ) -> TrackNews<Person> {
        keep(verdict(identity, count, outcome, passage: passage, isRepeat: isRepeat), at: now)
    }

    private mutating func keep(_ verdict: Verdict<Person>, at now: ContinuousClock.Instant) -> TrackNews<Person> {
        unsettled[verdict.number] = Unsettled(verdict: verdict, next: now + policy.retryAfter, end: now + policy.passageGap)
        return .due(verdict)
    }

    private mutating func verdict(
        _ identity: TrackIdentity<Person>, _ count: VoteCount<Person>, _ outcome: Verdict<Person>.Outcome, passage: Int64?, isRepeat: Bool
    ) -> Verdict<Person> {
        defer { nextVerdict += 1 }
        let best: Shot<Person> = identity.shots[0]
        return Verdict(
            number: nextVerdict, track: identity.id, outcome: outcome, score: count.score, leading: count.leading, agreeing: count.agreeing,
            votes: count.count, templates: identity.shots.map(\.template), quality: best.quality, box: best.box, refusals: [],
            firstGood: identity.firstGood, isRepeat: isRepeat, presentation: identity.presentation.report, passage: passage)
    }

    /// Somebody was here, and never well enough to be seen.
    private mutating func reportPoor(_ identity: inout TrackIdentity<Person>, at now: ContinuousClock.Instant) -> [TrackNews<Person>] {
        guard let poor = identity.poor, identity.references.isEmpty else { return [] }
        identity.state = .undecided(at: now)
        defer { nextVerdict += 1 }
        let verdict = Verdict<Person>(
            number: nextVerdict, track: identity.id, outcome: .undecided, score: nil, leading: nil, agreeing: 0, votes: 0, templates: [],
            quality: poor.quality, box: poor.box, refusals: poor.refusals, firstGood: nil, isRepeat: false, presentation: nil, passage: nil)
        return [keep(verdict, at: now)]
    }

    mutating func end(_ track: Track, at now: ContinuousClock.Instant) -> [TrackNews<Person>] {
        guard let index = index(of: track.identity.id) else { return [] }
        var identity: TrackIdentity<Person> = tracks.remove(at: index).identity
        var news: [TrackNews<Person>] = decide(&identity, isOver: true, at: now)
        let zone: Zone? = policy.zones.first { $0.kind == .exit && $0.contains(place(of: track.motion.box)) }
        if zone != nil, case .decided(let passage, _) = identity.state { book[passage] = nil }
        if identity.hits >= policy.confirmations { news.append(.left(track: identity.id, zone: zone?.name)) }
        return news
    }
}
