import Biometrics
import FacePipeline
import WireModel

/// One-to-one: whether two faces are one person's.
struct FaceComparison {
    private enum Side {
        case picture([UInt8])
        case stored(StoredReference)
    }

    private let gallery: GalleryID?
    private let probe: Side
    private let reference: Side
    private let rate: FalseMatchRate
    private let largest: Bool

    init(_ request: RecognitionRequest) throws(Problem) {
        gallery = request.json["gallery"]?.text.flatMap(GalleryID.init(rawValue:))
        probe = try Self.side(request, picture: "image", person: nil, template: "template")
        reference = try Self.side(request, picture: "referenceImage", person: "referencePerson", template: "referenceTemplate")
        rate = request.falseMatchRate() ?? .verificationDefault
        largest = request.flag("largest")
        var isStored: Bool = false
        for side in [probe, reference] { if case .stored = side { isStored = true } }
        guard isStored == (gallery != nil) else {
            throw Problem(
                .invalidRequest, "A gallery goes with a person or template, and with nothing else.",
                detail: "/gallery: is \(isStored ? "missing or no gallery's identifier" : "of no use between two pictures")",
                remedy: "See the route in /openapi.json.")
        }
    }

    private static func side(_ request: RecognitionRequest, picture: String, person: String?, template: String) throws(Problem) -> Side {
        var sides: [Side] = []
        if let bytes = try request.picture(picture) { sides.append(.picture(bytes)) }
        if let person, let text = request.json[person]?.text {
            guard let id = PersonID(rawValue: text) else { throw RecognitionRequest.missing("person") }
            sides.append(.stored(.person(id)))
        }
        if let text = request.json[template]?.text {
            guard let id = TemplateID(rawValue: text) else { throw RecognitionRequest.missing("template") }
            sides.append(.stored(.template(id)))
        }
        guard sides.count == 1, let side = sides.first else {
            let members: String = [picture, person, template].compactMap(\.self).joined(separator: ", ")
            throw Problem(
                .invalidRequest, "A comparison has one face on each side.", detail: "\(sides.count) of \(members)", remedy: "Send exactly one of them.")
        }
        return side
    }

    /// The decision is recorded before it is told.
    func result<Backend: RecognitionBackend>(_ backend: Backend, _ caller: Backend.Caller) async throws -> FaceComparisonResult {
        let rule = try DecisionRule(model: backend.pictures.models.embedderModel, target: rate)
        // What is stored first: it costs less than a picture to be told that it is not there.
        let stored: (probe: [Template]?, reference: [Template]?) = (
            try await templates(probe, backend, caller), try await templates(reference, backend, caller)
        )
        let first: OneFace? = try await face(probe, backend)
        let second: OneFace? = try await face(reference, backend)
        let probes: [Template] = stored.probe ?? first.map { [$0.template] } ?? []
        let references: [Template] = stored.reference ?? second.map { [$0.template] } ?? []
        let score: ComparisonScore = try best(probes, references)
        let isMatch: Bool = rule.isMatch(score)
        var result = FaceComparisonResult(
            outcome: isMatch ? .match : .unknown, score: score.rawValue, threshold: rule.row.threshold.rawValue, falseMatchRate: rule.row.measured.rawValue,
            model: rule.model.rawValue, probe: first?.side, reference: second?.side)
        let record = DecisionRecord(
            outcome: result.outcome, person: isMatch ? person : nil, score: result.score, threshold: result.threshold, falseMatchRate: result.falseMatchRate,
            model: result.model, refusals: [], overdraft: false)
        result.entry = try await backend.record([record], of: .compare(gallery), for: caller).first ?? nil
        return result
    }

    private var person: PersonID? {
        if case .stored(.person(let id)) = reference { id } else { nil }
    }

    private func templates<Backend: RecognitionBackend>(_ side: Side, _ backend: Backend, _ caller: Backend.Caller) async throws -> [Template]? {
        guard case .stored(let stored) = side, let gallery else { return nil }
        let templates: [Template] = try await backend.references(stored, in: gallery, for: caller)
        guard !templates.isEmpty else {
            throw Problem(.conflict, "The person has no template to compare with.", remedy: "Add one: POST …/persons/{person}/templates.")
        }
        return templates
    }

    private func face(_ side: Side, _ backend: some RecognitionBackend) async throws(Problem) -> OneFace? {
        guard case .picture(let bytes) = side else { return nil }
        return try await OneFace(bytes, largest: largest, policy: .identification, in: backend.pictures)
    }

    private func best(_ probes: [Template], _ references: [Template]) throws(Problem) -> ComparisonScore {
        var best: ComparisonScore?
        for probe in probes {
            // A template of another model is no reference, not a dissimilar one.
            for reference in references where reference.model == probe.model {
                guard let score = try? probe.score(against: reference) else { continue }
                best = max(best ?? score, score)
            }
        }
        guard let best else {
            throw Problem(
                .conflict, "The two were made by different models and cannot be compared.", remedy: "Enrol the person again with the model in use.")
        }
        return best
    }
}

/// The one face of a picture that must hold one.
struct OneFace {
    let template: Template
    let side: FaceComparisonResult.Side

    /// - Parameter largest: take the largest of several faces instead of refusing the picture.
    /// - Throws: `no_face`, `several_faces`, the gravest refusal of the policy, and what pictures are refused for.
    init(_ bytes: [UInt8], largest: Bool, policy: QualityPolicy, in pictures: PipelinePool) async throws(Problem) {
        let picture: AnalysedImage = try await pictures.analyse(bytes, embed: .largest)
        guard let face = picture.faces.first else {
            throw Problem(
                .noFace, "There is no face in the picture.", detail: "\(picture.width) × \(picture.height) pixels",
                remedy: "Use a picture that shows one face clearly.")
        }
        guard largest || picture.faces.count == 1 else {
            throw Problem(
                .severalFaces, "There are several faces where one is needed.", detail: "\(picture.faces.count) faces",
                remedy: "Crop the picture to one face, or say that the largest is to be taken.")
        }
        if let refusal = policy.refusals(of: face.quality).first { throw Problem(refusal) }
        guard let template = face.template else { throw Problem(.internalFault, "The pipeline made no template.", remedy: "Run `doctor`.") }
        self.template = template
        side = FaceComparisonResult.Side(box: FaceArea(face.box), quality: QualityResult(face.quality))
    }
}
