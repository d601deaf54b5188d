import Biometrics
import HubAccess
import HubStorage
import WireModel

/// A stored side of a comparison.
package enum TemplateReference: Sendable, Hashable {
    /// All templates of a person: the most similar one counts.
    case person(PersonID, GalleryID)
    case template(TemplateID, GalleryID)
}

extension Hub {
    /// The persons of a gallery most like each of some faces. One small read when the gallery has not changed; the search itself
    /// is made in memory.
    /// - Parameters:
    ///   - probes: of `model`.
    ///   - limit: at least 1.
    /// - Returns: for each probe, best first; empty for an empty gallery.
    package func search(
        _ probes: [Template], limit: Int, of model: ModelID, in gallery: GalleryID, of owner: GalleryOwner
    ) async throws -> (gallery: Gallery, candidates: [[GalleryCandidate]]) {
        let now: Timestamp = now()
        let found: Gallery = try await self.gallery(gallery, of: owner)
        let candidates: [[GalleryCandidate]] = try await galleryMemory.shard(gallery).search(
            probes, limit: limit, in: gallery, of: model, version: found.version, source: GallerySource(database: database, sealer: sealer), now: now)
        return (found, candidates)
    }

    /// Stored templates, opened: from memory where they were opened before, after one read that says that they still are, and
    /// the caller's.
    /// - Parameter model: only its templates; of others there are none to compare with.
    /// - Throws: `notFound` for what is not there, is another's, or whose person's time is over.
    package func openedTemplates(_ references: [TemplateReference], of model: ModelID, owner: GalleryOwner) async throws -> [[Template]] {
        let (now, sealer, opened): (Timestamp, SecretSealer, OpenedTemplates) = (now(), sealer, galleryMemory.opened)
        return try await database.read { connection in
            try references.map { reference in
                let (column, id, gallery): (String, String, GalleryID) =
                    switch reference {
                    case .person(let person, let gallery): ("person.id", person.rawValue, gallery)
                    case .template(let template, let gallery): ("template.id", template.rawValue, gallery)
                    }
                let rows: [SQLRow] = try connection.rows(
                    """
                    SELECT template.id AS id, person.id AS person_id, template.model AS model FROM template
                        JOIN person ON person.id = template.person_id JOIN gallery ON gallery.id = template.gallery_id
                        WHERE \(column) = ? AND gallery.id = ? AND gallery.account_id = ? AND gallery.application_id = ? AND person.ends_ms > ?
                        ORDER BY template.id
                    """,
                    [
                        .text(id), .text(gallery.rawValue), .text(owner.account.rawValue), .text(owner.application.rawValue), .integer(now.milliseconds),
                    ])
                if rows.isEmpty { try Self.explain(reference, connection, owner, now) }
                return try rows.compactMap { row in
                    guard let template = TemplateID(rawValue: try row.text("id")), let person = PersonID(rawValue: try row.text("person_id")) else {
                        throw HubStorageError.damaged
                    }
                    guard try row.text("model") == model.rawValue else { return nil }
                    if let known = opened[template] { return known }
                    guard
                        let sealed = try connection.firstRow("SELECT * FROM template WHERE id = ?", [.text(template.rawValue)]),
                        let keeper = try connection.firstRow("SELECT id, sealed_key FROM person WHERE id = ?", [.text(person.rawValue)])
                    else { throw HubStorageError.damaged }
                    let key = try PersonKey(of: person, opening: try keeper.blob("sealed_key"), with: sealer)
                    let value: Template = try StoredTemplates.open(sealed, with: key)
                    opened.keep(value, template, of: person)
                    return value
                }
            }
        }
    }

    /// Why nothing came: a person without templates is there, everything else is not.
    private static func explain(_ reference: TemplateReference, _ connection: any SQLConnection, _ owner: GalleryOwner, _ now: Timestamp) throws {
        switch reference {
        case .template(let id, _): throw Problem.nothing("template", id.rawValue)
        case .person(let id, let gallery):
            _ = try GalleryRows(connection: connection, owner: owner).gallery(gallery)
            guard
                let row = try connection.firstRow(
                    "SELECT ends_ms FROM person WHERE gallery_id = ? AND id = ?", [.text(gallery.rawValue), .text(id.rawValue)]),
                try row.time("ends_ms") > now
            else { throw Problem.nothing("person", id.rawValue) }
        }
    }
}
