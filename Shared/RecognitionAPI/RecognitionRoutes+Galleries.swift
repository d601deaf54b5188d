import Biometrics
import WireModel

/// Galleries are managed by whoever may search or enrol, and cost nothing.
extension RecognitionRoutes {
    static var galleries: [Route] {
        [
            Route(
                .get, "/v1/galleries", permission: [.search, .enrol], "Your galleries, oldest first.",
                query: [RecognitionSchemas.cursor, RecognitionSchemas.pageSize],
                success: (200, RecognitionSchemas.items("Gallery"))
            ) { request, backend, caller in
                let (cursor, limit): (String?, Int) = page(request)
                return try .json(try await backend.galleries(after: cursor, limit: limit, for: caller))
            },
            Route(
                .post, "/v1/galleries", permission: [.enrol], "Make a gallery.", body: .json(RecognitionSchemas.galleryDraft),
                success: (201, .reference("Gallery"))
            ) { request, backend, caller in
                let draft = GalleryDraft(
                    name: request.json["name"]?.text ?? "",
                    target: request.json["targetFalseMatchRate"].flatMap(FalseMatchRate.init(offered:)) ?? .identificationDefault,
                    retentionDays: request.json["retentionDays"]?.integer, pad: request.json["pad"]?.text.flatMap(PADPolicy.init(rawValue:)) ?? .off)
                return try .json(try await backend.addGallery(draft, for: caller), status: 201)
            },
            Route(
                .get, "/v1/galleries/{gallery}", permission: [.search, .enrol], "A gallery.", success: (200, .reference("Gallery"))
            ) { request, backend, caller in
                try .json(try await backend.gallery(try request.id("gallery"), for: caller))
            },
            Route(
                .patch, "/v1/galleries/{gallery}", permission: [.enrol], "Change a gallery's name, standard rate or retention.",
                body: .json(RecognitionSchemas.galleryChange), success: (200, .reference("Gallery"))
            ) { request, backend, caller in
                let days: Int64?? = request.json["retentionDays"]?.integer.map { $0 == 0 ? nil : $0 }
                let change = GalleryChange(
                    name: request.json["name"]?.text, target: request.json["targetFalseMatchRate"].flatMap(FalseMatchRate.init(offered:)), retentionDays: days,
                    pad: request.json["pad"]?.text.flatMap(PADPolicy.init(rawValue:)))
                return try .json(try await backend.change(try request.id("gallery"), change, for: caller))
            },
            Route(
                .delete, "/v1/galleries/{gallery}", permission: [.enrol], "Erase a gallery and everybody in it.", success: (204, nil)
            ) { request, backend, caller in
                try await backend.removeGallery(try request.id("gallery"), for: caller)
                return .nothing
            },
        ]
    }
}
