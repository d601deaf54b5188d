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
    }

    /// - Parameter gallery: `nil` for the device's own.
    /// - Returns: the persons of one gallery most like the probe, best first.
    func search(_ probe: Template, in gallery: GalleryID?, limit: Int) throws(TemplateError) -> [GalleryHit<PersonID>] {
        try galleries[gallery]?.search(probe, limit: limit) ?? []
    }

    private mutating func index(of gallery: GalleryID?) -> GalleryIndex<PersonID> {
        if let known = galleries[gallery] { return known }
        let index = GalleryIndex<PersonID>(model: model)
        galleries[gallery] = index
        return index
    }
}
