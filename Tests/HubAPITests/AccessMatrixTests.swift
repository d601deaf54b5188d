import HTTPTypes
import HubAPI
import HubAccess
import HubDomain
import RecognitionAPI
import ServiceSupport
import TestKit
import Testing
import WireModel

/// Every route × every credential that must not open it. Made from the route table itself, so that a route that is added
/// is in it.
@Suite("Access matrix")
struct AccessMatrixTests {
    @Test("no route opens to a caller its rule does not name, and none tells or changes anything of another account's")
    func matrix() async throws {
        let matrix = try await AccessMatrix()
        let report: AccessMatrix.Report = try await matrix.run()
        print("NOTICE: access matrix: \(report.routes) routes, \(report.requests) requests")
        #expect(report.leaks.isEmpty, "\(report.leaks.joined(separator: "\n"))")
        #expect(report.routes >= 60)
        // Every kind of credential was tried, and every rule was met.
        #expect(report.tried == Set(AccessMatrix.Credential.allCases))
        #expect(report.opened > 0)
    }

    @Test("a route that forgets the account is caught: it reads another's key, lists another's, writes into another's, or asks for no credential")
    func planted() async throws {
        let plants: [(name: String, make: @Sendable (Hub) -> Route)] = [
            (
                "/v1/planted/keys/{key}",
                { hub in
                    Route(.get, "/v1/planted/keys/{key}", .member(Set(MemberRole.allCases)), "Planted.", success: (200, nil)) { call in
                        // The tenant filter is missing: whose key it is, is not asked.
                        for account in try await hub.accounts() {
                            for key in try await hub.apiKeys(account.id) where key.id.rawValue == call.path["key"] { return try .json(key) }
                        }
                        throw Problem(.notFound, "There is no such key.", remedy: "Check it.")
                    }
                }
            ),
            (
                "/v1/planted/members",
                { hub in
                    Route(.get, "/v1/planted/members", .member(Set(MemberRole.allCases)), "Planted.", success: (200, nil)) { _ in
                        var all: [Member] = []
                        for account in try await hub.accounts() { all += try await hub.members(account.id) }
                        return try .json(all)
                    }
                }
            ),
            (
                "/v1/planted/applications/{application}",
                { hub in
                    Route(.delete, "/v1/planted/applications/{application}", .member([.owner, .admin]), "Planted.", success: (204, nil)) { call in
                        for account in try await hub.accounts() {
                            for application in try await hub.applications(account.id) where application.id.rawValue == call.path["application"] {
                                _ = try await hub.archiveApplication(application.id, account: account.id, by: .test)
                            }
                        }
                        return try .json([String]())
                    }
                }
            ),
            (
                "/v1/planted/accounts",
                { hub in
                    Route(.get, "/v1/planted/accounts", .open, "Planted.", success: (200, nil)) { _ in try .json(try await hub.accounts()) }
                }
            ),
        ]
        for plant in plants {
            let matrix = try await AccessMatrix(planted: plant.make)
            let report: AccessMatrix.Report = try await matrix.run(only: plant.name)
            #expect(!report.leaks.isEmpty, "\(plant.name) went unnoticed")
        }
    }

    @Test("every route says whom it is for in the OpenAPI document, and everything documented is in the table")
    func described() async throws {
        let served = try await ServedHub()
        let document: APIAnswer = try await served.visitor().get("/openapi.json")
        guard case .object(let paths)? = document.json["paths"] else { throw AccessMatrix.Unexpected(what: "no paths") }
        let routes: [Route] = HubServer.routes(served.hub).filter(\.isDocumented)
        #expect(Set(paths.keys) == Set(routes.map(\.path)))
        for route in routes {
            let operation: JSONValue = paths[route.path]?[route.method.rawValue.lowercased()] ?? .null
            #expect(operation["description"].text?.isEmpty == false)
            #expect((operation["security"] == .null) == (route.access == .open), "\(route.method) \(route.path)")
        }
    }
}
