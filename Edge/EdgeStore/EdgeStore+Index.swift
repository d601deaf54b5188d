import Biometrics
import Crypto
import FoundationEssentials
import GRDB
import WireModel

/// What an index in memory is to do to be as the store is. `nil` for a gallery is the device's own.
package enum IndexStep: Sendable {
    /// Everything follows.
    case reset
    /// All templates of these go; those that they have now follow.
    case remove(GalleryID?, Set<PersonID>)
    case insert(GalleryID?, PersonID, Template)
}

extension EdgeStore {
    /// Counts the changes of all galleries by any process: an index in memory is good while this stays.
    package func galleryVersion() throws(EdgeStoreError) -> Int64 {
        try read { try self.galleryVersion($0) }
    }

    private func galleryVersion(_ database: Database) throws -> Int64 {
        try database.value(Int64.self, sql: "SELECT version FROM gallery")!
    }

    /// Tells what has changed since an index was brought up to date: as much work as there are changes, not as there are persons.
    /// - Parameters:
    ///   - version: what the last call returned; `nil` for an index that is empty.
    ///   - body: called step by step inside one reading of the store.
    /// - Returns: the version that the index then is of.
    package func refreshIndex(since version: Int64?, of model: ModelID, _ body: (IndexStep) throws -> Void) throws(EdgeStoreError) -> Int64 {
        try read { database in
            let current: Int64 = try self.galleryVersion(database)
            guard version != current else { return current }
            let oldest: Int64 = try database.value(Int64.self, sql: "SELECT min(version) FROM index_change") ?? .max
            guard let version, version + 1 >= oldest else {
                try body(.reset)
                try self.forEachTemplate(of: model, database) { try body(.insert(nil, $0, $1)) }
                try self.forEachHeldTemplate(of: model, database) { try body(.insert($0, $1, $2)) }
                return current
            }
            var changed: [GalleryID?: Set<PersonID>] = [:]
            for row in try database.rows(sql: "SELECT DISTINCT gallery_id, person_id FROM index_change WHERE version > ?", arguments: [version]) {
                changed[try (row["gallery_id"] as String?).map(self.galleryID), default: []].insert(try self.personID(row["person_id"]))
            }
            for (gallery, persons) in changed {
                try body(.remove(gallery, persons))
                for person in persons.sorted() {
                    if let gallery {
                        try self.forEachHeldTemplate(of: model, person: (gallery, person), database) { try body(.insert($0, $1, $2)) }
                    } else {
                        try self.forEachTemplate(of: model, person: person, database) { try body(.insert(nil, $0, $1)) }
                    }
                }
            }
            return current
        }
    }

    /// Opens every template of one model in the device's own gallery.
    package func forEachTemplate(of model: ModelID, _ body: (PersonID, Template) throws -> Void) throws(EdgeStoreError) {
        try read { try self.forEachTemplate(of: model, $0, body) }
    }

    private func forEachTemplate(
        of model: ModelID, person wanted: PersonID? = nil, _ database: Database, _ body: (PersonID, Template) throws -> Void
    ) throws {
        let persons = try Row.fetchCursor(
            database, sql: "SELECT * FROM person_with_key" + (wanted == nil ? " ORDER BY id" : " WHERE id = ?"),
            arguments: wanted.map { [$0.rawValue] } ?? [])
        while let person = try persons.next() {
            let id: PersonID = try personID(person["id"])
            let key: SymmetricKey = try personKey(person, id)
            let rows = try database.rows(
                sql: "SELECT * FROM template WHERE person_id = ? AND model = ? ORDER BY id",
                arguments: [id.rawValue, model.rawValue])
            for row in rows { try body(id, try openTemplate(row, key)) }
        }
    }

    /// One that does not open, or is no template, is left out: what the hub gave is not the device's to lose, and the next audit
    /// has it given again.
    private func forEachHeldTemplate(
        of model: ModelID, person wanted: (GalleryID, PersonID)? = nil, _ database: Database, _ body: (GalleryID, PersonID, Template) throws -> Void
    ) throws {
        let persons = try Row.fetchCursor(
            database, sql: "SELECT * FROM held_person WHERE key_slot IS NOT NULL" + (wanted == nil ? "" : " AND gallery_id = ? AND id = ?"),
            arguments: wanted.map { [$0.0.rawValue, $0.1.rawValue] } ?? [])
        while let row = try persons.next() {
            guard let stored = try? opened(row, database) else { continue }
            let (gallery, person): (GalleryID, PersonID) = (try galleryID(row["gallery_id"]), try personID(row["id"]))
            for template in stored.templates where template.model == model.rawValue {
                if let read = try? Template(model: model, littleEndianBytes: template.bytes) { try body(gallery, person, read) }
            }
        }
    }
}
