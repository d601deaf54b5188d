import Biometrics
import EdgeStore
import FacePipeline
import FaceTracking
import FrameCapture
import GallerySearch
import PresentationAttack
import RecognitionAPI
import ServiceSupport
import WireModel

/// Recognition on this device: picture in; decisions out, journaled and metered before anyone sees them.
///
/// Owns the pipeline and the gallery's index; its work blocks, so it runs on a queue of its own.
package actor Recogniser {
    private let executor = BlockingExecutor(label: "vultus.recogniser")
    let store: EdgeStore
    let pipeline: FacePipeline
    private let policy: QualityPolicy
    private var index: SearchIndex
    /// By the name of the live source.
    var scenes: [String: LiveScene] = [:]
    let now: @Sendable () -> ContinuousClock.Instant
    let work: @Sendable () -> Duration
    /// What a challenge asks.
    let prompts: @Sendable () -> [HeadChallenge.Prompt]
    /// The operator's network against presentation attacks.
    private(set) var network: PresentationModel?

    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }
    package nonisolated let limits: ImageLimits
    package nonisolated let model: ModelID
    /// Of the decisions on live sources.
    package nonisolated let latencies = DecisionLatencies()
    /// Where models that do not decide yet get what was decided on.
    package nonisolated let shadow: ShadowInbox

    /// - Throws: `Problem` when the models are missing or altered.
    package init(store: EdgeStore, models path: String) throws(Problem) {
        do { self.init(store: store, models: try ModelDirectory.open(path)) } catch { throw Problem(error) }
    }

    /// - Parameters:
    ///   - now: what a decision's latency is measured by.
    ///   - work: what the share of a processor that live sources may take is measured by.
    ///   - prompts: draws what a challenge asks.
    ///   - shadow: the one that pictures go to which are analysed elsewhere, for this recogniser's galleries.
    package init(
        store: EdgeStore, models: ModelDirectory, now: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
        work: @escaping @Sendable () -> Duration = ThreadTime.now,
        prompts: @escaping @Sendable () -> [HeadChallenge.Prompt] = FaceTracker<PlacedPerson>.drawn, shadow: ShadowInbox = ShadowInbox()
    ) {
        self.shadow = shadow
        self.prompts = prompts
        self.now = now
        self.work = work
        let options = FacePipelineOptions()
        self.store = store
        limits = options.limits
        model = models.embedderModel
        policy = .identification
        index = SearchIndex(model: models.embedderModel)
        pipeline = FacePipeline(models: models, options: options)
    }

    /// Has presentations on live sources judged by a network of the operator's, where a gallery or the device asks for one.
    /// - Parameter path: of its manifest.
    /// - Throws: `Problem` when it cannot be loaded or does not fit its manifest.
    package func usePresentationModel(_ path: String) throws(Problem) {
        do throws(PresentationModelError) { network = try PresentationModel(manifest: path, models: pipeline.models) } catch { throw Problem(error) }
    }

    /// Compares every face of a picture with the device's own gallery and with those of the hub's that are fresh. When this returns,
    /// each decision is in the journal.
    /// - Parameters:
    ///   - rule: for the device's own gallery; those of the hub's are decided at the rates that the hub says.
    ///   - source: names the source for ``EdgeStore/hasSeen(_:source:)``; `nil` for one-off pictures.
    /// - Throws: `Problem`; then nothing was journaled or charged.
    package func identify(_ frame: Frame, rule: DecisionRule, source: String?) throws(Problem) -> IdentificationResult {
        let picture: AnalysedImage = try analyse(frame)
        var faces: [FaceResult] = []
        let places: [SearchPlace] = picture.faces.isEmpty ? [] : try places(rule)
        for face in picture.faces { faces.append(try decide(face, places, rule: rule)) }
        let drafts: [DecisionDraft] = faces.map { DecisionDraft(api: .search, units: $0.outcome == .undecided ? 0 : 1, record: DecisionRecord($0)) }
        let seen: (source: String, fingerprint: [UInt8])? = if let source, let fingerprint = frame.fingerprint { (source, fingerprint) } else { nil }
        if !drafts.isEmpty || seen != nil {
            let entries: [JournalEntry] = try recording { () throws(EdgeStoreError) in try store.record(drafts, seen: seen) }
            for index in faces.indices { faces[index].entry = entries[index].seq }
        }
        shadow.offer(frame, picture, quality: policy, rule: rule)
        return IdentificationResult(width: picture.width, height: picture.height, faces: faces)
    }

    /// Whether an earlier run on the same source handled this very picture.
    package func hasSeen(_ fingerprint: [UInt8], source: String) throws(Problem) -> Bool {
        try recording { () throws(EdgeStoreError) in try store.hasSeen(fingerprint, source: source) }
    }

    /// Makes a template of the one face of a picture and adds it to the person called `label`.
    /// - Parameter largest: take the largest of several faces instead of refusing the picture.
    package func enrol(_ bytes: [UInt8], label: String, largest: Bool) throws(Problem) -> (person: PersonID, outcome: EnrolmentOutcome) {
        let face: AnalysedFace = try oneFace(bytes, largest: largest, policy: .enrolment)
        guard let template = face.template else { throw Problem(.internalFault, "The pipeline made no template.", remedy: "Run `vultus-edge doctor`.") }
        return try recording { () throws(EdgeStoreError) in try store.enrol(template, label: label) }
    }

    /// Compares the faces of two pictures, one to one. Metered as one use.
    package func compare(_ probe: [UInt8], _ reference: [UInt8], rule: DecisionRule, largest: Bool) throws(Problem) -> DecisionRecord {
        let first: AnalysedFace = try oneFace(probe, largest: largest, policy: policy)
        let second: AnalysedFace = try oneFace(reference, largest: largest, policy: policy)
        guard let left = first.template, let right = second.template, let score = try? left.score(against: right) else {
            throw Problem(.internalFault, "The templates cannot be compared.", remedy: "Run `vultus-edge doctor`.")
        }
        let record = DecisionRecord(
            outcome: rule.isMatch(score) ? .match : .unknown, person: nil, score: score.rawValue, threshold: rule.row.threshold.rawValue,
            falseMatchRate: rule.row.measured.rawValue, model: rule.model.rawValue, refusals: [], overdraft: false)
        _ = try recording { () throws(EdgeStoreError) in try store.record([DecisionDraft(api: .compare, units: 1, record: record)]) }
        return record
    }

    /// The persons of one gallery most like each probe, best first.
    /// - Parameters:
    ///   - limit: persons a probe, at least 1.
    ///   - gallery: one of the hub's that is fresh, or `nil` for the device's own.
    package func candidates(_ probes: [Template], limit: Int, in gallery: GalleryID? = nil) throws(Problem) -> [[GalleryHit<PersonID>]] {
        do {
            try refreshIndex()
            return try probes.map { try index.search($0, in: gallery, limit: limit) }
        } catch {
            throw Problem(describing: error)
        }
    }

    /// Journals decisions that were made beside this actor, and spends a unit for each that decided.
    /// - Returns: the entries' numbers.
    /// - Throws: `Problem`; then nothing was journaled or charged.
    package func record(_ decisions: [DecisionRecord], of api: APIName) throws(Problem) -> [Int64] {
        let drafts: [DecisionDraft] = decisions.map { DecisionDraft(api: api, units: $0.outcome == .undecided ? 0 : 1, record: $0) }
        return try recording { () throws(EdgeStoreError) in try store.record(drafts) }.map(\.seq)
    }

    /// What the last picture took, stage by stage.
    package var lastTimings: StageTimings { pipeline.lastTimings }

    private func oneFace(_ bytes: [UInt8], largest: Bool, policy: QualityPolicy) throws(Problem) -> AnalysedFace {
        let picture: AnalysedImage = try analyse(bytes)
        guard let face = picture.faces.first else {
            throw Problem(
                .noFace, "There is no face in the picture.", detail: "\(picture.width) × \(picture.height) pixels",
                remedy: "Use a picture that shows one face clearly.")
        }
        guard largest || picture.faces.count == 1 else {
            throw Problem(
                .severalFaces, "There are several faces where one is needed.", detail: "\(picture.faces.count) faces",
                remedy: "Crop the picture to one face, or say --largest to take the largest.")
        }
        if let refusal = policy.refusals(of: face.quality).first { throw Problem(refusal) }
        return face
    }

    private func analyse(_ bytes: [UInt8]) throws(Problem) -> AnalysedImage {
        do { return try pipeline.analyse(bytes) } catch { throw Problem(error) }
    }

    func analyse(_ frame: Frame, chooser: (any FaceChooser)? = nil) throws(Problem) -> AnalysedImage {
        do { return try pipeline.analyse(frame, chooser: chooser) } catch { throw Problem(error) }
    }

    private func decide(_ face: AnalysedFace, _ places: [SearchPlace], rule: DecisionRule) throws(Problem) -> FaceResult {
        let refusals: [ProblemCode] = policy.refusals(of: face.quality).map(\.code)
        var best: PlacedHit?
        var outcome: DecisionOutcome = .undecided
        if refusals.isEmpty, let template = face.template {
            best = try bestHit(template, places)
            outcome = best?.isMatch == true ? .match : .unknown
        }
        let applied: DecisionRule = best?.place.rule ?? rule
        return FaceResult(
            box: FaceArea(face.box), outcome: outcome, person: outcome == .match ? best?.hit.key : nil, gallery: best?.place.gallery,
            score: best?.hit.score.rawValue, threshold: applied.row.threshold.rawValue, falseMatchRate: applied.row.measured.rawValue,
            model: applied.model.rawValue, quality: QualityResult(face.quality), refusals: refusals)
    }

    func bestHit(_ template: Template, _ places: [SearchPlace]) throws(Problem) -> PlacedHit? {
        var best: PlacedHit?
        do {
            for place in places {
                guard let hit = try index.search(template, in: place.gallery, limit: 1).first else { continue }
                let found = PlacedHit(hit: hit, place: place)
                if best.map(found.isBetter) ?? true { best = found }
            }
        } catch {
            throw Problem(describing: error)
        }
        return best
    }

    /// Where a face is looked for now. The terms are asked for at every search, not only when the index is made.
    func places(_ rule: DecisionRule) throws(Problem) -> [SearchPlace] {
        do {
            try refreshIndex()
            return [SearchPlace(gallery: nil, rule: rule)]
                + (try store.heldGalleries().filter(\.isSearchable).map {
                    SearchPlace(gallery: $0.id, rule: try $0.rule(for: rule.model), presentation: $0.pad.requirements)
                })
        } catch {
            throw Problem(describing: error)
        }
    }

    private func refreshIndex() throws {
        // A consent or a gallery's term that has ended ends here, offline too.
        try store.eraseExpired()
        try index.refresh(from: store)
    }

    func recording<Value>(_ body: () throws(EdgeStoreError) -> Value) throws(Problem) -> Value {
        do { return try body() } catch { throw error.problem }
    }
}
