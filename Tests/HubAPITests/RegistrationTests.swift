import Foundation
import HubAPI
import HubAccess
import HubDomain
import HubStorage
import RecognitionAPI
import ServiceSupport
import TestKit
import Testing
import WireModel

/// What a registration page sends.
func registration(
    _ email: String, name: String = "Ada", kind: AccountType = .individual, password: String = Hub.testPassword, language: Language? = nil,
    accept: JSONValue
) -> JSONValue {
    var body: [String: JSONValue] = [
        "kind": .string(kind.rawValue), "name": .string(name), "email": .string(email), "password": .string(password), "accept": accept,
    ]
    if let language { body["language"] = .string(language.rawValue) }
    return .object(body)
}

@Suite("Registration")
struct RegistrationTests {
    @Test("the whole road: shown, accepted, mailed, proven, active, application, key, call; and no call passes before its step")
    func road() async throws {
        let served = try await ServedHub()
        let visitor: APIClient = try served.visitor()
        let shown: APIAnswer = try await visitor.get("/v1/agreements")
        #expect(shown.list("document").contains("general"))
        let text: APIAnswer = try await visitor.get("/v1/agreements/general/versions/1?language=zh")
        guard case .string(let hash) = text["hash"], case .string(let body) = text["body"] else { throw Missing() }
        #expect(body.hasPrefix("# "))

        let accept: JSONValue = [["document": "general", "number": 1, "hash": .string(hash)]]
        let registered: APIAnswer = try await visitor.post("/v1/account/register", registration("ada@home.example", language: .zh, accept: accept))
        #expect(registered.status == 202)
        #expect(registered.bytes.isEmpty)

        // Until the mailbox is proven there is nothing to sign in to, and no way to see that there is an account.
        let early: APIAnswer = try await visitor.signIn("ada@home.example", password: Hub.testPassword)
        let unknown: APIAnswer = try await visitor.signIn("nobody@home.example", password: Hub.testPassword)
        #expect(early.code == .credentialsWrong && early.bytes == unknown.bytes)
        let pending: Account = try await served.hub.account("Ada")
        #expect(pending.standing == .pending)
        let earlyKey: String = try await served.key(of: pending).secret
        #expect(try await visitor.call("/v1/access", key: earlyKey).code == .emailUnverified)

        let token: String = try await served.hub.mailedToken("ada@home.example")
        let verified: APIAnswer = try await served.visitor().post("/v1/account/verify-email", ["token": .string(token)])
        #expect(verified["standing"] == "active")
        #expect(try await visitor.signIn("ada@home.example", password: Hub.testPassword).status == 201)
        let application: APIAnswer = try await visitor.post("/v1/account/applications", ["name": "door"])
        let issued: APIAnswer = try await visitor.post(
            "/v1/account/keys", ["application": application["id"], "name": "first", "apis": ["face.compare", "face.search"]])
        let key: String = issued["secret"].text ?? ""
        #expect(try await visitor.call("/v1/access", key: key).status == 200)
        #expect(try await visitor.get("/v1/account")["next"].texts.count == 2)

        // Each layer has a code of its own and a link; accepted one by one, the call passes.
        let first: APIAnswer = try await visitor.call("/v1/access/face.search", key: key)
        #expect(first.code == .apiTermsRequired)
        #expect(first["link"] == "/v1/agreements/api:face.search/versions/1")
        for document in ["api:face.search", "face-data"] {
            let refused: APIAnswer = try await visitor.call("/v1/access/face.search", key: key)
            #expect(refused.code == (document == "face-data" ? .faceDataAgreementRequired : .apiTermsRequired))
            let version: APIAnswer = try await visitor.get("/v1/agreements/\(document)/versions/1")
            let decided: APIAnswer = try await visitor.post(
                "/v1/account/agreements/decisions",
                ["document": .string(document), "number": 1, "hash": version["hash"], "decision": "accepted"])
            #expect(decided.status == 200)
        }
        let passed: APIAnswer = try await visitor.call("/v1/access/face.search", key: key)
        #expect(passed.status == 200)
        #expect(passed["layers"].objects.map { $0["document"] } == ["api:face.search", "face-data", "general"])

        // What was accepted is provable, to the language it was read in.
        let proof: AcceptanceProof = try await served.hub.proveAcceptance(account: "Ada")
        #expect(proof.isProven)
        #expect(proof.lines.map(\.document) == ["general", "api:face.search", "face-data"])
        #expect(proof.lines[0].acceptance.language == "zh")
        #expect(proof.lines[0].acceptance.textHash == hash)
        #expect(proof.lines[0].acceptance.email == "ada@home.example")
        #expect(proof.lines[0].acceptance.address == "127.0.0.1")
    }

