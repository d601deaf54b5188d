import Biometrics
import FacePipeline
import HubDomain
import RecognitionAPI
import WireModel

/// For whom the hub recognises: the holder of a key that the gate let pass.
struct RecognitionCaller: Sendable {
    let passage: Passage
    let address: String

    /// An application sees its own galleries only.
    var owner: GalleryOwner {
        get throws(GateRefusal) {
            guard let application = passage.application else { throw .keyMissing }
            return GalleryOwner(account: passage.account, application: application)
        }
    }

    var actor: Actor { Actor(.key, passage.key?.rawValue ?? "", address: address) }
}

/// The recognition API on the hub's galleries.
struct HubRecognition: RecognitionBackend {
    let hub: Hub
    /// Without models galleries and persons are managed all the same, and everything that needs a picture is refused.
    let recogniser: Recogniser

    var pictures: PipelinePool {
        guard case .ready(let pool) = recogniser else {
            preconditionFailure("routes that take pictures are refused where there are no models, see Recogniser.problem")
        }
        return pool
    }

    // MARK: Galleries

    func galleries(after cursor: String?, limit: Int, for caller: RecognitionCaller) async throws -> Page<GalleryResult> {
        let after: GalleryID? = try cursor.map(Self.identifier)
        let all: [Gallery] = try await hub.galleries(try caller.owner).filter { gallery in after.map { gallery.id > $0 } ?? true }
        return Page(items: try all.prefix(limit).map(result), next: all.count > limit ? all[limit - 1].id.rawValue : nil)
    }

    func addGallery(_ draft: GalleryDraft, for caller: RecognitionCaller) async throws -> GalleryResult {
        try result(
            await hub.makeGallery(draft.name, target: draft.target, retentionDays: draft.retentionDays, pad: draft.pad, of: try caller.owner, by: caller.actor))
    }

    func gallery(_ id: GalleryID, for caller: RecognitionCaller) async throws -> GalleryResult {
        try result(await hub.gallery(id, of: try caller.owner))
    }

    func change(_ id: GalleryID, _ change: GalleryChange, for caller: RecognitionCaller) async throws -> GalleryResult {
        try result(
            await hub.changeGallery(
                id, name: change.name, target: change.target, retentionDays: change.retentionDays, pad: change.pad, of: try caller.owner, by: caller.actor))
    }

    func removeGallery(_ id: GalleryID, for caller: RecognitionCaller) async throws {
        try await hub.deleteGallery(id, of: try caller.owner, by: caller.actor)
    }

    private func result(_ gallery: Gallery) throws -> GalleryResult {
        let rule = try DecisionRule(model: recogniser.model, target: gallery.target)
        return GalleryResult(
            id: gallery.id, name: gallery.name, created: gallery.created, persons: gallery.persons, templates: gallery.templates,
            model: rule.model.rawValue, targetFalseMatchRate: gallery.target.rawValue, threshold: rule.row.threshold.rawValue,
            retentionDays: gallery.retentionDays, pad: gallery.pad == .off ? nil : gallery.pad)
    }

    // MARK: Recognition

    func targetFalseMatchRate(of gallery: GalleryID, for caller: RecognitionCaller) async throws -> FalseMatchRate {
        try await hub.gallery(gallery, of: try caller.owner).target
    }

    func candidates(
        _ probes: [Template], limit: Int, labelled: Bool, in gallery: GalleryID, for caller: RecognitionCaller
    ) async throws -> [[CandidateResult]] {
        let owner: GalleryOwner = try caller.owner
        let found: [[GalleryCandidate]] = try await hub.search(probes, limit: limit, of: recogniser.model, in: gallery, of: owner).candidates
        guard labelled else { return found.map { $0.map { CandidateResult(person: $0.person, label: nil, score: $0.score.rawValue) } } }
        let persons: [PersonID: Person] = try await hub.persons(Array(Set(found.joined().map(\.person))), in: gallery, of: owner)
        return found.map { list in
            list.compactMap { candidate in
                // Whoever was erased between search and answer is no answer.
                persons[candidate.person].map { CandidateResult(person: $0.id, label: $0.label, score: candidate.score.rawValue) }
            }
        }
    }

    func references(_ reference: StoredReference, in gallery: GalleryID, for caller: RecognitionCaller) async throws -> [Template] {
        let stored: TemplateReference =
            switch reference {
            case .person(let id): .person(id, gallery)
            case .template(let id): .template(id, gallery)
            }
        return try await hub.openedTemplates([stored], of: recogniser.model, owner: try caller.owner)[0]
    }

    /// Nothing to do: the metering record around the call keeps which key used which API and when. It does not keep the outcome.
    func record(_ decisions: [DecisionRecord], of use: DecidedUse, for caller: RecognitionCaller) async throws -> [Int64?] {
        decisions.map { _ in nil }
    }

    static func identifier<Kind: IdentifierKind>(_ cursor: String) throws(Problem) -> Identifier<Kind> {
        guard let id = Identifier<Kind>(rawValue: cursor) else { throw badCursor }
        return id
    }

    static let badCursor = Problem(.invalidRequest, "That cursor was never given.", remedy: "Send `next` of the page before, as it was.")
}
