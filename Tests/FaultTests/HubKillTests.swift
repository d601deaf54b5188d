import Foundation
import HubAPI
import HubStorage
import RecognitionAPI
import TestKit
import Testing
import WireModel

@Suite("SIGKILL of the hub", .serialized)
struct HubKillTests {
    /// Kills on each engine.
    private static let points: Int = FullTests.isOn ? 200 : 24

    @Test(
        "registration, confirmation, acceptance and key rotation are whole or not at all, what was answered holds, and each can be done again",
        arguments: TestEngine.available)
    func wholeOrNot(engine: TestEngine) async throws {
        let seed: UInt64 = SeededGenerator.wantedSeed
        print("NOTICE: \(engine.rawValue): kill points of seed \(seed); repeat them with VULTUS_SEED=\(seed)")
        let hub = try await KilledHub(engine, seed: seed)
        for point in 0..<Self.points {
            let step: KilledHub.Step = KilledHub.Step.allCases[point % KilledHub.Step.allCases.count]
            try await hub.strike(step, number: point)
        }
        print("NOTICE: \(engine.rawValue): \(Self.points) kills, \(hub.unanswered) before the answer, \(hub.lost) of those after the commit")
        // Kills that all come too late, or too early, test nothing.
        #expect(hub.unanswered > Self.points / 8)
        #expect(hub.unanswered - hub.lost > Self.points / 20)
    }
}

/// A hub that is killed in the middle of what it is asked, looked into while it is dead, and started again.
private final class KilledHub {
    enum Step: String, CaseIterable { case register, confirm, accept, rotate }

    private let world: World
    private let engine: TestEngine
    private var random: SeededGenerator
    private var owner: (cookie: String, csrf: String)
    private var key: (id: String, secret: String)
    private var account: String
    /// Within what time each step is killed: at first what it takes undisturbed, then moved towards where answers come as
    /// often as not, since other suites may have the processor one moment and not the next.
    private var windows: [Step: Duration] = [:]
    /// Kills that came before the answer.
    private(set) var unanswered: Int = 0
    /// Those of them whose work was done all the same.
    private(set) var lost: Int = 0

    init(_ engine: TestEngine, seed: UInt64) async throws {
        self.engine = engine
        random = SeededGenerator(seed: seed)
        world = try World(engine)
        _ = try await world.operate("init")
        try await world.openAccount()
        (owner, key, account) = (("", ""), ("", ""), "")
        try await start()
        let client: APIClient = try await visitor()
        try await client.signIn(World.owner, password: World.password)
        owner = await client.session
        account = try await client.get("/v1/account")["account"]["id"]?.text ?? ""
        let application: JSONValue = try await client.post("/v1/account/applications", ["name": "door"])["id"]
        let issued: APIAnswer = try await client.post("/v1/account/keys", ["application": application, "name": "k"])
        key = (issued["key"]["id"]?.text ?? "", issued["secret"].text ?? "")
        for step in Step.allCases {
            let prepared: Prepared = try await prepare(step, name: "warm-\(step.rawValue)")
            let began: ContinuousClock.Instant = .now
            let answer: APIAnswer = try await prepared.ask()
            windows[step] = .now - began
            #expect(answer.status < 300, "\(step): \(answer.text)")
            try await adopt(prepared, answer)
        }
    }

    private func start() async throws { try await world.startHub(arguments: ["--proxy", "127.0.0.1"]) }

    private func visitor() async throws -> APIClient {
        let client: APIClient = try world.visitor()
        // Each from another address: what is throttled by address is tested elsewhere.
        let bytes: [UInt8] = (0..<3).map { _ in UInt8.random(in: 1...254, using: &random) }
        await client.send(always: ["X-Forwarded-For: 10.\(bytes[0]).\(bytes[1]).\(bytes[2])"])
        if !owner.cookie.isEmpty { await client.setSession(cookie: owner.cookie, csrf: owner.csrf) }
        return client
    }

    // MARK: One kill

    private struct Prepared: Sendable {
        let step: Step
        let mailbox: String
        let path: String
        let body: JSONValue
        let before: Int64
        let client: APIClient

        func ask() async throws -> APIAnswer { try await client.post(path, body) }
    }