    @Test("what a stranger registered with somebody's mailbox gives way to its owner: the stranger's password, keys and acceptance with it")
    func squatted() async throws {
        let served = try await ServedHub()
        let accept: JSONValue = try await served.acceptances()
        let stranger: APIClient = try served.visitor()
        _ = try await stranger.post(
            "/v1/account/register", registration("ada@home.example", name: "Squatter", password: "password of a stranger", accept: accept))
        let squat: Account = try await served.hub.account("Squatter")
        let key: String = try await served.key(of: squat).secret
        let old: String = try await served.hub.mailedToken("ada@home.example")
        // A new password cannot be had for it either: it would be one for the stranger's account.
        let mails: Int = try await served.hub.outbox().count
        #expect(try await served.visitor().post("/v1/account/password/forgot", ["email": "ada@home.example"]).status == 202)
        #expect(try await served.hub.outbox().count == mails)

        let owner: APIClient = try served.visitor()
        _ = try await owner.post("/v1/account/register", registration("ada@home.example", accept: accept))
        #expect(try await owner.post("/v1/account/verify-email", ["token": .string(old)]).code == .mailTokenInvalid)
        let token: String = try await served.hub.mailedToken("ada@home.example", purpose: "verify")
        #expect(try await owner.post("/v1/account/verify-email", ["token": .string(token)])["name"] == "Ada")
        #expect(try await owner.signIn("ada@home.example", password: Hub.testPassword).status == 201)
        #expect(try await stranger.signIn("ada@home.example", password: "password of a stranger").code == .credentialsWrong)
        #expect(try await owner.call("/v1/access", key: key).code == .accountEnded)
        #expect(try await owner.get("/v1/account/keys").items.isEmpty)
        let proof: AcceptanceProof = try await served.hub.proveAcceptance(account: "Ada")
        #expect(proof.isProven && proof.lines.count == 4)
    }

    @Test("a mailbox that is registered gets the same answer and a mail that says so; nothing of its account changes")
    func registeredAlready() async throws {
        let served = try await ServedHub()
        let accept: JSONValue = try await served.acceptances()
        let visitor: APIClient = try served.visitor()
        let first: APIAnswer = try await visitor.post("/v1/account/register", registration("ada@home.example", accept: accept))
        _ = try await visitor.post("/v1/account/verify-email", ["token": .string(try await served.hub.mailedToken("ada@home.example"))])
        let second: APIAnswer = try await visitor.post(
            "/v1/account/register", registration("ADA@home.example", name: "Mallory", password: "another password of some length", accept: accept))
        #expect(first.status == second.status)
        #expect(first.bytes == second.bytes)
        #expect(first.headers.map(\.name) == second.headers.map(\.name))
        #expect(try await served.hub.accounts().map(\.name) == ["Ada"])
        #expect(try await served.hub.outbox().map(\.purpose).sorted() == ["already_registered", "standing", "verify"])
        #expect(try await served.visitor().signIn("ada@home.example", password: "another password of some length").code == .credentialsWrong)
    }

