import Testing
import WireModel

@testable import EdgeAgent
@testable import RecognitionAPI

@Suite("The list of recognition routes")
struct RouteListTests {
    private let routes: [RecognitionRoute<LocalBackend>] = RecognitionRoutes.all

    @Test("every route is there once, says who may, and is metered only as what it permits")
    func rules() {
        #expect(Set(routes.map { "\($0.method.rawValue) \($0.path)" }).count == routes.count)
        for route in routes {
            #expect(route.path.hasPrefix("/v1/"))
            #expect(!route.permission.isEmpty && Set(route.permission).isSubset(of: APIName.all))
            if let api = route.api { #expect(route.permission == [api]) }
            #expect(Set(route.pathParameters).count == route.pathParameters.count)
            #expect((route.method == .get || route.method == .delete) == (route.body.schema == nil) || route.path.hasSuffix("/close"))
        }
        #expect(Set(routes.compactMap(\.api)) == Set(APIName.all))
        #expect(routes.filter { $0.scope != nil }.map(\.path) == ["/v1/galleries/{gallery}/persons/{person}/templates/{template}/data"])
    }

    @Test("what answers refer to is described, and what requests are held against refers to nothing")
    func references() {
        let names: Set<String> = Set(RecognitionSchemas.components.keys).union(["Problem"])
        for route in routes {
            #expect(route.body.schema?.references.isEmpty != false)
            #expect(route.success.schema?.references.isSubset(of: names) != false)
        }
        for component in RecognitionSchemas.components.values { #expect(component.references.isSubset(of: names)) }
    }

    @Test("a call says before any work what it may cost: nothing, one unit, or one a row")
    func units() {
        func most(_ path: String, _ json: JSONValue = .null) -> Int64? {
            let request = RecognitionRequest(path: [:], query: [:], json: json, pictures: [:])
            return routes.first { $0.path == path && $0.method == .post }?.mostUnits(request)
        }
        #expect(most("/v1/detect") == 1)
        #expect(most("/v1/galleries/{gallery}/search") == 1)
        #expect(most("/v1/galleries/{gallery}/persons") == 0)
        #expect(most("/v1/galleries/{gallery}/imports/{import}/rows", ["rows": [[:], [:], [:]]]) == 3)
    }

    @Test("a device's document describes every route, and its table knows which methods a path takes")
    func document() {
        for route in routes {
            let operation: JSONValue? = RouteTable.document["paths"]?[route.path]?[route.method.rawValue.lowercased()]
            #expect(operation?["responses"]?["\(route.success.status)"] != nil)
            for type in route.body.mediaTypes { #expect(operation?["requestBody"]?["content"]?[type] != nil, "\(route.path): \(type)") }
        }
        #expect(RouteTable.methods(of: "/v1/galleries/x") == ["GET", "HEAD", "PATCH", "DELETE"])
        #expect(RouteTable.methods(of: "/v1/nothing").isEmpty)
    }
}
