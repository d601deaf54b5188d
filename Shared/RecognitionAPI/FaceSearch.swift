import Biometrics
import FacePipeline
import WireModel

/// One-to-many: who of a gallery is in a picture.
struct FaceSearch {
    let gallery: GalleryID
    let bytes: [UInt8]
    let rate: FalseMatchRate?
    let faces: Int
    /// `nil`: candidates are not asked for.
    let limit: Int?

    init(_ request: RecognitionRequest) throws(Problem) {
        gallery = try request.id("gallery")
        bytes = try request.wantedPicture("image")
        rate = request.falseMatchRate()
        faces = request.integer("faces", otherwise: 5)
        limit = request.query["limit"] == nil ? nil : request.integer("limit", otherwise: 1)
    }

    /// Every decision is recorded before it is told.
    func result<Backend: RecognitionBackend>(_ backend: Backend, _ caller: Backend.Caller) async throws -> IdentificationResult {
        // The gallery first: it costs less than a picture to be told that there is none.
        let standard: FalseMatchRate = try await backend.targetFalseMatchRate(of: gallery, for: caller)
        let rule = try DecisionRule(model: backend.pictures.models.embedderModel, target: rate ?? standard)
        let picture: AnalysedImage = try await backend.pictures.analyse(bytes, embed: .leading(faces))
        let judged: [JudgedFace] = picture.faces.prefix(faces).map(JudgedFace.init)
        let probes: [Template] = judged.compactMap(\.probe)
        var lists: [[CandidateResult]] = []
        if !probes.isEmpty { lists = try await backend.candidates(probes, limit: limit ?? 1, labelled: limit != nil, in: gallery, for: caller) }
        guard lists.count == probes.count else {
            throw Problem(.internalFault, "The search gave another number of answers than faces.", remedy: "Report this with the request's id.")
        }
        var answers: [FaceResult] = []
        var rest: ArraySlice<[CandidateResult]> = lists[...]
        for face in judged {
            let candidates: [CandidateResult]? = face.probe == nil ? nil : rest.removeFirst()
            answers.append(FaceResult(face, candidates: candidates, isListed: limit != nil, rule: rule))
        }
        if !answers.isEmpty {
            let entries: [Int64?] = try await backend.record(answers.map(DecisionRecord.init), of: .search(gallery), for: caller)
            for (index, entry) in zip(answers.indices, entries) { answers[index].entry = entry }
        }
        return IdentificationResult(width: picture.width, height: picture.height, faces: answers)
    }
}

/// A face and whether it may be searched for.
struct JudgedFace {
    let face: AnalysedFace
    let refusals: [ProblemCode]
    /// `nil` for a face too poor to decide on.
    let probe: Template?

    init(_ face: AnalysedFace) {
        self.face = face
        refusals = QualityPolicy.identification.refusals(of: face.quality).map(\.code)
        probe = refusals.isEmpty ? face.template : nil
    }
}

extension FaceResult {
    /// - Parameter candidates: best first; `nil` when the face was not searched for.
    fileprivate init(_ judged: JudgedFace, candidates: [CandidateResult]?, isListed: Bool, rule: DecisionRule) {
        let best: CandidateResult? = candidates?.first
        let isMatch: Bool = best.map { rule.isMatch(ComparisonScore(rawValue: $0.score)) } ?? false
        let outcome: DecisionOutcome = candidates == nil ? .undecided : isMatch ? .match : .unknown
        self.init(
            box: FaceArea(judged.face.box), outcome: outcome, person: isMatch ? best?.person : nil, score: best?.score,
            threshold: rule.row.threshold.rawValue, falseMatchRate: rule.row.measured.rawValue, model: rule.model.rawValue,
            quality: QualityResult(judged.face.quality), refusals: judged.refusals, candidates: isListed ? candidates : nil)
    }
}

extension DecisionRecord {
    package init(_ face: FaceResult) {
        self.init(
            outcome: face.outcome, person: face.person, gallery: face.gallery, score: face.score, threshold: face.threshold,
            falseMatchRate: face.falseMatchRate, model: face.model, refusals: face.refusals, overdraft: false, pad: face.pad)
    }
}
