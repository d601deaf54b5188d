import Biometrics
import GallerySearch
import HubAccess
import HubStorage
import ServiceSupport
import WireModel

/// A person that a face was found like.
package struct GalleryCandidate: Sendable, Hashable {
    package let person: PersonID
    package let score: ComparisonScore
}

/// Some of the galleries in memory, and the queue on which they are loaded and searched.
actor GalleryShard {
    private struct Place: Hashable {
        let gallery: GalleryID
        let model: ModelID
    }

    private let executor: BlockingExecutor
    private let budget: Int
    private var loaded: [Place: LoadedGallery] = [:]
    /// Those being read from the database, and who waits for that.
    private var loading: [Place: [CheckedContinuation<Void, Never>]] = [:]

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    init(label: String, budget: Int) {
        executor = BlockingExecutor(label: label)
        self.budget = budget
    }

    /// - Parameters:
    ///   - probes: of one model.
    ///   - version: of the gallery, as the database has it now: what is in memory is no older when the search is made.
    /// - Returns: for each probe at most `limit` persons, best first, none whose time is over.
    func search(
        _ probes: [Template], limit: Int, in gallery: GalleryID, of model: ModelID, version: Int64, source: GallerySource, now: Timestamp
    ) async throws -> [[GalleryCandidate]] {
        let place = Place(gallery: gallery, model: model)
        let found: LoadedGallery = try await current(place, version: version, source: source)
        found.dropEnded(now)
        found.used = .now
        return try probes.map { probe in
            try found.index.search(probe, limit: limit).map { GalleryCandidate(person: $0.key, score: $0.score) }
        }
    }

    private func current(_ place: Place, version: Int64, source: GallerySource) async throws -> LoadedGallery {
        while true {
            if let found = loaded[place], found.version >= version { return found }
            if loading[place] == nil { break }
            await withCheckedContinuation { loading[place, default: []].append($0) }
        }
        loading[place] = []
        defer { for waiter in loading.removeValue(forKey: place) ?? [] { waiter.resume() } }
        let base: LoadedGallery? = loaded[place]
        let changes: GalleryChanges = try await source.changes(of: place.gallery, model: place.model, since: base?.content)
        // It was read while others searched; whoever dropped it meanwhile meant what is gone from the database too.
        let gallery: LoadedGallery
        if let base, !changes.isWhole {
            gallery = base
            try gallery.apply(changes)
        } else {
            gallery = try LoadedGallery(place.model, changes)
        }
        loaded[place] = gallery
        makeRoom(sparing: place)
        return gallery
    }

    /// Lets go of what was used longest ago until the rest fits.
    private func makeRoom(sparing place: Place) {
        var bytes: Int = loaded.values.reduce(0) { $0 + $1.bytes }
        while bytes > budget, let oldest = loaded.filter({ $0.key != place }).min(by: { $0.value.used < $1.value.used }) {
            bytes -= oldest.value.bytes
            loaded[oldest.key] = nil
        }
    }

    func drop(_ gallery: GalleryID) { loaded = loaded.filter { $0.key.gallery != gallery } }

    func sweep(before: ContinuousClock.Instant) { loaded = loaded.filter { $0.value.used >= before } }

    /// Galleries held, for tests.
    var count: Int { loaded.count }
}
