import HTTPTypes
import Hummingbird
import NIOCore
import RecognitionAPI
import ServiceSupport
import WireModel

/// The routes of the device's own API: those of recognition, the same as the hub's, and two about the service.
struct RouteTable {
    static let routes: [RecognitionRoute<LocalBackend>] = RecognitionRoutes.all
    static let description: String = "/openapi.json"

    let backend: LocalBackend
    /// `nil`: whoever reaches the listener may.
    let token: LocalToken?
    let events: DecisionEvents

    func add(to router: Router<LocalRequestContext>) {
        for route in Self.routes {
            guard let method = HTTPRequest.Method(route.method.rawValue) else { continue }
            router.on(RouterPath(route.path), method: method) { request, context in try await answer(route, request, context) }
        }
        router.on(RouterPath(DecisionEvents.path), method: .get) { request, _ in
            try admit(request)
            return try events.answer(lastID: request.headers[.lastEventID])
        }
        router.on(RouterPath(LocalAnnouncements.path), method: .get) { request, _ in
            try admit(request)
            return Self.response(200, try JSON.bytes(LocalAnnouncements(items: try await backend.announcements())))
        }
        router.on(RouterPath(Routes.health), method: .get) { _, _ in Self.response(200, Array(#"{"status":"ok"}"#.utf8)) }
        router.on(RouterPath(Self.description), method: .get) { _, _ in Self.response(200, try JSON.bytes(Self.document)) }
    }

    /// What a path takes, `HEAD` with `GET`; empty for a path that no route has.
    static func methods(of path: String) -> Set<String> {
        let parts: [Substring] = path.split(separator: "/")
        let known: [(method: String, path: String)] =
            routes.map { ($0.method.rawValue, $0.path) } + [
                ("GET", Routes.health), ("GET", description), ("GET", DecisionEvents.path), ("GET", LocalAnnouncements.path),
            ]
        let methods: [String] = known.filter { route in
            let wanted: [Substring] = route.path.split(separator: "/")
            return wanted.count == parts.count && zip(wanted, parts).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
        }.map(\.method)
        return Set(methods + (methods.contains("GET") ? ["HEAD"] : []))
    }

    /// - Throws: `key_missing`.
    private func admit(_ request: Request) throws(Problem) {
        if let token, !token.admits(request.headers[.authorization]) {
            throw Problem(
                .keyMissing, "This device's API needs its token.", detail: "Authorization: Bearer …",
                remedy: "Send what is in the file local-token of the device's directory.")
        }
    }

    private func answer(_ route: RecognitionRoute<LocalBackend>, _ request: Request, _ context: LocalRequestContext) async throws -> Response {
        // Before anything is read: who may not call is not listened to.
        try admit(request)
        let bytes: [UInt8] = route.body.limit == 0 ? [] : Array(try await request.body.collect(upTo: route.body.limit).readableBytesView)
        let path: [String: String] = Dictionary(
            uniqueKeysWithValues: route.pathParameters.map { ($0, (context.parameters.get($0) ?? "").percentDecoded ?? "") })
        let query: [(name: String, value: String)] = request.uri.queryParameters.map { (String($0.key), String($0.value)) }
        let call = try RecognitionRequest(route, path: path, query: query, contentType: request.headers[.contentType], bytes: bytes)
        let reply: RecognitionReply = try await route.handler(call, backend, ())
        return Self.response(reply.status, reply.body)
    }

    private static func response(_ status: Int, _ body: [UInt8]) -> Response {
        var headers: HTTPFields = [.cacheControl: "no-store"]
        if !body.isEmpty { headers[.contentType] = MediaType.json }
        return Response(status: .init(code: status), headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
    }

    /// OpenAPI 3.1.
    static let document: JSONValue = {
        var paths: [String: JSONValue] = [:]
        for (path, group) in Dictionary(grouping: routes, by: \.path) {
            paths[path] = .object(group.reduce(into: [:]) { $0[$1.method.rawValue.lowercased()] = $1.operation })
        }
        paths[DecisionEvents.path] = ["get": DecisionEvents.operation]
        paths[LocalAnnouncements.path] = ["get": LocalAnnouncements.operation]
        return [
            "openapi": "3.1.0",
            "info": [
                "title": "Vultus on this device", "version": .string(ReleaseVersion.current),
                "description": """
                Face recognition on the device itself, with the hub's own routes and shapes. There is one gallery. Searches and comparisons are \
                journaled and spend the device's lease, a unit a face decided; everything else costs nothing here. Errors are \
                application/problem+json (RFC 9457) with a stable `code`.
                """,
            ],
            "paths": .object(paths),
            "components": [
                "schemas": .object(RecognitionSchemas.components.merging(["Problem": RecognitionSchemas.problem]) { $1 }.mapValues(\.json)),
                "securitySchemes": ["token": ["type": "http", "scheme": "bearer"]],
            ],
            "security": [["token": []]],
        ]
    }()
}
