import Biometrics
import HubAccess
import HubStorage
import WireModel

/// How much one part of the feed may hold.
package struct FeedRoom: Sendable {
    /// Of JSON, approximately.
    var bytes: Int
    var persons: Int
    /// Erasures of one gallery, in one part.
    let erasures: Int
    /// Persons whose time was over, met in one part, of each gallery.
    let endings: Int

    package init(bytes: Int = 1 << 20, persons: Int = 500, erasures: Int = 1_000, endings: Int = 100) {
        self.bytes = bytes
        self.persons = persons
        self.erasures = erasures
        self.endings = endings
    }

    /// Bytes of one erasure.
    static let erasure: Int = 120
    /// Between two beginnings of a gallery only because digests differ: should they never come to agree, a gallery an hour is
    /// what that costs.
    static let mending: Duration = .seconds(3_600)

    var isFull: Bool { bytes <= 0 || persons <= 0 }
}

/// A gallery that the device's group has, as it is now.
struct AssignedGallery {
    let id: GalleryID
    let termMilliseconds: Int64
    private(set) var version: Int64 = 0
    private(set) var restartVersion: Int64 = 0
    private(set) var clearedVersion: Int64 = 0
    private(set) var digest: GalleryDigest = .empty
    private var name: String = ""
    private var target: Double = 0
    private var pad: PADPolicy = .off
    /// There is somebody left whose time is over.
    var hasEndings: Bool = false

    init(_ row: SQLRow) throws {
        guard let id = GalleryID(rawValue: try row.text("id")) else { throw HubStorageError.damaged }
        self.id = id
        termMilliseconds = try row.integer("term_ms")
        try read(row)
    }

    mutating func reload(_ connection: any SQLConnection) throws {
        guard let row = try connection.firstRow("SELECT * FROM gallery WHERE id = ?", [.text(id.rawValue)]) else { throw HubStorageError.damaged }
        try read(row)
    }

    private mutating func read(_ row: SQLRow) throws {
        version = try row.integer("version")
        restartVersion = try row.integer("restart_version")
        clearedVersion = try row.integer("cleared_version")
        digest = try GalleryFeed.digest(row)
        name = try row.text("name")
        target = 1 / Double(try row.integer("one_false_match_in"))
        pad = try Gallery.pad(row)
    }

    var terms: FeedGallery {
        FeedGallery(id: id, name: name, targetFalseMatchRate: target, termMilliseconds: termMilliseconds, pad: pad == .off ? nil : pad)
    }
}

/// Reads who of a gallery is on devices, opened, in order of change.
struct FeedPersons {
    let connection: any SQLConnection
    let sealer: SecretSealer
    let gallery: GalleryID
    let now: Timestamp

    /// Persons whose templates are read at once.
    private static let batch: Int = 50

    /// - Parameters:
    ///   - position: version and person of the last that was told.
    ///   - room: how much may still be told; at least one person is, where there was any room.
    /// - Returns: whether that is everybody.
    func persons(after position: (version: Int64, person: String), into room: inout FeedRoom, _ body: (FeedPerson) throws -> Void) throws -> Bool {
        var last: (version: Int64, person: String) = position
        while !room.isFull {
            let wanted: Int = min(Self.batch, room.persons)
            let rows: [SQLRow] = try connection.rows(
                """
                SELECT * FROM person WHERE gallery_id = ? AND on_devices = 1 AND (version, id) > (?, ?) AND ends_ms > ?
                    ORDER BY version, id LIMIT \(wanted)
                """, [.text(gallery.rawValue), .integer(last.version), .text(last.person), .integer(now.milliseconds)])
            let templates: [String: [SQLRow]] = try templates(of: rows)
            for row in rows {
                guard !room.isFull else { return false }
                let person: FeedPerson = try person(row, templates[try row.text("id")] ?? [])
                try body(person)
                last = (person.version, person.id.rawValue)
                room.persons -= 1
                room.bytes -= person.approximateBytes
            }
            if rows.count < wanted { return true }
        }
        return false
    }

    private func templates(of persons: [SQLRow]) throws -> [String: [SQLRow]] {
        guard !persons.isEmpty else { return [:] }
        let marks: String = persons.map { _ in "?" }.joined(separator: ", ")
        let rows: [SQLRow] = try connection.rows(
            "SELECT id, person_id, model, sealed FROM template WHERE person_id IN (\(marks)) ORDER BY person_id, id",
            try persons.map { .text(try $0.text("id")) })
        return Dictionary(grouping: rows) { (try? $0.text("person_id")) ?? "" }
    }

    private func person(_ row: SQLRow, _ templates: [SQLRow]) throws -> FeedPerson {
        guard let id = PersonID(rawValue: try row.text("id")) else { throw HubStorageError.damaged }
        let key = try PersonKey(of: id, opening: try row.blob("sealed_key"), with: sealer)
        let record: PersonRecord = try JSON.value(PersonRecord.self, from: try key.open(try row.blob("sealed_record"), as: "record"))
        // The column finds them; what the person said is what counts.
        guard record.consent.onDevices else { throw HubStorageError.damaged }
        return FeedPerson(
            gallery: gallery, id: id, label: record.label, ends: try row.time("ends_ms"), version: try row.integer("version"),
            templates: try templates.map { row in
                guard let template = TemplateID(rawValue: try row.text("id")) else { throw HubStorageError.damaged }
                let value: Template = try StoredTemplates.open(row, with: key)
                return FeedTemplate(id: template, model: value.model.rawValue, values: Base64(value.littleEndianBytes))
            })
    }
}

extension FeedPerson {
    fileprivate var approximateBytes: Int {
        templates.reduce(300 + label.utf8.count) { $0 + 130 + $1.values.bytes.count * 4 / 3 }
    }
}
