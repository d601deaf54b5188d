import Biometrics
import Crypto
import FoundationEssentials
import GRDB
import ServiceSupport
import WireModel

/// A template as it is told: without its numbers.
package struct StoredTemplate: Sendable {
    package let id: TemplateID
    package let model: ModelID
    package let quality: QualityResult?
    package let created: Timestamp
}

/// The device's own gallery as its API manages it, person by person; galleries of the hub's are beside it, in tables of their own.
extension EdgeStore {
    package func count() throws(EdgeStoreError) -> (persons: Int64, templates: Int64) {
        try read { database in
            let row = try database.row(sql: "SELECT (SELECT count(*) FROM person) AS persons, (SELECT count(*) FROM template) AS templates")!
            return (row["persons"], row["templates"])
        }
    }

    /// At most `limit` persons after one, oldest first.
    /// - Parameter after: time and id of the last one seen.
    package func persons(after: (created: Timestamp, id: PersonID)?, limit: Int) throws(EdgeStoreError) -> [EnrolledPerson] {
        try read { database in
            try database.rows(
                sql: Self.personColumns + " WHERE (created_ms, id) > (?, ?) ORDER BY created_ms, id LIMIT ?",
                arguments: [after?.created.milliseconds ?? .min, after?.id.rawValue ?? "", limit]
            ).map(self.person)
        }
    }

    package func person(labelled label: String) throws(EdgeStoreError) -> EnrolledPerson? {
        // Written, because persons of an old store may get their marks now.
        try write { database in try self.personID(labelled: label, database).map { try self.person($0, database) } }
    }

    /// - Throws: `.absent`.
    package func person(_ id: PersonID) throws(EdgeStoreError) -> EnrolledPerson {
        try read { try self.person(id, $0) }
    }

    /// - Throws: `.labelTaken`.
    package func addPerson(label: String, isMinor: Bool, consent: ConsentRecord) throws(EdgeStoreError) -> EnrolledPerson {
        let now = clock.now()
        return try write { database in
            guard try self.personID(labelled: label, database) == nil else { throw EdgeStoreError.labelTaken }
            return try self.person(try self.addPerson(database, label: label, isMinor: isMinor, consent: consent, at: now.wall), database)
        }
    }

    /// - Parameter consent: takes the place of the whole former one.
    /// - Throws: `.absent`, `.labelTaken`.
    package func change(_ id: PersonID, label: String?, consent: ConsentRecord?) throws(EdgeStoreError) -> EnrolledPerson {
        try write { database in
            guard let row = try database.row(sql: "SELECT * FROM person_with_key WHERE id = ?", arguments: [id.rawValue]) else {
                throw EdgeStoreError.absent("person")
            }
            let key: SymmetricKey = try self.personKey(row, id)
            if let label {
                guard [nil, id].contains(try self.personID(labelled: label, database)) else { throw EdgeStoreError.labelTaken }
                try database.run(
                    sql: "UPDATE person SET sealed_label = ?, label_mark = ? WHERE id = ?",
                    arguments: [Data(try self.seal(label, of: id, key)), Data(self.mark(of: label, in: "label")), id.rawValue])
            }
            if let consent {
                try database.run(
                    sql: "UPDATE person SET sealed_consent = ?, expires_ms = ? WHERE id = ?",
                    arguments: [Data(try self.seal(consent, of: id, key)), consent.expires?.milliseconds, id.rawValue])
            }
            return try self.person(id, database)
        }
    }

    /// Oldest first.
    /// - Throws: `.absent` when there is no such person.
    package func templates(of person: PersonID) throws(EdgeStoreError) -> [StoredTemplate] {
        try read { database in
            guard let row = try database.row(sql: "SELECT * FROM person_with_key WHERE id = ?", arguments: [person.rawValue]) else {
                throw EdgeStoreError.absent("person")
            }
            let key: SymmetricKey = try self.personKey(row, person)
            return try database.rows(sql: "SELECT * FROM template WHERE person_id = ? ORDER BY created_ms, id", arguments: [person.rawValue])
                .map { try self.told($0, key) }
        }
    }

    /// Adds a template, unless the person has the very same.
    /// - Throws: `.absent` when there is no such person.
    package func add(_ template: Template, quality: QualityResult, to person: PersonID) throws(EdgeStoreError) -> (template: StoredTemplate, isNew: Bool) {
        let now = clock.now()
        return try write { database in
            let (id, isNew): (TemplateID, Bool) = try self.add(database, template, quality: quality, to: person, at: now)
            let row = try database.row(sql: "SELECT * FROM template WHERE id = ?", arguments: [id.rawValue])!
            let owner = try database.row(sql: "SELECT * FROM person_with_key WHERE id = ?", arguments: [person.rawValue])!
            return (try self.told(row, try self.personKey(owner, person)), isNew)
        }
    }

