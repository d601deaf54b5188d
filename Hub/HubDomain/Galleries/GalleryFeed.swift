import HubStorage
import WireModel

/// Keeps what devices are told of one gallery in step with its rows, in the transaction of each change and at the cost of that
/// change: the sum of those who are on devices, the tombstones of those who no longer are, and what devices owe for them.
struct GalleryFeed {
    let connection: any SQLConnection
    let gallery: GalleryID
    let now: Timestamp

    /// What devices are told of a person.
    struct Member: Hashable {
        let version: Int64
        let templates: [TemplateID]
    }

    private var duties: ErasureDuties { ErasureDuties(connection: connection, now: now) }

    /// - Returns: `nil` for somebody who is not on devices.
    func member(_ person: PersonID) throws -> Member? {
        let row: SQLRow? = try connection.firstRow(
            "SELECT version FROM person WHERE gallery_id = ? AND id = ? AND on_devices = 1", [.text(gallery.rawValue), .text(person.rawValue)])
        guard let row else { return nil }
        let templates: [TemplateID] = try connection.rows(
            "SELECT id FROM template WHERE person_id = ? ORDER BY id", [.text(person.rawValue)]
        ).map { row in
            guard let id = TemplateID(rawValue: try row.text("id")) else { throw HubStorageError.damaged }
            return id
        }
        return Member(version: try row.integer("version"), templates: templates)
    }

    /// Moves a person on to the gallery's version: something of theirs has changed.
    func touch(_ person: PersonID, at version: Int64) throws {
        try connection.execute("UPDATE person SET version = ? WHERE id = ?", [.integer(version), .text(person.rawValue)])
    }

    /// After a change of one person, and after the gallery's version has moved for it.
    /// - Parameters:
    ///   - before: as ``member(_:)`` was before the change.
    ///   - ground: why, should the person be gone from devices now.
    func settle(_ person: PersonID, from before: Member?, ground: String = "changed") throws {
        try settle([person: before], ground: ground)
    }

    func settle(_ changed: [PersonID: Member?], ground: String) throws {
        guard let row = try connection.firstRow("SELECT version, feed_digest FROM gallery WHERE id = ?", [.text(gallery.rawValue)]) else {
            throw HubStorageError.damaged
        }
        let version: Int64 = try row.integer("version")
        let kept: GalleryDigest = try Self.digest(row)
        var digest: GalleryDigest = kept
        for (person, before) in changed.sorted(by: { $0.key < $1.key }) {
            let after: Member? = try member(person)
            guard before != after else { continue }
            if let before { digest.remove(person, version: before.version, templates: before.templates) }
            if let after { digest.add(person, version: after.version, templates: after.templates) }
            if before != nil, after == nil { try bury(person, at: version, ground: ground) }
            if before == nil, after != nil { try revive(person) }
        }
        if digest != kept { try write(digest) }
    }

    /// After a change of everybody: adds up anew.
    func rebuild() throws { try write(try sum()) }

    /// Nobody is left: devices begin the gallery anew rather than be told of each.
    func clear(version: Int64, ground: String) throws {
        try connection.execute("DELETE FROM person_tombstone WHERE gallery_id = ?", [.text(gallery.rawValue)])
        try connection.execute(
            "UPDATE gallery SET feed_digest = NULL, restart_version = ? WHERE id = ?", [.integer(version), .text(gallery.rawValue)])
        try duties.owe(nil, of: gallery, version: version, ground: ground)
    }

    /// What the gallery's rows come to.
    func sum() throws -> GalleryDigest {
        var digest: GalleryDigest = .empty
        var current: (person: PersonID, version: Int64, templates: [TemplateID])?
        func flush() { if let current { digest.add(current.person, version: current.version, templates: current.templates) } }
        try connection.forEachRow(
            """
            SELECT person.id AS id, person.version AS version, template.id AS template_id FROM person LEFT JOIN template ON template.person_id = person.id
                WHERE person.gallery_id = ? AND person.on_devices = 1 ORDER BY person.id
            """, [.text(gallery.rawValue)]
        ) { row in
            guard let person = PersonID(rawValue: try row.text("id")) else { throw HubStorageError.damaged }
            if current?.person != person {
                flush()
                current = (person, try row.integer("version"), [])
            }
            if let template = try row.textOrNil("template_id") {
                guard let id = TemplateID(rawValue: template) else { throw HubStorageError.damaged }
                current?.templates.append(id)
            }
        }
        flush()
        return digest
    }

    /// As kept beside the gallery.
    static func digest(_ row: SQLRow) throws -> GalleryDigest {
        guard let bytes = try row.blobOrNil("feed_digest") else { return .empty }
        guard let digest = GalleryDigest(bytes) else { throw HubStorageError.damaged }
        return digest
    }

    private func write(_ digest: GalleryDigest) throws {
        try connection.execute("UPDATE gallery SET feed_digest = ? WHERE id = ?", [.blob(digest.bytes), .text(gallery.rawValue)])
    }

    private func bury(_ person: PersonID, at version: Int64, ground: String) throws {
        try connection.execute(
            """
            INSERT INTO person_tombstone (gallery_id, person_id, version, made_ms) VALUES (?, ?, ?, ?)
                ON CONFLICT (gallery_id, person_id) DO UPDATE SET version = excluded.version, made_ms = excluded.made_ms
            """, [.text(gallery.rawValue), .text(person.rawValue), .integer(version), .integer(now.milliseconds)])
        try duties.owe(person, of: gallery, version: version, ground: ground)
    }

    private func revive(_ person: PersonID) throws {
        let values: [SQLValue] = [.text(gallery.rawValue), .text(person.rawValue)]
        guard try connection.execute("DELETE FROM person_tombstone WHERE gallery_id = ? AND person_id = ?", values) > 0 else { return }
        try duties.waive(person, of: gallery)
    }
}
