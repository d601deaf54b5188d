import FoundationEssentials
import GRDB
import ServiceSupport
import WireModel

/// What ends by itself: consents, the terms of persons and of galleries, by the device's best idea of the hub's time, offline too.
extension EdgeStore {
    /// Erases whoever's term has ended, and everybody of a gallery that was not refreshed within its term; journals a receipt for each.
    /// - Returns: how many persons.
    @discardableResult
    package func eraseExpired() throws(EdgeStoreError) -> Int {
        let now = clock.now()
        let due: (isTerm: Bool, isLog: Bool) = try read { try self.due($0, now) }
        var count: Int = 0
        if due.isTerm { count = try write { try self.eraseExpired($0, now) } }
        if due.isTerm || due.isLog { try truncateLog() }
        return count
    }

    private func due(_ database: Database, _ now: ClockReading) throws -> (isTerm: Bool, isLog: Bool) {
        let time: Int64 = try trustedTime(database, now).milliseconds
        let row: Row = try database.row(
            sql: """
                SELECT EXISTS (SELECT 1 FROM person WHERE expires_ms <= ?1)
                    OR EXISTS (SELECT 1 FROM held_person WHERE key_slot IS NOT NULL AND ends_ms <= ?1)
                    OR EXISTS (SELECT 1 FROM held_gallery WHERE refreshed_ms + term_ms <= ?1
                        AND EXISTS (SELECT 1 FROM held_person WHERE gallery_id = held_gallery.id))
                    OR EXISTS (SELECT 1 FROM decided_probe WHERE ends_ms <= ?1) OR EXISTS (SELECT 1 FROM confusion WHERE ends_ms <= ?1) AS term,
                    (SELECT is_log_due FROM erasure_state) AS log
                """, arguments: [time])!
        return (row["term"], row["log"])
    }

    private func eraseExpired(_ database: Database, _ now: ClockReading) throws -> Int {
        let time: Timestamp = try trustedTime(database, now)
        var count: Int = 0
        try eraseEndedConfusions(database, at: time)
        for id in try database.values(String.self, sql: "SELECT id FROM person WHERE expires_ms <= ?", arguments: [time.milliseconds])
        where try erase(database, try personID(id), at: now) { count += 1 }
        let ended: [String] = try database.values(
            String.self,
            sql: "SELECT id FROM held_gallery WHERE refreshed_ms + term_ms <= ? AND EXISTS (SELECT 1 FROM held_person WHERE gallery_id = held_gallery.id)",
            arguments: [time.milliseconds])
        for id in ended { count += try endTerm(of: try galleryID(id), database, now) }
        let persons = try database.rows(
            sql: "SELECT gallery_id, id FROM held_person WHERE key_slot IS NOT NULL AND ends_ms <= ?", arguments: [time.milliseconds])
        for row in persons {
            try endTerm(of: try personID(row["id"]), in: try galleryID(row["gallery_id"]), database, now)
            count += 1
        }
        // What has ended stays ended when the device starts again with a clock that knows less.
        try raiseHighWater(database, to: time, now)
        return count
    }

    /// Everybody of the gallery goes. The hub is told the digest of nobody, and so gives everybody again.
    private func endTerm(of gallery: GalleryID, _ database: Database, _ now: ClockReading) throws -> Int {
        let count: Int = try heldCount(of: gallery, database)
        try database.run(sql: "DELETE FROM held_person WHERE gallery_id = ?", arguments: [gallery.rawValue])
        try database.run(sql: "UPDATE held_gallery SET digest = ? WHERE id = ?", arguments: [Data(GalleryDigest.empty.bytes), gallery.rawValue])
        try receipt(ErasureRecord(person: nil, gallery: gallery, ground: .leaseEnded, persons: Int64(count)), database, at: now)
        return count
    }

    /// Label, templates and key go. What remains says which state of the person the hub believes to be here, so that its digest
    /// still fits until it says itself that the person is erased.
    private func endTerm(of person: PersonID, in gallery: GalleryID, _ database: Database, _ now: ClockReading) throws {
        let arguments: StatementArguments = [gallery.rawValue, person.rawValue]
        try database.run(sql: "DELETE FROM held_template WHERE gallery_id = ? AND person_id = ?", arguments: arguments)
        try database.run(sql: "UPDATE held_person SET key_slot = NULL, sealed_label = NULL WHERE gallery_id = ? AND id = ?", arguments: arguments)
        try receipt(ErasureRecord(person: person, gallery: gallery, ground: .local), database, at: now)
    }

    /// The write-ahead log is to be emptied: it may hold what is erased by the transaction that calls this.
    func noteErasure(_ database: Database) throws { try database.execute(sql: "UPDATE erasure_state SET is_log_due = 1 WHERE is_log_due = 0") }

    /// Journals that somebody was erased, in the transaction that erases.
    func receipt(_ record: ErasureRecord, _ database: Database, at now: ClockReading) throws {
        try noteErasure(database)
        try appendIfJoined(database, .erasure, body: record, at: now)
    }

    /// Moves everything from the write-ahead log into the database and empties the log, so that what was erased is gone from both.
    /// Where other processes read just now it is done at a later look; the store remembers that it is due, over a power failure too.
    func truncateLog() throws(EdgeStoreError) {
        do {
            let isEmptied: Bool = try queue.writeWithoutTransaction { database in
                let row = try database.row(sql: "PRAGMA wal_checkpoint(TRUNCATE)")
                return (row?[0] as Int?) == 0
            }
            if isEmptied { try write { try $0.execute(sql: "UPDATE erasure_state SET is_log_due = 0 WHERE is_log_due = 1") } }
        } catch {
            throw EdgeStoreError(error, path: path)
        }
    }
}
