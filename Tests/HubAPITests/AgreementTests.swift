import HubAPI
import HubAccess
import HubDomain
import RecognitionAPI
import ServiceSupport
import TestKit
import Testing
import WireModel

@Suite("Agreements")
struct AgreementTests {
    private static let owner: String = "owner@acme.example"

    private struct Scene: Sendable {
        let served: ServedHub
        let clock: ManualClock
        let owner: APIClient
        let key: String

        init() async throws {
            clock = ManualClock.startingNow()
            served = try await ServedHub(clock: clock)
            let account: Account = try await served.hub.openTestAccount()
            owner = try await served.member(AgreementTests.owner)
            key = try await served.key(of: account).secret
            clock.advance(by: .seconds(60))
        }

        /// A call that uses something, as a recognition route makes it.
        func use() async throws -> Passage {
            try await served.hub.pass(GateCall(credential: .key(key), api: .compare, address: "203.0.113.5"))
        }

        func publish(
            _ document: String, rule: AcceptanceRule, inDays days: Int64, text: String = "text", isAnnounced: Bool = true
        ) async throws -> AgreementVersion {
            let version: AgreementVersion = try await served.hub.publish(
                AgreementDraft(
                    document: document, rule: rule, effective: clock.now().wall.advanced(by: .seconds(days * 86_400)),
                    texts: [.en: "# Terms\n\n\(text)\n", .zh: "# 条款\n\n\(text)\n"]), by: .test)
            if isAnnounced { _ = try await served.hub.announceAgreements() }
            return version
        }

        func days(_ count: Int64) async throws -> APIClient {
            clock.advance(by: .seconds(count * 86_400))
            return try await served.member(AgreementTests.owner)
        }

        func call(_ path: String = "/v1/access") async throws -> APIAnswer { try await owner.call(path, key: key) }

        func decide(_ version: AgreementVersion, _ decision: String, by client: APIClient, hash: String? = nil) async throws -> APIAnswer {
            try await client.post(
                "/v1/account/agreements/decisions",
                [
                    "document": .string(version.document), "number": .integer(version.number), "hash": .string(hash ?? version.textHashes["en"] ?? ""),
                    "decision": .string(decision),
                ])
        }
    }

    @Test("a new version is announced, borne during the grace the operator set, then refused with its code and link until accepted")
    func grace() async throws {
        let scene = try await Scene()
        try await scene.served.hub.set(.agreementGraceDays, to: "10", by: .test)
        let version: AgreementVersion = try await scene.publish("general", rule: .explicit, inDays: 20)
        let notice: JSONValue = try #require(try await scene.owner.get("/v1/account/notices").items.first { $0["kind"] == "agreement" })
        #expect(notice["link"] == "/v1/agreements/general/versions/2")
        #expect(try await scene.served.hub.outbox().contains { $0.purpose == "agreement" && $0.mailbox == Self.owner })
        #expect(try await scene.served.hub.announceAgreements() == 0)
        // Before it takes effect nothing changes, and it is seen to come.
        let before: APIAnswer = try await scene.call()
        #expect(before.status == 200 && before["grace"].objects.isEmpty && before[header: "vultus-agreement-pending"] == nil)
        let status: JSONValue = try #require(try await scene.owner.get("/v1/account/agreements").items.first { $0["document"] == "general" })
        #expect(status["inForce"]["number"] == 1 && status["upcoming"]["number"] == 2)

        var owner: APIClient = try await scene.days(20)
        let during: APIAnswer = try await scene.call()
        #expect(during.status == 200)
        #expect(during["grace"].objects.map { $0["number"] } == [2])
        #expect(during[header: "vultus-agreement-pending"] == "general/2")
        owner = try await scene.days(10)
        let after: APIAnswer = try await scene.call()
        #expect(after.code == .agreementRequired)
        #expect(after["link"] == "/v1/agreements/general/versions/2")
        // Reading, exporting and deciding go on.
        #expect(try await owner.get("/v1/account").status == 200)
        #expect(try await owner.post("/v1/account/export").status == 200)
        #expect(try await scene.decide(version, "accepted", by: owner, hash: String(repeating: "a", count: 64)).code == .agreementChanged)
        #expect(try await scene.decide(version, "accepted", by: owner).status == 200)
        #expect(try await scene.call().status == 200)
        #expect(try await scene.served.hub.proveAcceptance(account: "Acme").isProven)
    }

