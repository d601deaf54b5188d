import HubAPI
import HubAccess
import HubDomain
import RecognitionAPI
import ServiceSupport
import TestKit
import Testing
import WireModel

@Suite("Signing in")
struct SessionTests {
    private static let owner: String = "owner@acme.example"

    @Test("the cookie is bound to the host, to HTTPS and away from scripts; the answer names the token to send back")
    func cookie() async throws {
        let served = try await ServedHub()
        try await served.hub.openTestAccount()
        let visitor: APIClient = try served.visitor()
        let answer: APIAnswer = try await visitor.signIn(Self.owner, password: Hub.testPassword)
        for name in ["__Host-vultus-session", "__Host-vultus-device"] {
            let attributes: Set<String> = Set((answer.cookie(name) ?? "").split(separator: ";").dropFirst().map { $0.filter { $0 != " " } })
            #expect(attributes.isSuperset(of: ["Path=/", "Secure", "HttpOnly", "SameSite=Lax"]))
            #expect(!attributes.contains { $0.hasPrefix("Domain") })
        }
        #expect(answer[header: "cache-control"] == "no-store")
        #expect(try await visitor.get("/v1/account/session")["csrfToken"] == answer["csrfToken"])
        #expect(answer["email"].text == Self.owner)
    }

    @Test("nothing is changed by another site's page: without this session's token, with another's, or sent across sites")
    func crossSite() async throws {
        let served = try await ServedHub()
        try await served.hub.openTestAccount()
        let mine: APIClient = try await served.member(Self.owner)
        let other: APIClient = try await served.member(Self.owner)
        let foreign: String = await other.session.csrf
        func attempt(csrf: String?, headers: [String] = []) async throws -> ProblemCode? {
            try await mine.send("POST", "/v1/account/applications", ["name": "planted"], headers: headers, csrf: csrf).code
        }
        #expect(try await attempt(csrf: "") == .csrfRefused)
        #expect(try await attempt(csrf: foreign) == .csrfRefused)
        #expect(try await attempt(csrf: nil, headers: ["Sec-Fetch-Site: cross-site"]) == .csrfRefused)
        #expect(
            try await mine.send("POST", "/v1/account/session", ["email": "a@b.example", "password": "x"], headers: ["Sec-Fetch-Site: cross-site"]).code
                == .csrfRefused)
        #expect(try await mine.get("/v1/account/applications").items.isEmpty)
        #expect(try await attempt(csrf: nil) == nil)
    }

    @Test("known and unknown mailboxes, and a removed member's, are told the same")
    func indistinguishable() async throws {
        let served = try await ServedHub()
        let account: Account = try await served.enterprise("Werk", domain: "werk.example")
        try await served.join("gone@werk.example", role: .auditor, to: account)
        let gone: Member = try #require(try await served.hub.members(account.id).first { $0.email == "gone@werk.example" })
        try await served.hub.setMember(gone.id, of: account.id, role: nil, changer: nil, by: .test)
        _ = try await served.hub.invite(try EmailAddress("invited@werk.example"), role: .auditor, to: account.id, language: .en, inviter: nil, by: .test)
        var answers: [APIAnswer] = []
        for mailbox in ["owner@werk.example", "gone@werk.example", "invited@werk.example", "nobody@werk.example", "nobody@elsewhere.example"] {
            answers.append(try await served.visitor().signIn(mailbox, password: "wrong password of some length"))
        }
        #expect(answers.allSatisfy { $0.status == 401 && $0.bytes == answers[0].bytes })
        #expect(answers.allSatisfy { $0.headers.map(\.name) == answers[0].headers.map(\.name) })
        var forgotten: [APIAnswer] = []
        for mailbox in ["owner@werk.example", "gone@werk.example", "nobody@elsewhere.example"] {
            forgotten.append(try await served.visitor().post("/v1/account/password/forgot", ["email": .string(mailbox)]))
        }
        #expect(forgotten.allSatisfy { $0.status == 202 && $0.bytes.isEmpty })
    }

    @Test("a changed password ends the other sessions at once and is told by mail; the old one opens nothing")
    func passwordChange() async throws {
        let served = try await ServedHub()
        try await served.hub.openTestAccount()
        let mine: APIClient = try await served.member(Self.owner)
        let other: APIClient = try await served.member(Self.owner)
        #expect(try await mine.get("/v1/account/sessions").items.count == 2)
        #expect(try await mine.post("/v1/account/password", ["current": "not it, not at all", "new": "a whole new password"]).code == .credentialsWrong)
        #expect(try await mine.post("/v1/account/password", ["current": .string(Hub.testPassword), "new": "qwertyuiop"]).code == .passwordWeak)
        #expect(try await mine.post("/v1/account/password", ["current": .string(Hub.testPassword), "new": "a whole new password"]).status == 204)
        #expect(try await other.get("/v1/account").code == .signInRequired)
        #expect(try await mine.get("/v1/account").status == 200)
        #expect(try await served.visitor().signIn(Self.owner, password: Hub.testPassword).code == .credentialsWrong)
        #expect(try await served.visitor().signIn(Self.owner, password: "a whole new password").status == 201)
        #expect(try await served.hub.outbox().first { $0.purpose == "password_changed" }?.mailbox == Self.owner)
    }

    @Test("a mailed token sets a new password once, within the hour, and ends every session", arguments: [APIClient.Side.account, .operator])
    func reset(side: APIClient.Side) async throws {
        let clock = ManualClock.startingNow()
        let served = try await ServedHub(clock: clock)
        let (client, mailbox): (APIClient, String)
        if side == .account {
            try await served.hub.openTestAccount()
            (client, mailbox) = (try await served.member(Self.owner), Self.owner)
        } else {
            client = try await served.staff()
            mailbox = try await client.get("/v1/operator/session")["email"].text ?? ""
        }
        let path: String = "/v1/\(side.rawValue)/password"
        func forget() async throws -> String {
            clock.advance(by: .seconds(60))
            #expect(try await served.visitor().post(path + "/forgot", ["email": .string(mailbox)]).status == 202)
            return try await served.hub.mailedToken(mailbox)
        }
        func reset(_ token: String) async throws -> APIAnswer {
            try await served.visitor().post(path + "/reset", ["token": .string(token), "password": "a whole new password"])
        }
        let late: String = try await forget()
        clock.advance(by: .seconds(3_601))
        #expect(try await reset(late).code == .mailTokenInvalid)
        let token: String = try await forget()
        #expect(try await served.visitor().post("/v1/account/verify-email", ["token": .string(token)]).code == .mailTokenInvalid)
        #expect(try await reset(token).status == 204)
        #expect(try await reset(token).code == .mailTokenInvalid)
        #expect(try await client.get("/v1/\(side.rawValue)/session").code == .signInRequired)
        #expect(try await served.visitor(side).signIn(mailbox, password: "a whole new password").status == 201)
    }

    @Test("a session ends after twelve idle hours, after thirty days, when signed out, and when ended from elsewhere")
    func ends() async throws {
        let clock = ManualClock.startingNow()
        let served = try await ServedHub(clock: clock)
        try await served.hub.openTestAccount()
        let idle: APIClient = try await served.member(Self.owner)
        clock.advance(by: .seconds(12 * 3_600 - 1))
        #expect(try await idle.get("/v1/account").status == 200)
        clock.advance(by: .seconds(12 * 3_600))
        #expect(try await idle.get("/v1/account").code == .signInRequired)

        let long: APIClient = try await served.member(Self.owner)
        for _ in 0..<89 {
            clock.advance(by: .seconds(8 * 3_600))
            #expect(try await long.get("/v1/account").status == 200)
        }
        clock.advance(by: .seconds(8 * 3_600))
        #expect(try await long.get("/v1/account").code == .signInRequired)

        let (first, second): (APIClient, APIClient) = (try await served.member(Self.owner), try await served.member(Self.owner))
        let own: String = try await second.get("/v1/account/session")["session"]["id"].text ?? ""
        #expect(try await first.send("DELETE", "/v1/account/sessions/\(own)").status == 204)
        #expect(try await second.get("/v1/account").code == .signInRequired)
        let old: (cookie: String, csrf: String) = await first.session
        let out: APIAnswer = try await first.send("DELETE", "/v1/account/session")
        #expect(out.status == 204)
        #expect(out.cookie("__Host-vultus-session")?.contains("Max-Age=0") == true)
        await first.setSession(cookie: old.cookie, csrf: old.csrf)
        #expect(try await first.get("/v1/account").code == .signInRequired)
    }

    @Test("the second factor: on with a first code, asked for after the password, each code once, recovery codes once, off with the password")
    func secondFactor() async throws {
        let clock = ManualClock.startingNow()
        let served = try await ServedHub(clock: clock)
        try await served.hub.openTestAccount()
        let mine: APIClient = try await served.member(Self.owner)
        let other: APIClient = try await served.member(Self.owner)
        #expect(try await mine.post("/v1/account/second-factor", ["password": "wrong password of some length"]).code == .credentialsWrong)
        let offer: APIAnswer = try await mine.post("/v1/account/second-factor", ["password": .string(Hub.testPassword)])
        let secret: String = offer["secret"].text ?? ""
        #expect(offer["uri"].text?.hasPrefix("otpauth://totp/") == true)
        // Not on before it is confirmed.
        #expect(try await served.visitor().signIn(Self.owner, password: Hub.testPassword).status == 201)
        func code() -> String { TOTPPeer.code(base32: secret, at: clock.now().wall) }
        #expect(try await mine.post("/v1/account/second-factor/confirm", ["code": "000000"]).code == (code() == "000000" ? nil : .secondFactorWrong))
        let codes: [String] = try await mine.post("/v1/account/second-factor/confirm", ["code": .string(code())])["recoveryCodes"].texts
        #expect(codes.count >= 8)
        #expect(try await other.get("/v1/account").code == .signInRequired)

        func signIn(_ code: String?, password: String = Hub.testPassword) async throws -> APIAnswer {
            try await served.visitor().signIn(Self.owner, password: password, code: code)
        }
        #expect(try await signIn(nil).code == .secondFactorRequired)
        // Whoever lacks the password is not told that there is a second factor.
        #expect(try await signIn(nil, password: "wrong password of some length").code == .credentialsWrong)
        #expect(try await signIn(code()).code == .secondFactorWrong)  // the one that switched it on
        clock.advance(by: .seconds(30))
        let next: String = code()
        #expect(try await signIn(next).status == 201)
        #expect(try await signIn(next).code == .secondFactorWrong)
        #expect(try await signIn(codes[0]).status == 201)
        #expect(try await signIn(codes[0]).code == .secondFactorWrong)
        #expect(try await served.hub.outbox().count { $0.purpose == "second_factor" } == 2)
        #expect(try await mine.post("/v1/account/second-factor/remove", ["password": "wrong password of some length"]).code == .credentialsWrong)
        #expect(try await mine.post("/v1/account/second-factor/remove", ["password": .string(Hub.testPassword)]).status == 204)
        clock.advance(by: .seconds(900))
        #expect(try await signIn(nil).status == 201)
    }

    @Test("whoever lost authenticator and recovery codes is let in by an operator, audited and told; sessions end")
    func lostFactor() async throws {
        let clock = ManualClock.startingNow()
        let served = try await ServedHub(clock: clock)
        let account: Account = try await served.hub.openTestAccount()
        let mine: APIClient = try await served.member(Self.owner)
        let secret: String = try await mine.post("/v1/account/second-factor", ["password": .string(Hub.testPassword)])["secret"].text ?? ""
        _ = try await mine.post("/v1/account/second-factor/confirm", ["code": .string(TOTPPeer.code(base32: secret, at: clock.now().wall))])
        let id: String = try await served.hub.members(account.id)[0].id
        try await served.hub.clearSecondFactor(of: id, by: .test)
        #expect(try await mine.get("/v1/account").code == .signInRequired)
        #expect(try await served.visitor().signIn(Self.owner, password: Hub.testPassword).status == 201)
        await #expect { try await served.hub.clearSecondFactor(of: id, by: .test) } throws: { ($0 as? Problem)?.code == .conflict }
        #expect(try await served.hub.auditEntries(account: account.id).contains { $0.action == "second_factor.off" && $0.actorKind == "shell" })
    }

    @Test("wrong passwords hash anew at the next sign-in only when the parameters are old")
    func upgrade() async throws {
        let database = try TestDatabase()
        let folder: String = database.folderForKeys
        let old = try await Hub.open(directory: folder, database: database.location, mayMake: true, passwords: .quick)
        try await old.openTestAccount()
        let before: String = try await database.passwordHash(of: Self.owner)
        await old.close()
        let new = try await Hub.open(directory: folder, database: database.location, mayMake: false, passwords: PasswordParameters(memoryKiB: 64, passes: 2))
        let credentials = Credentials(email: try EmailAddress(Self.owner), password: Hub.testPassword, code: nil, isOperator: false)
        _ = try await new.signIn(credentials, address: "192.0.2.1", agent: "", device: nil)
        let after: String = try await database.passwordHash(of: Self.owner)
        #expect(before.contains("m=8,t=1"))
        #expect(after.contains("m=64,t=2"))
        _ = try await new.signIn(credentials, address: "192.0.2.1", agent: "", device: nil)
        #expect(try await database.passwordHash(of: Self.owner) == after)
        await new.close()
    }
}