    @Test("nobody is flooded with mail: registrations too count against the mailbox's hour")
    func flood() async throws {
        let served = try await ServedHub()
        let accept: JSONValue = try await served.acceptances()
        let visitor: APIClient = try served.visitor()
        var answers: [Int] = []
        for _ in 0..<7 { answers.append(try await visitor.post("/v1/account/register", registration("ada@home.example", accept: accept)).status) }
        #expect(answers == [202, 202, 202, 202, 202, 429, 429])
        #expect(try await served.hub.outbox().count == 5)
        // What strangers ask for does not keep its owner from the rest.
        #expect(try await served.visitor().post("/v1/account/password/forgot", ["email": "ada@home.example"]).status == 202)
        #expect(try await served.visitor().post("/v1/account/verify-email/resend", ["email": "ada@home.example"]).status == 202)
    }

    @Test("registration refuses what cannot stand, each with its code")
    func refusals() async throws {
        let served = try await ServedHub()
        let visitor: APIClient = try served.visitor()
        let accept: JSONValue = try await served.acceptances(["general"])
        func code(_ body: JSONValue) async throws -> ProblemCode? { try await visitor.post("/v1/account/register", body).code }
        #expect(try await code(registration("ada@home.example", accept: [])) == .agreementRequired)
        #expect(try await code(registration("ada@home.example", accept: try await served.acceptances(["face-data"]))) == .agreementRequired)
        let wrong: JSONValue = [["document": "general", "number": 1, "hash": .string(String(repeating: "0", count: 64))]]
        #expect(try await code(registration("ada@home.example", accept: wrong)) == .agreementChanged)
        #expect(try await code(registration("ada@home.example", password: "password123", accept: accept)) == .passwordWeak)
        #expect(try await code(registration("ada@home.example", password: "ada@home.example", accept: accept)) == .passwordWeak)
        #expect(try await code(registration("no mailbox", accept: accept)) == .emailInvalid)
        #expect(try await code(registration("firm@gmail.com", name: "Firm", kind: .enterprise, accept: accept)) == .mailDomainRefused)
        #expect(try await code(registration("firm@mailinator.com", name: "Firm", kind: .enterprise, accept: accept)) == .mailDomainRefused)
        #expect(try await code(registration("ada@home.example", name: " \t ", accept: accept)) == .invalidRequest)
        #expect(try await code(["kind": "individual"]) == .invalidRequest)
        #expect(try await served.hub.accounts().isEmpty)
        #expect(try await served.hub.outbox().isEmpty)
    }

    @Test("the mailed token works once, is replaced by a newer one, and ends after a day")
    func tokens() async throws {
        let clock = ManualClock.startingNow()
        let served = try await ServedHub(clock: clock)
        let visitor: APIClient = try served.visitor()
        _ = try await visitor.post("/v1/account/register", registration("ada@home.example", accept: try await served.acceptances()))
        func verify(_ token: String) async throws -> APIAnswer { try await visitor.post("/v1/account/verify-email", ["token": .string(token)]) }
        let first: String = try await served.hub.mailedToken("ada@home.example")
        clock.advance(by: .seconds(60))
        #expect(try await visitor.post("/v1/account/verify-email/resend", ["email": "ada@home.example"]).status == 202)
        let second: String = try await served.hub.mailedToken("ada@home.example")
        #expect(second != first)
        #expect(try await verify(first).code == .mailTokenInvalid)
        clock.advance(by: .seconds(86_400))
        #expect(try await verify(second).code == .mailTokenInvalid)
        _ = try await visitor.post("/v1/account/verify-email/resend", ["email": "ada@home.example"])
        let third: String = try await served.hub.mailedToken("ada@home.example")
        #expect(try await verify(third).status == 200)
        #expect(try await verify(third).code == .mailTokenInvalid)
        // A stranger's mailbox: the same answer, and no mail.
        let mails: Int = try await served.hub.outbox().count
        #expect(try await visitor.post("/v1/account/verify-email/resend", ["email": "nobody@home.example"]).status == 202)
        #expect(try await served.hub.outbox().count == mails)
    }

