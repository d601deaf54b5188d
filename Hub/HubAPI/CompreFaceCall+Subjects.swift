import Biometrics
import FacePipeline
import HubDomain
import RecognitionAPI
import WireModel

extension CompreFaceCall {
    // MARK: Examples

    /// Makes a template of the one face of a picture; the picture is not kept.
    func addExample() async throws -> CompreFaceAnswer {
        let subject: String = try subject()
        let draft: NewPerson = try await draft(subject)
        let (_, face): (AnalysedImage, AnalysedFace) = try await oneFace("file")
        if let refusal = QualityPolicy.enrolment.refusals(of: face.quality).first { throw Problem(refusal) }
        guard let template = face.template else { throw Problem(.internalFault, "The pipeline made no template.", remedy: "Run `doctor`.") }
        let gallery: Gallery = try await madeGallery()
        let made: Enrolment = try await hub.enrol(
            template, quality: QualityResult(face.quality), as: draft, in: gallery.id, of: owner, by: actor)
        return CompreFaceAnswer(json: Self.example(made.template.id, subject), units: made.isDuplicate ? 0 : 1)
    }

    func listExamples() async throws -> CompreFaceAnswer {
        func number(_ name: String, _ standard: Int64, _ range: ClosedRange<Int64>) throws -> Int64 {
            guard let text = call.query[name], !text.isEmpty else { return standard }
            guard let value = Int64(plain: text), value >= range.lowerBound else {
                throw CompreFaceError.parameterWrong(name, "a whole number, \(range.lowerBound) or more")
            }
            return min(value, range.upperBound)
        }
        let page: Int64 = try number("page", 0, 0...1_000_000)
        let size: Int64 = try number("size", 20, 1...1_000)
        let label: String? = call.query["subject"].flatMap { $0.isEmpty ? nil : $0 }
        var (total, items): (Int64, [ListedTemplate]) = (0, [])
        if let gallery = try await gallery() {
            (total, items) = try await hub.listTemplates(in: gallery.id, label: label, offset: page * size, limit: size, of: owner)
        }
        return CompreFaceAnswer(json: [
            "faces": .array(items.map { Self.example($0.template, $0.label) }), "page_number": .integer(page), "page_size": .integer(size),
            "total_pages": .integer((total + size - 1) / size), "total_elements": .integer(total),
        ])
    }

    func eraseExamples() async throws -> CompreFaceAnswer {
        let label: String? = call.query["subject"].flatMap { $0.isEmpty ? nil : $0 }
        guard let gallery = try await gallery() else { return CompreFaceAnswer(json: ["deleted": 0]) }
        let count: Int = try await hub.eraseTemplates(in: gallery.id, label: label, of: owner, by: actor)
        return CompreFaceAnswer(json: ["deleted": .integer(Int64(count))])
    }

    func eraseExample() async throws -> CompreFaceAnswer {
        guard let erased = try await erase(try image()) else { throw CompreFaceError.imageMissing }
        return CompreFaceAnswer(json: erased)
    }

    /// Those of the list that are there.
    func eraseNamedExamples() async throws -> CompreFaceAnswer {
        guard let value = try? JSON.value(JSONValue.self, from: call.bytes), case .array(let names) = value, names.count <= 1_000 else {
            throw CompreFaceError.parameterWrong("The body", "a list of at most 1000 image ids")
        }
        var erased: [JSONValue] = []
        for name in names {
            guard let id = name.text.flatMap(Self.template), let one = try await erase(id) else { continue }
            erased.append(one)
        }
        return CompreFaceAnswer(json: .array(erased))
    }

    private func erase(_ id: TemplateID) async throws -> JSONValue? {
        guard let gallery = try await gallery() else { return nil }
        do {
            let person: PersonID = try await hub.eraseTemplate(id, in: gallery.id, of: owner, by: actor)
            let label: String = try await hub.persons([person], in: gallery.id, of: owner)[person]?.label ?? ""
            return Self.example(id, label)
        } catch let problem as Problem where problem.code == .notFound { return nil }
    }

    private static func example(_ id: TemplateID, _ subject: String) -> JSONValue {
        ["image_id": .string(image(id)), "subject": .string(subject)]
    }

    // MARK: Subjects

    func listSubjects() async throws -> CompreFaceAnswer {
        var labels: [JSONValue] = []
        if let gallery = try await gallery() {
            labels = try await hub.persons(in: gallery.id, of: owner, limit: Int(GalleryLimit.personsPerGallery)).map { .string($0.label) }
        }
        return CompreFaceAnswer(json: ["subjects": .array(labels)])
    }

    func addSubject() async throws -> CompreFaceAnswer {
        let subject: String = try subject()
        let draft: NewPerson = try await draft(subject)
        let gallery: Gallery = try await madeGallery()
        do { _ = try await hub.addPerson(draft, to: gallery.id, of: owner, by: actor) } catch let problem as Problem where problem.code == .conflict {
            guard try await hub.person(labelled: subject, in: gallery.id, of: owner) == nil else { throw CompreFaceError.subjectExists }
            throw problem
        }
        return CompreFaceAnswer(json: ["subject": .string(subject)])
    }

    func renameSubject() async throws -> CompreFaceAnswer {
        let (gallery, person): (Gallery, Person) = try await known()
        let name: String = try subject()
        _ = try await hub.changePerson(person.id, label: name, merging: true, in: gallery.id, of: owner, by: actor)
        return CompreFaceAnswer(json: ["updated": true])
    }

    func eraseSubject() async throws -> CompreFaceAnswer {
        let (gallery, person): (Gallery, Person) = try await known()
        try await hub.erasePerson(person.id, from: gallery.id, of: owner, by: actor)
        return CompreFaceAnswer(json: ["subject": .string(person.label)])
    }

    func eraseSubjects() async throws -> CompreFaceAnswer {
        guard let gallery = try await gallery() else { return CompreFaceAnswer(json: ["deleted": 0]) }
        return CompreFaceAnswer(json: ["deleted": .integer(Int64(try await hub.eraseEverybody(in: gallery.id, of: owner, by: actor)))])
    }

    /// The subject that the path names.
    private func known() async throws -> (gallery: Gallery, person: Person) {
        guard let gallery = try await gallery(), let person = try await hub.person(labelled: call.path["subject"] ?? "", in: gallery.id, of: owner) else {
            throw CompreFaceError.subjectMissing
        }
        return (gallery, person)
    }
}
