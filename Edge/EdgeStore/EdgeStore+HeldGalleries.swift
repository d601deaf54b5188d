import FoundationEssentials
import GRDB
import ServiceSupport
import WireModel

/// A gallery of the hub's that this device was given.
package struct HeldGallery: Sendable, Hashable {
    package enum State: String, Sendable, Codable {
        /// The hub is still giving it; who has come is searched for.
        case loading
        case fresh
        /// In the last quarter of its term: a contact is due.
        case ending
        /// Not refreshed within its term: nobody of it is searched for, and everybody is erased, until the hub gives it again.
        case ended
    }

    package let id: GalleryID
    package let name: String
    /// The device's configuration may name another for all galleries.
    package let targetFalseMatchRate: Double
    /// What a live presentation must show before a match is one; the device may ask for more.
    package let pad: PADPolicy
    /// By the hub's time.
    package let freshUntil: Timestamp
    package let state: State
}

extension EdgeStore {
    /// A gallery of the hub's goes, and everybody of it.
    /// - Returns: how many persons; a receipt for all of them is journaled.
    func withdraw(_ gallery: GalleryID, _ database: Database, at now: ClockReading) throws -> Int {
        let count: Int = try heldCount(of: gallery, database)
        try database.run(sql: "DELETE FROM held_gallery WHERE id = ?", arguments: [gallery.rawValue])
        try receipt(ErasureRecord(person: nil, gallery: gallery, ground: .withdrawn, persons: Int64(count)), database, at: now)
        return count
    }

    /// By id, as they stand at the device's best idea of the hub's time.
    package func heldGalleries() throws(EdgeStoreError) -> [HeldGallery] {
        let now = clock.now()
        return try read { try self.heldGalleries($0, now) }
    }

    func heldGalleries(_ database: Database, _ now: ClockReading) throws -> [HeldGallery] {
        let rows: [Row] = try database.rows(sql: "SELECT * FROM held_gallery ORDER BY id")
        guard !rows.isEmpty else { return [] }
        let time: Int64 = try trustedTime(database, now).milliseconds
        let rate: Double? = try configuration(database).targetFalseMatchRate
        return try rows.map { row in
            let term: Int64 = row["term_ms"]
            let end: Int64 = (row["refreshed_ms"] as Int64) + term
            let isComplete: Bool = row["is_complete"]
            let state: HeldGallery.State = time >= end ? .ended : !isComplete ? .loading : time >= end - term / 4 ? .ending : .fresh
            guard let pad = PADPolicy(rawValue: row["pad"]) else { throw EdgeStoreError.damaged(path: self.path, what: "a gallery's terms") }
            return HeldGallery(
                id: try galleryID(row["id"]), name: row["name"], targetFalseMatchRate: rate ?? row["rate"], pad: pad, freshUntil: Timestamp(milliseconds: end),
                state: state)
        }
    }

    /// Persons of each gallery.
    package func heldCounts() throws(EdgeStoreError) -> [GalleryID: (persons: Int64, templates: Int64)] {
        try read { database in
            let persons = try database.rows(sql: "SELECT gallery_id AS id, count(key_slot) AS persons FROM held_person GROUP BY gallery_id")
            let templates = try database.rows(sql: "SELECT gallery_id AS id, count(*) AS templates FROM held_template GROUP BY gallery_id")
            var counts: [GalleryID: (persons: Int64, templates: Int64)] = [:]
            for row in persons { counts[try self.galleryID(row["id"])] = (row["persons"], 0) }
            for row in templates { counts[try self.galleryID(row["id"]), default: (0, 0)].templates = row["templates"] }
            return counts
        }
    }

    /// Reads all that is held of the hub's galleries. Who does not open is removed, and each gallery's digest becomes that of what is
    /// really here: where it no longer is what the hub gave, the next contact brings the gallery anew.
    ///
    /// Takes about 10 µs a person; done once by each process that syncs, because the running digest cannot tell of rows changed
    /// behind its back.
    /// - Returns: galleries that were not as they should be.
    @discardableResult
    package func auditHeldGalleries() throws(EdgeStoreError) -> [GalleryID] {
        let suspects: [GalleryID] = try heldGalleryFaults()
        guard !suspects.isEmpty else { return [] }
        try write { database in
            for (gallery, found) in try self.heldDigests(database) where !found.isRight {
                for person in found.unreadable {
                    try database.run(sql: "DELETE FROM held_person WHERE gallery_id = ? AND id = ?", arguments: [gallery.rawValue, person])
                }
                try database.run(sql: "UPDATE held_gallery SET digest = ? WHERE id = ?", arguments: [Data(found.digest.bytes), gallery.rawValue])
            }
        }
        return suspects
    }

    /// Galleries of which something does not open, or is not what the digest says; nothing is changed.
    package func heldGalleryFaults() throws(EdgeStoreError) -> [GalleryID] {
        try read { database in try self.heldDigests(database).compactMap { $0.value.isRight ? nil : $0.key }.sorted() }
    }

    private struct HeldDigest {
        var digest: GalleryDigest = .empty
        var unreadable: [String] = []
        var isRight: Bool = true
    }

    private func heldDigests(_ database: Database) throws -> [GalleryID: HeldDigest] {
        var found: [GalleryID: HeldDigest] = [:]
        for gallery in try database.rows(sql: "SELECT * FROM held_gallery") {
            var state = HeldDigest()
            let generation: Int64 = gallery["generation"]
            let rows = try Row.fetchCursor(database, sql: "SELECT * FROM held_person WHERE gallery_id = ? ORDER BY id", arguments: [gallery["id"] as String])
            while let row = try rows.next() {
                let isEnded: Bool = (row["key_slot"] as Int64?) == nil
                let isReadable: Bool = isEnded || (try? opened(row, database).templates.map(\.id)) == (try? templateIDs(row["templates"]))
                guard isReadable, let person = PersonID(rawValue: row["id"]), let templates = try? templateIDs(row["templates"]) else {
                    state.unreadable.append(row["id"])
                    continue
                }
                if row["generation"] == generation { state.digest.add(person, version: row["version"], templates: templates) }
            }
            state.isRight = state.unreadable.isEmpty && Data(state.digest.bytes) == gallery["digest"]
            found[try galleryID(gallery["id"])] = state
        }
        return found
    }
}
