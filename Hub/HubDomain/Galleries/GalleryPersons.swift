import Biometrics
import HubStorage
import WireModel

/// Persons of a gallery as its owner reads, changes and erases them.
extension Hub {
    /// - Parameter after: the last person of the page before.
    package func persons(in gallery: GalleryID, of owner: GalleryOwner, after: PersonID? = nil, limit: Int) async throws -> [Person] {
        let (now, sealer) = (now(), sealer)
        return try await database.read { connection in
            _ = try GalleryRows(connection: connection, owner: owner).gallery(gallery)
            return try Persons(connection: connection, sealer: sealer, gallery: gallery).page(after: after, limit: limit, now: now)
        }
    }

    package func person(_ id: PersonID, in gallery: GalleryID, of owner: GalleryOwner) async throws -> Person {
        let (now, sealer) = (now(), sealer)
        return try await database.read { connection in
            _ = try GalleryRows(connection: connection, owner: owner).gallery(gallery)
            return try Persons(connection: connection, sealer: sealer, gallery: gallery).person(id, now: now)
        }
    }

    /// Persons that a search found; those erased meanwhile are missing.
    package func persons(_ ids: [PersonID], in gallery: GalleryID, of owner: GalleryOwner) async throws -> [PersonID: Person] {
        guard !ids.isEmpty else { return [:] }
        let (now, sealer) = (now(), sealer)
        return try await database.read { connection in
            _ = try GalleryRows(connection: connection, owner: owner).gallery(gallery)
            let persons = Persons(connection: connection, sealer: sealer, gallery: gallery)
            var found: [PersonID: Person] = [:]
            for id in ids {
                guard let row = try persons.row(id), try row.time("ends_ms") > now else { continue }
                found[id] = try persons.person(row)
            }
            return found
        }
    }

    /// - Returns: `nil` when the gallery has nobody of that label.
    package func person(labelled label: String, in gallery: GalleryID, of owner: GalleryOwner) async throws -> Person? {
        let (now, sealer) = (now(), sealer)
        return try await database.read { connection in
            _ = try GalleryRows(connection: connection, owner: owner).gallery(gallery)
            let persons = Persons(connection: connection, sealer: sealer, gallery: gallery)
            guard let row = try persons.row(label: label), try row.time("ends_ms") > now else { return nil }
            return try persons.person(row)
        }
    }

    /// - Parameters:
    ///   - label, isMinor, consent: `nil` leaves it. New consent takes the place of the old, and with it the term.
    ///   - merging: where somebody has the new label already, that person gets the templates and this one is erased; otherwise
    ///     that is a conflict.
    /// - Returns: the person who has them now.
    package func changePerson(
        _ id: PersonID, label: String? = nil, isMinor: Bool? = nil, consent: ConsentRecord? = nil, merging: Bool = false, in gallery: GalleryID,
        of owner: GalleryOwner, by actor: Actor
    ) async throws -> Person {
        if let label { try PersonRule.check(label: label) }
        return try await enrolling(into: gallery, of: owner, by: actor) { enrolment in
            try enrolment.change(id, label: label, isMinor: isMinor, consent: consent, merging: merging)
        }
    }

    /// - Throws: `notFound` when nobody of that identifier is there.
    package func erasePerson(_ id: PersonID, from gallery: GalleryID, of owner: GalleryOwner, by actor: Actor) async throws {
        try await act(actor) { connection, trail, now in
            let found: Gallery = try GalleryRows(connection: connection, owner: owner).gallery(gallery)
            let isThere: Bool =
                try connection.firstRow("SELECT id FROM person WHERE gallery_id = ? AND id = ?", [.text(gallery.rawValue), .text(id.rawValue)]) != nil
            guard isThere else { throw Problem.nothing("person", id.rawValue) }
            try GalleryErasure(connection: connection, trail: trail, now: now).erase(id, from: found, ground: "asked_for")
        }
        galleryMemory.forget(id)
    }

    /// Everybody in a gallery, which stays.
    /// - Returns: how many there were.
    package func eraseEverybody(in gallery: GalleryID, of owner: GalleryOwner, by actor: Actor) async throws -> Int {
        let erased: Int = try await act(actor) { connection, trail, now in
            let found: Gallery = try GalleryRows(connection: connection, owner: owner).gallery(gallery)
            return try GalleryErasure(connection: connection, trail: trail, now: now).empty(found)
        }
        await galleryMemory.drop(gallery)
        return erased
    }

    package func templates(of person: PersonID, in gallery: GalleryID, of owner: GalleryOwner) async throws -> [StoredTemplate] {
        let (now, sealer) = (now(), sealer)
        return try await database.read { connection in
            _ = try GalleryRows(connection: connection, owner: owner).gallery(gallery)
            _ = try Persons(connection: connection, sealer: sealer, gallery: gallery).person(person, now: now)
            return try StoredTemplates(connection: connection, gallery: gallery).rows(of: person.rawValue).map(StoredTemplate.init)
        }
    }