    func strike(_ step: Step, number: Int) async throws {
        let prepared: Prepared = try await prepare(step, name: "u\(number)")
        let window: Duration = windows[step] ?? .milliseconds(50)
        let moment: Duration = window * Double.random(in: 0...1, using: &random)
        async let asking: APIAnswer = prepared.ask()
        try await Task.sleep(for: moment)
        await world.killHub()
        let answer: APIAnswer? = try? await asking
        if let answer { #expect(answer.status < 300, "\(step) \(number): \(answer.status) \(answer.text)") }
        let isDone: Bool = try await look(prepared, number: number)
        windows[step] = answer == nil ? min(window * 1.4, .seconds(1)) : max(window * 0.6, .milliseconds(2))
        if answer == nil {
            unanswered += 1
            if isDone { lost += 1 }
        } else {
            #expect(isDone, "\(step) \(number): was answered and is not there")
        }
        let checks: Outcome = try await world.operate("database", "verify")
        #expect(checks.status == 0, "\(step) \(number): \(checks.output) \(checks.errors)")
        try await start()
        try await finish(prepared, answer, isDone: isDone, number: number)
    }

    private func prepare(_ step: Step, name: String) async throws -> Prepared {
        let client: APIClient = try await visitor()
        let mailbox: String = "\(name)-\(step.rawValue)@home.example"
        switch step {
        case .register:
            return Prepared(
                step: step, mailbox: mailbox, path: "/v1/account/register", body: try await registration(mailbox, client), before: 0, client: client)
        case .confirm:
            let registered: APIAnswer = try await client.post("/v1/account/register", try await registration(mailbox, client))
            #expect(registered.status == 202, "\(registered.text)")
            let token: String = try await world.mailedToken(mailbox)
            return Prepared(step: step, mailbox: mailbox, path: "/v1/account/verify-email", body: ["token": .string(token)], before: 0, client: client)
        case .accept:
            let version: APIAnswer = try await client.get("/v1/agreements/face-data/versions/1")
            return Prepared(
                step: step, mailbox: mailbox, path: "/v1/account/agreements/decisions",
                body: ["document": "face-data", "number": 1, "hash": version["hash"], "decision": "accepted"], before: try await decisions().kept,
                client: client)
        case .rotate:
            return Prepared(
                step: step, mailbox: mailbox, path: "/v1/account/keys/\(key.id)/rotate", body: ["overlapSeconds": 600],
                before: try await count("SELECT count(*) AS n FROM api_key"), client: client)
        }
    }

    private func registration(_ mailbox: String, _ client: APIClient) async throws -> JSONValue {
        let accept: [JSONValue] = try await client.get("/v1/agreements").items.map { version in
            ["document": version["document"] ?? .null, "number": version["number"] ?? .null, "hash": version["textHashes"]?["en"] ?? .null]
        }
        return [
            "kind": "individual", "name": .string(mailbox), "email": .string(mailbox), "password": .string(World.password), "accept": .array(accept),
        ]
    }

    // MARK: Looking into the dead hub

    private func count(_ sql: String, _ values: [SQLValue] = []) async throws -> Int64 {
        try await world.database.rows(sql, values).first?.integer("n") ?? -1
    }

    private func decisions() async throws -> (kept: Int64, audited: Int64) {
        (
            try await count("SELECT count(*) AS n FROM acceptance WHERE account_id = ?", [.text(account)]),
            try await count("SELECT count(*) AS n FROM audit_entry WHERE account_id = ? AND action = 'agreement.decide'", [.text(account)])
        )
    }

    /// Whether the step was done. Half of it is an issue.
    private func look(_ prepared: Prepared, number: Int) async throws -> Bool {
        let mailbox: [SQLValue] = [.text(prepared.mailbox)]
        let owned: String = "account_id IN (SELECT account_id FROM principal WHERE email = ?)"
        let parts: [(String, Int64)]
        switch prepared.step {
        case .register:
            parts = [
                ("account", try await count("SELECT count(*) AS n FROM account WHERE name = ? AND standing = 'pending'", mailbox)),
                ("principal", try await count("SELECT count(*) AS n FROM principal WHERE email = ? AND state = 'active'", mailbox)),
                ("acceptances", try await count("SELECT count(*) / 4 AS n FROM acceptance WHERE \(owned)", mailbox)),
                ("audit", try await count("SELECT count(*) AS n FROM audit_entry WHERE action = 'account.register' AND \(owned)", mailbox)),
                ("mail", try await count("SELECT count(*) AS n FROM mail WHERE mailbox = ? AND purpose = 'verify'", mailbox)),
                (
                    "token",
                    try await count(
                        "SELECT count(*) AS n FROM mail_token WHERE purpose = 'verify' AND principal_id IN (SELECT id FROM principal WHERE email = ?)", mailbox)
                ),
            ]
        case .confirm:
            parts = [
                ("principal", try await count("SELECT count(email_verified_ms) AS n FROM principal WHERE email = ?", mailbox)),
                ("standing", try await count("SELECT count(*) AS n FROM account WHERE name = ? AND standing = 'active'", mailbox)),
                ("change", try await count("SELECT count(*) AS n FROM standing_change WHERE after = 'active' AND \(owned)", mailbox)),
                ("notice", try await count("SELECT count(*) AS n FROM notice WHERE kind = 'standing' AND \(owned)", mailbox)),
                ("audit", try await count("SELECT count(*) AS n FROM audit_entry WHERE action = 'email.verify' AND \(owned)", mailbox)),
                (
                    "token",
                    try await count("SELECT count(used_ms) AS n FROM mail_token WHERE principal_id IN (SELECT id FROM principal WHERE email = ?)", mailbox)
                ),
            ]
        case .accept:
            let found: (kept: Int64, audited: Int64) = try await decisions()
            parts = [("decision", found.kept - prepared.before), ("audit", found.audited - prepared.before)]
        case .rotate:
            let old: [SQLValue] = [.text(key.id)]
            parts = [
                ("new key", try await count("SELECT count(*) AS n FROM api_key") - prepared.before),
                ("old key", try await count("SELECT count(replaced_by) AS n FROM api_key WHERE id = ? AND expires_ms IS NOT NULL", old)),
                ("reference", try await count("SELECT count(*) AS n FROM api_key WHERE id IN (SELECT replaced_by FROM api_key WHERE id = ?)", old)),
                ("audit", try await count("SELECT count(*) AS n FROM audit_entry WHERE action = 'key.rotate' AND subject = ?", old)),
            ]
        }
        let isHalf: Bool = Set(parts.map(\.1)).count != 1 || !(0...1).contains(parts[0].1)
        #expect(!isHalf, "\(engine.rawValue) \(prepared.step) \(number): \(parts)")
        return parts[0].1 == 1
    }

    // MARK: After the restart

    /// Done again, or found done: either way the person gets on.
    private func finish(_ prepared: Prepared, _ answer: APIAnswer?, isDone: Bool, number: Int) async throws {
        let client: APIClient = try await visitor()
        if prepared.step == .rotate, isDone, answer == nil {
            // The answer with the new key was lost: the list names the key, and rotating that one gives another.
            let successor: String = try await client.get("/v1/account/keys/\(key.id)")["replacedBy"].text ?? ""
            key = (successor, "")
            let again: APIAnswer = try await client.post("/v1/account/keys/\(successor)/rotate", ["overlapSeconds": 0])
            #expect(again.status == 201, "\(number): \(again.text)")
            return try await adopt(prepared, again)
        }
        if let answer { return try await adopt(prepared, answer) }
        let again: APIAnswer = try await client.post(prepared.path, prepared.body)
        if prepared.step == .confirm, isDone {
            #expect(again.code == .mailTokenInvalid)
        } else {
            #expect(again.status < 300, "\(prepared.step) \(number): \(again.status) \(again.text)")
        }
        try await adopt(prepared, again)
        #expect(try await count("SELECT count(*) AS n FROM account WHERE name LIKE ?", [.text(prepared.mailbox + "%")]) <= 1)
    }

    /// What the next step builds on.
    private func adopt(_ prepared: Prepared, _ answer: APIAnswer) async throws {
        guard prepared.step == .rotate else { return }
        key = (answer["key"]["id"]?.text ?? "", answer["secret"].text ?? "")
        let passed: APIAnswer = try await visitor().call("/v1/access", key: key.secret)
        #expect(passed.status == 200, "\(passed.text)")
    }
}
