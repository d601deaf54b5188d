import HubAPI
import HubAccess
import HubDomain
import RecognitionAPI
import ServiceSupport
import TestKit
import Testing
import WireModel

@Suite("Standing")
struct StandingTests {
    private static let owner: String = "owner@acme.example"

    private func order(_ kind: String, _ more: [String: JSONValue] = [:]) -> JSONValue {
        .object(["kind": .string(kind), "ground": "fair_use", "statement": "Too many calls in the night."].merging(more) { $1 })
    }

    @Test("each measure does what it says and no more, is told to the account with its ground, and ends when lifted")
    func measures() async throws {
        let served = try await ServedHub()
        let account: Account = try await served.hub.openTestAccount()
        let owner: APIClient = try await served.member(Self.owner)
        let support: APIClient = try await served.staff(.support)
        let key: String = try await served.key(of: account).secret
        let path: String = "/v1/operator/accounts/\(account.id)/measures"
        func call(_ api: String = "face.search") async throws -> ProblemCode? { try await owner.call("/v1/access/\(api)", key: key).code }
        func lift(_ measure: APIAnswer) async throws {
            let lifted: APIAnswer = try await support.post("/v1/operator/measures/\(measure["id"].text ?? "")/lift", ["ground": "put right"])
            #expect(lifted["ended"] != .null)
        }
        let warning: APIAnswer = try await support.post(path, order("warning"))
        #expect(warning.status == 201)
        #expect(try await call() == nil)

        let pause: APIAnswer = try await support.post(path, order("pause_api", ["api": "face.search"]))
        #expect(try await call() == .apiPaused)
        #expect(try await call("face.compare") == nil)
        try await lift(pause)
        #expect(try await call() == nil)

        let suspension: APIAnswer = try await support.post(path, order("suspension"))
        let refused: APIAnswer = try await owner.call("/v1/access", key: key)
        #expect(refused.code == .accountSuspended)
        #expect(refused["detail"] == "fair_use")
        #expect(refused["link"] == "/v1/account/standing")
        // The people can still see why, and take their data along.
        #expect(try await owner.get("/v1/account/standing")["account"]["standing"] == "suspended")
        #expect(try await owner.post("/v1/account/export").status == 200)
        try await lift(suspension)
        #expect(try await call() == nil)
        #expect(try await support.post("/v1/operator/measures/\(suspension["id"].text ?? "")/lift", ["ground": "again"]).code == .notFound)

        let report: APIAnswer = try await owner.get("/v1/account/standing")
        #expect(report["history"].objects.map { $0["after"].text } == ["active", "suspended", "active"])
        #expect(report["history"].objects.map { $0["ground"].text } == ["measure_ended", "fair_use", "conditions_met"])
        #expect(report["measures"].objects.count == 3)
        #expect(try await owner.get("/v1/account/notices").list("kind").filter { $0 == "measure" }.count == 5)
        #expect(try await served.hub.outbox().count { $0.purpose == "measure" } == 5)
    }

