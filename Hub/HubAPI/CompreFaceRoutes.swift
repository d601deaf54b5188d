import FacePipeline
import HTTPTypes
import HubDomain
import RecognitionAPI
import WireModel

/// The interface of CompreFace (`/api/v1/…`), so that programs written for it work unchanged: subjects are persons of the
/// gallery `compreface` of the key's application, their examples are templates. Metered as the hub's own routes are.
struct CompreFaceRoutes {
    let hub: Hub
    let recogniser: Recogniser

    static let prefix: String = "/api/v1/"
    static let gallery: String = "compreface"
    private static let erasingSeveral: String = "recognition/faces/delete"

    private static let everybody: [APIName] = [.search, .enrol]

    var routes: [Route] { pictures + faces + subjects }

    // MARK: Routes

    private var pictures: [Route] {
        [
            route(.post, "detection/detect", api: .detect, picture: ["file"], "Faces of a picture.") { try await $0.detect() },
            route(
                .post, "verification/verify", api: .compare, picture: ["source_image", "target_image"], "Compare the face of one picture with those of another."
            ) {
                try await $0.verify()
            },
            route(.post, "recognition/recognize", api: .search, picture: ["file"], "Who of the subjects is in a picture.") { try await $0.recognize() },
        ]
    }

    private var faces: [Route] {
        let subject = Route.Parameter(name: "subject", schema: .text(0...400), about: "whose")
        return [
            route(.post, "recognition/faces", api: .enrol, picture: ["file"], query: [subject], status: 201, "Add an example of a subject.") {
                try await $0.addExample()
            },
            route(
                .get, "recognition/faces",
                query: [
                    subject, Route.Parameter(name: "page", schema: .text(0...20), about: "from 0"),
                    Route.Parameter(name: "size", schema: .text(0...20), about: "examples on a page, 20 unless you say otherwise"),
                ], "Examples of subjects."
            ) { try await $0.listExamples() },
            route(.delete, "recognition/faces", query: [subject], "Erase the examples of a subject, or all.") { try await $0.eraseExamples() },
            route(.post, Self.erasingSeveral, body: .anything, "Erase several examples.") { try await $0.eraseNamedExamples() },
            route(.delete, "recognition/faces/{image}", "Erase an example.") { try await $0.eraseExample() },
            route(.get, "recognition/faces/{image}/img", "A picture that was kept: none is.") { _ in throw CompreFaceError.imageNotKept },
            route(.post, "recognition/faces/{image}/verify", api: .compare, picture: ["file"], "Compare the faces of a picture with an example.") {
                try await $0.verifyExample()
            },
        ]
    }

    private var subjects: [Route] {
        [
            route(.get, "recognition/subjects", "All subjects.") { try await $0.listSubjects() },
            route(.post, "recognition/subjects", body: .anything, status: 201, "Add a subject.") { try await $0.addSubject() },
            route(.put, "recognition/subjects/{subject}", body: .anything, "Rename a subject; onto another it is merged into that one.") {
                try await $0.renameSubject()
            },
            route(.delete, "recognition/subjects/{subject}", "Erase a subject.") { try await $0.eraseSubject() },
            route(.delete, "recognition/subjects", "Erase all subjects.") { try await $0.eraseSubjects() },
        ]
    }

    // MARK: Around each call

    /// - Parameter picture: the members of the body that are pictures; then it is a form or JSON with base64.
    private func route(
        _ method: HTTPRequest.Method, _ path: String, api: APIName? = nil, picture: [String] = [], body: Schema? = nil, query: [Route.Parameter] = [],
        status: Int = 200, _ summary: String,
        _ answer: @escaping @Sendable (CompreFaceCall) async throws -> CompreFaceAnswer
    ) -> Route {
        let permissions: [APIName] = api.map { [$0] } ?? Self.everybody
        let content = RecognitionBody.pictures(.object(picture.map { .required($0, .picture) }), members: picture, raw: nil)
        return Route(
            method, Self.prefix + path, .call(permissions), summary, query: (picture.isEmpty ? [] : CompreFaceOptions.parameters) + query,
            body: picture.isEmpty ? body : content.schema, mediaTypes: picture.isEmpty ? [MediaType.json] : content.mediaTypes,
            success: (status, .anything), isDocumented: false, bodyLimit: picture.isEmpty ? 65_536 : content.limit
        ) { call in
            guard case .key(let passage) = call.caller else { throw GateRefusal.keyMissing }
            let caller = RecognitionCaller(passage: passage, address: call.address)
            var sent: BodyContent?
            if !picture.isEmpty {
                if let problem = recogniser.problem { throw problem }
                sent = try BodyContent(call.bytes, contentType: call.headers[.contentType], for: content)
            }
            let asked = CompreFaceCall(
                hub: hub, recogniser: recogniser, call: call, options: try CompreFaceOptions(call.query), sent: sent, owner: try caller.owner,
                actor: caller.actor, key: passage.key)
            // A person's erasure waits for no entitlement, payment or term (P2, S22).
            if method == .delete || path == Self.erasingSeveral { return try .json(try await answer(asked).json, status: status) }
            let metered = MeteredWork(api: api, permissions: permissions, mostUnits: api == nil ? 0 : 1)
            return try await MeteredCall(hub: hub, call: call, method: method.rawValue).perform(metered) { _ in
                let told: CompreFaceAnswer = try await answer(asked)
                return MeteredResult(try .json(told.json, status: status), units: told.units)
            }
        }
    }
}
