import WireModel

/// Persons of a gallery, by whoever may enrol; nothing is charged until a template is made.
extension RecognitionRoutes {
    static var persons: [Route] {
        [
            Route(
                .get, "/v1/galleries/{gallery}/persons", permission: [.search, .enrol], "The persons of a gallery, oldest first.",
                query: [
                    RecognitionParameter("label", RecognitionSchemas.label, "only the person with this very label"), RecognitionSchemas.cursor,
                    RecognitionSchemas.pageSize,
                ], success: (200, RecognitionSchemas.items("Person"))
            ) { request, backend, caller in
                let (cursor, limit): (String?, Int) = page(request)
                return try .json(
                    try await backend.persons(of: try request.id("gallery"), label: request.text("label"), after: cursor, limit: limit, for: caller))
            },
            Route(
                .post, "/v1/galleries/{gallery}/persons", permission: [.enrol], "Add a person, with the consent on record.",
                body: .json(RecognitionSchemas.personDraft), success: (201, .reference("Person"))
            ) { request, backend, caller in
                try .json(try await backend.addPerson(try PersonDraft(request.json), to: try request.id("gallery"), for: caller), status: 201)
            },
            Route(
                .get, "/v1/galleries/{gallery}/persons/{person}", permission: [.search, .enrol], "A person.", success: (200, .reference("Person"))
            ) { request, backend, caller in
                try .json(try await backend.person(try request.id("person"), of: try request.id("gallery"), for: caller))
            },
            Route(
                .patch, "/v1/galleries/{gallery}/persons/{person}", permission: [.enrol], "Change a person's label, or put a new consent on record.",
                body: .json(RecognitionSchemas.personChange), success: (200, .reference("Person"))
            ) { request, backend, caller in
                let change = PersonChange(label: request.json["label"]?.text, consent: try request.json["consent"].map(ConsentRecord.init))
                return try .json(try await backend.change(try request.id("person"), of: try request.id("gallery"), change, for: caller))
            },
            Route(
                .delete, "/v1/galleries/{gallery}/persons/{person}", permission: [.enrol], "Erase a person: templates, label, consent and key.",
                success: (204, nil)
            ) { request, backend, caller in
                try await backend.erase(try request.id("person"), of: try request.id("gallery"), for: caller)
                return .nothing
            },
        ]
    }
}

extension PersonDraft {
    init(_ json: JSONValue) throws(Problem) {
        try self.init(label: json["label"]?.text ?? "", isMinor: json["isMinor"] == .boolean(true), consent: try ConsentRecord(json["consent"] ?? .null))
    }
}

extension ConsentRecord {
    /// - Throws: `invalid_request` for what the schema would not have let through.
    init(_ json: JSONValue) throws(Problem) {
        guard let reference = json["reference"]?.text, let purpose = json["purpose"]?.text, let given = json["given"]?.text.flatMap(Timestamp.init(_:)) else {
            throw Problem(
                .invalidRequest, "Nobody is enrolled without consent.", detail: "/consent: is missing", remedy: "Send where the person's consent is kept.")
        }
        let expires: Timestamp? = json["expires"]?.text.flatMap(Timestamp.init(_:))
        self.init(
            reference: reference, purpose: purpose, given: given, expires: expires, guardian: json["guardian"]?.text,
            onDevices: json["onDevices"] == .boolean(true))
        try check()
    }

    /// - Throws: `invalid_request` when it ends before it begins.
    func check() throws(Problem) {
        guard let expires, expires <= given else { return }
        throw Problem(
            .invalidRequest, "The consent ends before it begins.", detail: "/consent/expires: is not after /consent/given", remedy: "Check the two times.")
    }
}