    @Test("a registration nobody confirmed is cleared away after a week, and its mailbox is free again")
    func unconfirmed() async throws {
        let clock = ManualClock.startingNow()
        let served = try await ServedHub(clock: clock)
        let visitor: APIClient = try served.visitor()
        let accept: JSONValue = try await served.acceptances()
        _ = try await visitor.post("/v1/account/register", registration("ada@home.example", name: "Squatter", accept: accept))
        clock.advance(by: .seconds(6 * 86_400))
        try await served.hub.clearExpired()
        let squat: Account = try await served.hub.account("Squatter")
        #expect(squat.standing == .pending)
        clock.advance(by: .seconds(2 * 86_400))
        try await served.hub.clearExpired()
        let cleared: Account = try await served.hub.account(squat.id.rawValue)
        #expect(cleared.standing == .ended)
        #expect(cleared.ground == "never_confirmed")
        #expect(try await served.hub.members(cleared.id).isEmpty)
        _ = try await visitor.post("/v1/account/register", registration("ada@home.example", accept: accept))
        #expect(try await visitor.post("/v1/account/verify-email", ["token": .string(try await served.hub.mailedToken("ada@home.example"))]).status == 200)
        #expect(try await served.hub.verify().allSatisfy { $0.faults.isEmpty })
    }

    struct Missing: Error {}
}

@Suite("Enterprises")
struct EnterpriseTests {
    @Test("a proven mailbox is not enough: the domain is proven too, by DNS or by a file, before any call passes", arguments: [true, false])
    func domain(byDNS: Bool) async throws {
        let served = try await ServedHub()
        let visitor: APIClient = try served.visitor()
        let domain: String = "xn--mnchen-3ya.example"
        let registered: APIAnswer = try await visitor.post(
            "/v1/account/register", registration("chef@münchen.example", name: "Werk", kind: .enterprise, accept: try await served.acceptances()))
        #expect(registered.status == 202)
        let token: String = try await served.hub.mailedToken("chef@\(domain)")
        #expect(try await visitor.post("/v1/account/verify-email", ["token": .string(token)])["standing"] == "pending")
        try await visitor.signIn("chef@münchen.example", password: Hub.testPassword)
        let key: String = try await served.key(of: try await served.hub.account("Werk")).secret
        #expect(try await visitor.call("/v1/access", key: key).code == .domainUnproven)

        let proof: APIAnswer = try await visitor.get("/v1/account/domain")
        #expect(proof["domain"].text == domain)
        let challenge: String = proof["challenge"].text ?? ""
        let missing: APIAnswer = try await visitor.post("/v1/account/domain/check")
        #expect(missing.code == .domainProofMissing)
        #expect(missing["remedy"].text?.contains(challenge) == true)
        served.domains.setDown(true)
        #expect(try await visitor.post("/v1/account/domain/check").code == .domainProofUnreachable)
        served.domains.setDown(false)
        served.domains.publish("vultus-domain=another", at: "_vultus.\(domain)")
        #expect(try await visitor.post("/v1/account/domain/check").code == .domainProofMissing)
        if byDNS { served.domains.publish(challenge, at: "_vultus.\(domain)") } else { served.domains.publish(file: "\(challenge)\n", of: domain) }
        let proven: APIAnswer = try await visitor.post("/v1/account/domain/check")
        #expect(proven["method"].text == (byDNS ? "dns" : "file"))
        #expect(try await visitor.get("/v1/account")["account"]["standing"] == "active")
        #expect(try await visitor.call("/v1/access", key: key).status == 200)
    }

