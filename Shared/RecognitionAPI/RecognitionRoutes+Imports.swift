import WireModel

/// Bulk enrolment, row by row.
extension RecognitionRoutes {
    private static var path: String { "/v1/galleries/{gallery}/imports" }

    static var imports: [Route] {
        [
            Route(
                .post, path, permission: [.enrol], "Begin to enrol many persons. With a total, it closes by itself when so many rows are done.",
                body: .json(RecognitionSchemas.importDraft), success: (201, .reference("Import"))
            ) { request, backend, caller in
                let draft = ImportDraft(total: request.json["total"]?.integer)
                return try .json(try await backend.addImport(draft, to: try request.id("gallery"), for: caller), status: 201)
            },
            Route(
                .get, path + "/{import}", permission: [.enrol], "How far an import is.", success: (200, .reference("Import"))
            ) { request, backend, caller in
                try .json(try await backend.importState(try request.id("import"), of: try request.id("gallery"), for: caller))
            },
            Route(
                .post, path + "/{import}/close", permission: [.enrol], "Take no more rows.", success: (200, .reference("Import"))
            ) { request, backend, caller in
                try .json(try await backend.closeImport(try request.id("import"), of: try request.id("gallery"), for: caller))
            },
            Route(
                .get, path + "/{import}/rows", permission: [.enrol], "What the rows sent so far came to.",
                query: [
                    RecognitionParameter("outcome", .choices(ImportRowOutcome.self), "only these"), RecognitionSchemas.cursor, RecognitionSchemas.pageSize,
                ], success: (200, RecognitionSchemas.items("ImportRow"))
            ) { request, backend, caller in
                let (cursor, limit): (String?, Int) = page(request)
                return try .json(
                    try await backend.importRows(
                        of: try request.id("import"), in: try request.id("gallery"), outcome: request.text("outcome").flatMap(ImportRowOutcome.init(rawValue:)),
                        after: cursor, limit: limit, for: caller))
            },
            Route(
                .post, path + "/{import}/rows", api: .enrol, permission: [.enrol],
                "Enrol rows. A row that was accepted is a duplicate when it is sent again and costs nothing, so an import that was cut off goes on by sending its rows again.",
                body: .pictures(RecognitionSchemas.importRows, members: [], raw: nil), success: (200, .reference("ImportAnswer")),
                mostUnits: { Int64($0.json["rows"]?.items?.count ?? 0) }
            ) { request, backend, caller in
                let (answer, units): (ImportAnswer, Int64) = try await ImportBatch(request).run(backend, caller)
                return try .json(answer, units: units)
            },
        ]
    }
}
