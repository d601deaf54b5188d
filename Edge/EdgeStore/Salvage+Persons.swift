import Crypto
import FoundationEssentials
import GRDB
import WireModel

/// Persons of the device's own gallery whose rows still open; the hub's galleries come again by themselves.
extension Salvage {
    func takePersons(_ database: Database, _ report: inout DamageReport) throws {
        guard let source else { return }
        let shapes: (person: RowShape, template: RowShape) = (try RowShape("person"), try RowShape("template"))
        for number in rowNumbers(of: "person", in: source) {
            guard let person = try? source.queue.read({ try self.person(number, $0, source, shapes) }) else {
                report.personsLost += 1
                continue
            }
            try take(person, database)
            report.personsSaved += 1
            report.templatesLost += person.templatesLost
        }
    }

    private struct Person {
        let row: Row
        let id: PersonID
        let key: SymmetricKey
        let label: String
        let expires: Timestamp?
        let templates: [Row]
        let templatesLost: Int64
    }

    /// As far as the table reads from either end.
    private func rowNumbers(of table: String, in source: EdgeStore) -> [Int64] {
        var found: Set<Int64> = []
        for order in ["ASC", "DESC"] {
            let whole: Void? = try? source.queue.read { database in
                let rows = try Int64.fetchCursor(database, sql: "SELECT rowid FROM \(table) NOT INDEXED ORDER BY rowid \(order)")
                while let number = try rows.next() { found.insert(number) }
            }
            if whole != nil { break }
        }
        return found.sorted()
    }

    private func person(
        _ number: Int64, _ database: Database, _ source: EdgeStore, _ shapes: (person: RowShape, template: RowShape)
    ) throws -> Person? {
        guard let row = try database.row(sql: "SELECT * FROM person WHERE rowid = ?", arguments: [number]), shapes.person.fits(row) else {
            return nil
        }
        let id: PersonID = try source.personID(row["id"])
        let key: SymmetricKey
        if let slot = row["key_slot"] as? Int64 {
            key = try source.key(in: slot, for: EdgeStore.keyPurpose(id), database)
        } else {
            key = SymmetricKey(data: try Sealing.open([UInt8](row["sealed_key"] as? Data ?? Data()), with: source.masterKey, for: EdgeStore.keyPurpose(id)))
        }
        let label: [UInt8] = try Sealing.open([UInt8](row["sealed_label"] as Data), with: key, for: "label \(id)")
        let consent: ConsentRecord? = try (row["sealed_consent"] as Data?).map { sealed in
            try JSON.value(ConsentRecord.self, from: try Sealing.open([UInt8](sealed), with: key, for: "consent \(id)"))
        }
        let stored: [Row] = try database.rows(sql: "SELECT * FROM template WHERE person_id = ? ORDER BY id", arguments: [id.rawValue])
        let sound: [Row] = stored.filter { shapes.template.fits($0) && (try? source.openTemplate($0, key)) != nil }
        return Person(
            row: row, id: id, key: key, label: String(decoding: label, as: UTF8.self), expires: consent?.expires, templates: sound,
            templatesLost: Int64(stored.count - sound.count))
    }

    /// The person's key is sealed anew under the device's new one; what it seals stays as it is.
    private func take(_ person: Person, _ database: Database) throws {
        let sealed: [UInt8] = try Sealing.seal(person.key.bytes, with: target.masterKey, for: EdgeStore.keyPurpose(person.id))
        try database.run(sql: "INSERT INTO person_key (is_free, sealed) VALUES (0, ?)", arguments: [Data(sealed)])
        try database.run(
            sql: """
                INSERT INTO person (id, key_slot, sealed_label, label_mark, sealed_consent, is_minor, expires_ms, created_ms)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                person.id.rawValue, database.lastInsertedRowID, person.row["sealed_label"] as Data, Data(target.mark(of: person.label, in: "label")),
                person.row["sealed_consent"] as Data?, (person.row["is_minor"] as Bool?) ?? false, person.expires?.milliseconds,
                person.row["created_ms"] as Int64,
            ])
        for template in person.templates {
            try database.run(
                sql: "INSERT INTO template (id, person_id, model, sealed, created_ms, sealed_quality) VALUES (?, ?, ?, ?, ?, ?)",
                arguments: [
                    template["id"] as String, person.id.rawValue, template["model"] as String, template["sealed"] as Data, template["created_ms"] as Int64,
                    template["sealed_quality"] as Data?,
                ])
        }
    }
}
