import Biometrics
import EdgeStore
import FacePipeline
import FaceTracking
import FrameCapture
import GallerySearch
import PresentationAttack
import RecognitionAPI
import WireModel

extension Recogniser {
    /// A change of the device's configuration is followed within so long.
    private static var configurationInterval: Duration { .seconds(5) }

    /// Takes the next frame of a live source. Most are not looked at; of those that are, the faces that a track still needs get
    /// templates. Whoever is decided on is in the journal when this returns: once per person and passage.
    /// - Parameters:
    ///   - source: names what the frames are of; each source has its own tracks and passages.
    ///   - rule: as for ``identify(_:rule:source:)``.
    package func watch(_ frame: Frame, of source: String, rule: DecisionRule, as settings: WatchSettings) throws(Problem) -> [LiveEvent] {
        let scene: LiveScene = scenes[source] ?? LiveScene(rule: rule, at: frame.arrived, prompts: prompts)
        scenes[source] = scene
        scene.rule = rule
        try configure(scene, settings, at: frame.arrived)
        let gone: [LiveEvent] = try endTracks(before: frame, scene)
        guard gone.isEmpty else { return gone }
        switch scene.scheduler.next(at: frame.arrived, scene.tracker.activity) {
        case .pass: return []
        case .glance: guard try hasChanged(frame, scene) else { return [] }
        case .detect: break
        }
        scene.time = frame.arrived
        let (before, begun): (Duration, ContinuousClock.Instant) = (work(), now())
        // Loading the models, in the first call, is not part of looking.
        defer { scene.scheduler.spent(max(.zero, work() - before - pipeline.lastTimings.load)) }
        let picture: AnalysedImage = try analyse(frame, chooser: scene)
        scene.scheduler.met(work: work() - before - pipeline.lastTimings.load, in: now() - begun - pipeline.lastTimings.load)
        scene.scheduler.looked(at: frame.arrived, found: picture.faces.count)
        let readings: [Int: FaceReading<PlacedPerson>] = try read(picture, rule, scene)
        scene.note(picture, readings)
        let events: [LiveEvent] = try settle(scene.tracker.finish(readings), scene)
        let decision: Int64? = scene.sight.timings?.decision
        (scene.sight.timings, scene.sight.time) = (timings(of: frame), frame.arrived)
        scene.sight.timings?.decision = events.compactMap(\.latencyMilliseconds).last ?? decision
        shadow.offer(frame, picture, quality: scene.tracker.policy.quality, rule: rule)
        return (scene.takeFault().map { [.failed($0)] } ?? []) + events
    }

    /// After a gap whoever was there has gone, for all that is known; that a face of the new frames is of the same passage, templates
    /// have to show.
    private func endTracks(before frame: Frame, _ scene: LiveScene) throws(Problem) -> [LiveEvent] {
        defer { scene.stretch = frame.stretch }
        guard let stretch = scene.stretch, stretch != frame.stretch else { return [] }
        return try settle(scene.tracker.end(at: scene.time), scene)
    }

    /// A live source has ended: whoever is still in it is decided on with what there is.
    package func endWatch(of source: String) throws(Problem) -> [LiveEvent] {
        guard let scene = scenes.removeValue(forKey: source) else { return [] }
        return try settle(scene.tracker.end(at: scene.time), scene)
    }

    private func configure(_ scene: LiveScene, _ settings: WatchSettings, at time: ContinuousClock.Instant) throws(Problem) {
        if let configured = scene.configured, time - configured < Self.configurationInterval { return }
        let group: WatchConfiguration? = try recording { () throws(EdgeStoreError) in try store.configuration() }.watch
        scene.configured = time
        scene.tracker.policy = settings.tracking(group)
        scene.scheduler.policy = settings.scheduling(group)
        scene.marking = settings.marking(group)
        try configurePresentation(scene, settings.presentation(group))
    }

    private func hasChanged(_ frame: Frame, _ scene: LiveScene) throws(Problem) -> Bool {
        let before: Duration = work()
        defer { scene.scheduler.spent(work() - before) }
        do {
            return scene.scheduler.saw(
                try pipeline.glance(frame, columns: SceneChange.columns, rows: SceneChange.rows), at: frame.arrived)
        } catch {
            throw Problem(error)
        }
    }

    private func read(_ picture: AnalysedImage, _ rule: DecisionRule, _ scene: LiveScene) throws(Problem) -> [Int: FaceReading<PlacedPerson>] {
        let places: [SearchPlace] = picture.faces.contains { $0.template != nil } ? try places(rule) : []
        var readings: [Int: FaceReading<PlacedPerson>] = [:]
        for (face, found) in picture.faces.enumerated() {
            var vote: Vote<PlacedPerson>?
            if let template = found.template {
                let best: PlacedHit? = try bestHit(template, places)
                let applied: DecisionRule = best?.place.rule ?? rule
                vote = Vote(
                    best: best.map { PlacedPerson(gallery: $0.place.gallery, person: $0.hit.key) }, score: best?.hit.score,
                    threshold: applied.row.threshold, falseMatchRate: applied.row.measured.rawValue,
                    presentation: scene.ownPresentation.union(best?.place.presentation ?? []))
            }
            readings[face] = FaceReading(quality: found.quality, template: found.template, vote: vote)
        }
        return readings
    }

