import Biometrics
import EdgeStore
import FacePipeline
import GallerySearch
import RecognitionAPI
import ServiceSupport
import WireModel

/// The recognition API on this device; decisions are journaled and spend the lease.
///
/// The device's own gallery is managed here. Galleries that the hub gave can be searched and compared with, no more: who is in them
/// is added, changed and erased at the hub, and followed here.
///
/// Its work blocks, so it runs on a queue of its own; pictures and the index have theirs.
package actor LocalBackend: RecognitionBackend {
    package typealias Caller = Void

    package nonisolated let pictures: PipelinePool
    private let executor = BlockingExecutor(label: "vultus.local")
    private let store: EdgeStore
    package nonisolated let recogniser: Recogniser
    private let identity: DeviceIdentity
    private let id: GalleryID
    private let events: DecisionFeed?

    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// - Throws: `not_joined`.
    /// - Parameters:
    ///   - events: told of every decision.
    ///   - shadow: where `pictures` offers what it has analysed.
    package init(store: EdgeStore, pictures: PipelinePool, events: DecisionFeed? = nil, shadow: ShadowInbox = ShadowInbox()) throws(Problem) {
        self.events = events
        do throws(EdgeStoreError) { identity = try store.identity() } catch { throw error.problem }
        // The device's own number, so that the gallery keeps its name for the device's life.
        guard let id = GalleryID(rawValue: "gal_" + identity.device.rawValue.dropFirst(4)) else {
            throw Problem(.storeDamaged, "The device's identity cannot be read.", remedy: "Run `vultus-edge doctor`.")
        }
        self.id = id
        self.store = store
        self.pictures = pictures
        recogniser = Recogniser(store: store, models: pictures.models, shadow: shadow)
    }

    /// What the hub's operator says on this device now.
    func announcements() throws(Problem) -> [DeviceAnnouncement] { try withStore { store throws(EdgeStoreError) in try store.announcements() } }

    /// - Throws: `not_found`; `conflict` for a gallery of the hub's.
    func check(_ gallery: GalleryID) throws(Problem) {
        guard let held = try held(gallery) else { return }
        throw Problem(
            .conflict, "This gallery is the hub's: its persons are told and changed there.", detail: held.id.rawValue,
            remedy: "Ask the hub; what is changed or erased there is so on this device at its next contact.")
    }

    /// - Returns: `nil` for the device's own.
    /// - Throws: `not_found`.
    private func held(_ gallery: GalleryID) throws(Problem) -> HeldGallery? {
        guard gallery != id else { return nil }
        guard let held = try withStore({ store throws(EdgeStoreError) in try store.heldGalleries() }).first(where: { $0.id == gallery }) else {
            throw Problem(.notFound, "There is no such gallery.", detail: "this device's own is \(id)", remedy: "See GET /v1/galleries.")
        }
        return held
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
        let held: [HeldGallery] = try withStore { store throws(EdgeStoreError) in try store.heldGalleries() }
        return Page(items: try ([id] + held.map(\.id)).map { try gallery($0, for: ()) }, next: nil)
    }

    package func addGallery(_ draft: GalleryDraft, for caller: Void) throws -> GalleryResult { throw fixed }

    package func gallery(_ gallery: GalleryID, for caller: Void) throws -> GalleryResult {
        if let held = try held(gallery) { return try result(held) }
        let (persons, templates): (Int64, Int64) = try withStore { store throws(EdgeStoreError) in try store.count() }
        let rule = try DecisionRule(model: pictures.models.embedderModel, target: .identificationDefault)
        return GalleryResult(
            id: id, name: "device", created: identity.joined, persons: persons, templates: templates, model: rule.model.rawValue,
            targetFalseMatchRate: rule.row.target.rawValue, threshold: rule.row.threshold.rawValue, retentionDays: nil)
    }

    private func result(_ gallery: HeldGallery) throws -> GalleryResult {
        let rule: DecisionRule = try gallery.rule(for: pictures.models.embedderModel)
        let count = try withStore { store throws(EdgeStoreError) in try store.heldCounts() }[gallery.id] ?? (0, 0)
        return GalleryResult(
            id: gallery.id, name: gallery.name, created: gallery.id.created, persons: count.persons, templates: count.templates,
            model: rule.model.rawValue, targetFalseMatchRate: rule.row.target.rawValue, threshold: rule.row.threshold.rawValue, retentionDays: nil,
            pad: gallery.pad == .off ? nil : gallery.pad)
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
            .conflict, "A device has one gallery of its own, and it is fixed.", detail: id.rawValue,
            remedy: "Name the rate with each search (?falseMatchRate=), erase persons one by one, or use a gallery of the hub.")
    }

    static let cursor = Problem(.invalidRequest, "That cursor was not given out here.", detail: "?cursor", remedy: "Begin without a cursor.")

    // MARK: Recognition

    package func targetFalseMatchRate(of gallery: GalleryID, for caller: Void) throws -> FalseMatchRate {
        guard let held = try held(gallery) else { return .identificationDefault }
        return try held.rule(for: pictures.models.embedderModel).row.target
    }

    package func candidates(
        _ probes: [Template], limit: Int, labelled: Bool, in gallery: GalleryID, for caller: Void
    ) async throws -> [[CandidateResult]] {
        let held: HeldGallery? = try held(gallery)
        let lists: [[GalleryHit<PersonID>]] =
            held?.isSearchable == false ? probes.map { _ in [] } : try await recogniser.candidates(probes, limit: limit, in: held?.id)
        var labels: [PersonID: String] = [:]
        if labelled {
            // One erased since is told without its label.
            for person in Set(lists.joined().map(\.key)) {
                labels[person] = if let held { try? store.heldLabel(of: person, in: held.id) } else { try? store.person(person).label }
            }
        }
        return lists.map { $0.map { CandidateResult(person: $0.key, label: labels[$0.key], score: $0.score.rawValue) } }
    }

    package func references(_ reference: StoredReference, in gallery: GalleryID, for caller: Void) throws -> [Template] {
        if let held = try held(gallery) {
            guard held.isSearchable, case .person(let person) = reference else { throw EdgeStoreError.absent("person").problem }
            return try withStore { store throws(EdgeStoreError) in try store.heldTemplates(of: person, in: held.id) }
        }
        return try withStore { store throws(EdgeStoreError) in
            switch reference {
            case .person(let id): try store.opened(of: id)
            case .template(let id): [try store.opened(id)]
            }
        }
    }

    package func record(_ decisions: [DecisionRecord], of use: DecidedUse, for caller: Void) async throws -> [Int64?] {
        let placed: [DecisionRecord] = decisions.map { $0.placed(in: use.gallery == id ? nil : use.gallery) }
        let entries: [Int64] = try await recogniser.record(placed, of: use.api)
        if let events {
            for (record, entry) in zip(placed, entries) {
                let label: String? = record.person.flatMap { store.label(of: $0, in: record.gallery) }
                events.publish(DecisionNotice(record, of: use.api, entry: entry, label: label, at: store.clock.now().wall))
            }
        }
        return entries
    }
}
