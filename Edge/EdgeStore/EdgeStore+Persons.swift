import Biometrics
import Crypto
import FoundationEssentials
import GRDB
import ServiceSupport
import WireModel

/// A person of this device's gallery.
package struct EnrolledPerson: Sendable {
    package let id: PersonID
    /// What people call them; sealed at rest, never logged, never sent.
    package let label: String
    package let templates: Int
    package let created: Timestamp
}

package enum EnrolmentOutcome: Sendable, Equatable {
    case added
    /// The very same template is there already, so nothing changed.
    case alreadyThere
}

/// Persons are sealed each under a key of their own, and those keys under the device's: erasing one key erases the person (P5).
extension EdgeStore {
    /// All persons, oldest first.
    package func persons() throws(EdgeStoreError) -> [EnrolledPerson] {
        try read { try self.persons($0) }
    }

    private func persons(_ database: Database) throws -> [EnrolledPerson] {
        let rows = try Row.fetchAll(
            database, sql: "SELECT *, (SELECT count(*) FROM template WHERE person_id = person.id) AS templates FROM person ORDER BY created_ms, id")
        return try rows.map { row in
            let id: PersonID = try self.personID(row["id"])
            let label: [UInt8] = try Sealing.open(bytes(row["sealed_label"]), with: try self.personKey(row, id), for: "label \(id)")
            return EnrolledPerson(
                id: id, label: String(decoding: label, as: UTF8.self), templates: row["templates"], created: Timestamp(milliseconds: row["created_ms"]))
        }
    }

    /// Adds a template to the person called `label`, making the person when there is none, and journals the enrolment
    /// when the device has joined; all in one transaction.
    package func enrol(_ template: Template, label: String) throws(EdgeStoreError) -> (person: PersonID, outcome: EnrolmentOutcome) {
        let now = clock.now()
        return try write { database in
            let known: PersonID? = try self.persons(database).first { $0.label == label }?.id
            let person: PersonID = try known ?? self.addPerson(database, label: label, at: now.wall)
            let row = try Row.fetchOne(database, sql: "SELECT * FROM person WHERE id = ?", arguments: [person.rawValue])!
            let key: SymmetricKey = try self.personKey(row, person)
            for stored in try Row.fetchAll(database, sql: "SELECT * FROM template WHERE person_id = ?", arguments: [person.rawValue])
            where try self.openTemplate(stored, key) == template {
                return (person, .alreadyThere)
            }
            let id = TemplateID(at: now.wall)
            let sealed: [UInt8] = try Sealing.seal(template.littleEndianBytes, with: key, for: self.templatePurpose(id, person, template.model))
            try database.execute(
                sql: "INSERT INTO template (id, person_id, model, sealed, created_ms) VALUES (?, ?, ?, ?, ?)",
                arguments: [id.rawValue, person.rawValue, template.model.rawValue, Data(sealed), now.wall.milliseconds])
            try self.appendIfJoined(database, .enrolment, body: EnrolmentRecord(person: person, template: id, model: template.model.rawValue), at: now)
            return (person, .added)
        }
    }

    /// Erases a person: templates, label and key. The key's bytes are overwritten in the file and the log is emptied.
    /// - Returns: whether there was such a person.
    package func erase(_ person: PersonID) throws(EdgeStoreError) -> Bool {
        let now = clock.now()
        let erased: Bool = try write { database in
            try database.execute(sql: "DELETE FROM person WHERE id = ?", arguments: [person.rawValue])
            guard database.changesCount > 0 else { return false }
            try self.appendIfJoined(database, .erasure, body: ErasureRecord(person: person), at: now)
            return true
        }
        if erased { try truncateLog() }
        return erased
    }

    /// Counts the changes of the gallery by any process: an index in memory is good while this stays.
    package func galleryVersion() throws(EdgeStoreError) -> Int64 {
        try read { try Int64.fetchOne($0, sql: "SELECT version FROM gallery")! }
    }

    /// Opens every template of one model, for the index in memory.
    package func forEachTemplate(of model: ModelID, _ body: (PersonID, Template) throws -> Void) throws(EdgeStoreError) {
        try read { database in
            for person in try Row.fetchAll(database, sql: "SELECT * FROM person ORDER BY id") {
                let id: PersonID = try self.personID(person["id"])
                let key: SymmetricKey = try self.personKey(person, id)
                let rows = try Row.fetchCursor(
                    database, sql: "SELECT * FROM template WHERE person_id = ? AND model = ? ORDER BY id", arguments: [id.rawValue, model.rawValue])
                while let row = try rows.next() { try body(id, try self.openTemplate(row, key)) }
            }
        }
    }

    private func addPerson(_ database: Database, label: String, at now: Timestamp) throws -> PersonID {
        let id = PersonID(at: now)
        let key = SymmetricKey(size: .bits256)
        try database.execute(
            sql: "INSERT INTO person (id, sealed_key, sealed_label, created_ms) VALUES (?, ?, ?, ?)",
            arguments: [
                id.rawValue, Data(try Sealing.seal(key.bytes, with: masterKey, for: "person-key \(id)")),
                Data(try Sealing.seal(Array(label.utf8), with: key, for: "label \(id)")), now.milliseconds,
            ])
        return id
    }

    private func personKey(_ row: Row, _ id: PersonID) throws -> SymmetricKey {
        SymmetricKey(data: try Sealing.open(bytes(row["sealed_key"]), with: masterKey, for: "person-key \(id)"))
    }

    private func openTemplate(_ row: Row, _ key: SymmetricKey) throws -> Template {
        guard let id = TemplateID(rawValue: row["id"]) else { throw EdgeStoreError.damaged(path: path, what: "a template's id") }
        let model = ModelID(rawValue: row["model"])
        let purpose: String = templatePurpose(id, try personID(row["person_id"]), model)
        return try Template(model: model, littleEndianBytes: try Sealing.open(bytes(row["sealed"]), with: key, for: purpose))
    }

    private func templatePurpose(_ id: TemplateID, _ person: PersonID, _ model: ModelID) -> String {
        "template \(id) \(person) \(model.rawValue)"
    }

    private func personID(_ text: String) throws -> PersonID {
        guard let id = PersonID(rawValue: text) else { throw EdgeStoreError.damaged(path: path, what: "a person's id") }
        return id
    }

    private func bytes(_ data: Data) -> [UInt8] { [UInt8](data) }
}

/// The body of an `enrolment` entry.
struct EnrolmentRecord: Codable {
    let person: PersonID
    let template: TemplateID
    let model: String
}

/// The body of an `erasure` entry: the receipt.
struct ErasureRecord: Codable {
    let person: PersonID
}
