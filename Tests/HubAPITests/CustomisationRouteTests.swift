import HubDomain
import RecognitionAPI
import ServiceSupport
import TestKit
import Testing
import WireModel

@Suite("Customisation over the API")
struct CustomisationRouteTests {
    private static let definition: JSONValue = [
        "format": "csv", "records": "face",
        "fields": [["name": "who", "from": "faces[].person", "default": "nobody"], ["name": "s", "from": "faces[].score", "unit": "percent"]],
    ]

    private static func offer(_ changes: [String: JSONValue] = [:]) -> JSONValue {
        let terms: [String: JSONValue] = [
            "api": "face.search.acme-door", "definition": definition, "unitPrice": "0.015", "currency": "CNY", "monthlyAllowance": 1_000,
            "monthlyQuota": 100_000, "words": "As discussed.", "validUntil": .string("\(SystemClock().now().wall.advanced(by: .seconds(30 * 86_400)))"),
        ]
        return .object(terms.merging(changes) { $1 })
    }

    private static func wish(_ changes: [String: JSONValue] = [:]) -> JSONValue {
        let wish: [String: JSONValue] = ["base": "face.search", "name": "acme-door", "words": "CSV for our door.", "expectedMonthly": 50_000]
        return .object(wish.merging(changes) { $1 })
    }

    @Test("the whole road: previewed, asked, quoted, accepted, a new version with its day, retired with notice; each by who may, each in the audit log")
    func road() async throws {
        let clock = ManualClock.startingNow()
        let served = try await ServedHub(clock: clock)
        let account: Account = try await served.enterprise("Acme", domain: "acme.example")
        try await served.join("dev@acme.example", role: .developer, to: account)
        let (owner, developer) = (try await served.member("owner@acme.example"), try await served.member("dev@acme.example"))
        let (staff, support) = (try await served.staff(.administrator), try await served.staff(.support))

        let preview: APIAnswer = try await developer.post("/v1/account/customisation-previews", ["base": "face.search", "definition": Self.definition])
        #expect(preview.status == 200 && preview["mediaType"].text == "text/csv; charset=utf-8" && preview["records"] == 3)
        #expect(preview["output"].text?.hasPrefix("who,s\r\nper_") ?? false)
        let asked: APIAnswer = try await developer.post("/v1/account/customisations", Self.wish(["definition": Self.definition]))
        #expect(asked.status == 201 && asked["state"] == "requested")
        let id: String = asked["id"].text ?? ""
        #expect(try await support.get("/v1/operator/customisations").items.count == 1)
        let quoted: APIAnswer = try await support.post("/v1/operator/customisations/\(id)/quotes", Self.offer())
        #expect(quoted.status == 201 && quoted["state"] == "quoted")
        let quote: JSONValue = try #require(quoted["quotes"].first)
        #expect(quote["unitPrice"] == "0.015" && quote["currency"] == "CNY" && quote["definition"] == Self.definition)

        #expect(try await developer.post("/v1/account/customisations/\(id)/accept", ["quote": quote["id"] ?? .null]).code == .roleInsufficient)
        let accepted: APIAnswer = try await owner.post("/v1/account/customisations/\(id)/accept", ["quote": quote["id"] ?? .null])
        #expect(accepted.status == 200 && accepted["state"] == "accepted")
        #expect(try await owner.post("/v1/account/customisations/\(id)/accept", ["quote": quote["id"] ?? .null]).code == .conflict)
        let variant: JSONValue = try #require(try await developer.get("/v1/account/variants").items.first)
        #expect(variant["api"] == "face.search.acme-door" && variant["inForce"] == 1)
        let found: Variant? = try await served.hub.variant(APIName(rawValue: "face.search.acme-door")!, account: account.id)
        #expect(found != nil)

        let path: String = "/v1/account/variants/\(variant["id"]?.text ?? "")"
        let next: APIAnswer = try await owner.post("/v1/account/customisations", Self.wish(["variant": variant["id"] ?? .null]))
        let day: Timestamp = clock.now().wall.advanced(by: .seconds(86_400))
        let offer: JSONValue = Self.offer([
            "effective": .string("\(day)"), "unitPrice": "0.02", "definition": ["fields": [["name": "p", "from": "faces[0].person"]]],
        ])
        let second: APIAnswer = try await staff.post("/v1/operator/customisations/\(next["id"].text ?? "")/quotes", offer)
        #expect(
            try await owner.post("/v1/account/customisations/\(next["id"].text ?? "")/accept", ["quote": second["quotes"].first?["id"] ?? .null]).status == 200)
        #expect(try await owner.get(path)["inForce"] == 1)
        clock.advance(by: .seconds(86_400))
        let now: APIClient = try await served.member("owner@acme.example")
        #expect(try await now.get(path)["inForce"] == 2)