    /// The person has another key afterwards and the log is emptied: copies of its sealed bytes that pages may still hold open no more.
    /// - Returns: whether the person had such a template.
    package func removeTemplate(_ id: TemplateID, of person: PersonID) throws(EdgeStoreError) -> Bool {
        let removed: Bool = try write { database in
            try database.run(sql: "DELETE FROM template WHERE id = ? AND person_id = ?", arguments: [id.rawValue, person.rawValue])
            guard database.changesCount > 0 else { return false }
            try self.sealAnew(person, database)
            try self.noteErasure(database)
            return true
        }
        if removed { try truncateLog() }
        return removed
    }

    /// Puts a new key in the place of the person's and seals under it what is left.
    private func sealAnew(_ person: PersonID, _ database: Database) throws {
        let row = try database.row(sql: "SELECT * FROM person_with_key WHERE id = ?", arguments: [person.rawValue])!
        let old: SymmetricKey = try personKey(row, person)
        let new: SymmetricKey = try newKey(for: Self.keyPurpose(person), in: row["key_slot"], database).key
        func moved(_ sealed: Data?, _ purpose: String) throws -> Data? {
            try sealed.map { Data(try Sealing.seal(try Sealing.open(bytes($0), with: old, for: purpose), with: new, for: purpose)) }
        }
        try database.run(
            sql: "UPDATE person SET sealed_label = ?, sealed_consent = ? WHERE id = ?",
            arguments: [try moved(row["sealed_label"], "label \(person)"), try moved(row["sealed_consent"], "consent \(person)"), person.rawValue])
        for template in try database.rows(sql: "SELECT * FROM template WHERE person_id = ?", arguments: [person.rawValue]) {
            let id: TemplateID = try templateID(template["id"])
            let purpose: String = templatePurpose(id, person, ModelID(rawValue: template["model"]))
            try database.run(
                sql: "UPDATE template SET sealed = ?, sealed_quality = ? WHERE id = ?",
                arguments: [try moved(template["sealed"], purpose), try moved(template["sealed_quality"], "quality \(id)"), id.rawValue])
        }
    }

    /// All templates of a person, opened.
    /// - Throws: `.absent`.
    package func opened(of person: PersonID) throws(EdgeStoreError) -> [Template] {
        try read { database in
            guard let row = try database.row(sql: "SELECT * FROM person_with_key WHERE id = ?", arguments: [person.rawValue]) else {
                throw EdgeStoreError.absent("person")
            }
            let key: SymmetricKey = try self.personKey(row, person)
            return try database.rows(sql: "SELECT * FROM template WHERE person_id = ? ORDER BY id", arguments: [person.rawValue])
                .map { try self.openTemplate($0, key) }
        }
    }

    /// One template, opened.
    /// - Throws: `.absent`.
    package func opened(_ id: TemplateID) throws(EdgeStoreError) -> Template {
        try read { database in
            guard let row = try database.row(sql: "SELECT * FROM template WHERE id = ?", arguments: [id.rawValue]),
                let owner = try database.row(sql: "SELECT * FROM person_with_key WHERE id = ?", arguments: [row["person_id"] as String])
            else { throw EdgeStoreError.absent("template") }
            return try self.openTemplate(row, try self.personKey(owner, try self.personID(owner["id"])))
        }
    }

    func person(_ id: PersonID, _ database: Database) throws -> EnrolledPerson {
        guard let row = try database.row(sql: Self.personColumns + " WHERE id = ?", arguments: [id.rawValue]) else {
            throw EdgeStoreError.absent("person")
        }
        return try person(row)
    }

    private func told(_ row: Row, _ key: SymmetricKey) throws -> StoredTemplate {
        let id: TemplateID = try templateID(row["id"])
        let quality: QualityResult? = try (row["sealed_quality"] as Data?).map {
            try JSON.value(QualityResult.self, from: try Sealing.open(bytes($0), with: key, for: "quality \(id)"))
        }
        return StoredTemplate(id: id, model: ModelID(rawValue: row["model"]), quality: quality, created: Timestamp(milliseconds: row["created_ms"]))
    }
}
