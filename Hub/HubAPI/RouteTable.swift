import HTTPTypes
import HubAccess
import HubDomain
import Hummingbird
import Logging
import NIOCore
import NIOSSL
import RecognitionAPI
import SwiftASN1
import WireModel
import X509

/// The names of the cookies. `__Host-` binds them to this host, to HTTPS and to the root path (RFC 6265bis §4.1.3.2).
package enum Cookie {
    package static let member: String = "__Host-vultus-session"
    package static let staff: String = "__Host-vultus-operator"
    package static let device: String = "__Host-vultus-device"
    /// As long as browsers keep one: 400 days.
    package static let deviceLife: Int64 = 400 * 86_400

    package static func value(_ name: String, in headers: HTTPFields) -> String? {
        for field in headers[values: .cookie] {
            for pair in field.split(separator: ";") {
                let parts: [Substring] = pair.split(separator: "=", maxSplits: 1)
                if parts.count == 2, parts[0].drop(while: { $0 == " " }) == name { return String(parts[1]) }
            }
        }
        return nil
    }

    package static func set(_ name: String, _ value: String, seconds: Int64) -> String {
        "\(name)=\(value); Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=\(seconds)"
    }
}

/// Puts routes into a router: before any handler runs, the route's rule, then its schemas.
struct RouteTable {
    let hub: Hub
    let proxies: [AddressRange]

    func add(_ routes: [Route], to router: Router<HubRequestContext>) {
        for route in routes {
            router.on(RouterPath(route.path), method: route.method) { request, context in
                try await respond(route, request, context)
            }
        }
    }

    /// What a path takes, `HEAD` with `GET`; empty for a path that no route has.
    static func methods(of path: String, in routes: [Route]) -> Set<String> {
        let parts: [Substring] = path.split(separator: "/")
        let methods: [String] = routes.filter { route in
            let wanted: [Substring] = route.path.split(separator: "/")
            return wanted.count == parts.count && zip(wanted, parts).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
        }.map(\.method.rawValue)
        return Set(methods + (methods.contains("GET") ? ["HEAD"] : []))
    }

    private func respond(_ route: Route, _ request: Request, _ context: HubRequestContext) async throws -> Response {
        let address: String = clientAddress(request, context)
        guard let page = route.page else { return try await answer(route, request, context, address: address) }
        do {
            return try await answer(route, request, context, address: address)
        } catch {
            context.logger.log(level: .notice, "page declined", metadata: ["route": "\(route.path)", "error": "\(type(of: error))"])
            let reply: Reply = try await page.refusal(
                error,
                RefusedPage(target: request.head.path ?? "", language: Language(acceptLanguage: request.headers[.acceptLanguage]), headers: request.headers))
            return response(reply, request, route)
        }
    }

    private func answer(_ route: Route, _ request: Request, _ context: HubRequestContext, address: String) async throws -> Response {
        let (caller, token): (Caller, String) = try await admit(route, request, context, address: address)
        let query: [String: String] = try self.query(route, request)
        let sent: (value: JSONValue, bytes: [UInt8]) = try await body(route, request, context)
        let form = try route.page == nil ? FormFields() : FormFields(sent.bytes, contentType: request.headers[.contentType] ?? "")
        try checkForm(form, route, request, token: token)
        let call = Call(
            path: Dictionary(
                uniqueKeysWithValues: route.pathParameters.map { ($0, (context.parameters.get($0) ?? "").percentDecoded ?? "") }),
            query: query, bytes: sent.bytes, body: sent.value, form: form, caller: caller, target: request.head.path ?? "", address: address,
            language: Language(acceptLanguage: request.headers[.acceptLanguage]), headers: request.headers, token: token)
        for (name, value) in call.path where !(1...200).contains(value.utf8.count) || value.unicodeScalars.contains("\0") {
            throw Problem(.notFound, "There is no such thing.", detail: name, remedy: "Check the path.")
        }
        return response(try await route.handler(call), request, route)
    }

