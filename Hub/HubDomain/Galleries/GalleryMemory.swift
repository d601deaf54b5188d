import Biometrics
import WireModel

/// What this hub holds of galleries in memory, opened: indexes for searches, single templates for comparisons. The database
/// says at each use what is still so, therefore other hubs' changes are seen; what nobody uses is let go of within minutes,
/// so that who was erased elsewhere does not stay here.
struct GalleryMemory: Sendable {
    /// Each searches one after the other on a queue of its own: as many searches at once as there are shards.
    private let shards: [GalleryShard]
    let opened: OpenedTemplates

    static let idle: Duration = .seconds(600)

    /// - Parameter budget: bytes of indexes in all; one gallery a shard is held however large.
    init(shards: Int = 4, budget: Int = 1 << 30, opened: Int = 50_000) {
        self.shards = (0..<shards).map { GalleryShard(label: "vultus.galleries.\($0)", budget: budget / shards) }
        self.opened = OpenedTemplates(limit: opened)
    }

    func shard(_ gallery: GalleryID) -> GalleryShard { shards[Int(UInt(bitPattern: gallery.hashValue) % UInt(shards.count))] }

    /// A gallery is gone.
    func drop(_ gallery: GalleryID) async { await shard(gallery).drop(gallery) }

    /// A person, or some of a person's templates, are gone: at once here; an index meets it before its next search.
    func forget(_ person: PersonID) { opened.forget(person) }

    func sweep() async {
        opened.sweep(before: .now - Self.idle)
        for shard in shards { await shard.sweep(before: .now - Self.idle) }
    }
}