    private func settle(_ news: [TrackNews<PlacedPerson>], _ scene: LiveScene) throws(Problem) -> [LiveEvent] {
        var events: [LiveEvent] = []
        for one in news {
            switch one {
            case .left(let track, let zone): events.append(.passage(PassageEvent(.left, track: track, zone: zone)))
            case .asked(let track, let request): events.append(.passage(PassageEvent(.asked, track: track, challenge: ChallengeRequest(request))))
            case .returned(let verdict, let entry):
                var face: FaceResult = result(verdict, scene.rule)
                face.entry = entry
                scene.note(face, of: verdict.track, label: face.person.flatMap { store.label(of: $0, in: face.gallery) })
                events.append(
                    .passage(PassageEvent(.returned, track: verdict.track, face: face, votes: verdict.votes, agreeing: verdict.agreeing)))
            case .due(let verdict):
                do throws(Problem) {
                    if let event = try decide(verdict, scene) { events.append(.passage(event)) }
                } catch {
                    scene.tracker.postpone(verdict)
                    if scene.failed.insert(verdict.number).inserted { events.append(.failed(error)) }
                    if scene.failed.count > 100 { scene.failed = [verdict.number] }
                }
            }
        }
        return events
    }

    /// - Returns: `nil` when whom the verdict names was erased since.
    private func decide(_ verdict: Verdict<PlacedPerson>, _ scene: LiveScene) throws(Problem) -> PassageEvent? {
        var face: FaceResult = result(verdict, scene.rule)
        guard try isStillThere(face, scene.rule) else {
            scene.tracker.withdraw(verdict)
            return nil
        }
        let record = DecisionRecord(face)
        let probe = DecidedProbe(templates: Array(verdict.templates.prefix(3)), term: scene.marking)
        let draft = DecisionDraft(api: .search, units: face.outcome == .undecided ? 0 : 1, record: record, probe: probe)
        let entry: Int64? = try recording { () throws(EdgeStoreError) in try store.record([draft]) }.first?.seq
        face.entry = entry
        scene.tracker.settle(verdict, entry: entry)
        scene.note(face, of: verdict.track, label: face.person.flatMap { store.label(of: $0, in: face.gallery) })
        // A recording that is played faster than it was made is ahead of the clock.
        let latency: Int64? = verdict.firstGood.map { now() - $0 }.flatMap { $0 >= .zero ? $0.wholeMilliseconds : nil }
        if let latency { latencies.note(milliseconds: latency) }
        return PassageEvent(
            .decided, track: verdict.track, face: face, votes: verdict.votes, agreeing: verdict.agreeing, isRepeat: verdict.isRepeat ? true : nil,
            latencyMilliseconds: latency)
    }

    private func isStillThere(_ face: FaceResult, _ rule: DecisionRule) throws(Problem) -> Bool {
        guard let person = face.person else { return true }
        guard try places(rule).contains(where: { $0.gallery == face.gallery }) else { return false }
        return try recording { () throws(EdgeStoreError) in
            if let gallery = face.gallery { return try store.heldLabel(of: person, in: gallery) != nil }
            do throws(EdgeStoreError) { return try store.person(person).id == person } catch {
                if case .absent = error { return false }
                throw error
            }
        }
    }

    private func result(_ verdict: Verdict<PlacedPerson>, _ rule: DecisionRule) -> FaceResult {
        var (outcome, person): (DecisionOutcome, PersonID?) = (.undecided, nil)
        var refusals: [ProblemCode] = verdict.refusals.map(\.code)
        let pad: PADRecord? = verdict.presentation.map { PADRecord($0, model: network?.manifest.model) }
        switch verdict.outcome {
        case .match(let placed): (outcome, person) = (.match, placed.person)
        case .unknown: outcome = .unknown
        case .undecided: if refusals.isEmpty { refusals = [.shotsDisagree] }
        case .unproven: refusals = [pad?.refusal ?? .presentationUndetermined]
        }
        return FaceResult(
            box: FaceArea(verdict.box), outcome: outcome, person: person, gallery: verdict.leading?.best?.gallery, score: verdict.score?.rawValue,
            threshold: (verdict.leading?.threshold ?? rule.row.threshold).rawValue,
            falseMatchRate: verdict.leading?.falseMatchRate ?? rule.row.measured.rawValue, model: rule.model.rawValue, quality: QualityResult(verdict.quality),
            refusals: refusals, pad: pad)
    }
}