    @Test("a version may be accepted as soon as it is announced; one that is past may not")
    func early() async throws {
        let scene = try await Scene()
        let first: AgreementVersion = try #require(try await scene.served.hub.agreementVersions(of: "general").first)
        let version: AgreementVersion = try await scene.publish("general", rule: .explicit, inDays: 1)
        #expect(try await scene.decide(version, "accepted", by: scene.owner).status == 200)
        try await scene.served.hub.set(.agreementGraceDays, to: "0", by: .test)
        let owner: APIClient = try await scene.days(2)
        #expect(try await scene.call().status == 200)
        #expect(try await scene.decide(first, "accepted", by: owner).code == .agreementChanged)
    }

    @Test("where the terms say so, continued use is recorded as acceptance: once, in the owner's name, with the call's address; a mere question is no use")
    func continuedUse() async throws {
        let scene = try await Scene()
        let version: AgreementVersion = try await scene.publish("general", rule: .continuedUse, inDays: 5)
        _ = try await scene.days(6)
        func lines() async throws -> [AcceptanceProof.Line] {
            try await scene.served.hub.proveAcceptance(account: "Acme").lines.filter { $0.acceptance.version == version.id }
        }
        #expect(try await scene.call().status == 200)
        #expect(try await lines().isEmpty)
        for _ in 0..<3 { _ = try await scene.use() }
        #expect(try await lines().count == 1)
        let acceptance: Acceptance = try #require(try await lines().first?.acceptance)
        #expect(acceptance.manner == .continuedUse)
        #expect(acceptance.email == Self.owner)
        #expect(acceptance.address == "203.0.113.5")
        #expect(try await lines().first?.faults.isEmpty == true)
    }

    @Test("nobody accepts by use what they were not told of yet")
    func untold() async throws {
        let scene = try await Scene()
        let version: AgreementVersion = try await scene.publish("general", rule: .continuedUse, inDays: 0, isAnnounced: false)
        scene.clock.advance(by: .seconds(1))
        _ = try await scene.use()
        #expect(try await !scene.served.hub.proveAcceptance(account: "Acme").lines.contains { $0.acceptance.version == version.id })
        _ = try await scene.served.hub.announceAgreements()
        _ = try await scene.use()
        #expect(try await scene.served.hub.proveAcceptance(account: "Acme").lines.contains { $0.acceptance.version == version.id })
    }

    @Test("who declined stays so: a newer version, with its grace or by use, is no way round it")
    func declinedForGood() async throws {
        let scene = try await Scene()
        let first: AgreementVersion = try #require(try await scene.served.hub.agreementVersions(of: "general").first)
        #expect(try await scene.decide(first, "declined", by: scene.owner).status == 200)
        #expect(try await scene.call().code == .agreementDeclined)
        _ = try await scene.publish("general", rule: .explicit, inDays: 1)
        _ = try await scene.days(2)
        #expect(try await scene.call().code == .agreementDeclined)
        let third: AgreementVersion = try await scene.publish("general", rule: .continuedUse, inDays: 1)
        let owner: APIClient = try await scene.days(2)
        await #expect(throws: GateRefusal.self) { _ = try await scene.use() }
        #expect(try await scene.decide(third, "accepted", by: owner).status == 200)
        #expect(try await scene.call().status == 200)
    }

    @Test("an account that came after a version was announced, and before it takes effect, is told of it too")
    func cameLater() async throws {
        let scene = try await Scene()
        _ = try await scene.publish("general", rule: .continuedUse, inDays: 10)
        scene.clock.advance(by: .seconds(86_400))
        let late: Account = try await scene.served.hub.openTestAccount("Late", email: "late@late.example")
        #expect(try await scene.served.hub.notices(late.id).contains { $0.kind == "agreement" && $0.link == "/v1/agreements/general/versions/2" })
    }

