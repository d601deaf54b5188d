import Biometrics
import FacePipeline
import WireModel

extension RecognitionRoutes {
    private static var path: String { "/v1/galleries/{gallery}/persons/{person}/templates" }

    static var templates: [Route] {
        [
            Route(
                .get, path, permission: [.search, .enrol], "A person's templates, without their numbers.", success: (200, RecognitionSchemas.items("Template"))
            ) { request, backend, caller in
                let items: [TemplateResult] = try await backend.templates(of: try request.id("person"), in: try request.id("gallery"), for: caller)
                return try .json(Page(items: items, next: nil))
            },
            Route(
                .post, path, api: .enrol, permission: [.enrol],
                "Make a template of the one face of a picture; the picture is not kept. The same picture again makes nothing and costs nothing.",
                query: [RecognitionSchemas.largest], body: .pictures(RecognitionSchemas.onePicture, members: ["image"], raw: "image"),
                success: (201, .reference("Template"))
            ) { request, backend, caller in
                let (person, gallery): (PersonID, GalleryID) = (try request.id("person"), try request.id("gallery"))
                let bytes: [UInt8] = try request.wantedPicture("image")
                // It costs less than a picture to be told that there is no such person.
                _ = try await backend.person(person, of: gallery, for: caller)
                let face = try await OneFace(bytes, largest: request.flag("largest"), policy: .enrolment, in: backend.pictures)
                let draft = TemplateDraft(template: face.template, quality: face.side.quality)
                let (template, isNew): (TemplateResult, Bool) = try await backend.add(draft, to: person, in: gallery, for: caller)
                return try .json(template, status: 201, units: isNew ? 1 : 0)
            },
            Route(.delete, path + "/{template}", permission: [.enrol], "Erase a template.", success: (204, nil)) { request, backend, caller in
                try await backend.removeTemplate(try request.id("template"), of: try request.id("person"), in: try request.id("gallery"), for: caller)
                return .nothing
            },
            Route(
                .get, path + "/{template}/data", permission: [.enrol], scope: .templates,
                "A template's numbers: only for keys whose scope says so, where the account's terms allow it.", success: (200, .reference("TemplateData"))
            ) { request, backend, caller in
                let id: TemplateID = try request.id("template")
                let template = try await backend.templateData(id, of: try request.id("person"), in: try request.id("gallery"), for: caller)
                return try .json(TemplateData(id: id, model: template.model.rawValue, values: template.values))
            },
        ]
    }
}