        let soon: APIAnswer = try await staff.post(
            "/v1/operator/variants/\(variant["id"]?.text ?? "")/retire", ["ends": .string("\(day)"), "reason": "r"])
        #expect(soon.status == 400 || soon.status == 401)
        let again: APIClient = try await served.staff(.administrator)
        let ends: Timestamp = clock.now().wall.advanced(by: .seconds(31 * 86_400))
        let retired: APIAnswer = try await again.post(
            "/v1/operator/variants/\(variant["id"]?.text ?? "")/retire", ["ends": .string("\(ends)"), "reason": "Replaced."])
        #expect(retired.status == 200 && retired["endGround"] == "Replaced.")
        #expect(try await now.get("/v1/account/notices").list("kind").filter { $0 == "variant" }.count == 3)
        #expect(try await served.hub.verify().allSatisfy { $0.faults.isEmpty })
    }

    @Test("a definition that cannot be served is refused with every place that is wrong, when it is previewed, asked for and quoted")
    func faults() async throws {
        let served = try await ServedHub()
        try await served.hub.openTestAccount()
        let owner: APIClient = try await served.member("owner@acme.example")
        let staff: APIClient = try await served.staff(.support)
        let bad: JSONValue = ["format": "pdf", "fields": [["name": "t", "from": "faces[].template"], ["name": "x"]]]
        let asked: APIAnswer = try await owner.post("/v1/account/customisations", Self.wish())
        let answers: [APIAnswer] = [
            try await owner.post("/v1/account/customisation-previews", ["base": "face.search", "definition": bad]),
            try await staff.post("/v1/operator/customisation-previews", ["base": "face.search", "definition": bad]),
            try await owner.post("/v1/account/customisations", Self.wish(["definition": bad])),
            try await staff.post("/v1/operator/customisations/\(asked["id"].text ?? "")/quotes", Self.offer(["definition": bad])),
        ]
        for answer in answers {
            #expect(answer.status == 400 && answer.code == .definitionInvalid)
            for place in ["/format: ", "/fields/0/from: the numbers of a template", "/fields/1: "] { #expect(answer["detail"].text?.contains(place) ?? false) }
        }
        #expect(try await owner.get("/v1/account/customisations").items.count == 1)
        // A sample of one's own.
        let answer: JSONValue = ["outcome": "match", "score": .number(0.5), "threshold": .number(0.45)]
        let preview: APIAnswer = try await owner.post(
            "/v1/account/customisation-previews",
            ["base": "face.compare", "answer": answer, "definition": ["fields": [["name": "s", "from": "score", "unit": "permille"]]]])
        #expect(preview["output"] == #"{"s":750}"#)
        #expect(preview["readings"].first?["about"]?.text?.contains("500 · (s + 1)") ?? false)
    }

    @Test("declined, withdrawn, refused: each with its reason, told to whom it concerns")
    func noes() async throws {
        let served = try await ServedHub()
        try await served.hub.openTestAccount()
        let owner: APIClient = try await served.member("owner@acme.example")
        let staff: APIClient = try await served.staff(.administrator)
        func ask() async throws -> String { try await owner.post("/v1/account/customisations", Self.wish())["id"].text ?? "" }
        let declined: String = try await ask()
        #expect(try await owner.post("/v1/account/customisations/\(declined)/decline", ["reason": "Too dear."]).code == .conflict)
        _ = try await staff.post("/v1/operator/customisations/\(declined)/quotes", Self.offer())
        #expect(try await owner.post("/v1/account/customisations/\(declined)/decline", ["reason": "Too dear."])["answer"] == "Too dear.")
        #expect(try await owner.post("/v1/account/customisations/\(try await ask())/withdraw")["state"] == "withdrawn")
        let refused: String = try await ask()
        #expect(try await staff.post("/v1/operator/customisations/\(refused)/refuse", ["reason": "Not possible."])["state"] == "refused")
        #expect(try await owner.get("/v1/account/customisations/\(refused)")["answer"] == "Not possible.")
        #expect(try await owner.get("/v1/account/notices").items.first?["body"]?.text?.contains("Not possible.") ?? false)
        // The name that was quoted and declined is free again.
        #expect(try await staff.post("/v1/operator/customisations/\(try await ask())/quotes", Self.offer()).status == 201)
    }

    @Test("webhooks over the API: the secret is shown once, settings change, a ping is in the log, a removed one is gone")
    func webhooks() async throws {
        let served = try await ServedHub()
        try await served.hub.openTestAccount()
        let owner: APIClient = try await served.member("owner@acme.example")
        #expect(try await owner.post("/v1/account/webhooks", ["url": "http://a.example/", "topics": ["notice"]]).code == .invalidRequest)
        let made: APIAnswer = try await owner.post("/v1/account/webhooks", ["url": "https://a.example/", "topics": ["notice", "variant.result"]])
        #expect(made.status == 201 && made["secret"].text?.hasPrefix("whsec_") ?? false)
        let path: String = "/v1/account/webhooks/\(made["webhook"]["id"]?.text ?? "")"
        #expect(!(try await owner.get(path).text.contains(made["secret"].text ?? "-")))
        let changed: APIAnswer = try await owner.send("PATCH", path, ["topics": ["notice"], "about": "door"])
        #expect(changed["topics"] == ["notice"] && changed["url"] == "https://a.example/" && changed["about"] == "door")
        #expect(try await owner.send("PATCH", path, ["url": "https://u:p@a.example/"]).code == .invalidRequest)
        let ping: APIAnswer = try await owner.post(path + "/ping")
        #expect(ping.status == 201 && ping["state"] == "queued")
        #expect(try await owner.get(path + "/deliveries").list("kind") == ["ping"])
        #expect(try await owner.post(path + "/deliveries/\(ping["id"].text ?? "")/replay").code == .conflict)
        let rotated: APIAnswer = try await owner.post(path + "/rotate", ["overlapSeconds": 60])
        #expect(rotated.status == 201 && rotated["secret"] != made["secret"] && rotated["webhook"]["overlapUntil"] != nil)
        #expect(try await owner.send("PATCH", path, ["active": false])["ground"] == "switched_off")
        #expect(try await owner.post(path + "/ping").code == .conflict)
        #expect(try await owner.send("DELETE", path).status == 204)
        #expect(try await owner.get(path).status == 404)
    }
}

extension JSONValue {
    fileprivate var first: JSONValue? {
        if case .array(let items) = self { items.first } else { nil }
    }
}