@Suite("Guessing passwords")
struct ThrottleTests {
    private static let owner: String = "owner@acme.example"
    private static let wrong: String = "wrong password of some length"

    private func client(_ served: ServedHub, from address: String) async throws -> APIClient {
        let client: APIClient = try served.visitor()
        await client.send(always: ["X-Forwarded-For: \(address)"])
        return client
    }

    @Test("after ten wrong passwords an address is stopped for that mailbox, even with the right one; another is not; a quarter of an hour ends it")
    func perAddress() async throws {
        let clock = ManualClock.startingNow()
        let served = try await ServedHub(clock: clock, proxies: ["127.0.0.1"])
        try await served.hub.openTestAccount()
        let guesser: APIClient = try await client(served, from: "203.0.113.9")
        for _ in 0..<10 { #expect(try await guesser.signIn(Self.owner, password: Self.wrong).code == .credentialsWrong) }
        let stopped: APIAnswer = try await guesser.signIn(Self.owner, password: Hub.testPassword)
        #expect(stopped.code == .tooManyAttempts)
        #expect(stopped[header: "retry-after"] == "900")
        // A stranger's mailbox is stopped alike: the answer tells nothing.
        for _ in 0..<10 { #expect(try await guesser.signIn("nobody@acme.example", password: Self.wrong).code == .credentialsWrong) }
        #expect(try await guesser.signIn("nobody@acme.example", password: Self.wrong).code == .tooManyAttempts)
        #expect(try await client(served, from: "198.51.100.7").signIn(Self.owner, password: Hub.testPassword).status == 201)
        // What the refusal advises works: a password set by mail opens the door at once, from here too.
        _ = try await guesser.post("/v1/account/password/forgot", ["email": .string(Self.owner)])
        let token: String = try await served.hub.mailedToken(Self.owner, purpose: "reset")
        #expect(
            try await guesser.post("/v1/account/password/reset", ["token": .string(token), "password": .string(Hub.testPassword + " anew")]).status == 204)
        #expect(try await guesser.signIn(Self.owner, password: Hub.testPassword + " anew").status == 201)
        for _ in 0..<10 { _ = try await guesser.signIn(Self.owner, password: Self.wrong) }
        #expect(try await guesser.signIn(Self.owner, password: Hub.testPassword + " anew").code == .tooManyAttempts)
        clock.advance(by: .seconds(901))
        #expect(try await guesser.signIn(Self.owner, password: Hub.testPassword + " anew").status == 201)
    }

    @Test("one address alone, however often it tries, does not lock the owner out anywhere else")
    func oneGuesser() async throws {
        let served = try await ServedHub(proxies: ["127.0.0.1"])
        try await served.hub.openTestAccount()
        let guesser: APIClient = try await client(served, from: "203.0.113.9")
        for _ in 0..<60 { _ = try await guesser.signIn(Self.owner, password: Self.wrong) }
        #expect(try await client(served, from: "198.51.100.7").signIn(Self.owner, password: Hub.testPassword).status == 201)
    }

    @Test("a header that names another address counts only when a proxy of ours sent it")
    func forged() async throws {
        let served = try await ServedHub()
        try await served.hub.openTestAccount()
        for guess in 0..<10 { _ = try await client(served, from: "203.0.113.\(guess)").signIn(Self.owner, password: Self.wrong) }
        #expect(try await client(served, from: "203.0.113.99").signIn(Self.owner, password: Hub.testPassword).code == .tooManyAttempts)
    }

    @Test("guesses from everywhere stop strangers, not the owner's own browser")
    func lockOut() async throws {
        let served = try await ServedHub(proxies: ["127.0.0.1"])
        try await served.hub.openTestAccount()
        let browser: APIClient = try await client(served, from: "198.51.100.7")
        #expect(try await browser.signIn(Self.owner, password: Hub.testPassword).status == 201)
        for guess in 0..<60 {
            _ = try await client(served, from: "203.0.113.\(guess)").signIn(Self.owner, password: Self.wrong)
        }
        #expect(try await client(served, from: "192.0.2.200").signIn(Self.owner, password: Hub.testPassword).code == .tooManyAttempts)
        // The browser the owner used before still gets in, from another place too.
        await browser.send(always: ["X-Forwarded-For: 192.0.2.77"])
        #expect(try await browser.signIn(Self.owner, password: Hub.testPassword).status == 201)
        // And whoever stole that browser's cookie has ten guesses, not fifty.
        for _ in 0..<10 { _ = try await browser.signIn(Self.owner, password: Self.wrong) }
        #expect(try await browser.signIn(Self.owner, password: Hub.testPassword).code == .tooManyAttempts)
    }

    @Test("an address is stopped that tries many mailboxes")
    func spraying() async throws {
        let served = try await ServedHub(proxies: ["127.0.0.1"])
        let sprayer: APIClient = try await client(served, from: "2001:db8:1:2:aaaa::1")
        for guess in 0..<100 { #expect(try await sprayer.signIn("user\(guess)@acme.example", password: Self.wrong).code == .credentialsWrong) }
        #expect(try await sprayer.signIn("user100@acme.example", password: Self.wrong).code == .tooManyAttempts)
        // An IPv6 caller owns its /64, however its address is written.
        #expect(try await client(served, from: "2001:db8:1:2::7").signIn("user103@acme.example", password: Self.wrong).code == .tooManyAttempts)
        #expect(try await client(served, from: "2001:0db8:0001:0002:0:0:0:8").signIn("user104@acme.example", password: Self.wrong).code == .tooManyAttempts)
        #expect(try await client(served, from: "2001:db8:1:2:bbbb::2").signIn("user101@acme.example", password: Self.wrong).code == .tooManyAttempts)
        #expect(try await client(served, from: "2001:db8:1:3::1").signIn("user102@acme.example", password: Self.wrong).code == .credentialsWrong)
    }
}
