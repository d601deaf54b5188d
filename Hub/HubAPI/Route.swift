import HTTPTypes
import HubAccess
import HubDomain
import Hummingbird
import NIOCore
import RecognitionAPI
import WireModel

/// Who may use a route. There is no standard: a route without a rule does not compile.
package enum Access: Sendable, Hashable {
    /// Anybody, signed in or not.
    case open
    /// A member of an account with one of these roles; sees and changes that account only.
    case member(Set<MemberRole>)
    /// An operator with one of these roles.
    case `operator`(Set<OperatorRole>)
    /// The holder of an API key that the gate lets pass, who only asks.
    case key
    /// The holder of an API key who calls an API, any of these; what it costs is claimed by the route itself (``MeteredRoutes``).
    case call([APIName])
    /// A device, by its certificate.
    case device

    package static let everyMember: Access = .member(Set(MemberRole.allCases))
    package static let everyOperator: Access = .operator(Set(OperatorRole.allCases))
}

/// Who called, once the rule is satisfied.
package enum Caller: Sendable {
    case nobody
    case member(Principal, Session, AccountID, MemberRole)
    case `operator`(Principal, Session)
    case key(Passage)
    case device(DeviceID)
}

/// One call of one route, with everything checked that its rule and schemas ask.
package struct Call: Sendable {
    package let path: [String: String]
    package let query: [String: String]
    package let bytes: [UInt8]
    /// What the route's schema let through; null where the route reads the bytes itself.
    let body: JSONValue
    /// What a page's form sent; empty for every other route.
    package let form: FormFields
    package let caller: Caller
    /// Path and query as they were sent.
    package let target: String
    package let address: String
    package let language: Language
    package let headers: HTTPFields
    /// The session's token, where there is one.
    package let token: String

    /// The body as a value of the program's own.
    func value<Value: Decodable>(_ type: Value.Type) throws -> Value {
        do { return try JSON.value(type, from: bytes) } catch is DecodingError {
            throw Problem(.invalidRequest, "The request's body cannot be understood.", remedy: "See the route in /openapi.json.")
        }
    }

    /// A path parameter as an identifier. One that is none names nothing.
    package func id<Kind: IdentifierKind>(_ name: String) throws(Problem) -> Identifier<Kind> {
        guard let id = Identifier<Kind>(rawValue: path[name] ?? "") else {
            throw Problem(.notFound, "There is no such thing.", detail: path[name] ?? "", remedy: "Check the identifier against the list.")
        }
        return id
    }

    /// The path's API, which must be one of the catalogue.
    package var api: APIName {
        get throws(Problem) {
            guard let api = APIName(rawValue: path["api"] ?? ""), APIName.all.contains(api) else {
                throw Problem(.notFound, "There is no such API.", detail: path["api"] ?? "", remedy: "See the catalogue.")
            }
            return api
        }
    }

    func text(_ name: String) -> String { body[name]?.text ?? "" }

    package var member: (principal: Principal, session: Session, account: AccountID, role: MemberRole) {
        get throws(Problem) {
            guard case .member(let principal, let session, let account, let role) = caller else { throw Self.misplaced }
            return (principal, session, account, role)
        }
    }

    package var staff: (principal: Principal, session: Session) {
        get throws(Problem) {
            guard case .operator(let principal, let session) = caller else { throw Self.misplaced }
            return (principal, session)
        }
    }

    package var actor: Actor {
        get throws(Problem) {
            switch caller {
            case .member(let principal, _, _, _), .operator(let principal, _): return principal.actor(address: address)
            default: throw Self.misplaced
            }
        }
    }

    private static let misplaced = Problem(.internalFault, "A route's rule and its work do not fit.", remedy: "Report this with the route's path.")
}

package struct Reply: Sendable {
    package let status: Int
    package let body: [UInt8]
    package let type: String
    package var headers: HTTPFields
    /// In place of a body that is there at once.
    package var events: EventFeed?

    package init(status: Int, body: [UInt8], type: String, headers: HTTPFields = [:]) {
        self.status = status
        self.body = body
        self.type = type
        self.headers = headers
    }

    package static func json(_ value: some Encodable, status: Int = 200) throws -> Reply {
        Reply(status: status, body: try JSON.bytes(value), type: MediaType.json)
    }
    static let nothing = Reply(status: 204, body: [], type: "")
    /// For work whose outcome is told by mail, so that the answer tells nothing.
    static let accepted = Reply(status: 202, body: [], type: "")
}

/// One route: the line from which the router, the OpenAPI document and the access tests are made.
package struct Route: Sendable {
    package struct Parameter: Sendable {
        package let name: String
        package let schema: Schema
        package let about: String

        package init(name: String, schema: Schema, about: String) {
            self.name = name
            self.schema = schema
            self.about = about
        }
    }

    package let method: HTTPRequest.Method
    /// With `{name}` for parameters.
    package let path: String
    package let access: Access
    package let summary: String
    package let query: [Parameter]
    package let body: Schema?
    /// What the body may be sent as; anything but JSON alone is read by the route itself.
    package let mediaTypes: [String]
    /// Status and schema of success; no schema means no body.
    package let success: (status: Int, schema: Schema?)
    /// What success may come as beside JSON: texts.
    let textTypes: [String]
    /// Whether an account that has ended may still use it (S12: export and leave).
    let isForEnded: Bool
    /// Routes of the edge protocol and of operations are in the table for their rule, not in the OpenAPI document.
    package let isDocumented: Bool
    /// Bytes of the body, at most.
    package let bodyLimit: Int
    /// Whether bodies may come gzipped, and answers go so to who asks.
    let isCompressible: Bool
    /// What a call is metered as; `nil` costs nothing.
    package let metered: APIName?
    /// For pages that people use: how they are told of a refusal. Programs get a problem document.
    package let page: PageRules?
    package let handler: @Sendable (Call) async throws -> Reply

    package init(
        _ method: HTTPRequest.Method, _ path: String, _ access: Access, _ summary: String, query: [Parameter] = [], body: Schema? = nil,
        mediaTypes: [String] = [MediaType.json], success: (status: Int, schema: Schema?), textTypes: [String] = [], isForEnded: Bool = false,
        isDocumented: Bool = true, bodyLimit: Int = 65_536, isCompressible: Bool = false,
        metered: APIName? = nil, page: PageRules? = nil, handler: @escaping @Sendable (Call) async throws -> Reply
    ) {
        self.method = method
        self.path = path
        self.access = access
        self.summary = summary
        self.query = query
        self.body = body
        self.mediaTypes = mediaTypes
        self.success = success
        self.textTypes = textTypes
        self.isForEnded = isForEnded
        self.isDocumented = isDocumented
        self.bodyLimit = bodyLimit
        self.isCompressible = isCompressible
        self.metered = metered
        self.page = page
        self.handler = handler
    }

    package var pathParameters: [String] {
        path.split(separator: "/").filter { $0.hasPrefix("{") }.map { String($0.dropFirst().dropLast()) }
    }
}
