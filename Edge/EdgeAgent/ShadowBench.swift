import Biometrics
import EdgeUpdate
import FacePipeline
import GallerySearch
import RecognitionAPI
import ServiceSupport
import WireModel

/// Models that do not decide yet, and what they say of pictures that others have decided on. Their work blocks, so it is done on a queue
/// of its own; they take the memory of a pipeline until this goes.
actor ShadowBench {
    private let executor = BlockingExecutor(label: "vultus.shadow")
    private let folder: UpdateFolder
    private let wanted: WantedRelease
    private let recogniser: Recogniser
    private var pipeline: FacePipeline?

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    init(folder: UpdateFolder, wanted: WantedRelease, recogniser: Recogniser) {
        self.folder = folder
        self.wanted = wanted
        self.recogniser = recogniser
    }

    /// - Returns: why these models cannot be compared with those that decide; `nil`: they can.
    func load() -> String? {
        if let fault = folder.fault(of: wanted) { return "its files are not as signed: \(fault)" }
        do throws(ModelError) {
            let models: ModelDirectory = try ModelDirectory.open(folder.place(.models, wanted.version))
            guard models.embedderModel == recogniser.model else { return stranger(models.embedderModel.rawValue) }
            let pipeline = FacePipeline(models: models)
            try pipeline.load()
            self.pipeline = pipeline
            return nil
        } catch {
            // The road on which another embedder comes, as long as programs know one: by its name, before anything of it is loaded.
            if case .unsupportedModel(let role, let model) = error, role.hasPrefix("embedder") { return stranger(model) }
            let problem = Problem(error)
            return [problem.title, problem.detail].filter { !$0.isEmpty }.joined(separator: " ")
        }
    }

    /// Templates of two models cannot be compared, so whom it would recognise cannot be known before everybody was enrolled with it.
    private func stranger(_ model: String) -> String {
        "its templates are of \(model), the galleries' here of \(recogniser.model): whom it would recognise cannot be compared, "
            + "and it may not decide before there are templates of it"
    }

    /// - Returns: what was found, and the processor's time that it took.
    /// - Throws: `Problem` when the galleries cannot be searched; then nothing was found out.
    func compare(_ offer: ShadowInbox.Offer) async throws(Problem) -> (faces: [ShadowedFace<PlacedPerson>], work: Duration) {
        guard let pipeline else { return ([], .zero) }
        let before: Duration = ThreadTime.now()
        // A picture that was decided on and fails here is one in which these models find nobody.
        let seen: [AnalysedFace] = (try? pipeline.analyse(offer.frame))?.faces ?? []
        let work: Duration = ThreadTime.now() - before
        let decided: [AnalysedFace] = offer.picture.faces
        let pairs = FacePairs(decided.map(\.box), seen.map(\.box))
        func isGood(_ face: AnalysedFace) -> Bool { face.template != nil && offer.quality.refusals(of: face.quality).isEmpty }
        var asked: [(Template, Template)] = []
        for (one, other) in pairs.both { if let left = decided[one].template, let right = seen[other].template { asked.append((left, right)) } }
        // Both sides are put to the same galleries at the same moment, so that what differs is of the models.
        var answers: ArraySlice<ShadowAnswer<PlacedPerson>> = try await recogniser.answers(asked.flatMap { [$0.0, $0.1] }, rule: offer.rule)[...]
        var faces: [ShadowedFace<PlacedPerson>] = []
        for (one, other) in pairs.both {
            guard let left = decided[one].template, let right = seen[other].template, let first = answers.popFirst(), let second = answers.popFirst() else {
                faces.append(.bothUndecided)
                continue
            }
            let areAlike: Bool = (try? left.score(against: right)).map { offer.rule.isMatch($0) } ?? false
            faces.append(.both(deciding: isGood(decided[one]) ? first : nil, shadow: isGood(seen[other]) ? second : nil, areAlike: areAlike))
        }
        faces += pairs.first.map { .decidingAlone(isDecided: isGood(decided[$0])) }
        faces += pairs.second.map { .shadowAlone(isDecided: isGood(seen[$0])) }
        return (faces, work)
    }
}

/// Which faces of a picture are the same, by two that looked for them.
struct FacePairs {
    /// Nearest first.
    private(set) var both: [(Int, Int)] = []
    /// Found by the first alone.
    let first: [Int]
    let second: [Int]
    /// As one detector tells two candidates of one face from two faces (`DetectorOptions.overlapThreshold`).
    static let overlap: Double = 0.3

    init(_ one: [FaceBox], _ other: [FaceBox]) {
        var candidates: [(overlap: Double, first: Int, second: Int)] = []
        for (i, box) in one.enumerated() {
            for (j, found) in other.enumerated() {
                let overlap: Double = box.intersectionOverUnion(found)
                if overlap > Self.overlap { candidates.append((overlap, i, j)) }
            }
        }
        var (left, right): (Set<Int>, Set<Int>) = (Set(one.indices), Set(other.indices))
        for candidate in candidates.sorted(by: { ($1.overlap, $0.first, $0.second) < ($0.overlap, $1.first, $1.second) })
        where left.contains(candidate.first) && right.contains(candidate.second) {
            left.remove(candidate.first)
            right.remove(candidate.second)
            both.append((candidate.first, candidate.second))
        }
        (first, second) = (left.sorted(), right.sorted())
    }
}

extension Recogniser {
    /// Whom templates name in the galleries as they are now. Nothing is journaled, charged or shown.
    func answers(_ templates: [Template], rule: DecisionRule) throws(Problem) -> [ShadowAnswer<PlacedPerson>] {
        guard !templates.isEmpty else { return [] }
        let places: [SearchPlace] = try places(rule)
        var answers: [ShadowAnswer<PlacedPerson>] = []
        for template in templates {
            let best: PlacedHit? = try bestHit(template, places)
            answers.append(
                ShadowAnswer(
                    match: best.flatMap { $0.isMatch ? PlacedPerson(gallery: $0.place.gallery, person: $0.hit.key) : nil },
                    margin: best.map { Double($0.hit.score.rawValue - $0.place.rule.row.threshold.rawValue) }))
        }
        return answers
    }
}
