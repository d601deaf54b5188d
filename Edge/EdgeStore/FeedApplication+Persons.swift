import Crypto
import FoundationEssentials
import GRDB
import WireModel

extension FeedApplication {
    /// Takes the person's whole state. A state that is new is sealed under a new key, in the place of the former one: what the
    /// person no longer has can be opened by nobody, wherever in the file it may have been.
    mutating func hold(_ person: FeedPerson) throws {
        guard var gallery = try gallery(person.gallery) else { return outcome.ignored += 1 }
        let held: Row? = try row(of: person.id, in: person.gallery)
        if let held, held["generation"] == gallery.generation { try remove(held, person.id, from: &gallery) }
        gallery.digest.add(person.id, version: person.version, templates: person.templates.map(\.id))
        galleries[person.gallery] = gallery
        if let held, try isSame(held, as: person) {
            try database.run(
                sql: "UPDATE held_person SET generation = ? WHERE gallery_id = ? AND id = ?",
                arguments: [gallery.generation, person.gallery.rawValue, person.id.rawValue])
        } else {
            if held != nil { try noteErasure() }
            try seal(person, slot: held?["key_slot"], generation: gallery.generation)
            outcome.persons += 1
        }
    }

    mutating func erase(_ person: PersonID, of id: GalleryID) throws {
        if var gallery = try gallery(id), let held = try row(of: person, in: id) {
            if held["generation"] == gallery.generation { try remove(held, person, from: &gallery) }
            galleries[id] = gallery
            try database.run(sql: "DELETE FROM held_person WHERE gallery_id = ? AND id = ?", arguments: [id.rawValue, person.rawValue])
            if (held["key_slot"] as Int64?) != nil { outcome.erased += 1 }
        }
        try receipt(ErasureRecord(person: person, gallery: id, ground: .hub))
    }

    private mutating func noteErasure() throws {
        if !outcome.hasErased { try store.noteErasure(database) }
        outcome.hasErased = true
    }

    private func row(of person: PersonID, in gallery: GalleryID) throws -> Row? {
        try database.row(
            sql: "SELECT * FROM held_person WHERE gallery_id = ? AND id = ?", arguments: [gallery.rawValue, person.rawValue])
    }

    private func remove(_ held: Row, _ person: PersonID, from gallery: inout Gallery) throws {
        gallery.digest.remove(person, version: held["version"], templates: try store.templateIDs(held["templates"]))
    }

    /// Whether the very state is here already, whole and readable.
    private func isSame(_ held: Row, as person: FeedPerson) throws -> Bool {
        guard held["version"] == person.version, held["ends_ms"] == person.ends.milliseconds, held["templates"] == Self.list(person.templates),
            let stored = try? store.opened(held, database)
        else { return false }
        let wanted: [TemplateID: FeedTemplate] = Dictionary(person.templates.map { ($0.id, $0) }) { $1 }
        return stored.label == person.label && stored.templates.count == wanted.count
            && stored.templates.allSatisfy { wanted[$0.id]?.model == $0.model && wanted[$0.id]?.values.bytes == $0.bytes }
    }

    private func seal(_ person: FeedPerson, slot: Int64?, generation: Int64) throws {
        let (gallery, id): (String, String) = (person.gallery.rawValue, person.id.rawValue)
        try database.run(sql: "DELETE FROM held_template WHERE gallery_id = ? AND person_id = ?", arguments: [gallery, id])
        let (slot, key): (Int64, SymmetricKey) = try store.newKey(for: EdgeStore.keyPurpose(person.id, in: person.gallery), in: slot, database)
        let label: [UInt8] = try Sealing.seal(Array(person.label.utf8), with: key, for: EdgeStore.labelPurpose(person.id, in: person.gallery))
        try database.run(
            sql: """
                INSERT INTO held_person (gallery_id, id, key_slot, sealed_label, ends_ms, version, generation, templates) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (gallery_id, id) DO UPDATE SET key_slot = excluded.key_slot, sealed_label = excluded.sealed_label, ends_ms = excluded.ends_ms,
                    version = excluded.version, generation = excluded.generation, templates = excluded.templates
                """,
            arguments: [gallery, id, slot, Data(label), person.ends.milliseconds, person.version, generation, Self.list(person.templates)])
        let statement = try database.cachedStatement(
            sql: "INSERT OR REPLACE INTO held_template (gallery_id, person_id, id, model, sealed) VALUES (?, ?, ?, ?, ?)")
        for template in person.templates {
            let purpose: String = EdgeStore.templatePurpose(template.id, of: person.id, in: person.gallery, model: template.model)
            try statement.execute(arguments: [
                gallery, id, template.id.rawValue, template.model, Data(try Sealing.seal(template.values.bytes, with: key, for: purpose)),
            ])
        }
    }

    private static func list(_ templates: [FeedTemplate]) -> String { templates.map(\.id.rawValue).sorted().joined(separator: " ") }
}