    /// - Parameter person: whose it must be; `nil` for whoever's it is.
    /// - Returns: the person whose template it was.
    @discardableResult
    package func eraseTemplate(
        _ id: TemplateID, ofPerson person: PersonID? = nil, in gallery: GalleryID, of owner: GalleryOwner, by actor: Actor
    ) async throws -> PersonID {
        let found: PersonID = try await act(actor) { connection, trail, now in
            let rows = GalleryRows(connection: connection, owner: owner)
            _ = try rows.gallery(gallery)
            let row: SQLRow? = try StoredTemplates(connection: connection, gallery: gallery).row(id)
            guard let template = try row.map(StoredTemplate.init), person.map({ $0 == template.person }) ?? true else {
                throw Problem.nothing("template", id.rawValue)
            }
            let feed = GalleryFeed(connection: connection, gallery: gallery, now: now)
            let before: GalleryFeed.Member? = try feed.member(template.person)
            try connection.execute("DELETE FROM template WHERE id = ?", [.text(id.rawValue)])
            try feed.touch(template.person, at: try rows.advance(gallery, templates: -1, isErasure: true).version)
            try feed.settle(template.person, from: before)
            try trail.record(
                .templateErase, account: owner.account, subject: id.rawValue, ["gallery": gallery.rawValue, "person": template.person.rawValue])
            return template.person
        }
        galleryMemory.forget(found)
        return found
    }

    /// The numbers of a template. Whether the caller may have them is asked before, of ``mayReadTemplates(_:account:)``.
    package func templateData(
        _ id: TemplateID, of person: PersonID, in gallery: GalleryID, of owner: GalleryOwner, by actor: Actor
    ) async throws -> Template {
        let sealer = sealer
        return try await act(actor) { connection, trail, now in
            _ = try GalleryRows(connection: connection, owner: owner).gallery(gallery)
            let persons = Persons(connection: connection, sealer: sealer, gallery: gallery)
            guard let row = try StoredTemplates(connection: connection, gallery: gallery).row(id), try row.text("person_id") == person.rawValue,
                let keeper = try persons.row(person), try keeper.time("ends_ms") > now
            else { throw Problem.nothing("template", id.rawValue) }
            try trail.record(.templateRead, account: owner.account, subject: id.rawValue, ["gallery": gallery.rawValue, "person": person.rawValue])
            return try StoredTemplates.open(row, with: try persons.key(keeper))
        }
    }
}

extension GalleryEnrolment {
    func change(_ person: PersonID, label: String?, isMinor: Bool?, consent: ConsentRecord?, merging: Bool) throws -> Person {
        let gallery: Gallery = try GalleryRows(connection: connection, owner: owner).advance(id, isErasure: merging)
        let persons = Persons(connection: connection, sealer: sealer, gallery: id)
        guard let row = try persons.row(person), try row.time("ends_ms") > now else { throw Problem.nothing("person", person.rawValue) }
        let before: Person = try persons.person(row)
        let feed = GalleryFeed(connection: connection, gallery: id, now: now)
        let known: GalleryFeed.Member? = try feed.member(person)
        let minor: Bool = isMinor ?? before.isMinor
        if consent != nil || isMinor != nil { try PersonRule.check(consent ?? before.consent, isMinor: minor, now: now) }
        if let label, label != before.label, let other = try persons.row(label: label) {
            guard merging, try other.time("ends_ms") > now else {
                throw Problem(.conflict, "The gallery has a person of that label.", detail: try other.text("id"), remedy: "Use another label.")
            }
            return try merge(row, into: other, gallery)
        }
        try persons.update(row, to: PersonRecord(label: label ?? before.label, consent: consent ?? before.consent), isMinor: minor, in: gallery)
        try feed.settle(person, from: known, ground: "consent_withdrawn")
        try trail.record(
            .personChange, account: owner.account, subject: person.rawValue,
            ["gallery": id.rawValue, "label": label == nil ? "kept" : "changed", "consent": consent == nil ? "kept" : "renewed"])
        return try persons.person(person, now: now)
    }

    private func merge(_ row: SQLRow, into other: SQLRow, _ gallery: Gallery) throws -> Person {
        let persons = Persons(connection: connection, sealer: sealer, gallery: id)
        let templates = StoredTemplates(connection: connection, gallery: id)
        let (person, target): (Person, Person) = (try persons.person(row), try persons.person(other))
        guard person.templates + target.templates <= GalleryLimit.templatesPerPerson else {
            throw Problem(
                .conflict, "A person has at most \(GalleryLimit.templatesPerPerson) templates.", detail: target.id.rawValue, remedy: "Erase some first.")
        }
        let feed = GalleryFeed(connection: connection, gallery: id, now: now)
        let known: [PersonID: GalleryFeed.Member?] = [person.id: try feed.member(person.id), target.id: try feed.member(target.id)]
        let (key, targetKey): (PersonKey, PersonKey) = (try persons.key(row), try persons.key(other))
        for template in try templates.rows(of: person.id.rawValue) {
            try templates.move(template, from: key, to: target.id.rawValue, targetKey, version: gallery.version)
        }
        for changed in known.keys { try feed.touch(changed, at: gallery.version) }
        try feed.settle(known, ground: "merged")
        try GalleryErasure(connection: connection, trail: trail, now: now).erase(person.id, from: gallery, ground: "merged")
        try trail.record(
            .personChange, account: owner.account, subject: target.id.rawValue, ["gallery": id.rawValue, "templates": "from \(person.id)"])
        return try persons.person(target.id, now: now)
    }
}
