import HubStorage
import WireModel

/// A template with whose it is, as interfaces list them that know templates as examples of a person.
package struct ListedTemplate: Sendable, Hashable {
    package let template: TemplateID
    package let person: PersonID
    package let label: String
}

extension Hub {
    /// - Parameters:
    ///   - label: only that person's; nobody of that label has none.
    ///   - offset: templates to leave out before the page.
    /// - Returns: how many there are in all, and the page, oldest first.
    package func listTemplates(
        in gallery: GalleryID, label: String? = nil, offset: Int64, limit: Int64, of owner: GalleryOwner
    ) async throws -> (total: Int64, items: [ListedTemplate]) {
        let (now, sealer) = (now(), sealer)
        return try await database.read { connection in
            _ = try GalleryRows(connection: connection, owner: owner).gallery(gallery)
            let persons = Persons(connection: connection, sealer: sealer, gallery: gallery)
            let filter: String = "template.gallery_id = ? AND person.ends_ms > ? AND (? = '' OR person.label_mac = ?)"
            let mac: String = label.map(persons.mac) ?? ""
            let values: [SQLValue] = [.text(gallery.rawValue), .integer(now.milliseconds), .text(mac), .text(mac)]
            let total: Int64 = try connection.rows(
                "SELECT count(*) AS n FROM template JOIN person ON person.id = template.person_id WHERE \(filter)", values)[0].integer("n")
            let rows: [SQLRow] = try connection.rows(
                """
                SELECT template.id AS template_id, person.id AS id FROM template JOIN person ON person.id = template.person_id WHERE \(filter)
                    ORDER BY template.id LIMIT ? OFFSET ?
                """, values + [.integer(limit), .integer(offset)])
            var labels: [PersonID: String] = [:]
            let items: [ListedTemplate] = try rows.map { row in
                guard let template = TemplateID(rawValue: try row.text("template_id")), let person = PersonID(rawValue: try row.text("id")) else {
                    throw HubStorageError.damaged
                }
                let label: String = try labels[person] ?? persons.person(person, now: now).label
                labels[person] = label
                return ListedTemplate(template: template, person: person, label: label)
            }
            return (total, items)
        }
    }

    /// Erases a person's templates, or everybody's; the persons stay.
    /// - Parameter label: `nil` for everybody's; nobody of that label has none.
    /// - Returns: how many there were.
    package func eraseTemplates(in gallery: GalleryID, label: String?, of owner: GalleryOwner, by actor: Actor) async throws -> Int {
        let sealer = sealer
        let erased: [(template: String, person: PersonID)] = try await act(actor) { connection, trail, now in
            let rows = GalleryRows(connection: connection, owner: owner)
            _ = try rows.gallery(gallery)
            let mac: String = label.map(Persons(connection: connection, sealer: sealer, gallery: gallery).mac) ?? ""
            let found: [SQLRow] = try connection.rows(
                """
                SELECT template.id AS id, template.person_id AS person_id FROM template JOIN person ON person.id = template.person_id
                    WHERE template.gallery_id = ? AND (? = '' OR person.label_mac = ?) ORDER BY template.id
                """, [.text(gallery.rawValue), .text(mac), .text(mac)])
            let feed = GalleryFeed(connection: connection, gallery: gallery, now: now)
            var erased: [(template: String, person: PersonID)] = []
            var known: [PersonID: GalleryFeed.Member?] = [:]
            for row in found {
                guard let person = PersonID(rawValue: try row.text("person_id")) else { throw HubStorageError.damaged }
                let template: String = try row.text("id")
                if known[person] == nil { known[person] = .some(try feed.member(person)) }
                try connection.execute("DELETE FROM template WHERE id = ?", [.text(template)])
                if label != nil {
                    try trail.record(.templateErase, account: owner.account, subject: template, ["gallery": gallery.rawValue, "person": person.rawValue])
                }
                erased.append((template, person))
            }
            // Of everybody's templates one entry tells: one each would hold up every other write of the hub.
            if label == nil {
                try trail.record(.templateErase, account: owner.account, subject: gallery.rawValue, ["templates": "\(erased.count)"])
            }
            if !erased.isEmpty {
                let version: Int64 = try rows.advance(gallery, templates: -Int64(erased.count), isErasure: true).version
                for person in known.keys { try feed.touch(person, at: version) }
                try feed.settle(known, ground: "changed")
            }
            return erased
        }
        for person in Set(erased.map(\.person)) { galleryMemory.forget(person) }
        return erased.count
    }
}