    @Test("a throttle bounds calls a minute over all keys of the account, and says when to come again")
    func throttle() async throws {
        let clock = ManualClock.startingNow()
        let served = try await ServedHub(clock: clock)
        let account: Account = try await served.hub.openTestAccount()
        let keys: [String] = [try await served.key(of: account).secret, try await served.key(of: account).secret]
        _ = try await served.hub.order(
            MeasureOrder(kind: .throttle, perMinute: 5, ground: "fair_use", statement: "Slower.", expires: clock.now().wall.advanced(by: .seconds(3_600))),
            account: "Acme", by: .test)
        let visitor: APIClient = try served.visitor()
        for call in 0..<5 { #expect(try await visitor.call("/v1/access", key: keys[call % 2]).status == 200) }
        let refused: APIAnswer = try await visitor.call("/v1/access", key: keys[0])
        #expect(refused.code == .throttled)
        #expect(refused[header: "retry-after"] == "60")
        clock.advance(by: .seconds(61))
        #expect(try await visitor.call("/v1/access", key: keys[1]).status == 200)
        clock.advance(by: .seconds(3_600))
        for _ in 0..<10 { #expect(try await visitor.call("/v1/access", key: keys[0]).status == 200) }
    }

    @Test("a measure ends by itself when its time is over, at the gate at once and in the record with the schedule")
    func expiry() async throws {
        let clock = ManualClock.startingNow()
        let served = try await ServedHub(clock: clock)
        let account: Account = try await served.hub.openTestAccount()
        let key: String = try await served.key(of: account).secret
        let visitor: APIClient = try served.visitor()
        clock.advance(by: .seconds(1))
        _ = try await served.hub.order(
            MeasureOrder(kind: .suspension, ground: "payment", statement: "Overdue.", expires: clock.now().wall.advanced(by: .seconds(86_400))),
            account: "Acme", by: .test)
        #expect(try await visitor.call("/v1/access", key: key).code == .accountSuspended)
        clock.advance(by: .seconds(86_401))
        #expect(try await visitor.call("/v1/access", key: key).status == 200)
        _ = try await served.hub.reverify()
        #expect(try await served.hub.account("Acme").standing == .active)
        #expect(try await served.hub.standingHistory(account.id).first?.ground == "measure_ended")
    }

    @Test("the ground shown is one that holds: of two suspensions the one that is left")
    func grounds() async throws {
        let served = try await ServedHub()
        let account: Account = try await served.hub.openTestAccount()
        let payment: Measure = try await served.hub.order(MeasureOrder(kind: .suspension, ground: "payment", statement: "s"), account: "Acme", by: .test)
        _ = try await served.hub.order(MeasureOrder(kind: .suspension, ground: "fraud", statement: "s"), account: "Acme", by: .test)
        _ = try await served.hub.lift(payment.id, ground: "paid", by: .test)
        #expect(try await served.hub.account("Acme").ground == "fraud")
        #expect(try await served.hub.standingHistory(account.id).map(\.ground).contains("fraud"))
    }

    @Test("termination is for good: keys frozen, devices out, no measure or lifting any more; the people can export")
    func termination() async throws {
        let served = try await ServedHub()
        let account: Account = try await served.hub.openTestAccount()
        let key: String = try await served.key(of: account).secret
        let owner: APIClient = try await served.member(Self.owner)
        let support: APIClient = try await served.staff(.support)
        let path: String = "/v1/operator/accounts/\(account.id)/measures"
        #expect(try await support.post(path, order("termination", ["expires": "2099-01-01T00:00:00Z"])).code == .invalidRequest)
        let ended: APIAnswer = try await support.post(path, order("termination"))
        #expect(ended.status == 201)
        #expect(try await owner.call("/v1/access", key: key).code == .accountEnded)
        #expect(try await support.post(path, order("warning")).code == .accountEnded)
        #expect(try await support.post("/v1/operator/measures/\(ended["id"].text ?? "")/lift", ["ground": "sorry"]).code == .notFound)
        #expect(try await owner.post("/v1/account/applications", ["name": "late"]).code == .accountEnded)
        #expect(try await owner.post("/v1/account/export")["account"]["standing"] == "ended")
        #expect(try await served.member(Self.owner).get("/v1/account").status == 200)
    }

    @Test("orders that do not fit are refused with what is wrong")
    func badOrders() async throws {
        let served = try await ServedHub()
        let account: Account = try await served.hub.openTestAccount()
        let support: APIClient = try await served.staff(.support)
        let path: String = "/v1/operator/accounts/\(account.id)/measures"
        for body in [
            order("pause_api"), order("warning", ["api": "face.search"]), order("throttle"), order("suspension", ["perMinute": 5]),
            order("throttle", ["perMinute": 0]),
            order("suspension", ["expires": "2020-01-01T00:00:00Z"]), order("suspension", ["ground": ""]), order("suspension", ["statement": "  "]),
            order("banishment"), order("pause_api", ["api": "face.nothing"]), order("warning", ["ground": "a\u{1B}[31mb"]),
        ] { #expect(try await support.post(path, body).code == .invalidRequest) }
        #expect(try await support.post("/v1/operator/accounts/acc_00000000000000000000000000000000/measures", order("warning")).code == .notFound)
        #expect(try await served.hub.measures(account.id).isEmpty)
    }

    @Test("a mailbox is proven again on schedule: reminded, then standing withdrawn, then restored when put right, each dated with its ground")
    func reverification() async throws {
        let clock = ManualClock.startingNow()
        let served = try await ServedHub(clock: clock)
        let account: Account = try await served.hub.openTestAccount()
        let key: String = try await served.key(of: account).secret
        let visitor: APIClient = try served.visitor()
        func mails() async throws -> Int { try await served.hub.outbox().count { $0.purpose == "email_due" } }
        clock.advance(by: .seconds(330 * 86_400))
        _ = try await served.hub.reverify()
        #expect(try await mails() == 0)
        clock.advance(by: .seconds(10 * 86_400))
        _ = try await served.hub.reverify()
        _ = try await served.hub.reverify()
        #expect(try await mails() == 1)
        clock.advance(by: .seconds(8 * 86_400))
        _ = try await served.hub.reverify()
        #expect(try await mails() == 2)
        #expect(try await visitor.call("/v1/access", key: key).status == 200)

        clock.advance(by: .seconds(18 * 86_400))
        // The gate asks as of now, whether the schedule ran or not.
        #expect(try await visitor.call("/v1/access", key: key).code == .accountLapsed)
        _ = try await served.hub.reverify()
        #expect(try await served.hub.account("Acme").standing == .lapsed)
        #expect(try await served.hub.account("Acme").ground == "email_unproven")

        let token: String = try await served.hub.mailedToken(Self.owner, purpose: "email_due")
        clock.advance(by: .seconds(60))
        #expect(try await visitor.post("/v1/account/verify-email", ["token": .string(token)])["standing"] == "active")
        #expect(try await visitor.call("/v1/access", key: key).status == 200)
        let history: [StandingChange] = try await served.hub.standingHistory(account.id)
        #expect(history.map(\.after) == [.active, .lapsed, .active])
        #expect(history.map(\.ground) == ["conditions_met", "email_unproven", "conditions_met"])
        #expect(history[0].time > history[1].time && history[1].time > history[2].time)
        // Nobody asks the people of an ended account to confirm anything, nor anybody for ever.
        _ = try await served.hub.order(MeasureOrder(kind: .termination, ground: "g", statement: "s"), account: "Acme", by: .test)
        let asked: Int = try await mails()
        clock.advance(by: .seconds(350 * 86_400))
        _ = try await served.hub.reverify()
        #expect(try await mails() == asked)
    }

    @Test("an owner whose mailbox is dead is replaced, once its term is over and not before, and the account is active again")
    func deadMailbox() async throws {
        let clock = ManualClock.startingNow()
        let served = try await ServedHub(clock: clock)
        let account: Account = try await served.hub.openTestAccount()
        let heir: EmailAddress = try EmailAddress("heir@acme.example")
        await #expect { _ = try await served.hub.inviteOwner(heir, to: "Acme", language: .en, by: .test) } throws: { ($0 as? Problem)?.code == .conflict }
        clock.advance(by: .seconds(366 * 86_400))
        _ = try await served.hub.reverify()
        _ = try await served.hub.inviteOwner(heir, to: "Acme", language: .en, by: .test)
        let answer: APIAnswer = try await served.visitor().post(
            "/v1/account/invitations/accept", ["token": .string(try await served.hub.mailedToken("heir@acme.example")), "password": .string(Hub.testPassword)])
        #expect(answer["standing"] == "active")
        #expect(try await served.hub.members(account.id).map(\.email) == ["heir@acme.example"])
    }

    @Test("a domain is looked up again on schedule: renewed when it is there; reminded, withdrawn and restored when it is not")
    func domains() async throws {
        let clock = ManualClock.startingNow()
        let served = try await ServedHub(clock: clock)
        let account: Account = try await served.enterprise("Werk", domain: "werk.example")
        let key: String = try await served.key(of: account).secret
        let visitor: APIClient = try served.visitor()
        func pass(_ days: Int64) async throws {
            clock.advance(by: .seconds(days * 86_400))
            _ = try await served.hub.reverify()
        }
        try await pass(70)
        #expect(try await served.hub.domainProof(account.id).due ?? clock.now().wall > clock.now().wall.advanced(by: .seconds(80 * 86_400)))
        served.domains.publish(nil, at: "_vultus.werk.example")
        try await pass(70)
        #expect(try await served.hub.notices(account.id).first?.kind == "domain_due")
        #expect(try await visitor.call("/v1/access", key: key).status == 200)
        // A server that does not answer counts no more than a record that is gone: the term decides.
        served.domains.setDown(true)
        try await pass(21)
        #expect(try await visitor.call("/v1/access", key: key).code == .accountLapsed)
        #expect(try await served.hub.account("Werk").ground == "domain_unproven")
        served.domains.setDown(false)
        served.domains.publish(try await served.hub.domainProof(account.id).challenge, at: "_vultus.werk.example")
        try await pass(2)
        #expect(try await served.hub.account("Werk").standing == .active)
        #expect(try await visitor.call("/v1/access", key: key).status == 200)
    }
}

@Suite("Leaving")
struct ClosingTests {
    @Test("asked for by the owner, answered by an operator; approval ends keys and standing, refusal says why, and all is exported")
    func closing() async throws {
        let served = try await ServedHub()
        let account: Account = try await served.hub.openTestAccount()
        let key: String = try await served.key(of: account).secret
        let owner: APIClient = try await served.member("owner@acme.example")
        let support: APIClient = try await served.staff(.support)
        func decide(_ closure: APIAnswer, _ approve: Bool) async throws -> APIAnswer {
            try await support.post(
                "/v1/operator/closures/\(closure["id"].text ?? "")/decision", ["approve": .boolean(approve), "answer": "As you wish."])
        }
        let first: APIAnswer = try await owner.post("/v1/account/closure", ["reason": "moving on"])
        #expect(first["state"] == "requested")
        #expect(try await owner.post("/v1/account/closure", ["reason": "again"]).code == .conflict)
        #expect(try await owner.send("DELETE", "/v1/account/closure").status == 204)
        #expect(try await decide(first, true).code == .notFound)
        let second: APIAnswer = try await owner.post("/v1/account/closure", ["reason": "moving on"])
        #expect(try await decide(second, false)["state"] == "refused")
        #expect(try await owner.call("/v1/access", key: key).status == 200)
        let third: APIAnswer = try await owner.post("/v1/account/closure", ["reason": "moving on"])
        #expect(try await decide(third, true)["state"] == "approved")
        #expect(try await owner.call("/v1/access", key: key).code == .accountEnded)
        #expect(try await owner.get("/v1/account")["account"]["ground"] == "closed_on_request")
        #expect(try await owner.get("/v1/account/closure").list("state") == ["approved", "refused", "withdrawn"])

        let export: APIAnswer = try await owner.post("/v1/account/export")
        for part in ["members", "applications", "keys", "agreements", "standing", "notices", "closures", "audit"] {
            #expect(!export[part].objects.isEmpty, "\(part)")
        }
        #expect(!export.text.contains(key))
        #expect(!export.text.contains("argon2"))
    }
}

@Suite("Operators")
struct OperatorTests {
    @Test("a mailbox may be a member's and an operator's: two sign-ins, and neither opens the other's door")
    func apart() async throws {
        let served = try await ServedHub()
        try await served.hub.openTestAccount(email: "both@acme.example")
        _ = try await served.hub.inviteOperator(try EmailAddress("both@acme.example"), role: .administrator, language: .en, by: .test)
        let visitor: APIClient = try served.visitor(.operator)
        let token: String = try await served.hub.mailedToken("both@acme.example", purpose: "invite")
        _ = try await visitor.post("/v1/operator/invitations/accept", ["token": .string(token), "password": "a password for the hub"])
        #expect(try await visitor.signIn("both@acme.example", password: Hub.testPassword).code == .credentialsWrong)
        #expect(try await visitor.signIn("both@acme.example", password: "a password for the hub").status == 201)
        let staff: (cookie: String, csrf: String) = await visitor.session
        let member: APIClient = try served.visitor()
        await member.setSession(cookie: staff.cookie, csrf: staff.csrf)
        #expect(try await member.get("/v1/account").code == .signInRequired)
        let own: APIClient = try await served.member("both@acme.example")
        let session: (cookie: String, csrf: String) = await own.session
        await visitor.setSession(cookie: session.cookie, csrf: session.csrf)
        #expect(try await visitor.get("/v1/operator/accounts").code == .signInRequired)
    }

    @Test("every operator act is audited with who, whence and what; the chain holds")
    func audited() async throws {
        let served = try await ServedHub()
        let administrator: APIClient = try await served.staff(.administrator)
        let id: String = try await administrator.get("/v1/operator/operators").list("id").first ?? ""
        func actions() async throws -> [String] {
            try await administrator.get("/v1/operator/audit").items.filter { $0["actor"].text == id }.compactMap { $0["action"].text }
        }
        let opened: APIAnswer = try await administrator.post(
            "/v1/operator/accounts", ["name": "Firm", "kind": "individual", "email": "firm@firm.example"])
        let account: String = opened["id"].text ?? ""
        _ = try await administrator.post("/v1/operator/accounts/\(account)/owner", ["email": "boss@firm.example"])
        let measure: APIAnswer = try await administrator.post(
            "/v1/operator/accounts/\(account)/measures", ["kind": "warning", "ground": "g", "statement": "s"])
        _ = try await administrator.post("/v1/operator/measures/\(measure["id"].text ?? "")/lift", ["ground": "g"])
        _ = try await administrator.post("/v1/operator/operators", ["email": "new@provider.example", "role": "auditor"])
        let other: String = try await administrator.get("/v1/operator/operators").items.first { $0["email"] == "new@provider.example" }?["id"].text ?? ""
        #expect(try await administrator.send("PATCH", "/v1/operator/operators/\(other)", ["role": "finance"]).status == 200)
        #expect(try await administrator.send("PATCH", "/v1/operator/operators/\(id)", ["role": "finance"]).code == .conflict)
        #expect(try await administrator.send("DELETE", "/v1/operator/operators/\(other)").status == 204)
        #expect(try await administrator.send("DELETE", "/v1/operator/operators/\(id)").code == .conflict)
        let wanted: [String] = [
            "operator.remove", "operator.change", "operator.invite", "measure.end", "measure.order", "member.invite", "member.remove", "account.open",
            "session.begin",
        ]
        let seen: [String] = try await actions()
        for action in wanted { #expect(seen.contains(action), "\(action) in \(seen)") }
        let entry: JSONValue = try #require(try await administrator.get("/v1/operator/audit?limit=500").items.first { $0["action"] == "measure.order" })
        #expect(entry["actorKind"] == "operator" && entry["address"] == "127.0.0.1" && entry["account"].text == account)
        #expect(try await served.hub.verifyAudit().isIntact)
    }

    @Test("an owner is invited to an account without one, in place of an invitation that went astray; never beside an owner")
    func inviteOwner() async throws {
        let served = try await ServedHub()
        let account: Account = try await served.hub.openAccount(
            name: "Firm", kind: .enterprise, owner: try EmailAddress("typo@firm.example"), language: .en, by: .test)
        let astray: String = try await served.hub.mailedToken("typo@firm.example")
        await #expect { _ = try await served.hub.inviteOwner(try EmailAddress("boss@gmail.com"), to: "Firm", language: .en, by: .test) } throws: {
            ($0 as? Problem)?.code == .mailDomainRefused
        }
        _ = try await served.hub.inviteOwner(try EmailAddress("boss@firm.example"), to: "Firm", language: .en, by: .test)
        func accept(_ token: String) async throws -> APIAnswer {
            try await served.visitor().post(
                "/v1/account/invitations/accept",
                ["token": .string(token), "password": .string(Hub.testPassword), "accept": try await served.acceptances()])
        }
        #expect(try await accept(astray).code == .mailTokenInvalid)
        #expect(try await accept(try await served.hub.mailedToken("boss@firm.example"))["id"].text == account.id.rawValue)
        await #expect { _ = try await served.hub.inviteOwner(try EmailAddress("x@firm.example"), to: "Firm", language: .en, by: .test) } throws: {
            ($0 as? Problem)?.code == .conflict
        }
    }
}
