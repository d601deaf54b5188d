import Biometrics
import Crypto
import FoundationEssentials
import GRDB
import ServiceSupport
import WireModel

/// The templates of a match, and how long they may be kept.
package struct DecidedProbe: Sendable {
    package let templates: [Template]
    package let term: Duration

    package init(templates: [Template], term: Duration) {
        self.templates = templates
        self.term = term
    }
}

/// Somebody who was taken for a person of a gallery and is known not to be that person.
package struct Confusion: Sendable, Hashable {
    package let id: ConfusionID
    package let person: PersonID
    /// `nil` for a person of the device's own gallery.
    package let gallery: GalleryID?
    package let created: Timestamp
    /// When the device forgets it by itself.
    package let ends: Timestamp
}

/// "Not this person". Nobody asked whoever is marked: their templates serve to spare them the confusion, are searched for under no name,
/// leave the device never, and end by themselves, with the person they were taken for, or when somebody removes the mark.
extension EdgeStore {
    package static let confusionTerm: ClosedRange<Duration> = Duration.seconds(86_400)...Duration.seconds(3_650 * 86_400)

    /// In the decision's transaction.
    func keep(_ probe: DecidedProbe, of record: DecisionRecord, _ entry: JournalEntry, _ database: Database, at time: Timestamp) throws {
        guard record.outcome == .match, let person = record.person, let first = probe.templates.first, probe.term > .zero else { return }
        let purpose: String = Self.probePurpose(entry.epoch, entry.seq)
        let (slot, key): (Int64, SymmetricKey) = try newKey(for: "key of " + purpose, database)
        let sealed: [UInt8] = try Sealing.seal(probe.templates.flatMap(\.littleEndianBytes), with: key, for: purpose)
        try database.run(
            sql: "INSERT INTO decided_probe (epoch, seq, gallery_id, person_id, model, key_slot, sealed, ends_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            arguments: [
                entry.epoch, entry.seq, record.gallery?.rawValue, person.rawValue, first.model.rawValue, slot, Data(sealed),
                time.advanced(by: probe.term).milliseconds,
            ])
    }

    /// Marks a match as a confusion: whoever it was, they are not that person.
    /// - Parameters:
    ///   - person: whom the decision named.
    ///   - entry: the decision's number in the journal.
    ///   - term: within ``confusionTerm``.
    /// - Throws: `.absent` when that entry named somebody else, or what it rested on is gone.
    package func mark(notPerson person: PersonID, entry: Int64, for term: Duration) throws(EdgeStoreError) -> Confusion {
        let now = clock.now()
        let marked: Confusion = try write { database in
            let epoch: Int64 = try self.identity(database).journalEpoch
            guard
                let row = try database.row(
                    sql: "SELECT * FROM decided_probe WHERE epoch = ? AND seq = ? AND person_id = ?", arguments: [epoch, entry, person.rawValue])
            else { throw EdgeStoreError.absent("decision") }
            let former: String = Self.probePurpose(epoch, entry)
            let plain: [UInt8] = try Sealing.open(
                self.bytes(row["sealed"]), with: try self.key(in: row["key_slot"], for: "key of " + former, database), for: former)
            let time: Timestamp = try self.trustedTime(database, now)
            let confusion = Confusion(
                id: ConfusionID(at: now.wall), person: person, gallery: try (row["gallery_id"] as String?).map(self.galleryID), created: time,
                ends: time.advanced(by: term))
            let purpose: String = Self.confusionPurpose(confusion.id)
            let (slot, key): (Int64, SymmetricKey) = try self.newKey(for: "key of " + purpose, database)
            try database.run(
                sql: "INSERT INTO confusion (id, gallery_id, person_id, model, key_slot, sealed, created_ms, ends_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                arguments: [
                    confusion.id.rawValue, confusion.gallery?.rawValue, person.rawValue, row["model"] as String, slot,
                    Data(try Sealing.seal(plain, with: key, for: purpose)), time.milliseconds, confusion.ends.milliseconds,
                ])
            try database.run(sql: "DELETE FROM decided_probe WHERE epoch = ? AND seq = ?", arguments: [epoch, entry])
            try self.noteErasure(database)
            return confusion
        }
        try truncateLog()
        return marked
    }

    /// All marks, oldest first.
    package func confusions() throws(EdgeStoreError) -> [Confusion] {
        try read { try $0.rows(sql: "SELECT * FROM confusion ORDER BY created_ms, id").map(self.confusion) }
    }

    /// - Returns: whether there was such a mark.
    package func remove(_ id: ConfusionID) throws(EdgeStoreError) -> Bool {
        let isGone: Bool = try write { database in
            try database.run(sql: "DELETE FROM confusion WHERE id = ?", arguments: [id.rawValue])
            guard database.changesCount > 0 else { return false }
            try self.noteErasure(database)
            return true
        }
        if isGone { try truncateLog() }
        return isGone
    }

    /// Opens every mark of one model. One that does not open is left out: what it guarded against may then recur.
    package func forEachConfusion(of model: ModelID, _ body: (GalleryID?, PersonID, Template) -> Void) throws(EdgeStoreError) {
        try read { database in
            for row in try database.rows(sql: "SELECT * FROM confusion WHERE model = ? ORDER BY id", arguments: [model.rawValue]) {
                let confusion: Confusion = try self.confusion(row)
                let purpose: String = Self.confusionPurpose(confusion.id)
                guard let key = try? self.key(in: row["key_slot"], for: "key of " + purpose, database),
                    let plain = try? Sealing.open(self.bytes(row["sealed"]), with: key, for: purpose)
                else { continue }
                for start in stride(from: 0, to: plain.count, by: Self.templateBytes) {
                    let bytes: [UInt8] = Array(plain[start..<min(plain.count, start + Self.templateBytes)])
                    if let template = try? Template(model: model, littleEndianBytes: bytes) { body(confusion.gallery, confusion.person, template) }
                }
            }
        }
    }

    /// What is over, of probes and marks.
    func eraseEndedConfusions(_ database: Database, at time: Timestamp) throws {
        try database.run(sql: "DELETE FROM decided_probe WHERE ends_ms <= ?", arguments: [time.milliseconds])
        let probes: Int = database.changesCount
        try database.run(sql: "DELETE FROM confusion WHERE ends_ms <= ?", arguments: [time.milliseconds])
        if probes + database.changesCount > 0 { try noteErasure(database) }
    }

    private func confusion(_ row: Row) throws -> Confusion {
        guard let id = ConfusionID(rawValue: row["id"]) else { throw EdgeStoreError.damaged(path: path, what: "a confusion's id") }
        return Confusion(
            id: id, person: try personID(row["person_id"]), gallery: try (row["gallery_id"] as String?).map(galleryID),
            created: Timestamp(milliseconds: row["created_ms"]), ends: Timestamp(milliseconds: row["ends_ms"]))
    }

    /// 128 values of four bytes, as every model here makes them.
    private static let templateBytes: Int = 512

    private static func probePurpose(_ epoch: Int64, _ seq: Int64) -> String { "probe \(epoch) \(seq)" }

    private static func confusionPurpose(_ id: ConfusionID) -> String { "confusion \(id)" }
}