    private func response(_ reply: Reply, _ request: Request, _ route: Route) -> Response {
        var headers: HTTPFields = reply.headers
        if !reply.type.isEmpty { headers[.contentType] = reply.type }
        // Answers are about one account at one moment.
        headers[.cacheControl] = headers[.cacheControl] ?? "no-store"
        if let events = reply.events { return Response(status: .init(code: reply.status), headers: headers, body: events.body) }
        let content: [UInt8] = BodyCoding.encode(reply.body, for: request, on: route, headers: &headers)
        return Response(status: .init(code: reply.status), headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: content)))
    }

    // MARK: Rules

    private func admit(_ route: Route, _ request: Request, _ context: HubRequestContext, address: String) async throws -> (Caller, String) {
        let isSafe: Bool = request.method == .get || request.method == .head
        if !isSafe, request.headers[.secFetchSite] == "cross-site" { throw Self.csrf }
        switch route.access {
        case .open: return (.nobody, "")
        case .member(let roles):
            let (token, session, principal): (String, Session, Principal) = try await signedIn(Cookie.member, request, route)
            guard case .member(let account, let role) = principal.kind else { throw Self.signIn }
            try Self.require(role, among: roles, of: "a member")
            if !isSafe, !route.isForEnded, try await hub.account(account.rawValue).standing == .ended {
                throw GateRefusal.ended
            }
            return (.member(principal, session, account, role), token)
        case .operator(let roles):
            let (token, session, principal): (String, Session, Principal) = try await signedIn(Cookie.staff, request, route)
            guard case .operator(let role) = principal.kind else { throw Self.signIn }
            try Self.require(role, among: roles, of: "an operator")
            return (.operator(principal, session), token)
        case .key:
            let api: APIName? = context.parameters.get("api").flatMap(APIName.init(rawValue:))
            let call = GateCall(
                credential: .key(Self.key(request.headers)), api: api,
                application: try request.headers[.vultusApplication].map(Self.application), address: address)
            return (.key(try await hub.pass(call, isQuestion: true)), "")
        case .call(let apis):
            return (.key(try await pass(apis, request, address: address)), "")
        case .device: return (.device(try await device(context)), "")
        }
    }

    private static let bindsUseAlone: Set<ProblemCode> = [.apiPaused, .apiTermsRequired, .faceDataAgreementRequired, .agreementDeclined]

    /// Any of the APIs will do: a key that may call one of them may do what serves them all.
    private func pass(_ apis: [APIName], _ request: Request, address: String) async throws -> Passage {
        var refusal: any Error = GateRefusal.keyMissing
        for api in apis {
            let call = GateCall(
                credential: .key(Self.key(request.headers)), api: api,
                application: try request.headers[.vultusApplication].map(Self.application), address: address)
            do { return try await hub.pass(call) } catch let error as GateRefusal where error.code == .keyRefusesAPI { refusal = error } catch let error
                as GateRefusal where request.method == .delete && Self.bindsUseAlone.contains(error.code)
            {
                // To erase is no use of an API: what is owed to its terms does not keep a person's data.
                let erasing = GateCall(credential: call.credential, api: nil, application: call.application, address: address)
                return try await hub.pass(erasing, isQuestion: true)
            }
        }
        throw refusal
    }

    private static func require<Role: RawRepresentable & Hashable>(_ role: Role, among roles: Set<Role>, of whom: String) throws(Problem)
    where Role.RawValue == String {
        guard !roles.contains(role) else { return }
        throw Problem(
            .roleInsufficient, "Your role does not allow that.", detail: role.rawValue,
            remedy: "Ask \(whom) with one of these roles: \(roles.map(\.rawValue).sorted().joined(separator: ", ")).")
    }

    private static func application(_ text: String) throws(GateRefusal) -> ApplicationID {
        guard let id = ApplicationID(rawValue: text) else { throw .keyRefusesApplication }
        return id
    }

    private static func key(_ headers: HTTPFields) -> String? {
        if let value = headers[.authorization], value.lowercased().hasPrefix("bearer ") { return String(value.dropFirst(7)) }
        return headers[.apiKey]
    }

    private func signedIn(_ cookie: String, _ request: Request, _ route: Route) async throws -> (String, Session, Principal) {
        guard let token = Cookie.value(cookie, in: request.headers) else { throw Self.signIn }
        let (session, principal): (Session, Principal) = try await hub.session(token: token)
        // A page's form carries the token in its body, which is read after this.
        if route.page == nil, request.method != .get, request.method != .head {
            let sent: String = request.headers[.csrfToken] ?? ""
            guard ConstantTime.equal(Array(sent.utf8), Array(hub.csrfToken(session: token).utf8)) else { throw Self.csrf }
        }
        return (token, session, principal)
    }

    /// What a page's form must prove: that it is of this site and, where somebody is signed in, of this very session.
    private func checkForm(_ form: FormFields, _ route: Route, _ request: Request, token: String) throws {
        guard route.page != nil, request.method != .get, request.method != .head else { return }
        // Browsers say where a form is from (Fetch Metadata); no other site's form is one of ours, signed in or not.
        if let site = request.headers[.secFetchSite], !["same-origin", "none"].contains(site) { throw Self.csrf }
        guard !token.isEmpty else { return }
        let sent: String = request.headers[.csrfToken] ?? form["csrf"] ?? ""
        guard ConstantTime.equal(Array(sent.utf8), Array(hub.csrfToken(session: token).utf8)) else { throw Self.csrf }
    }

    private static let signIn = Problem(.signInRequired, "You are not signed in, or your session has ended.", remedy: "Sign in and try again.")
    private static let csrf = Problem(
        .csrfRefused, "The request does not carry this session's token.", remedy: "Send the csrfToken of your session as X-CSRF-Token.")

    /// The TLS layer has verified that the certificate is from our authority; whose it is and whether it still counts is
    /// asked here, on every request.
    private func device(_ context: HubRequestContext) async throws -> DeviceID {
        guard let handler = try? await context.channel.nioSSL_peerCertificate().get() else {
            throw Problem(.certificateMissing, "This route needs a device's certificate.", remedy: "Join the hub first: `vultus-edge join`.")
        }
        let certificate = try Certificate(derEncoded: try handler.toDERBytes())
        return try await hub.device(certificateSerial: certificate.serialNumber.bytes.hexadecimal)
    }

    // MARK: What was sent

    private func clientAddress(_ request: Request, _ context: HubRequestContext) -> String {
        let peer: String = context.channel.remoteAddress?.ipAddress ?? ""
        guard proxies.contains(where: { $0.contains(peer) }), let forwarded = request.headers[.forwardedFor] else { return peer }
        // From the right: the first that is not a proxy of ours is the client; what is left of it anybody may have written.
        for part in forwarded.split(separator: ",").reversed() {
            let address: String = part.filter { $0 != " " }
            if AddressRange(address) == nil { return peer }
            if !proxies.contains(where: { $0.contains(address) }) { return address }
        }
        return peer
    }

    private func query(_ route: Route, _ request: Request) throws -> [String: String] {
        var values: [String: String] = [:]
        // A page's filters come as its form sends them: a plus is a blank (URL Standard §5.1).
        let form: FormFields? = try route.page.map { _ in try FormFields(Array((request.uri.query ?? "").utf8), contentType: "") }
        for parameter in route.query {
            guard let text = form.map({ $0[parameter.name] }) ?? request.uri.queryParameters.get(parameter.name) else { continue }
            let value: JSONValue = parameter.schema.value(plain: text)
            if let fault = parameter.schema.fault(in: value, at: "?\(parameter.name)") {
                throw Problem(.invalidRequest, "A parameter of the query does not fit.", detail: fault, remedy: "See the route in /openapi.json.")
            }
            values[parameter.name] = text
        }
        return values
    }

    private static let notJSON = Problem(.invalidRequest, "The body is not JSON.", remedy: "Send one JSON object in UTF-8.")

    private func body(_ route: Route, _ request: Request, _ context: HubRequestContext) async throws -> (value: JSONValue, bytes: [UInt8]) {
        guard let schema = route.body else { return (.null, []) }
        let isRaw: Bool = if case .anything = schema { true } else { route.mediaTypes != [MediaType.json] }
        let type: Substring? = request.headers[.contentType]?.split(separator: ";").first
        guard isRaw || type?.filter({ $0 != " " }).lowercased() == MediaType.json else {
            throw Problem(.mediaTypeUnsupported, "The body must be JSON.", remedy: "Send Content-Type: application/json.")
        }
        let limit: Int = min(route.bodyLimit, context.maxUploadSize)
        let sent = Array(try await request.body.collect(upTo: limit).readableBytesView)
        let bytes: [UInt8] = try BodyCoding.decode(sent, of: request, on: route, limit: limit)
        if isRaw { return (.null, bytes) }
        let value: JSONValue
        do {
            // RFC 8259 §8.1: UTF-8; the decoder would take other encodings too, by their zeros.
            guard !bytes.contains(0), String(validating: bytes, as: UTF8.self) != nil else { throw Self.notJSON }
            value = try JSON.value(JSONValue.self, from: bytes)
        } catch {
            throw Self.notJSON
        }
        if let fault = schema.fault(in: value) {
            throw Problem(.invalidRequest, "The body does not fit this route.", detail: fault, remedy: "See the route in /openapi.json.")
        }
        return (value, bytes)
    }
}

extension Int64 {
    /// Digits alone, or after a minus: `+5` is no number in a query or a path.
    init?(plain text: String) {
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == UInt8(ascii: "-") }) else { return nil }
        self.init(text)
    }
}

extension HTTPField.Name {
    static var csrfToken: Self { Self("X-CSRF-Token")! }
    static var apiKey: Self { Self("X-API-Key")! }
    static var vultusApplication: Self { Self("Vultus-Application")! }
    static var secFetchSite: Self { Self("Sec-Fetch-Site")! }
    static var forwardedFor: Self { Self("X-Forwarded-For")! }
    static var vultusAgreementPending: Self { Self("Vultus-Agreement-Pending")! }
}
