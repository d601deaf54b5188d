import HTTPTypes
import HubDomain
import RecognitionAPI
import ServiceSupport
import WireModel

/// The OpenAPI 3.1 document, made from the route table that is served.
package enum OpenAPIDocument {
    /// What `Schema.reference` names.
    package static let components: [String: Schema] = Schemas.components

    package static func make(_ routes: [Route], server: String) -> JSONValue {
        var paths: [String: JSONValue] = [:]
        for (path, group) in Dictionary(grouping: routes.filter(\.isDocumented), by: \.path) {
            var item: [String: JSONValue] = [:]
            for route in group { item[route.method.rawValue.lowercased()] = operation(route) }
            paths[path] = .object(item)
        }
        return [
            "openapi": "3.1.0",
            "info": [
                "title": "Vultus", "version": .string(ReleaseVersion.current),
                "description":
                    "Accounts, agreements and access. Errors are application/problem+json (RFC 9457) with a stable `code`. Signing in sets a cookie; every later request but GET also sends the session's `csrfToken` as X-CSRF-Token.",
            ],
            "servers": [["url": .string(server)]],
            "paths": .object(paths),
            "components": [
                "schemas": .object(Schemas.components.merging(Schemas.customisation) { $1 }.mapValues(\.json)),
                "securitySchemes": [
                    "member": ["type": "apiKey", "in": "cookie", "name": .string(Cookie.member)],
                    "operator": ["type": "apiKey", "in": "cookie", "name": .string(Cookie.staff)],
                    "csrf": ["type": "apiKey", "in": "header", "name": "X-CSRF-Token"],
                    "key": ["type": "http", "scheme": "bearer", "bearerFormat": "vlt_<env>_…"],
                ],
            ],
        ]
    }

    private static func operation(_ route: Route) -> JSONValue {
        var parameters: [JSONValue] = route.pathParameters.map {
            ["name": .string($0), "in": "path", "required": true, "schema": ["type": "string", "minLength": 1, "maxLength": 200]]
        }
        parameters += route.query.map {
            ["name": .string($0.name), "in": "query", "description": .string($0.about), "schema": $0.schema.json]
        }
        var operation: [String: JSONValue] = [
            "operationId": .string(identifier(route)), "summary": .string(route.summary), "tags": [.string(tag(route))],
            "responses": responses(route), "description": .string(rule(route.access)),
        ]
        if route.isMetered, route.method != .get { parameters += DocumentedHeader.all.compactMap(\.asParameter) }
        if !parameters.isEmpty { operation["parameters"] = .array(parameters) }
        if let body = route.body {
            operation["requestBody"] = ["required": true, "content": .object(content(body, route.mediaTypes))]
        }
        if let security = security(route) { operation["security"] = .array([security]) }
        return .object(operation)
    }

    private static func identifier(_ route: Route) -> String {
        let words: [Substring] = Array(route.path.split(whereSeparator: { "/{}.-".contains($0) }).dropFirst())
        return ([Substring(route.method.rawValue.lowercased())] + words).joined(separator: "_")
    }

    private static func tag(_ route: Route) -> String { String(route.path.split(separator: "/").dropFirst().first ?? "service") }

    private static func security(_ route: Route) -> JSONValue? {
        let writes: Bool = route.method != .get
        switch route.access {
        case .open, .device: return nil
        case .member: return writes ? ["member": [], "csrf": []] : ["member": []]
        case .operator: return writes ? ["operator": [], "csrf": []] : ["operator": []]
        case .key, .call: return ["key": []]
        }
    }

    private static func rule(_ access: Access) -> String {
        switch access {
        case .open: "Anybody."
        case .member(let roles): "Members of an account: \(roles.map(\.rawValue).sorted().joined(separator: ", "))."
        case .operator(let roles): "Operators: \(roles.map(\.rawValue).sorted().joined(separator: ", "))."
        case .key: "Holders of an API key that the gate lets pass."
        case .call(let apis):
            "Holders of an API key whose application has \(apis.map(\.rawValue).joined(separator: " or ")). A repeated `Idempotency-Key` gets the same answer and is charged once; `RateLimit` and `RateLimit-Policy` tell what is left of the frequency."
        case .device: "Devices, by certificate."
        }
    }

    /// One schema for JSON and forms, in which pictures are bytes; a picture alone is bytes.
    private static func content(_ body: Schema, _ types: [String]) -> [String: JSONValue] {
        types.reduce(into: [:]) { content, type in
            let isWhole: Bool = type == MediaType.json || type == MediaType.form
            content[type] = ["schema": isWhole ? body.json : ["type": "string", "contentMediaType": .string(type)]]
        }
    }

    private static func responses(_ route: Route) -> JSONValue {
        var responses: [String: JSONValue] = [:]
        if let schema = route.success.schema {
            let content: [String: JSONValue] = route.textTypes.reduce(into: [MediaType.json: ["schema": schema.json]]) {
                $0[$1] = ["schema": ["type": "string"]]
            }
            responses["\(route.success.status)"] = ["description": "Done.", "content": .object(content)]
        } else {
            responses["\(route.success.status)"] = ["description": "Done; no body."]
        }
        let problem: JSONValue = ["description": "Declined; `code` says why.", "content": [MediaType.problem: ["schema": Schema.reference("Problem").json]]]
        var statuses: Set<Int> = [400, 404, 405, 503]
        if route.access != .open { statuses.formUnion([401, 403]) }
        if route.method != .get { statuses.formUnion([401, 403, 409, 413, 415, 429]) }
        if case .call = route.access { statuses.formUnion([402, 409, 413, 415, 422, 429]) }
        if route.access == .key { statuses.formUnion([429]) }
        for status in statuses { responses["\(status)"] = problem }
        responses["default"] = problem
        if route.isMetered {
            for (status, response) in responses { responses[status] = withHeaders(response, status: Int(status), success: route.success.status) }
        }
        return .object(responses)
    }

    /// - Parameter status: `nil` for what is not named otherwise.
    private static func withHeaders(_ response: JSONValue, status: Int?, success: Int) -> JSONValue {
        guard case .object(var members) = response, let status else { return response }
        let headers: [DocumentedHeader] = DocumentedHeader.all.filter { header in
            switch header.place {
            case .request, .writingRequest: false
            case .answer: status == success
            case .refusal(let statuses): statuses.contains(status)
            }
        }
        guard !headers.isEmpty else { return response }
        let described: [(String, JSONValue)] = headers.map { header in
            (header.name, ["description": .string(header.about), "schema": header.schema.json])
        }
        members["headers"] = .object(Dictionary(uniqueKeysWithValues: described))
        return .object(members)
    }
}

extension DocumentedHeader {
    /// What OpenAPI takes for a parameter: not the credential, which is a security scheme, nor what it leaves to HTTP.
    fileprivate var asParameter: JSONValue? {
        guard case .writingRequest = place else { return nil }
        // Visible characters alone.
        let schema: JSONValue = ["type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"]
        return ["name": .string(name), "in": "header", "required": false, "description": .string(about), "schema": schema]
    }
}

extension Route {
    /// Whether its calls go through the meter, charged or not: erasure does not.
    fileprivate var isMetered: Bool {
        if case .call = access { method != .delete } else { false }
    }
}