    @Test("many calls at once record one acceptance by use")
    func race() async throws {
        let scene = try await Scene()
        let version: AgreementVersion = try await scene.publish("general", rule: .continuedUse, inDays: 5)
        _ = try await scene.days(6)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 { group.addTask { _ = try await scene.use() } }
            try await group.waitForAll()
        }
        let recorded: Int = try await scene.served.hub.proveAcceptance(account: "Acme").lines.count { $0.acceptance.version == version.id }
        #expect(recorded == 1)
    }

    @Test("whoever declines is refused with its own code, can still export and leave, and may change their mind")
    func declined() async throws {
        let scene = try await Scene()
        let version: AgreementVersion = try await scene.publish("face-data", rule: .explicit, inDays: 1)
        let owner: APIClient = try await scene.days(2)
        #expect(try await scene.decide(version, "declined", by: owner).status == 200)
        #expect(try await scene.call("/v1/access/face.compare").code == .agreementDeclined)
        // It binds only what it is about.
        #expect(try await scene.call("/v1/access").status == 200)
        #expect(try await owner.post("/v1/account/export")["agreements"].objects.last?["decision"] == "declined")
        #expect(try await owner.post("/v1/account/closure", ["reason": "the new terms"]).status == 201)
        #expect(try await scene.decide(version, "accepted", by: owner).status == 200)
        #expect(try await scene.call("/v1/access/face.compare").status == 200)
    }

    @Test("the layers are computed and shown: an API's own terms over the face-data agreement over the general one, law above all")
    func layers() async throws {
        let served = try await ServedHub()
        let visitor: APIClient = try served.visitor()
        let answer: APIAnswer = try await visitor.get("/v1/terms/face.search")
        #expect(answer["layers"].objects.map { $0["document"].text } == ["api:face.search", "face-data", "general"])
        #expect(answer["above"].text?.isEmpty == false)
        #expect(try await visitor.get("/v1/terms/face.nothing").code == .notFound)
    }

    @Test("texts are served in both languages by their hash; what is not there is said so")
    func texts() async throws {
        let served = try await ServedHub()
        let visitor: APIClient = try served.visitor()
        for version in try await visitor.get("/v1/agreements").items {
            for language in ["en", "zh"] {
                let text: APIAnswer = try await visitor.get("/v1/agreements/\(version["document"].text ?? "")/versions/1?language=\(language)")
                #expect(text["hash"] == version["textHashes"][language])
                #expect(SHA256Text.of(text["body"].text ?? "") == text["hash"].text)
            }
        }
        #expect(try await visitor.get("/v1/agreements/general/versions/9").code == .notFound)
        #expect(try await visitor.get("/v1/agreements/general/versions/0").code == .notFound)
        #expect(try await visitor.get("/v1/agreements/nothing").code == .notFound)
        #expect(try await visitor.get("/v1/agreements/general/versions/1?language=fr").code == .invalidRequest)
        let chinese: APIAnswer = try await visitor.send("GET", "/v1/agreements/general/versions/1", headers: ["Accept-Language: zh-CN"])
        #expect(chinese["language"] == "zh")
    }

    @Test("the texts that ship say which rule each clause carries: all of S1–S23, clause by clause the same in both languages")
    func rules() async throws {
        let served = try await ServedHub()
        func clauses(_ document: String, _ language: Language) async throws -> [String] {
            let body: String = try await served.hub.agreementText(document, number: 1, language: language).body
            return body.split(separator: "\n").compactMap { line in
                guard let number = line.prefixMatch(of: #/[0-9]+\.[0-9]+ /#), let rule = line.firstMatch(of: #/<!-- (S[0-9]+) -->/#) else { return nil }
                return "\(document) \(number.output)\(rule.output.1)"
            }
        }
        var rules: Set<Substring> = []
        for version in try await served.hub.agreementsInForce() {
            let english: [String] = try await clauses(version.document, .en)
            #expect(english.count >= 4)
            #expect(try await clauses(version.document, .zh) == english)
            rules.formUnion(english.compactMap { $0.split(separator: " ").last })
        }
        #expect(rules == Set((1...23).map { "S\($0)" }))
    }

    @Test("operators publish by role, later than the version before, in both languages")
    func publishing() async throws {
        let served = try await ServedHub()
        let administrator: APIClient = try await served.staff(.administrator)
        let support: APIClient = try await served.staff(.support)
        func draft(_ effective: String, en: String = "# Terms\n\nnew", zh: String = "# 条款\n\n新的条款内容") -> JSONValue {
            ["document": "general", "rule": "explicit", "effective": .string(effective), "texts": ["en": .string(en), "zh": .string(zh)]]
        }
        #expect(try await support.post("/v1/operator/agreements", draft("2099-01-01T00:00:00Z")).code == .roleInsufficient)
        #expect(try await administrator.post("/v1/operator/agreements", draft("2020-01-01T00:00:00Z")).code == .invalidRequest)
        #expect(try await administrator.post("/v1/operator/agreements", draft("2099-01-01T00:00:00Z", zh: "no title here")).code == .invalidRequest)
        #expect(try await administrator.post("/v1/operator/agreements", draft("2099-01-01T00:00:00Z"))["number"] == 2)
        #expect(try await administrator.post("/v1/operator/agreements", draft("2098-01-01T00:00:00Z")).code == .invalidRequest)
        #expect(try await served.visitor().get("/v1/agreements/general").items.count == 2)
        #expect(try await served.visitor().get("/v1/agreements").items.first { $0["document"] == "general" }?["number"] == 1)
    }
}
