import WireModel

extension RecognitionRoute {
    /// The route as an OpenAPI 3.1 operation; who may call it, and other ways to be refused, are for the server to add.
    package var operation: JSONValue {
        var parameters: [JSONValue] = pathParameters.map { ["name": .string($0), "in": "path", "required": true, "schema": Schema.identifier.json] }
        parameters += query.map { ["name": .string($0.name), "in": "query", "description": .string($0.about), "schema": $0.schema.json] }
        var operation: [String: JSONValue] = [
            "operationId": .string(operationID), "summary": .string(summary), "tags": ["recognition"], "responses": responses,
        ]
        if !parameters.isEmpty { operation["parameters"] = .array(parameters) }
        if let content = body.content { operation["requestBody"] = ["required": true, "content": content] }
        return .object(operation)
    }

    private var operationID: String {
        let words: [Substring] = Array(path.split(whereSeparator: { "/{}.-".contains($0) }).dropFirst())
        return ([Substring(method.rawValue.lowercased())] + words).joined(separator: "_")
    }

    private var responses: JSONValue {
        let problem: JSONValue = ["description": "Declined; `code` says why.", "content": [MediaType.problem: ["schema": Schema.reference("Problem").json]]]
        var done: [String: JSONValue] = ["description": "Done."]
        if let schema = success.schema { done["content"] = [MediaType.json: ["schema": schema.json]] }
        var responses: [String: JSONValue] = ["\(success.status)": .object(done), "default": problem]
        for status in statuses { responses["\(status)"] = problem }
        return .object(responses)
    }

    private var statuses: Set<Int> {
        var statuses: Set<Int> = [401, 403, 404, 405, 429, 500, 503]
        if !query.isEmpty || body.schema != nil { statuses.insert(400) }
        if body.schema != nil { statuses.formUnion([413, 415]) }
        if method != .get { statuses.insert(409) }
        if api != nil { statuses.insert(402) }
        return statuses
    }
}

extension RecognitionBody {
    /// By media type, as OpenAPI says it; `nil` where no body is taken.
    package var content: JSONValue? {
        guard let schema else { return nil }
        var content: [String: JSONValue] = [MediaType.json: ["schema": schema.json]]
        if case .pictures(_, let members, let raw) = self {
            if !members.isEmpty, case .object(let fields) = schema {
                let parts: [Schema.Field] = fields.map {
                    members.contains($0.name) ? $0.isRequired ? .required($0.name, .bytes, $0.about) : .optional($0.name, .bytes, $0.about) : $0
                }
                content[MediaType.form] = ["schema": Schema.object(parts).json]
            }
            if raw != nil { for type in MediaType.pictures { content[type] = ["schema": Schema.bytes.json] } }
        }
        return .object(content)
    }
}

extension Schema {
    /// Bytes as they are.
    fileprivate static let bytes: Schema = .anything
}
