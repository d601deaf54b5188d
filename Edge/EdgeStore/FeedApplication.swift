import FoundationEssentials
import GRDB
import ServiceSupport
import WireModel

/// What a part of the feed did.
package struct FeedOutcome: Sendable, Equatable {
    package var changes: Int = 0
    /// New, or other than before.
    package var persons: Int = 0
    /// Persons that were here and are not any more.
    package var erased: Int = 0
    package var receipts: Int = 0
    /// Something was erased, if only a former state of somebody who stays.
    package var hasErased: Bool = false
    /// Changes of galleries that the device was never given.
    package var ignored: Int = 0
    /// Galleries that did not come to what the hub says: the next request makes it give them from the start.
    package var differing: [GalleryID] = []
    package var isComplete: Bool = true
    /// The device had gone on since it asked: nothing of this part was applied.
    package var isStale: Bool = false
}

/// Applies one part of the feed inside a transaction: each change is a whole state, so that applying it again comes to the same.
struct FeedApplication {
    /// A gallery as it stands while the part is being applied.
    struct Gallery {
        /// Of the persons of this generation.
        var digest: GalleryDigest
        /// Persons of earlier ones have not come since the hub began to give everybody again.
        var generation: Int64
        var isComplete: Bool
        var refreshed: Timestamp
    }

    let store: EdgeStore
    let database: Database
    let now: ClockReading
    /// Of the hub, when it answered.
    let time: Timestamp
    var galleries: [GalleryID: Gallery] = [:]
    var outcome = FeedOutcome()

    mutating func apply(_ page: FeedPage) throws {
        for change in page.changes { try apply(change) }
        for (id, gallery) in galleries { try save(gallery, id) }
        try database.run(sql: "UPDATE feed_state SET cursor = ?", arguments: [page.cursor])
        outcome.changes = page.changes.count
        outcome.isComplete = page.isComplete
    }

    private mutating func apply(_ change: FeedChange) throws {
        switch change {
        case .configuration(let configuration):
            try store.save(database, configuration)
        case .gallery(let terms): try take(terms)
        case .galleryWithdrawn(let id): try withdraw(id)
        case .galleryRestart(let id): try restart(id)
        case .person(let person): try hold(person)
        case .personErased(let gallery, let person): try erase(person, of: gallery)
        case .galleryComplete(let id, let digest): try complete(id, digest)
        }
    }

    /// The gallery as this part has left it so far.
    mutating func gallery(_ id: GalleryID) throws -> Gallery? {
        if let known = galleries[id] { return known }
        guard let row = try database.row(sql: "SELECT * FROM held_gallery WHERE id = ?", arguments: [id.rawValue]) else { return nil }
        guard let digest = GalleryDigest(store.bytes(row["digest"])) else { throw EdgeStoreError.damaged(path: store.path, what: "a gallery's digest") }
        let gallery = Gallery(
            digest: digest, generation: row["generation"], isComplete: row["is_complete"], refreshed: Timestamp(milliseconds: row["refreshed_ms"]))
        galleries[id] = gallery
        return gallery
    }

    private func save(_ gallery: Gallery, _ id: GalleryID) throws {
        try database.run(
            sql: "UPDATE held_gallery SET digest = ?, generation = ?, is_complete = ?, refreshed_ms = ? WHERE id = ?",
            arguments: [Data(gallery.digest.bytes), gallery.generation, gallery.isComplete, gallery.refreshed.milliseconds, id.rawValue])
    }

    /// A gallery that comes for the first time has its term from now on, come to its end or not.
    private func take(_ terms: FeedGallery) throws {
        try database.run(
            sql: """
                INSERT INTO held_gallery (id, name, rate, term_ms, pad, refreshed_ms, digest) VALUES (?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (id) DO UPDATE SET name = excluded.name, rate = excluded.rate, term_ms = excluded.term_ms, pad = excluded.pad
                """,
            arguments: [
                terms.id.rawValue, terms.name, terms.targetFalseMatchRate, terms.termMilliseconds, (terms.pad ?? .off).rawValue, time.milliseconds,
                Data(GalleryDigest.empty.bytes),
            ])
    }

    private mutating func withdraw(_ id: GalleryID) throws {
        galleries[id] = nil
        outcome.erased += try store.withdraw(id, database, at: now)
        noteReceipt()
    }

    private mutating func restart(_ id: GalleryID) throws {
        guard var gallery = try gallery(id) else { return outcome.ignored += 1 }
        gallery.generation += 1
        gallery.digest = .empty
        gallery.isComplete = false
        // A gallery whose term had ended begins another; one that holds persons keeps theirs until everybody has come.
        if try store.heldCount(of: id, database) == 0 { gallery.refreshed = time }
        galleries[id] = gallery
    }

    private mutating func complete(_ id: GalleryID, _ digest: GalleryDigest) throws {
        guard var gallery = try gallery(id) else { return outcome.ignored += 1 }
        try sweep(id, before: gallery.generation)
        gallery.isComplete = true
        if gallery.digest == digest {
            gallery.refreshed = time
        } else {
            outcome.differing.append(id)
        }
        galleries[id] = gallery
    }

    /// Erases who has not come since the restart; one receipt when nobody has.
    private mutating func sweep(_ id: GalleryID, before generation: Int64) throws {
        let left: [Row] = try database.rows(
            sql: "SELECT id, key_slot FROM held_person WHERE gallery_id = ? AND generation < ?", arguments: [id.rawValue, generation])
        guard !left.isEmpty else { return }
        try database.run(sql: "DELETE FROM held_person WHERE gallery_id = ? AND generation < ?", arguments: [id.rawValue, generation])
        let held: [Row] = left.filter { ($0["key_slot"] as Int64?) != nil }
        outcome.erased += held.count
        let isEmpty: Bool = try !database.value(Bool.self, sql: "SELECT EXISTS (SELECT 1 FROM held_person WHERE gallery_id = ?)", arguments: [id.rawValue])!
        if isEmpty {
            try receipt(ErasureRecord(person: nil, gallery: id, ground: .hub, persons: Int64(held.count)))
        } else {
            for row in held { try receipt(ErasureRecord(person: try store.personID(row["id"]), gallery: id, ground: .hub)) }
        }
    }

    mutating func receipt(_ record: ErasureRecord) throws {
        try store.receipt(record, database, at: now)
        noteReceipt()
    }

    private mutating func noteReceipt() {
        outcome.receipts += 1
        outcome.hasErased = true
    }
}
