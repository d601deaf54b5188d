import Biometrics
import EdgeStore
import RecognitionAPI
import WireModel

extension LocalBackend {
    package func persons(
        of gallery: GalleryID, label: String?, after cursor: String?, limit: Int, for caller: Void
    ) throws -> Page<PersonResult> {
        try check(gallery)
        if let label {
            let found: EnrolledPerson? = try withStore { store throws(EdgeStoreError) in try store.person(labelled: label) }
            return Page(items: found.map { [PersonResult($0)] } ?? [], next: nil)
        }
        var last: (created: Timestamp, id: PersonID)?
        if let cursor {
            let parts: [Substring] = cursor.split(separator: ".", maxSplits: 1)
            guard parts.count == 2, let milliseconds = Int64(parts[0]), let id = PersonID(rawValue: String(parts[1])) else { throw Self.cursor }
            last = (Timestamp(milliseconds: milliseconds), id)
        }
        // One more than asked for tells whether there is a next page.
        let found: [EnrolledPerson] = try withStore { store throws(EdgeStoreError) in try store.persons(after: last, limit: limit + 1) }
        let page: [EnrolledPerson] = Array(found.prefix(limit))
        let next: String? = found.count > limit ? page.last.map { "\($0.created.milliseconds).\($0.id)" } : nil
        return Page(items: page.map(PersonResult.init), next: next)
    }

    package func addPerson(_ draft: PersonDraft, to gallery: GalleryID, for caller: Void) throws -> PersonResult {
        try check(gallery)
        try checkEnd(of: draft.consent)
        return PersonResult(
            try withStore { store throws(EdgeStoreError) in try store.addPerson(label: draft.label, isMinor: draft.isMinor, consent: draft.consent) })
    }

    package func person(_ id: PersonID, of gallery: GalleryID, for caller: Void) throws -> PersonResult {
        try check(gallery)
        return PersonResult(try withStore { store throws(EdgeStoreError) in try store.person(id) })
    }

    package func change(_ id: PersonID, of gallery: GalleryID, _ change: PersonChange, for caller: Void) throws -> PersonResult {
        try check(gallery)
        if let consent = change.consent {
            try checkEnd(of: consent)
            let isMinor: Bool = try person(id, of: gallery, for: ()).isMinor
            // The same rule as for a new person.
            _ = try PersonDraft(label: "", isMinor: isMinor, consent: consent)
        }
        return PersonResult(try withStore { store throws(EdgeStoreError) in try store.change(id, label: change.label, consent: change.consent) })
    }

    package func erase(_ id: PersonID, of gallery: GalleryID, for caller: Void) throws {
        try check(gallery)
        guard try withStore({ store throws(EdgeStoreError) in try store.erase(id) }) else { throw EdgeStoreError.absent("person") }
    }

    func checkEnd(of consent: ConsentRecord) throws(Problem) {
        guard let expires = consent.expires else { return }
        let now: Timestamp = try withStore { store throws(EdgeStoreError) in try store.trustedTime() }
        guard expires > now else {
            throw Problem(.invalidRequest, "The consent has ended.", detail: "/consent/expires: is past", remedy: "Enrol nobody without a consent that stands.")
        }
    }

    // MARK: Templates

    package func templates(of person: PersonID, in gallery: GalleryID, for caller: Void) throws -> [TemplateResult] {
        try check(gallery)
        return try withStore { store throws(EdgeStoreError) in try store.templates(of: person) }.map(TemplateResult.init)
    }

    package func add(
        _ draft: TemplateDraft, to person: PersonID, in gallery: GalleryID, for caller: Void
    ) throws -> (TemplateResult, isNew: Bool) {
        try check(gallery)
        let (template, isNew): (StoredTemplate, Bool) = try withStore { store throws(EdgeStoreError) in
            try store.add(draft.template, quality: draft.quality, to: person)
        }
        return (TemplateResult(template), isNew)
    }

    package func removeTemplate(_ id: TemplateID, of person: PersonID, in gallery: GalleryID, for caller: Void) throws {
        try check(gallery)
        guard try withStore({ store throws(EdgeStoreError) in try store.removeTemplate(id, of: person) }) else { throw EdgeStoreError.absent("template") }
    }

    package func templateData(_ id: TemplateID, of person: PersonID, in gallery: GalleryID, for caller: Void) throws -> Template {
        try check(gallery)
        throw Problem(
            .templatesWithheld, "Templates do not leave this device.", remedy: "Enrol from the pictures wherever the person is needed, with their consent.")
    }
}

extension PersonResult {
    init(_ person: EnrolledPerson) {
        self.init(
            id: person.id, label: person.label, isMinor: person.isMinor, consent: person.consent, templates: Int64(person.templates), created: person.created)
    }
}

extension TemplateResult {
    init(_ template: StoredTemplate) {
        self.init(id: template.id, model: template.model.rawValue, quality: template.quality, created: template.created)
    }
}
