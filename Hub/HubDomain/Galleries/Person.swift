import HubAccess
import HubStorage
import WireModel

/// What the hub is told of a person; sealed whole.
struct PersonRecord: Codable, Hashable {
    var label: String
    var consent: ConsentRecord
}

/// A person as whoever enrols one describes it.
package struct NewPerson: Sendable, Hashable {
    /// The caller's own reference, unique in its gallery.
    package let label: String
    package let isMinor: Bool
    package let consent: ConsentRecord

    package init(label: String, isMinor: Bool = false, consent: ConsentRecord) {
        self.label = label
        self.isMinor = isMinor
        self.consent = consent
    }
}

/// A person of a gallery.
package struct Person: Sendable, Codable, Hashable {
    package let id: PersonID
    package let gallery: GalleryID
    package let label: String
    package let isMinor: Bool
    package let consent: ConsentRecord
    /// When the person is erased: the end of consent, or of the gallery's retention where that comes first.
    package let ends: Timestamp
    package let templates: Int64
    package let created: Timestamp
}

/// The rows of one gallery's persons. The gallery has been found for its owner before: nothing here asks whose it is.
struct Persons {
    let connection: any SQLConnection
    let sealer: SecretSealer
    let gallery: GalleryID

    private static let columns: String = "person.*, (SELECT count(*) FROM template WHERE person_id = person.id) AS templates"

    /// By which a label is found: nobody without the hub's key can tell from it what the label is, or that two galleries
    /// know somebody by the same one.
    func mac(_ label: String) -> String { sealer.mac(label, context: "person-label/" + gallery.rawValue) }

    func key(_ row: SQLRow) throws -> PersonKey {
        guard let id = PersonID(rawValue: try row.text("id")) else { throw HubStorageError.damaged }
        return try PersonKey(of: id, opening: try row.blob("sealed_key"), with: sealer)
    }

    func person(_ row: SQLRow) throws -> Person {
        guard let id = PersonID(rawValue: try row.text("id")) else { throw HubStorageError.damaged }
        let record: PersonRecord = try JSON.value(PersonRecord.self, from: try key(row).open(try row.blob("sealed_record"), as: "record"))
        return Person(
            id: id, gallery: gallery, label: record.label, isMinor: try row.integer("is_minor") == 1, consent: record.consent, ends: try row.time("ends_ms"),
            templates: try row.integer("templates"), created: try row.time("created_ms"))
    }

    func row(_ id: PersonID) throws -> SQLRow? {
        try connection.firstRow("SELECT \(Self.columns) FROM person WHERE gallery_id = ? AND id = ?", [.text(gallery.rawValue), .text(id.rawValue)])
    }

    func row(label: String) throws -> SQLRow? {
        try connection.firstRow("SELECT \(Self.columns) FROM person WHERE gallery_id = ? AND label_mac = ?", [.text(gallery.rawValue), .text(mac(label))])
    }

    /// - Throws: `notFound`; also for a person whose time is over and whom the clearing has not met yet.
    func person(_ id: PersonID, now: Timestamp) throws -> Person {
        guard let row = try row(id), try row.time("ends_ms") > now else { throw Problem.nothing("person", id.rawValue) }
        return try person(row)
    }

    /// - Parameter after: the last person of the page before.
    /// - Returns: in order of being added.
    func page(after: PersonID?, limit: Int, now: Timestamp) throws -> [Person] {
        try connection.rows(
            "SELECT \(Self.columns) FROM person WHERE gallery_id = ? AND id > ? AND ends_ms > ? ORDER BY id LIMIT ?",
            [.text(gallery.rawValue), .text(after?.rawValue ?? ""), .integer(now.milliseconds), .integer(Int64(limit))]
        ).map(person)
    }