    @Test("members join by invitation on the enterprise's own domain, and each role does what it may and no more")
    func roles() async throws {
        let served = try await ServedHub()
        let account: Account = try await served.enterprise("Werk", domain: "werk.example")
        let owner: APIClient = try await served.member("owner@werk.example")
        func invite(_ client: APIClient, _ email: String, _ role: String) async throws -> APIAnswer {
            try await client.post("/v1/account/members", ["email": .string(email), "role": .string(role)])
        }
        #expect(try await invite(owner, "spy@elsewhere.example", "admin").code == .mailDomainRefused)
        #expect(try await invite(owner, "lookalike@notwerk.example", "admin").code == .mailDomainRefused)
        #expect(try await invite(owner, "dev@lab.werk.example", "developer").status == 201)
        #expect(try await invite(owner, "dev@lab.werk.example", "developer").code == .conflict)
        #expect(try await invite(owner, "admin@werk.example", "admin").status == 201)
        for mailbox in ["dev@lab.werk.example", "admin@werk.example"] {
            let accepted: APIAnswer = try await served.visitor().post(
                "/v1/account/invitations/accept", ["token": .string(try await served.hub.mailedToken(mailbox)), "password": .string(Hub.testPassword)])
            #expect(accepted["id"].text == account.id.rawValue)
        }
        let admin: APIClient = try await served.member("admin@werk.example")
        let developer: APIClient = try await served.member("dev@lab.werk.example")
        #expect(try await invite(admin, "second@werk.example", "owner").code == .roleInsufficient)
        #expect(try await invite(developer, "second@werk.example", "auditor").code == .roleInsufficient)
        #expect(try await developer.post("/v1/account/applications", ["name": "kiosk"]).status == 201)
        #expect(try await developer.post("/v1/account/closure", ["reason": ""]).code == .roleInsufficient)
        #expect(try await admin.post("/v1/account/closure", ["reason": ""]).code == .roleInsufficient)

        let members: APIAnswer = try await owner.get("/v1/account/members")
        let ids: [String: String] = Dictionary(uniqueKeysWithValues: zip(members.list("email"), members.list("id")))
        let ownerID: String = ids["owner@werk.example"] ?? ""
        #expect(try await admin.send("PATCH", "/v1/account/members/\(ownerID)", ["role": "auditor"]).code == .roleInsufficient)
        #expect(try await admin.send("DELETE", "/v1/account/members/\(ownerID)").code == .roleInsufficient)
        #expect(try await owner.send("PATCH", "/v1/account/members/\(ownerID)", ["role": "auditor"]).code == .conflict)
        // Two owners; then the first may step down. What the role was a moment ago counts no more.
        #expect(try await owner.send("PATCH", "/v1/account/members/\(ids["admin@werk.example"] ?? "")", ["role": "owner"]).status == 200)
        #expect(try await owner.send("PATCH", "/v1/account/members/\(ownerID)", ["role": "auditor"]).status == 200)
        #expect(try await invite(owner, "third@werk.example", "auditor").code == .roleInsufficient)
        // Whoever is taken out is out at once, and the mailbox may be invited again.
        #expect(try await admin.send("DELETE", "/v1/account/members/\(ids["dev@lab.werk.example"] ?? "")").status == 204)
        #expect(try await developer.get("/v1/account").code == .signInRequired)
        #expect(try await invite(admin, "dev@lab.werk.example", "auditor").status == 201)
    }

