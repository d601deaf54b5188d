import Biometrics
import EdgeStore
import GallerySearch
import WireModel

/// The galleries in memory: the device's own (`nil`) and the hub's, each searched by itself, for each has its own threshold.
///
/// Not thread safe: one owner, such as an actor.
struct SearchIndex {
    let model: ModelID
    private var galleries: [GalleryID?: GalleryIndex<PersonID>] = [:]
    private var version: Int64?
    /// Templates of those who were taken for a person and are known not to be that person.
    private var confusions: [GalleryID?: [PersonID: [Template]]] = [:]

    init(model: ModelID) { self.model = model }

    /// Follows what any process changed since the last time.
    mutating func refresh(from store: EdgeStore) throws {
        let former: Int64? = version
        version = nil
        version = try store.refreshIndex(since: former, of: model) { step in
            switch step {
            case .reset: galleries = [:]
            case .remove(let gallery, let persons): galleries[gallery]?.removeAll(of: persons)
            case .insert(let gallery, let person, let template): try index(of: gallery).insert(person, template)
            }
        }
        guard version != former else { return }
        let current: Int64? = version
        version = nil
        try follow(store)
        version = current
    }

    /// - Parameter gallery: `nil` for the device's own.
    /// - Returns: the persons of one gallery most like the probe, best first; without those for whom it is a known confusion: the probe
    ///   is more like somebody who was marked as not being that person than like the person.
    func search(_ probe: Template, in gallery: GalleryID?, limit: Int) throws(TemplateError) -> [GalleryHit<PersonID>] {
        guard let index = galleries[gallery] else { return [] }
        guard let marked = confusions[gallery] else { return try index.search(probe, limit: limit) }
        let hits: [GalleryHit<PersonID>] = try index.search(probe, limit: limit + marked.count).filter { hit in
            !(marked[hit.key] ?? []).contains { other in (try? probe.score(against: other)).map { $0 > hit.score } ?? false }
        }
        return Array(hits.prefix(limit))
    }

    private mutating func follow(_ store: EdgeStore) throws {
        var found: [GalleryID?: [PersonID: [Template]]] = [:]
        try store.forEachConfusion(of: model) { gallery, person, template in found[gallery, default: [:]][person, default: []].append(template) }
        confusions = found
    }

    private mutating func index(of gallery: GalleryID?) -> GalleryIndex<PersonID> {
        if let known = galleries[gallery] { return known }
        let index = GalleryIndex<PersonID>(model: model)
        galleries[gallery] = index
        return index
    }
}
