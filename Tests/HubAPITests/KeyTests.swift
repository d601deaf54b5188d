import HubAPI
import HubAccess
import HubDomain
import RecognitionAPI
import ServiceSupport
import TestKit
import Testing
import WireModel

@Suite("API keys")
struct KeyTests {
    private static let owner: String = "owner@acme.example"

    @Test("the whole key is shown once; lists and look-ups never hold it; its last use is shown")
    func shownOnce() async throws {
        let served = try await ServedHub()
        try await served.hub.openTestAccount()
        let owner: APIClient = try await served.member(Self.owner)
        let application: APIAnswer = try await owner.post("/v1/account/applications", ["name": "door"])
        let issued: APIAnswer = try await owner.post(
            "/v1/account/keys", ["application": application["id"], "name": "first", "environment": "test"])
        let secret: String = issued["secret"].text ?? ""
        #expect(secret.hasPrefix("vlt_test_"))
        let id: String = issued["key"]["id"].text ?? ""
        let before: APIAnswer = try await owner.get("/v1/account/keys/\(id)")
        #expect(before["lastUsed"] == .null)
        let passed: APIAnswer = try await owner.call("/v1/access", key: secret)
        #expect(passed["environment"] == "test")
        #expect(passed["application"] == application["id"])
        let after: APIAnswer = try await owner.get("/v1/account/keys/\(id)")
        #expect(after["lastUsed"] != .null)
        #expect(after["lastAddress"] == "127.0.0.1")
        for path in ["/v1/account/keys", "/v1/account/keys/\(id)", "/v1/account/audit"] {
            #expect(try await !owner.get(path).text.contains(secret.dropFirst(9).dropLast(8)))
        }
        // The other header that clients use.
        #expect(try await owner.send("GET", "/v1/access", headers: ["X-API-Key: \(secret)"]).status == 200)
    }