    @Test("who is not proven invites nobody; and an invited low role decides nothing for the enterprise")
    func invitations() async throws {
        let served = try await ServedHub()
        let visitor: APIClient = try served.visitor()
        _ = try await visitor.post(
            "/v1/account/register", registration("mallory@bigcorp.example", name: "BigCorp", kind: .enterprise, accept: try await served.acceptances()))
        let squat: Account = try await served.hub.account("BigCorp")
        _ = try await visitor.post("/v1/account/verify-email", ["token": .string(try await served.hub.mailedToken("mallory@bigcorp.example"))])
        try await visitor.signIn("mallory@bigcorp.example", password: Hub.testPassword)
        let refused: APIAnswer = try await visitor.post("/v1/account/members", ["email": "ceo@bigcorp.example", "role": "owner"])
        #expect(refused.code == .domainUnproven)
        #expect(try await served.hub.members(squat.id).count == 1)

        let account: Account = try await served.enterprise("Werk", domain: "werk.example")
        let owner: APIClient = try await served.member("owner@werk.example")
        let version: AgreementVersion = try #require(try await served.hub.agreementsInForce().first { $0.document == "face-data" })
        _ = try await owner.post(
            "/v1/account/agreements/decisions",
            ["document": "face-data", "number": 1, "hash": .string(version.textHashes["en"] ?? ""), "decision": "declined"])
        _ = try await owner.post("/v1/account/members", ["email": "auditor@werk.example", "role": "auditor"])
        let token: JSONValue = .string(try await served.hub.mailedToken("auditor@werk.example"))
        let accept: JSONValue = try await served.acceptances(["face-data"])
        #expect(
            try await served.visitor().post(
                "/v1/account/invitations/accept", ["token": token, "password": .string(Hub.testPassword), "accept": accept]
            ).code == .roleInsufficient)
        #expect(try await served.hub.agreementStatus(account.id).first { $0.document == "face-data" }?.decision == .declined)
        #expect(
            try await served.visitor().post("/v1/account/invitations/accept", ["token": token, "password": .string(Hub.testPassword)]).status == 200)
        // Whoever is invited and registers instead is sent the invitation again.
        _ = try await owner.post("/v1/account/members", ["email": "late@werk.example", "role": "developer"])
        let first: String = try await served.hub.mailedToken("late@werk.example")
        _ = try await served.visitor().post("/v1/account/register", registration("late@werk.example", accept: try await served.acceptances()))
        let second: String = try await served.hub.mailedToken("late@werk.example", purpose: "invite")
        #expect(first != second)
    }

    @Test("an account that is called like another's identifier is not taken for it")
    func names() async throws {
        let served = try await ServedHub()
        let victim: Account = try await served.hub.openTestAccount()
        let intruder: Account = try await served.hub.openTestAccount("Other", email: "owner@other.example")
        let client: APIClient = try await served.member("owner@other.example")
        #expect(try await client.send("PATCH", "/v1/account", ["name": .string(victim.id.rawValue)]).code == .invalidRequest)
        // Even where such a name is on file already.
        try await served.database.execute("UPDATE account SET name = ? WHERE id = ?", [.text(victim.id.rawValue), .text(intruder.id.rawValue)])
        #expect(try await served.hub.account(victim.id.rawValue).id == victim.id)
        #expect(try await served.member("owner@acme.example").get("/v1/account")["account"]["id"].text == victim.id.rawValue)
    }

    @Test("an individual has one member")
    func individual() async throws {
        let served = try await ServedHub()
        try await served.hub.openTestAccount()
        let owner: APIClient = try await served.member("owner@acme.example")
        let answer: APIAnswer = try await owner.post("/v1/account/members", ["email": "second@acme.example", "role": "admin"])
        #expect(answer.code == .conflict)
        #expect(try await owner.get("/v1/account/domain").code == .notFound)
    }

    @Test("an operator's own entries stand over the list of mail domains that comes with the hub")
    func mailDomains() async throws {
        let served = try await ServedHub()
        let accept: JSONValue = try await served.acceptances()
        func register(_ email: String) async throws -> Int {
            try await served.visitor().post("/v1/account/register", registration(email, name: email, kind: .enterprise, accept: accept)).status
        }
        #expect(try await register("firm@gmail.com") == 400)
        _ = try await served.hub.setMailDomains(["gmail.com"], kind: .ordinary, by: .test)
        _ = try await served.hub.setMailDomains(["freemail.example"], kind: .publicProvider, by: .test)
        #expect(try await register("firm@gmail.com") == 202)
        #expect(try await register("firm@freemail.example") == 400)
        #expect(try await register("firm@sub.freemail.example") == 400)
    }
}

extension JSONValue {
    subscript(_ name: String) -> JSONValue { (self[name] as JSONValue?) ?? .null }

    var texts: [String] {
        if case .array(let items) = self { items.compactMap(\.text) } else { [] }
    }

    var objects: [JSONValue] {
        if case .array(let items) = self { items } else { [] }
    }

    var integer: Int64? {
        if case .integer(let number) = self { number } else { nil }
    }
}
