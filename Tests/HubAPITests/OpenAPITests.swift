import Foundation
import HTTPTypes
import HubAPI
import HubDomain
import RecognitionAPI
import TestKit
import Testing
import WireModel

@Suite("The OpenAPI document")
struct OpenAPITests {
    private let served: ServedHub
    private let document: JSONValue

    init() async throws {
        served = try await ServedHub()
        document = try await served.visitor().get("/openapi.json").json
    }

    private func operation(_ route: Route) -> JSONValue? { document["paths"]?[route.path]?[route.method.rawValue.lowercased()] }

    private func names(_ value: JSONValue?) -> Set<String> {
        if case .object(let members)? = value { Set(members.keys) } else { [] }
    }

    @Test("every documented route is in it with its parameters, the media types of its body, and its success")
    func complete() throws {
        var seen: Int = 0
        for route in HubServer.routes(served.hub) where route.isDocumented {
            let name: String = "\(route.method.rawValue) \(route.path)"
            let found: JSONValue? = operation(route)
            let operation: JSONValue = try #require(found, "\(name)")
            seen += 1
            let parameters: Set<String> = Set((operation["parameters"]?.items ?? []).compactMap { $0["name"]?.text })
            #expect(parameters.isSuperset(of: route.pathParameters + route.query.map(\.name)), "\(name)")
            #expect(names(operation["requestBody"]?["content"]) == (route.body == nil ? [] : Set(route.mediaTypes)), "\(name)")
            let success: JSONValue? = operation["responses"]?["\(route.success.status)"]
            #expect(success != nil && (success?["content"] != nil) == (route.success.schema != nil), "\(name)")
        }
        #expect(seen > 120)
    }

    @Test("metered routes tell of limits, units and repetition in their headers, and every header that an answer really has is among them")
    func headers() async throws {
        var metered: Int = 0
        for route in HubServer.routes(served.hub) where route.isDocumented {
            guard case .call = route.access, route.method != .delete else { continue }
            metered += 1
            let found: JSONValue? = operation(route)
            let operation: JSONValue = try #require(found)
            let success: Set<String> = names(operation["responses"]?["\(route.success.status)"]?["headers"])
            #expect(success.isSuperset(of: ["RateLimit", "RateLimit-Policy", "Vultus-Units", "Vultus-Record", "X-Request-Id"]), "\(route.path)")
            let limited: Set<String> = names(operation["responses"]?["429"]?["headers"])
            #expect(limited.contains("Retry-After"), "\(route.path)")
            let sent: [String] = (operation["parameters"]?.items ?? []).filter { $0["in"] == "header" }.compactMap { $0["name"]?.text }
            #expect(sent == (route.method == .get ? [] : ["Idempotency-Key"]), "\(route.path)")
        }
        #expect(metered >= 15)
        let account: Account = try await served.hub.openTestAccount()
        let key: IssuedKey = try await served.key(of: account)
        _ = try await served.hub.grant(.enrol, to: key.key.application, of: account)
        let program: APIClient = try served.visitor()
        let answer: APIAnswer = try await program.send(
            "POST", "/v1/galleries", ["name": "door"], headers: ["Authorization: Bearer \(key.secret)", "Idempotency-Key: one"])
        #expect(answer.status == 201, "\(answer.text)")
        let known: Set<String> = Set(DocumentedHeader.all.map { $0.name.lowercased() } + ["content-type", "content-length", "cache-control", "date"])
        #expect(Set(answer.headers.map { $0.name }).subtracting(known).isEmpty, "\(answer.headers.map { $0.name })")
    }

    @Test("it is valid OpenAPI 3.1, as openapi-spec-validator sees it; a document with a fault is not")
    func valid() async throws {
        let python: String = Program.repository + "/.build/openapi/bin/python"
        guard FileManager.default.isExecutableFile(atPath: python) else {
            print("NOTICE: openapi-spec-validator is not in place (deploy/setup --tests): the OpenAPI document was not validated")
            return
        }
        func validate(_ document: JSONValue) async throws -> Outcome {
            let file: String = FileManager.default.temporaryDirectory.appending(path: "vultus-openapi-\(UUID().uuidString).json").path
            defer { try? FileManager.default.removeItem(atPath: file) }
            try JSON.text(document).write(toFile: file, atomically: true, encoding: .utf8)
            return try await Program.runSystem(python, ["-m", "openapi_spec_validator", "--schema", "3.1.0", file])
        }
        let outcome: Outcome = try await validate(document)
        #expect(outcome.status == 0, "\(outcome.output.suffix(2_000)) \(outcome.errors.suffix(2_000))")
        guard case .object(var faulty) = document else { return }
        faulty["paths"] = ["/v1/broken": ["get": ["responses": "none"]]]
        #expect(try await validate(.object(faulty)).status != 0)
    }
}