    @Test("a key passes only where its scope reaches, and each refusal has its code, in the caller's language, with a next step")
    func scope() async throws {
        let clock = ManualClock.startingNow()
        let served = try await ServedHub(clock: clock, proxies: ["127.0.0.1"])
        let account: Account = try await served.hub.openTestAccount()
        let visitor: APIClient = try served.visitor()
        let range = try #require(AddressRange("203.0.113.0/24"))
        let key: IssuedKey = try await served.key(of: account, apis: [.compare], addresses: [range], expires: clock.now().wall.advanced(by: .seconds(3_600)))

        func refusal(_ path: String, _ secret: String, from address: String = "203.0.113.7", _ headers: [String] = []) async throws -> ProblemCode? {
            var codes: [ProblemCode?] = []
            for (language, script) in [("en-GB,en;q=0.9", false), ("zh-CN,zh;q=0.9,en;q=0.8", true)] {
                let answer: APIAnswer = try await visitor.call(
                    path, key: secret, headers: ["X-Forwarded-For: \(address)", "Accept-Language: \(language)"] + headers)
                codes.append(answer.code)
                guard answer.code != nil else { continue }
                #expect(answer[header: "content-type"] == "application/problem+json")
                #expect(answer[header: "content-language"] == (script ? "zh" : "en"))
                for part in ["title", "remedy"] {
                    let text: String = answer[part].text ?? ""
                    #expect(!text.isEmpty && text.unicodeScalars.contains { (0x4E00...0x9FFF).contains($0.value) } == script, "\(part): \(text)")
                }
            }
            #expect(codes[0] == codes[1])
            return codes[0]
        }
        #expect(try await refusal("/v1/access/face.compare", key.secret) == nil)
        #expect(try await refusal("/v1/access/face.search", key.secret) == .keyRefusesAPI)
        #expect(try await refusal("/v1/access/face.compare", key.secret, from: "198.51.100.1") == .keyRefusesAddress)
        let other: Application = try await served.hub.makeApplication("other", account: account.id, by: .test)
        #expect(
            try await refusal("/v1/access/face.compare", key.secret, from: "203.0.113.7", ["Vultus-Application: \(other.id)"]) == .keyRefusesApplication)
        #expect(try await refusal("/v1/access", "") == .keyMissing)
        #expect(try await refusal("/v1/access", String(key.secret.dropLast()) + (key.secret.hasSuffix("0") ? "1" : "0")) == .keyMalformed)
        #expect(try await refusal("/v1/access", APIKeyText.generate(.live).text) == .keyUnknown)
        clock.advance(by: .seconds(3_601))
        #expect(try await refusal("/v1/access/face.compare", key.secret) == .keyExpired)
        let second: IssuedKey = try await served.key(of: account)
        _ = try await served.hub.freezeKey(second.key.id, ground: "laptop stolen", account: account.id, by: .test)
        #expect(try await refusal("/v1/access", second.secret) == .keyFrozen)
        #expect(try await visitor.call("/v1/access/face.nonsense", key: second.secret).status >= 400)
    }

    @Test("rotation: both keys pass during the overlap, then only the new one, with the same scope; an old key is not rotated twice")
    func rotation() async throws {
        let clock = ManualClock.startingNow()
        let served = try await ServedHub(clock: clock)
        let account: Account = try await served.hub.openTestAccount()
        let owner: APIClient = try await served.member(Self.owner)
        let old: IssuedKey = try await served.key(of: account, apis: [.compare])
        let path: String = "/v1/account/keys/\(old.key.id)/rotate"
        #expect(try await owner.post(path, ["overlapSeconds": 7_776_001]).code == .invalidRequest)
        let answer: APIAnswer = try await owner.post(path, ["overlapSeconds": 3_600])
        let new: String = answer["secret"].text ?? ""
        #expect(answer["key"]["apis"].texts == ["face.compare"])
        #expect(try await owner.post(path, ["overlapSeconds": 3_600]).code == .conflict)
        for key in [old.secret, new] { #expect(try await owner.call("/v1/access/face.compare", key: key).status == 200) }
        clock.advance(by: .seconds(3_601))
        #expect(try await owner.call("/v1/access/face.compare", key: old.secret).code == .keyExpired)
        #expect(try await owner.call("/v1/access/face.compare", key: new).status == 200)
        // Zero ends the old one at once.
        let third: APIAnswer = try await owner.post("/v1/account/keys/\(answer["key"]["id"].text ?? "")/rotate", ["overlapSeconds": 0])
        #expect(try await owner.call("/v1/access/face.compare", key: new).code == .keyExpired)
        #expect(try await owner.call("/v1/access/face.compare", key: third["secret"].text ?? "").status == 200)
    }

    @Test("a key is frozen at once: by its account, by whoever finds it, with its application")
    func frozen() async throws {
        let served = try await ServedHub()
        let account: Account = try await served.hub.openTestAccount()
        let owner: APIClient = try await served.member(Self.owner)
        let keys: [IssuedKey] = [try await served.key(of: account), try await served.key(of: account), try await served.key(of: account)]
        for key in keys { #expect(try await owner.call("/v1/access", key: key.secret).status == 200) }
        #expect(try await owner.post("/v1/account/keys/\(keys[0].key.id)/freeze", ["ground": "laptop stolen"])["frozenGround"] == "laptop stolen")
        #expect(try await served.visitor().post("/v1/keys/found", ["key": .string(keys[1].secret)]).status == 204)
        #expect(try await owner.send("DELETE", "/v1/account/applications/\(keys[2].key.application)").status == 200)
        for key in keys { #expect(try await owner.call("/v1/access", key: key.secret).code == .keyFrozen) }
        #expect(try await owner.get("/v1/account/notices").list("kind").filter { $0 == "key_frozen" }.count == 2)
        #expect(try await served.visitor().post("/v1/keys/found", ["key": .string(APIKeyText.generate(.live).text)]).code == .keyUnknown)
        #expect(try await owner.post("/v1/account/keys", ["application": .string(keys[2].key.application.rawValue), "name": "late"]).code == .notFound)
        #expect(try await owner.post("/v1/account/keys/\(keys[0].key.id)/rotate", ["overlapSeconds": 60]).code == .conflict)
        // However often it is reported, its account is told once.
        for _ in 0..<3 { #expect(try await served.visitor().post("/v1/keys/found", ["key": .string(keys[1].secret)]).status == 204) }
        #expect(try await owner.get("/v1/account/notices").list("kind").filter { $0 == "key_frozen" }.count == 2)
        // Frozen for good, and the first ground stands.
        #expect(try await owner.post("/v1/account/keys/\(keys[0].key.id)/freeze", ["ground": "another"])["frozenGround"] == "laptop stolen")
    }

    @Test("what cannot be a key is refused with what is wrong")
    func refused() async throws {
        let served = try await ServedHub()
        try await served.hub.openTestAccount()
        let owner: APIClient = try await served.member(Self.owner)
        let application: JSONValue = try await owner.post("/v1/account/applications", ["name": "door"])["id"]
        func make(_ more: [String: JSONValue]) async throws -> APIAnswer {
            try await owner.post("/v1/account/keys", .object(["application": application, "name": "k"].merging(more) { $1 }))
        }
        #expect(try await make(["apis": ["face.nothing"]]).code == .invalidRequest)
        #expect(try await make(["addresses": ["300.0.0.1"]]).code == .invalidRequest)
        #expect(try await make(["expires": "2020-01-01T00:00:00Z"]).code == .invalidRequest)
        #expect(try await make(["environment": "staging"]).code == .invalidRequest)
        #expect(try await make(["surprise": true]).code == .invalidRequest)
        #expect(try await make(["name": ""]).code == .invalidRequest)
        #expect(try await make(["application": "app_00000000000000000000000000000000"]).code == .notFound)
        #expect(try await make([:]).status == 201)
        let bytes: [UInt8] = Array("{\"name\":".utf8)
        #expect(try await owner.send("POST", "/v1/account/applications", bytes: bytes, headers: ["Content-Type: application/json"]).code == .invalidRequest)
        #expect(try await owner.send("POST", "/v1/account/applications", bytes: bytes, headers: ["Content-Type: text/plain"]).code == .mediaTypeUnsupported)
        let wrong: APIAnswer = try await owner.send("PUT", "/v1/account/keys")
        #expect(wrong.code == .methodNotAllowed)
        #expect(wrong[header: "allow"] == "GET, HEAD, POST")
        for method in ["TRACE", "OPTIONS", "QUERY"] {
            let other: APIAnswer = try await owner.send(method, "/v1/agreements/general")
            #expect(other.status == 405 && other[header: "allow"] == "GET, HEAD", "\(method)")
        }
        #expect(try await owner.send("TRACE", "/v1/nothing").code == .notFound)
        #expect(try await owner.get("/v1/account/audit?limit=+5").code == .invalidRequest)
        #expect(try await owner.get("/v1/agreements/general/versions/+1").code == .notFound)
        let wide: [UInt8] = Array("{\"name\":\"x\"}".utf16).flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
        #expect(try await owner.send("POST", "/v1/account/applications", bytes: wide, headers: ["Content-Type: application/json"]).code == .invalidRequest)
        for name in ["a\u{85}b", "a\u{2028}b", "\u{200B}", "\u{A0}", "a\u{202E}b", "a\nb", "\u{FEFF}x"] {
            #expect(try await owner.post("/v1/account/applications", ["name": .string(name)]).code == .invalidRequest)
        }
        for name in ["大门 1 号", "👩‍👩‍👧", "می‌خواهم", "Tür №2"] { #expect(try await owner.post("/v1/account/applications", ["name": .string(name)]).status == 201) }
    }
}
