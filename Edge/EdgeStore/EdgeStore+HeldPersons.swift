import Biometrics
import Crypto
import FoundationEssentials
import GRDB
import WireModel

/// A person of a gallery of the hub's, as this device holds them.
package struct HeldPerson: Sendable {
    package let id: PersonID
    package let gallery: GalleryID
    /// Sealed at rest, never logged.
    package let label: String
    package let templates: Int
    /// When the device erases them by itself.
    package let ends: Timestamp
}

/// Persons of the hub's galleries. They are told and searched for here; whoever is to be changed or erased is so at the hub.
extension EdgeStore {
    /// Those that have not ended, by gallery and id.
    package func heldPersons() throws(EdgeStoreError) -> [HeldPerson] {
        try read { database in
            try database.rows(sql: "SELECT * FROM held_person WHERE key_slot IS NOT NULL ORDER BY gallery_id, id").map { row in
                let (id, gallery): (PersonID, GalleryID) = (try self.personID(row["id"]), try self.galleryID(row["gallery_id"]))
                let key: SymmetricKey = try self.key(in: row["key_slot"], for: Self.keyPurpose(id, in: gallery), database)
                return HeldPerson(
                    id: id, gallery: gallery, label: try self.label(row, id, gallery, key), templates: try self.templateIDs(row["templates"]).count,
                    ends: Timestamp(milliseconds: row["ends_ms"]))
            }
        }
    }

    /// - Returns: `nil` when nobody of that number is held.
    package func heldLabel(of person: PersonID, in gallery: GalleryID) throws(EdgeStoreError) -> String? {
        try read { database in
            guard let row = try self.heldRow(person, gallery, database) else { return nil }
            return try self.label(row, person, gallery, try self.key(in: row["key_slot"], for: Self.keyPurpose(person, in: gallery), database))
        }
    }

    /// All templates of one person, for a comparison.
    /// - Throws: `.absent`.
    package func heldTemplates(of person: PersonID, in gallery: GalleryID) throws(EdgeStoreError) -> [Template] {
        try read { database in
            guard let row = try self.heldRow(person, gallery, database) else { throw EdgeStoreError.absent("person") }
            return try self.opened(row, database).templates.map { try Template(model: ModelID(rawValue: $0.model), littleEndianBytes: $0.bytes) }
        }
    }

    private func heldRow(_ person: PersonID, _ gallery: GalleryID, _ database: Database) throws -> Row? {
        try database.row(
            sql: "SELECT * FROM held_person WHERE gallery_id = ? AND id = ? AND key_slot IS NOT NULL",
            arguments: [gallery.rawValue, person.rawValue])
    }

    /// What of a gallery is here: persons, not those whose own term ended.
    func heldCount(of gallery: GalleryID, _ database: Database) throws -> Int {
        try database.value(Int.self, sql: "SELECT count(key_slot) FROM held_person WHERE gallery_id = ?", arguments: [gallery.rawValue])!
    }

    /// Everything of one person.
    /// - Throws: `SealError` when something does not open.
    func opened(_ row: Row, _ database: Database) throws -> (label: String, templates: [(id: TemplateID, model: String, bytes: [UInt8])]) {
        let (person, gallery): (PersonID, GalleryID) = (try personID(row["id"]), try galleryID(row["gallery_id"]))
        guard let slot: Int64 = row["key_slot"] else { throw SealError(what: "the person's key is gone") }
        let key: SymmetricKey = try key(in: slot, for: Self.keyPurpose(person, in: gallery), database)
        let rows: [Row] = try database.rows(
            sql: "SELECT * FROM held_template WHERE gallery_id = ? AND person_id = ? ORDER BY id",
            arguments: [gallery.rawValue, person.rawValue])
        return (
            try label(row, person, gallery, key),
            try rows.map { row in
                let (id, model): (TemplateID, String) = (try self.templateID(row["id"]), row["model"])
                let purpose: String = Self.templatePurpose(id, of: person, in: gallery, model: model)
                return (id, model, try Sealing.open(self.bytes(row["sealed"]), with: key, for: purpose))
            }
        )
    }

    private func label(_ row: Row, _ person: PersonID, _ gallery: GalleryID, _ key: SymmetricKey) throws -> String {
        guard let sealed: Data = row["sealed_label"] else { throw SealError(what: "the person's label is gone") }
        return String(decoding: try Sealing.open(bytes(sealed), with: key, for: Self.labelPurpose(person, in: gallery)), as: UTF8.self)
    }

    static func keyPurpose(_ person: PersonID, in gallery: GalleryID) -> String { "person-key \(gallery) \(person)" }

    static func labelPurpose(_ person: PersonID, in gallery: GalleryID) -> String { "label \(gallery) \(person)" }

    static func templatePurpose(_ id: TemplateID, of person: PersonID, in gallery: GalleryID, model: String) -> String {
        "template \(id) \(gallery) \(person) \(model)"
    }

    func galleryID(_ text: String) throws -> GalleryID {
        guard let id = GalleryID(rawValue: text) else { throw EdgeStoreError.damaged(path: path, what: "a gallery's id") }
        return id
    }

    /// As one column keeps them: sorted, with spaces between.
    func templateIDs(_ list: String) throws -> [TemplateID] { try list.split(separator: " ").map { try templateID(String($0)) } }
}
