import Biometrics
import HubAccess
import HubStorage
import WireModel

/// Reads galleries from the database for memory: only what is not there yet is opened.
struct GallerySource: Sendable {
    let database: any HubDatabase
    let sealer: SecretSealer

    /// Beyond that, reading everything anew is quicker than taking persons out one by one.
    private static let mostStale: Int = 500

    /// - Parameter base: what is in memory; `nil` for nothing.
    func changes(of gallery: GalleryID, model: ModelID, since base: GalleryContent?) async throws -> GalleryChanges {
        let sealer = sealer
        return try await database.read { connection in
            let id: SQLValue = .text(gallery.rawValue)
            guard let row = try connection.firstRow("SELECT version, erased_version FROM gallery WHERE id = ?", [id]) else { throw HubStorageError.damaged }
            var (since, stale): (Int64, Set<PersonID>) = (base?.version ?? 0, [])
            if let base, try row.integer("erased_version") > since { stale = try Self.stale(connection, gallery, model, base.templates) }
            if stale.count > Self.mostStale { (since, stale) = (0, []) }
            var ends: [PersonID: Timestamp] = [:]
            try connection.forEachRow("SELECT id, ends_ms FROM person WHERE gallery_id = ? AND version > ?", [id, .integer(since)]) { row in
                ends[try Self.person(row, "id")] = try row.time("ends_ms")
            }
            if since > 0 { stale.formUnion(base?.ended.filter { ends[$0] != nil } ?? []) }
            var added: [GalleryItem] = try Self.items(
                connection, sealer, "template.gallery_id = ? AND template.model = ? AND template.version > ?", [id, .text(model.rawValue), .integer(since)])
            for person in stale {
                // What is left of somebody who lost a template: what was in memory goes as a whole.
                let new: Set<TemplateID> = Set(added.lazy.filter { $0.person == person }.map(\.template))
                let left: [GalleryItem] = try Self.items(
                    connection, sealer, "template.gallery_id = ? AND template.model = ? AND template.person_id = ?",
                    [id, .text(model.rawValue), .text(person.rawValue)])
                added += left.filter { !new.contains($0.template) }
                if let row = try connection.firstRow("SELECT ends_ms FROM person WHERE id = ?", [.text(person.rawValue)]) {
                    ends[person] = try row.time("ends_ms")
                }
            }
            return GalleryChanges(version: try row.integer("version"), added: added, ends: ends, stale: stale, isWhole: since == 0)
        }
    }

    /// Persons in memory with a template that the database no longer has, or has for somebody else.
    private static func stale(
        _ connection: any SQLConnection, _ gallery: GalleryID, _ model: ModelID, _ known: [PersonID: [TemplateID]]
    ) throws -> Set<PersonID> {
        var left: [PersonID: Set<TemplateID>] = [:]
        try connection.forEachRow(
            "SELECT id, person_id FROM template WHERE gallery_id = ? AND model = ?", [.text(gallery.rawValue), .text(model.rawValue)]
        ) { row in
            left[try person(row, "person_id"), default: []].insert(try template(row))
        }
        return Set(known.filter { person, templates in !(left[person]?.isSuperset(of: templates) ?? templates.isEmpty) }.keys)
    }

    private static func items(
        _ connection: any SQLConnection, _ sealer: SecretSealer, _ filter: String, _ values: [SQLValue]
    ) throws -> [GalleryItem] {
        var items: [GalleryItem] = []
        var last: (id: PersonID, key: PersonKey)?
        try connection.forEachRow(
            """
            SELECT template.id AS id, template.person_id AS person_id, template.model AS model, template.sealed AS sealed, person.sealed_key AS sealed_key
                FROM template JOIN person ON person.id = template.person_id WHERE \(filter) ORDER BY template.person_id, template.id
            """, values
        ) { row in
            let id: PersonID = try person(row, "person_id")
            // A person's templates come together: the key is opened once.
            let key: PersonKey = try last?.id == id ? last!.key : PersonKey(of: id, opening: try row.blob("sealed_key"), with: sealer)
            last = (id, key)
            items.append(GalleryItem(template: try template(row), person: id, value: try StoredTemplates.open(row, with: key)))
        }
        return items
    }

    private static func person(_ row: SQLRow, _ column: String) throws -> PersonID {
        guard let id = PersonID(rawValue: try row.text(column)) else { throw HubStorageError.damaged }
        return id
    }

    private static func template(_ row: SQLRow) throws -> TemplateID {
        guard let id = TemplateID(rawValue: try row.text("id")) else { throw HubStorageError.damaged }
        return id
    }
}
