import Biometrics
import Crypto
import FoundationEssentials
import GRDB
import ServiceSupport
import WireModel

/// A person of this device's own gallery.
package struct EnrolledPerson: Sendable {
    package let id: PersonID
    /// What people call them; sealed at rest, never logged, never sent.
    package let label: String
    package let isMinor: Bool
    /// `nil` for persons enrolled at the command line.
    package let consent: ConsentRecord?
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
        try database.rows(sql: Self.personColumns + " ORDER BY created_ms, id").map(person)
    }

    static let personColumns: String = "SELECT *, (SELECT count(*) FROM template WHERE person_id = person_with_key.id) AS templates FROM person_with_key"

    func person(_ row: Row) throws -> EnrolledPerson {
        let id: PersonID = try personID(row["id"])
        let key: SymmetricKey = try personKey(row, id)
        let label: [UInt8] = try Sealing.open(bytes(row["sealed_label"]), with: key, for: "label \(id)")
        let consent: ConsentRecord? = try (row["sealed_consent"] as Data?).map { sealed in
            try JSON.value(ConsentRecord.self, from: try Sealing.open(bytes(sealed), with: key, for: "consent \(id)"))
        }
        return EnrolledPerson(
            id: id, label: String(decoding: label, as: UTF8.self), isMinor: row["is_minor"], consent: consent, templates: row["templates"],
            created: Timestamp(milliseconds: row["created_ms"]))
    }

    /// Adds a template to the person called `label`, making the person when there is none, and journals the enrolment
    /// when the device has joined; all in one transaction.
    package func enrol(_ template: Template, label: String) throws(EdgeStoreError) -> (person: PersonID, outcome: EnrolmentOutcome) {
        let now = clock.now()
        return try write { database in
            let person: PersonID = try self.personID(labelled: label, database) ?? self.addPerson(database, label: label, at: now.wall)
            return (person, try self.add(database, template, quality: nil, to: person, at: now).isNew ? .added : .alreadyThere)
        }
    }

    /// Seals a template under its person's key, unless the person has the very same; journals it when the device has joined.
    func add(
        _ database: Database, _ template: Template, quality: QualityResult?, to person: PersonID, at now: ClockReading
    ) throws -> (id: TemplateID, isNew: Bool) {
        guard let row = try database.row(sql: "SELECT * FROM person_with_key WHERE id = ?", arguments: [person.rawValue]) else {
            throw EdgeStoreError.absent("person")
        }
        let key: SymmetricKey = try personKey(row, person)
        for stored in try database.rows(sql: "SELECT * FROM template WHERE person_id = ?", arguments: [person.rawValue])
        where try openTemplate(stored, key) == template {
            return (try templateID(stored["id"]), false)
        }
        let id = TemplateID(at: now.wall)
        let sealed: [UInt8] = try Sealing.seal(template.littleEndianBytes, with: key, for: templatePurpose(id, person, template.model))
        let sealedQuality: Data? = try quality.map { Data(try Sealing.seal(try JSON.bytes($0), with: key, for: "quality \(id)")) }
        try database.run(
            sql: "INSERT INTO template (id, person_id, model, sealed, created_ms, sealed_quality) VALUES (?, ?, ?, ?, ?, ?)",
            arguments: [id.rawValue, person.rawValue, template.model.rawValue, Data(sealed), now.wall.milliseconds, sealedQuality])
        try appendIfJoined(database, .enrolment, body: EnrolmentRecord(person: person, template: id, model: template.model.rawValue), at: now)
        return (id, true)
    }

    /// Erases a person: templates, label and key. The key's bytes are overwritten in the file and the log is emptied.
    /// - Returns: whether there was such a person.
    package func erase(_ person: PersonID) throws(EdgeStoreError) -> Bool {
        let now = clock.now()
        let erased: Bool = try write { try self.erase($0, person, at: now) }
        if erased { try truncateLog() }
        return erased
    }

    func erase(_ database: Database, _ person: PersonID, at now: ClockReading) throws -> Bool {
        try database.run(sql: "DELETE FROM person WHERE id = ?", arguments: [person.rawValue])
        guard database.changesCount > 0 else { return false }
        try receipt(ErasureRecord(person: person, ground: .local), database, at: now)
        return true
    }

    func addPerson(_ database: Database, label: String, isMinor: Bool = false, consent: ConsentRecord? = nil, at now: Timestamp) throws -> PersonID {
        let id = PersonID(at: now)
        let (slot, key): (Int64, SymmetricKey) = try newKey(for: Self.keyPurpose(id), database)
        try database.run(
            sql: """
                INSERT INTO person (id, key_slot, sealed_label, label_mark, sealed_consent, is_minor, expires_ms, created_ms)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                id.rawValue, slot, Data(try seal(label, of: id, key)),
                Data(mark(of: label, in: "label")), try consent.map { Data(try seal($0, of: id, key)) }, isMinor, consent?.expires?.milliseconds,
                now.milliseconds,
            ])
        return id
    }

    func seal(_ label: String, of id: PersonID, _ key: SymmetricKey) throws -> [UInt8] { try Sealing.seal(Array(label.utf8), with: key, for: "label \(id)") }

    func seal(_ consent: ConsentRecord, of id: PersonID, _ key: SymmetricKey) throws -> [UInt8] {
        try Sealing.seal(try JSON.bytes(consent), with: key, for: "consent \(id)")
    }

    /// The person with this very label. Persons of a store's first schema get their marks here, when somebody first asks.
    func personID(labelled label: String, _ database: Database) throws -> PersonID? {
        for row in try database.rows(sql: Self.personColumns + " WHERE label_mark IS NULL") {
            let person: EnrolledPerson = try person(row)
            try database.run(
                sql: "UPDATE person SET label_mark = ? WHERE id = ?", arguments: [Data(mark(of: person.label, in: "label")), person.id.rawValue])
        }
        return try database.value(String.self, sql: "SELECT id FROM person WHERE label_mark = ?", arguments: [Data(mark(of: label, in: "label"))]).map(personID)
    }

    /// Finds a sealed text without telling it.
    func mark(of text: String, in place: String) -> [UInt8] { KeyedMark.of(text, in: place, under: masterKey) }

    func personKey(_ row: Row, _ id: PersonID) throws -> SymmetricKey {
        SymmetricKey(data: try Sealing.open(bytes(row["sealed_key"]), with: masterKey, for: Self.keyPurpose(id)))
    }

    static func keyPurpose(_ id: PersonID) -> String { "person-key \(id)" }

    func openTemplate(_ row: Row, _ key: SymmetricKey) throws -> Template {
        let id: TemplateID = try templateID(row["id"])
        let model = ModelID(rawValue: row["model"])
        let purpose: String = templatePurpose(id, try personID(row["person_id"]), model)
        return try Template(model: model, littleEndianBytes: try Sealing.open(bytes(row["sealed"]), with: key, for: purpose))
    }

    func templatePurpose(_ id: TemplateID, _ person: PersonID, _ model: ModelID) -> String {
        "template \(id) \(person) \(model.rawValue)"
    }

    func personID(_ text: String) throws -> PersonID {
        guard let id = PersonID(rawValue: text) else { throw EdgeStoreError.damaged(path: path, what: "a person's id") }
        return id
    }

    func templateID(_ text: String) throws -> TemplateID {
        guard let id = TemplateID(rawValue: text) else { throw EdgeStoreError.damaged(path: path, what: "a template's id") }
        return id
    }

    func bytes(_ data: Data) -> [UInt8] { [UInt8](data) }
}

/// The body of an `enrolment` entry.
struct EnrolmentRecord: Codable {
    let person: PersonID
    let template: TemplateID
    let model: String
}
