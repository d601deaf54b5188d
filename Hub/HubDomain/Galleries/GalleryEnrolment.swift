import Biometrics
import HubAccess
import HubStorage
import WireModel

/// What became of an enrolment.
package struct Enrolment: Sendable, Hashable {
    package let person: PersonID
    package let template: StoredTemplate
    /// The person has this very template already: nothing was made.
    package let isDuplicate: Bool
}

/// Adds persons and templates to a gallery within one transaction, and audits each.
struct GalleryEnrolment {
    let connection: any SQLConnection
    let trail: AuditTrail
    let sealer: SecretSealer
    let owner: GalleryOwner
    let id: GalleryID
    let now: Timestamp

    private var galleries: GalleryRows { GalleryRows(connection: connection, owner: owner) }
    private var persons: Persons { Persons(connection: connection, sealer: sealer, gallery: id) }
    private var feed: GalleryFeed { GalleryFeed(connection: connection, gallery: id, now: now) }
    private var templates: StoredTemplates { StoredTemplates(connection: connection, gallery: id) }

    /// - Throws: `conflict` when the gallery has somebody of that label.
    func addPerson(_ draft: NewPerson) throws -> Person {
        let gallery: Gallery = try galleries.advance(id, persons: 1)
        try PersonRule.check(label: draft.label)
        try PersonRule.check(draft.consent, isMinor: draft.isMinor, now: now)
        if let known = try persons.row(label: draft.label) {
            guard try known.time("ends_ms") <= now else {
                throw Problem(
                    .conflict, "The gallery has a person of that label.", detail: try known.text("id"),
                    remedy: "Add templates to that person, or use another label.")
            }
            // Whose time is over and whom the clearing has not met yet: gone, as for everybody else.
            try GalleryErasure(connection: connection, trail: trail, now: now).erase(
                try persons.person(known).id, from: gallery, ground: "term_ended")
        }
        guard gallery.persons <= GalleryLimit.personsPerGallery else {
            throw Problem(
                .conflict, "A gallery holds at most \(GalleryLimit.personsPerGallery) persons.", remedy: "Divide the persons among several galleries.")
        }
        let row: SQLRow = try persons.insert(draft, into: gallery, now: now)
        let person: Person = try persons.person(row)
        try feed.settle(person.id, from: nil)
        try trail.record(
            .personAdd, account: owner.account, subject: person.id.rawValue,
            ["gallery": id.rawValue, "minor": draft.isMinor ? "yes" : "no", "ends": person.ends.description])
        try PersonCount(connection: connection, sealer: sealer, now: now).check(owner.account)
        return person
    }

    func addTemplate(_ template: Template, quality: QualityResult, to person: PersonID) throws -> Enrolment {
        // First of all whose gallery it is: whatever is said after this is said to its owner.
        _ = try galleries.gallery(id)
        guard let row = try persons.row(person), try row.time("ends_ms") > now else { throw Problem.nothing("person", person.rawValue) }
        let key: PersonKey = try persons.key(row)
        let kept: [SQLRow] = try templates.rows(of: person.rawValue)
        for one in kept where try StoredTemplates.open(one, with: key) == template {
            return Enrolment(person: person, template: try StoredTemplate(one), isDuplicate: true)
        }
        guard Int64(kept.count) < GalleryLimit.templatesPerPerson else {
            throw Problem(
                .conflict, "A person has at most \(GalleryLimit.templatesPerPerson) templates.", detail: person.rawValue,
                remedy: "Erase one; the newest are usually the best.")
        }
        let before: GalleryFeed.Member? = try feed.member(person)
        let gallery: Gallery = try galleries.advance(id, templates: 1)
        guard gallery.templates <= GalleryLimit.templatesPerGallery else {
            throw Problem(
                .conflict, "A gallery holds at most \(GalleryLimit.templatesPerGallery) templates.", remedy: "Divide the persons among several galleries.")
        }
        let stored: StoredTemplate = try templates.insert(
            template, quality: quality, person: person.rawValue, key: key, version: gallery.version, now: now)
        try feed.touch(person, at: gallery.version)
        try feed.settle(person, from: before)
        try trail.record(
            .templateAdd, account: owner.account, subject: stored.id.rawValue,
            ["gallery": id.rawValue, "person": person.rawValue, "model": template.model.rawValue])
        return Enrolment(person: person, template: stored, isDuplicate: false)
    }

    /// Adds a template to the person of the draft's label, making the person where there is none.
    func enrol(_ template: Template, quality: QualityResult, as draft: NewPerson) throws -> Enrolment {
        if let known = try persons.row(label: draft.label), try known.time("ends_ms") > now {
            return try addTemplate(template, quality: quality, to: try persons.person(known).id)
        }
        return try addTemplate(template, quality: quality, to: try addPerson(draft).id)
    }
}

extension Hub {
    /// One transaction that adds to a gallery.
    func enrolling<Value: Sendable>(
        into gallery: GalleryID, of owner: GalleryOwner, by actor: Actor, _ body: @escaping @Sendable (GalleryEnrolment) throws -> Value
    ) async throws -> Value {
        let sealer = sealer
        return try await act(actor) { connection, trail, now in
            try body(GalleryEnrolment(connection: connection, trail: trail, sealer: sealer, owner: owner, id: gallery, now: now))
        }
    }

    package func addPerson(_ draft: NewPerson, to gallery: GalleryID, of owner: GalleryOwner, by actor: Actor) async throws -> Person {
        try await enrolling(into: gallery, of: owner, by: actor) { try $0.addPerson(draft) }
    }

    package func addTemplate(
        _ template: Template, quality: QualityResult, to person: PersonID, in gallery: GalleryID, of owner: GalleryOwner, by actor: Actor
    ) async throws -> Enrolment {
        try await enrolling(into: gallery, of: owner, by: actor) { try $0.addTemplate(template, quality: quality, to: person) }
    }

    package func enrol(
        _ template: Template, quality: QualityResult, as draft: NewPerson, in gallery: GalleryID, of owner: GalleryOwner, by actor: Actor
    ) async throws -> Enrolment {
        try await enrolling(into: gallery, of: owner, by: actor) { try $0.enrol(template, quality: quality, as: draft) }
    }
}
