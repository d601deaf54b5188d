import CurlTransfer
import HubAPI
import RecognitionAPI
import ServiceSupport
import WireModel

/// An answer of the API as its caller sees it.
package struct APIAnswer: Sendable {
    package let status: Int
    package let headers: [(name: String, value: String)]
    package let bytes: [UInt8]

    /// The first value of a header.
    /// - Parameter name: in lower case.
    package subscript(header name: String) -> String? { headers.first { $0.name == name }?.value }

    package var text: String { String(decoding: bytes, as: UTF8.self) }

    /// Null when the body is none.
    package var json: JSONValue { (try? JSON.value(JSONValue.self, from: bytes)) ?? .null }

    package subscript(_ member: String) -> JSONValue { json[member] ?? .null }

    /// The texts under `member` of each of `items`.
    package func list(_ member: String) -> [String] { items.compactMap { $0[member]?.text } }

    package var items: [JSONValue] {
        if case .array(let items)? = json["items"] { items } else { [] }
    }

    /// `code` of a problem document.
    package var code: ProblemCode? { json["code"]?.text.flatMap(ProblemCode.init(rawValue:)) }

    /// What a `Set-Cookie` of this answer gives a cookie, attributes and all.
    package func cookie(_ name: String) -> String? {
        headers.first { $0.name == "set-cookie" && $0.value.hasPrefix(name + "=") }?.value
    }
}

/// Somebody's browser or program against the API, over real TLS and libcurl on one kept connection: keeps cookies, and
/// sends its session's token back as a console's page does.
package actor APIClient {
    package enum Side: String, Sendable {
        case account, `operator`

        var cookie: String { self == .account ? "__Host-vultus-session" : "__Host-vultus-operator" }
    }

    private let executor = BlockingExecutor(label: "test-client")
    private let transfer: CurlTransfer
    private let url: String
    private let authority: [UInt8]
    private let credential: TransferCredential?
    package let side: Side
    private var cookies: [String: String] = [:]
    private var csrfToken: String = ""
    private var headers: [String] = []

    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    package init(_ url: String, authority: String, side: Side = .account, credential: TransferCredential? = nil) throws {
        transfer = try CurlTransfer()
        self.url = url
        self.authority = Array(authority.utf8)
        self.side = side
        self.credential = credential
    }

    /// - Parameter headers: `Name: value`, sent from now on with everything.
    package func send(always headers: [String]) { self.headers = headers }

    package func setSession(cookie: String, csrf: String) {
        cookies[side.cookie] = cookie
        csrfToken = csrf
    }

    package var session: (cookie: String, csrf: String) { (cookies[side.cookie] ?? "", csrfToken) }

    /// - Parameter csrf: `nil` sends the session's own.
    package func send(
        _ method: String, _ path: String, _ body: JSONValue? = nil, headers: [String] = [], csrf: String? = nil
    ) throws -> APIAnswer {
        try send(method, path, bytes: try body.map { try JSON.bytes($0) }, headers: ["Content-Type: application/json"] + headers, csrf: csrf)
    }

    package func send(_ method: String, _ path: String, bytes: [UInt8]?, headers: [String], csrf: String? = nil) throws -> APIAnswer {
        var lines: [String] = self.headers + headers
        if !cookies.isEmpty { lines.append("Cookie: " + cookies.map { "\($0.key)=\($0.value)" }.sorted().joined(separator: "; ")) }
        let token: String = csrf ?? csrfToken
        if !token.isEmpty { lines.append("X-CSRF-Token: \(token)") }
        let answer: HTTPAnswer = try transfer.exchange(
            HTTPExchange(
                url: url + path, method: method, body: bytes, headers: lines, userAgent: "vultus-test", trust: .authority(authority),
                credential: credential, timeout: .seconds(120), largestAnswer: 16 << 20))
        for header in answer.headers where header.name == "set-cookie" { keep(header.value) }
        return APIAnswer(status: answer.status, headers: answer.headers, bytes: answer.body)
    }

    private func keep(_ cookie: String) {
        let pair: [Substring] = cookie.prefix { $0 != ";" }.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard pair.count == 2 else { return }
        cookies[String(pair[0])] = pair[1].isEmpty ? nil : String(pair[1])
    }

    package func get(_ path: String) throws -> APIAnswer { try send("GET", path) }

    package func post(_ path: String, _ body: JSONValue? = nil) throws -> APIAnswer { try send("POST", path, body) }

    /// With an API key.
    package func call(_ path: String, key: String, headers: [String] = []) throws -> APIAnswer {
        try send("GET", path, headers: ["Authorization: Bearer \(key)"] + headers)
    }

    @discardableResult
    package func signIn(_ email: String, password: String, code: String? = nil) throws -> APIAnswer {
        var body: [String: JSONValue] = ["email": .string(email), "password": .string(password)]
        if let code { body["code"] = .string(code) }
        let answer: APIAnswer = try post("/v1/\(side.rawValue)/session", .object(body))
        if case .string(let token) = answer["csrfToken"] { csrfToken = token }
        return answer
    }
}
