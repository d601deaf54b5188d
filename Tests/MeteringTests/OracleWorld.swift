import Foundation
import HubAPI
import HubDomain
import RecognitionAPI
import TestKit
import WireModel

/// Who takes part: an account with a key and two stored templates, and an operator; whichever hub they reach.
struct OracleWorld: Sendable {
    static let tariff: Tariff = try! Tariff(free: 20, steps: [Tariff.Step(through: 200, price: 15_000), Tariff.Step(through: nil, price: 9_000)])  // ascending
    static let packPrice: Int64 = 200_000
    static let packSize: Int64 = 20

    let urls: [String]
    let authority: String
    let account: String
    let entitlement: String
    let product: String
    let key: String
    let gallery: String
    let templates: [String]
    let owner: (cookie: String, csrf: String)
    let staff: (cookie: String, csrf: String)

    /// Everything that is there before the first hub is killed.
    init(_ world: World, urls: [String]) async throws {
        self.urls = urls
        authority = try String(contentsOfFile: world.hubFolder + "/keys/authority.pem", encoding: .utf8)
        let client = try APIClient(urls[0], authority: authority)
        try await client.signIn(World.owner, password: World.password)
        owner = await client.session
        account = try await client.get("/v1/account")["account"]["id"]?.text ?? ""

        _ = try await world.operate("admin", "operator", "invite", "staff@hub.example", "--role", "administrator")
        let accepted: APIClient = try APIClient(urls[0], authority: authority, side: .operator)
        let token: String = try await world.mailedToken("staff@hub.example")
        _ = try await accepted.post("/v1/operator/invitations/accept", ["token": .string(token), "password": .string(World.password)])
        try await accepted.signIn("staff@hub.example", password: World.password)
        staff = await accepted.session
        let pack: JSONValue = [
            "api": "face.compare", "kind": "pack", "name": "pack", "units": .integer(Self.packSize), "validDays": 30, "price": .integer(Self.packPrice),
            "currency": "CNY",
        ]
        product = try await accepted.post("/v1/operator/catalogue/products", pack)["id"].text ?? ""

        let application: JSONValue = try await client.post("/v1/account/applications", ["name": "door"])["id"]
        var entitlements: [String: String] = [:]
        for api in ["face.compare", "face.enrol"] {
            let path: String = "/v1/account/applications/\(application.text ?? "")/entitlements"
            entitlements[api] = try await client.post(path, ["api": .string(api)])["id"].text
        }
        entitlement = entitlements["face.compare"] ?? ""
        key = try await client.post("/v1/account/keys", ["application": application, "name": "k"])["secret"].text ?? ""
        let bearer: String = "Authorization: Bearer \(key)"
        gallery = try await client.send("POST", "/v1/galleries", ["name": "hall"], headers: [bearer])["id"].text ?? ""
        var templates: [String] = []
        for (label, picture) in [("one", "obama.jpg"), ("two", "biden.jpg")] {
            let consent: JSONValue = ["reference": "c", "purpose": "test", "given": "2026-01-01T00:00:00Z", "expires": "2031-01-01T00:00:00Z"]
            let draft: JSONValue = ["label": .string(label), "consent": consent]
            let person: String = try await client.send("POST", "/v1/galleries/\(gallery)/persons", draft, headers: [bearer])["id"].text ?? ""
            let bytes = [UInt8](try Data(contentsOf: URL(filePath: World.picture(picture))))
            let made: APIAnswer = try await client.send(
                "POST", "/v1/galleries/\(gallery)/persons/\(person)/templates", bytes: bytes, headers: [bearer, "Content-Type: image/jpeg"])
            guard let id = made["id"].text else { throw Unprepared(answer: made.text) }
            templates.append(id)
        }
        self.templates = templates
    }

    struct Unprepared: Error {
        let answer: String
    }

    /// What `face.compare` is asked, one way round or the other.
    func body(_ isTurned: Bool, probe: String? = nil) -> String {
        let (one, other): (String, String) = isTurned ? (templates[1], templates[0]) : (templates[0], templates[1])
        return "{\"gallery\":\"\(gallery)\",\"template\":\"\(probe ?? one)\",\"referenceTemplate\":\"\(other)\"}"
    }

    /// One client for each hub.
    func clients(_ session: (cookie: String, csrf: String)? = nil, side: APIClient.Side = .account) async throws -> [APIClient] {
        var clients: [APIClient] = []
        for url in urls {
            let client = try APIClient(url, authority: authority, side: side)
            if let session { await client.setSession(cookie: session.cookie, csrf: session.csrf) }
            clients.append(client)
        }
        return clients
    }
}
