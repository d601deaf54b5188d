import Biometrics
import EdgeStore
import FacePipeline
import GallerySearch
import RecognitionAPI
import ServiceSupport
import WireModel

/// The recognition API on this device: its store is the one gallery there is; decisions are journaled and spend the lease.
///
/// Its work blocks, so it runs on a queue of its own; pictures and the index have theirs.
package actor LocalBackend: RecognitionBackend {
    package typealias Caller = Void

    package nonisolated let pictures: PipelinePool
    private let executor = BlockingExecutor(label: "vultus.local")
    private let store: EdgeStore
    private let recogniser: Recogniser
    private let identity: DeviceIdentity
    private let id: GalleryID

    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// - Throws: `not_joined`.
    package init(store: EdgeStore, pictures: PipelinePool) throws(Problem) {
        do throws(EdgeStoreError) { identity = try store.identity() } catch { throw error.problem }
        // The device's own number, so that the gallery keeps its name for the device's life.
        guard let id = GalleryID(rawValue: "gal_" + identity.device.rawValue.dropFirst(4)) else {
            throw Problem(.storeDamaged, "The device's identity cannot be read.", remedy: "Run `vultus-edge doctor`.")
        }
        self.id = id
        self.store = store
        self.pictures = pictures
        recogniser = Recogniser(store: store, models: pictures.models)
    }

    func check(_ gallery: GalleryID) throws(Problem) {
        guard gallery == id else {
            throw Problem(.notFound, "There is no such gallery.", detail: "this device has one: \(id)", remedy: "See GET /v1/galleries.")
        }
    }

    func withStore<Value>(_ body: (EdgeStore) throws(EdgeStoreError) -> Value) throws(Problem) -> Value {
        do throws(EdgeStoreError) {
            try store.eraseExpired()
            return try body(store)
        } catch {
            throw error.problem
        }
    }

    // MARK: Galleries

    package func galleries(after cursor: String?, limit: Int, for caller: Void) throws -> Page<GalleryResult> {
        guard cursor == nil else { throw Self.cursor }
        return Page(items: [try gallery(id, for: ())], next: nil)
    }

    package func addGallery(_ draft: GalleryDraft, for caller: Void) throws -> GalleryResult { throw fixed }

    package func gallery(_ gallery: GalleryID, for caller: Void) throws -> GalleryResult {
        try check(gallery)
        let (persons, templates): (Int64, Int64) = try withStore { store throws(EdgeStoreError) in try store.count() }
        let rule = try DecisionRule(model: pictures.models.embedderModel, target: .identificationDefault)
        return GalleryResult(
            id: id, name: "device", created: identity.joined, persons: persons, templates: templates, model: rule.model.rawValue,
            targetFalseMatchRate: rule.row.target.rawValue, threshold: rule.row.threshold.rawValue, retentionDays: nil)
    }

    package func change(_ gallery: GalleryID, _ change: GalleryChange, for caller: Void) throws -> GalleryResult {
        try check(gallery)
        throw fixed
    }

    package func removeGallery(_ gallery: GalleryID, for caller: Void) throws {
        try check(gallery)
        throw fixed
    }

    private var fixed: Problem {
        Problem(
            .conflict, "A device has one gallery, and it is fixed.", detail: id.rawValue,
            remedy: "Name the rate with each search (?falseMatchRate=), erase persons one by one, or use a gallery of the hub.")
    }

    static let cursor = Problem(.invalidRequest, "That cursor was not given out here.", detail: "?cursor", remedy: "Begin without a cursor.")

    // MARK: Recognition

    package func targetFalseMatchRate(of gallery: GalleryID, for caller: Void) throws -> FalseMatchRate {
        try check(gallery)
        return .identificationDefault
    }

    package func candidates(
        _ probes: [Template], limit: Int, labelled: Bool, in gallery: GalleryID, for caller: Void
    ) async throws -> [[CandidateResult]] {
        try check(gallery)
        let lists: [[GalleryHit<PersonID>]] = try await recogniser.candidates(probes, limit: limit)
        var labels: [PersonID: String] = [:]
        if labelled {
            // One erased since is told without its label.
            for person in Set(lists.joined().map(\.key)) { labels[person] = try? store.person(person).label }
        }
        return lists.map { $0.map { CandidateResult(person: $0.key, label: labels[$0.key], score: $0.score.rawValue) } }
    }

    package func references(_ reference: StoredReference, in gallery: GalleryID, for caller: Void) throws -> [Template] {
        try check(gallery)
        return try withStore { store throws(EdgeStoreError) in
            switch reference {
            case .person(let id): try store.opened(of: id)
            case .template(let id): [try store.opened(id)]
            }
        }
    }

    package func record(_ decisions: [DecisionRecord], of use: DecidedUse, for caller: Void) async throws -> [Int64?] {
        try await recogniser.record(decisions, of: use.api)
    }
}
