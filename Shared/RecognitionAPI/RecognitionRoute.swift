import WireModel

/// One route of the recognition API: the line from which the hub's router, a device's router, both OpenAPI documents and
/// the metering around a call are made.
package struct RecognitionRoute<Backend: RecognitionBackend>: Sendable {
    package typealias Handler = @Sendable (RecognitionRequest, Backend, Backend.Caller) async throws -> RecognitionReply

    package let method: RecognitionMethod
    /// With `{name}` for parameters.
    package let path: String
    /// What a call is metered as; `nil` costs nothing.
    package let api: APIName?
    /// The caller needs one of these.
    package let permission: [APIName]
    /// Beside the permission, and off unless a key was given it by name.
    package let scope: RecognitionScope?
    package let summary: String
    package let query: [RecognitionParameter]
    package let body: RecognitionBody
    /// Status and schema of success; no schema means no body.
    package let success: (status: Int, schema: Schema?)
    /// Units that the call may come to, known before any work: what to claim.
    package let mostUnits: @Sendable (RecognitionRequest) -> Int64
    package let handler: Handler

    init(
        _ method: RecognitionMethod, _ path: String, api: APIName? = nil, permission: [APIName], scope: RecognitionScope? = nil, _ summary: String,
        query: [RecognitionParameter] = [], body: RecognitionBody = .none, success: (status: Int, schema: Schema?),
        mostUnits: (@Sendable (RecognitionRequest) -> Int64)? = nil, handler: @escaping Handler
    ) {
        self.method = method
        self.path = path
        self.api = api
        self.permission = permission
        self.scope = scope
        self.summary = summary
        self.query = query
        self.body = body
        self.success = success
        let isMetered: Bool = api != nil
        self.mostUnits = mostUnits ?? { _ in isMetered ? 1 : 0 }
        self.handler = handler
    }

    package var pathParameters: [String] {
        path.split(separator: "/").filter { $0.hasPrefix("{") }.map { String($0.dropFirst().dropLast()) }
    }
}

package enum RecognitionMethod: String, Sendable, CaseIterable {
    case get = "GET"
    case post = "POST"
    case patch = "PATCH"
    case delete = "DELETE"
}

/// What a caller may only do when told so by name.
package enum RecognitionScope: String, Sendable, CaseIterable {
    /// Templates' numbers leave the process.
    case templates = "templates:read"
}

package struct RecognitionParameter: Sendable {
    package let name: String
    package let schema: Schema
    package let about: String

    init(_ name: String, _ schema: Schema, _ about: String) {
        self.name = name
        self.schema = schema
        self.about = about
    }
}

/// What a route takes besides its path and query.
package enum RecognitionBody: Sendable {
    case none
    case json(Schema)
    /// JSON with the pictures as base64; or the same members as parts of multipart/form-data, pictures as they are; or, when `raw` names
    /// a member, that picture alone as the whole body.
    case pictures(Schema, members: [String], raw: String?)

    package var schema: Schema? {
        switch self {
        case .none: nil
        case .json(let schema), .pictures(let schema, _, _): schema
        }
    }

    /// As `Content-Type` names them.
    package var mediaTypes: [String] {
        switch self {
        case .none: []
        case .json: [MediaType.json]
        case .pictures(_, let members, let raw): [MediaType.json] + (members.isEmpty ? [] : [MediaType.form]) + (raw == nil ? [] : MediaType.pictures)
        }
    }

    /// Bytes, at most.
    package var limit: Int {
        switch self {
        case .none: 0
        case .json: 64 << 10
        case .pictures: 10 << 20
        }
    }
}

/// What a route answers, and what it came to.
package struct RecognitionReply: Sendable {
    package let status: Int
    /// JSON; empty where there is no body.
    package let body: [UInt8]
    /// Of the route's API, at most what `mostUnits` said; 0 where nothing was decided.
    package let units: Int64

    package static func json(_ value: some Encodable, status: Int = 200, units: Int64 = 0) throws -> RecognitionReply {
        RecognitionReply(status: status, body: try JSON.bytes(value), units: units)
    }

    package static let nothing = RecognitionReply(status: 204, body: [], units: 0)
}