    func insert(_ draft: NewPerson, into gallery: Gallery, now: Timestamp) throws -> SQLRow {
        let id = PersonID(at: now)
        let key = PersonKey(of: id)
        let consentEnds: Timestamp = try PersonRule.end(of: draft.consent)
        try connection.execute(
            """
            INSERT INTO person (id, gallery_id, label_mac, sealed_key, sealed_record, is_minor, on_devices, consent_ends_ms, ends_ms, version, created_ms)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .text(id.rawValue), .text(gallery.id.rawValue), .text(mac(draft.label)), .blob(try key.sealed(with: sealer)),
                .blob(try key.seal(try JSON.bytes(PersonRecord(label: draft.label, consent: draft.consent)), as: "record")), SQLValue(draft.isMinor),
                SQLValue(draft.consent.onDevices), .integer(consentEnds.milliseconds),
                .integer(PersonRule.end(consentEnds, added: now, in: gallery).milliseconds), .integer(gallery.version),
                .integer(now.milliseconds),
            ])
        guard let row = try row(id) else { throw HubStorageError.damaged }
        return row
    }

    func update(_ row: SQLRow, to record: PersonRecord, isMinor: Bool, in gallery: Gallery) throws {
        let consentEnds: Timestamp = try PersonRule.end(of: record.consent)
        let end: Timestamp = PersonRule.end(consentEnds, added: try row.time("created_ms"), in: gallery)
        try connection.execute(
            "UPDATE person SET label_mac = ?, sealed_record = ?, is_minor = ?, on_devices = ?, consent_ends_ms = ?, ends_ms = ?, version = ? WHERE id = ?",
            [
                .text(mac(record.label)), .blob(try key(row).seal(try JSON.bytes(record), as: "record")), SQLValue(isMinor),
                SQLValue(record.consent.onDevices), .integer(consentEnds.milliseconds), .integer(end.milliseconds), .integer(gallery.version),
                .text(try row.text("id")),
            ])
    }
}

/// What must hold of a person before anything is kept (P1, P2, P7).
enum PersonRule {
    static func check(label: String) throws(Problem) {
        let isClean: Bool = label.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
        guard (1...200).contains(label.unicodeScalars.count), isClean, label.contains(where: { !$0.isWhitespace }) else {
            throw Problem(
                .invalidRequest, "A person's label has 1 to 200 characters on one line.", remedy: "Use the reference by which you know the person.")
        }
    }

    static func check(_ consent: ConsentRecord, isMinor: Bool, now: Timestamp) throws(Problem) {
        func isText(_ text: String, _ length: ClosedRange<Int>) -> Bool {
            length.contains(text.unicodeScalars.count) && !text.unicodeScalars.contains("\0") && text.contains { !$0.isWhitespace }
        }
        guard isText(consent.reference, 1...200), isText(consent.purpose, 1...500), consent.guardian.map({ isText($0, 1...200) }) ?? true else {
            throw Problem(
                .invalidRequest, "Consent has a reference of 1 to 200 characters and a purpose of 1 to 500.",
                remedy: "Say where the person's consent is kept and what it was given for.")
        }
        // Clocks differ; what was given in the next minutes was given.
        guard consent.given <= now.advanced(by: .seconds(300)) else {
            throw Problem(.invalidRequest, "Consent was given before now.", detail: "given \(consent.given)", remedy: "Ask the person first.")
        }
        let end: Timestamp = try end(of: consent)
        guard end > now else {
            throw Problem(.invalidRequest, "The consent has ended.", detail: "ended \(end)", remedy: "Ask the person again.")
        }
        guard end <= now.advanced(by: GalleryLimit.consentTerm) else {
            throw Problem(.invalidRequest, "Consent holds for ten years at most.", detail: "until \(end)", remedy: "Name an earlier end.")
        }
        guard !isMinor || consent.guardian != nil else {
            throw Problem(.invalidRequest, "For a minor a guardian consents.", remedy: "Say where the guardian's consent is kept.")
        }
    }

    /// - Throws: `invalidRequest` for consent without an end: consent that never has to be asked for again is none.
    static func end(of consent: ConsentRecord) throws(Problem) -> Timestamp {
        guard let end = consent.expires else {
            throw Problem(.invalidRequest, "Consent has an end.", remedy: "Say until when the person has consented, ten years at most.")
        }
        return end
    }

    static func end(_ consentEnds: Timestamp, added: Timestamp, in gallery: Gallery) -> Timestamp {
        gallery.retentionDays.map { min(consentEnds, added.advanced(by: .seconds($0 * 86_400))) } ?? consentEnds
    }
}
