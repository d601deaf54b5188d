import Biometrics
import HubDomain
import RecognitionAPI
import WireModel

extension HubRecognition {
    // MARK: Persons

    func persons(
        of gallery: GalleryID, label: String?, after cursor: String?, limit: Int, for caller: RecognitionCaller
    ) async throws -> Page<PersonResult> {
        let owner: GalleryOwner = try caller.owner
        if let label {
            let person: Person? = try await hub.person(labelled: label, in: gallery, of: owner)
            return Page(items: person.map { [Self.result($0)] } ?? [], next: nil)
        }
        let after: PersonID? = try cursor.map(Self.identifier)
        let found: [Person] = try await hub.persons(in: gallery, of: owner, after: after, limit: limit + 1)
        return Page(items: found.prefix(limit).map(Self.result), next: found.count > limit ? found[limit - 1].id.rawValue : nil)
    }

    func addPerson(_ draft: PersonDraft, to gallery: GalleryID, for caller: RecognitionCaller) async throws -> PersonResult {
        Self.result(try await hub.addPerson(NewPerson(draft), to: gallery, of: try caller.owner, by: caller.actor))
    }

    func person(_ id: PersonID, of gallery: GalleryID, for caller: RecognitionCaller) async throws -> PersonResult {
        Self.result(try await hub.person(id, in: gallery, of: try caller.owner))
    }

    func change(_ id: PersonID, of gallery: GalleryID, _ change: PersonChange, for caller: RecognitionCaller) async throws -> PersonResult {
        Self.result(
            try await hub.changePerson(id, label: change.label, consent: change.consent, in: gallery, of: try caller.owner, by: caller.actor))
    }

    func erase(_ id: PersonID, of gallery: GalleryID, for caller: RecognitionCaller) async throws {
        try await hub.erasePerson(id, from: gallery, of: try caller.owner, by: caller.actor)
    }

    private static func result(_ person: Person) -> PersonResult {
        PersonResult(
            id: person.id, label: person.label, isMinor: person.isMinor, consent: person.consent, templates: person.templates, created: person.created)
    }

    // MARK: Templates

    func templates(of person: PersonID, in gallery: GalleryID, for caller: RecognitionCaller) async throws -> [TemplateResult] {
        try await hub.templates(of: person, in: gallery, of: try caller.owner).map(Self.result)
    }

    func add(
        _ draft: TemplateDraft, to person: PersonID, in gallery: GalleryID, for caller: RecognitionCaller
    ) async throws -> (TemplateResult, isNew: Bool) {
        let made: Enrolment = try await hub.addTemplate(
            draft.template, quality: draft.quality, to: person, in: gallery, of: try caller.owner, by: caller.actor)
        return (Self.result(made.template), !made.isDuplicate)
    }

    func removeTemplate(_ id: TemplateID, of person: PersonID, in gallery: GalleryID, for caller: RecognitionCaller) async throws {
        try await hub.eraseTemplate(id, ofPerson: person, in: gallery, of: try caller.owner, by: caller.actor)
    }

    func templateData(_ id: TemplateID, of person: PersonID, in gallery: GalleryID, for caller: RecognitionCaller) async throws -> Template {
        let owner: GalleryOwner = try caller.owner
        // What is not there is not withheld either.
        _ = try await hub.person(person, in: gallery, of: owner)
        guard let key = caller.passage.key, try await hub.mayReadTemplates(key, account: owner.account) else {
            throw Problem(
                .templatesWithheld, "The numbers of templates are not given to this key.",
                remedy: "The account's terms must allow it, and the key must have been made with the scope \(KeyPermission.templates.rawValue).")
        }
        return try await hub.templateData(id, of: person, in: gallery, of: owner, by: caller.actor)
    }

    private static func result(_ template: StoredTemplate) -> TemplateResult {
        TemplateResult(id: template.id, model: template.model, quality: template.quality, created: template.created)
    }
}

extension NewPerson {
    init(_ draft: PersonDraft) { self.init(label: draft.label, isMinor: draft.isMinor, consent: draft.consent) }
}
