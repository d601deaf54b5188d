import Foundation
import HubAPI
import HubStorage
import RecognitionAPI
import TestKit
import Testing
import WireModel

@Suite("The hub at the command line")
struct HubCommandTests {
    private static let owner: String = World.owner

    /// A hub that has been used: an account, an enterprise with members, keys, decisions, measures, a device with usage.
    private func populated(_ engine: TestEngine = .current) async throws -> (world: World, key: String) {
        let world = try World(engine)
        try await world.open()
        try await world.join()
        try await world.edge(["enrol", "Ada", World.picture("obama.jpg")])
        try await world.edge(["identify", World.picture("obama2.jpg"), World.picture("biden.jpg")])
        #expect(try await world.edge(["sync"]).status == 0)
        let client: APIClient = try world.visitor()
        try await client.signIn(World.owner, password: World.password)
        let application: JSONValue = try await client.post("/v1/account/applications", ["name": "door"])["id"]
        let key: APIAnswer = try await client.post("/v1/account/keys", ["application": application, "name": "k"])
        _ = try await world.operate("admin", "account", "open", "Werk", "--email", "chef@werk.example", "--kind", "enterprise")
        _ = try await world.operate("admin", "measure", "order", "Acme", "warning", "--ground", "fair_use", "--statement", "日本 ½ \u{1F600} 'quotes'")
        _ = try await client.post("/v1/account/closure", ["reason": "maybe"])
        _ = try await client.post("/v1/account/second-factor", ["password": .string(World.password)])
        return (world, key["secret"].text ?? "")
    }

    private func counts(_ database: TestDatabase) async throws -> [String: Int64] {
        try await HubSchema.tables.asyncReduce(into: [:]) { $0[$1] = try await database.rows("SELECT count(*) AS n FROM \($1)")[0].integer("n") }
    }

    @Test("database copy moves a used hub from SQLite to PostgreSQL: every count, hash and invariant holds, and it serves from there")
    func copy() async throws {
        guard TestEngine.available.contains(.postgres) else { return }
        let (world, key): (World, String) = try await populated(.sqlite)
        await world.stopHub()
        let target = try TestDatabase(.postgres)
        let copied: Outcome = try await world.operate("database", "copy", "--to", target.argument)
        #expect(copied.status == 0, "\(copied.errors)")
        let tables = try copied.json() as? [[String: Any]] ?? []
        let before: [String: Int64] = try await counts(world.database)
        #expect(try await counts(target) == before)
        #expect(before.values.filter { $0 > 0 }.count >= 20)
        for table in tables { #expect(table["rows"] as? Int == Int(before[table["name"] as? String ?? ""] ?? -1)) }
        // A second copy would be a mixture: refused.
        #expect(try await world.operate("database", "copy", "--to", target.argument).status != 0)
        #expect(try await counts(target) == before)

        // From here on the hub is the one in PostgreSQL, with the same keys.
        let environment: [String: String] = ["VULTUS_HUB_DATABASE": target.argument]
        func operate(_ arguments: String...) async throws -> Outcome {
            try await Program.run("vultus-hub", arguments + ["--data", world.hubFolder, "--json"], environment: environment)
        }
        let checks: Outcome = try await operate("database", "verify")
        #expect(checks.status == 0, "\(checks.output)")
        let proof: Outcome = try await operate("admin", "prove-acceptance", "Acme")
        #expect(proof.status == 0)
        #expect(((try proof.json() as? [String: Any])?["lines"] as? [Any])?.count == 4)
        try await world.startHub(environment: environment)
        let client: APIClient = try world.visitor()
        #expect(try await client.signIn(World.owner, password: World.password).status == 201)
        #expect(try await client.call("/v1/access", key: key).status == 200)
        try await world.edge(["identify", World.picture("obama3.jpg")])
        #expect(try await world.edge(["sync"]).status == 0)
        let usage = try await operate("usage", World.account).json() as? [[String: Any]]
        #expect(usage?.reduce(0) { $0 + ($1["units"] as? Int ?? 0) } == 3)
    }

    @Test("a backup taken while the hub serves is restored under a new epoch: nothing used since is lost or billed twice")
    func restore() async throws {
        let (world, key): (World, String) = try await populated()
        let backup: String = world.folder + "/backup.sqlite"
        #expect(try await world.operate("database", "backup", backup).status == 0)
        #expect(try await world.operate("database", "backup", backup).code == "conflict")
        #expect(try await world.operate("database", "check", backup).status == 0)
        try await world.edge(["identify", World.picture("obama3.jpg"), World.picture("astronaut.png")])
        #expect(try await world.edge(["sync"]).status == 0)
        #expect(try await world.counts() == (4, 4, 4))
        // The database is lost; the keys are not.
        await world.stopHub()
        let fresh = try TestDatabase()
        let environment: [String: String] = ["VULTUS_HUB_DATABASE": fresh.argument]
        let restored: Outcome = try await Program.run(
            "vultus-hub", ["database", "restore", backup, "--data", world.hubFolder, "--json"], environment: environment)
        #expect(restored.status == 0, "\(restored.errors)")
        try await world.startHub(environment: environment)
        #expect(try await world.edge(["sync"]).status == 0)
        let usage = try await Program.run("vultus-hub", ["usage", World.account, "--data", world.hubFolder, "--json"], environment: environment).json()
        #expect((usage as? [[String: Any]])?.reduce(0) { $0 + ($1["units"] as? Int ?? 0) } == 4)
        #expect(
            try await Program.run("vultus-hub", ["database", "verify", "--data", world.hubFolder], environment: environment).status == 0)
        // Keys of the API came back; sessions did not.
        let client: APIClient = try world.visitor()
        #expect(try await client.call("/v1/access", key: key).status == 200)
        // A byte of the backup altered: refused, and said.
        var bytes: Data = try Data(contentsOf: URL(filePath: backup))
        let at: Range<Data.Index> = try #require(bytes.range(of: Data("fair_use".utf8)))
        bytes[at.lowerBound] ^= 1
        try bytes.write(to: URL(filePath: backup))
        #expect(try await world.operate("database", "check", backup).code == "store_damaged")
    }

    @Test("prove-acceptance prints document, hash, person and time; one altered byte of the database makes it exit with 74 and say what")
    func proof() async throws {
        let (world, _): (World, String) = try await populated()
        let text: Outcome = try await Program.run(
            "vultus-hub", ["admin", "prove-acceptance", World.account, "--data", world.hubFolder],
            environment: world.hubEnvironment)
        #expect(text.status == 0)
        let hash: String = try await world.database.rows("SELECT text_hash FROM acceptance LIMIT 1")[0].text("text_hash")
        for part in [Self.owner, hash, "general, version 1", "anchored through", "audit chain"] { #expect(text.output.contains(part), "\(part)") }
        try await world.database.execute("UPDATE acceptance SET email = 'owner@acmf.example' WHERE email = 'owner@acme.example'")
        let altered: Outcome = try await world.operate("admin", "prove-acceptance", World.account)
        #expect(altered.status == 74)
        #expect(altered.output.contains("the record of the decision was altered"))
        #expect(try await world.operate("database", "verify").status == 74)
        #expect(try await world.operate("admin", "audit", "verify").status == 0)
    }

    @Test("several hubs on one PostgreSQL are one: a session, a registration, a throttle begun on one goes on on the other")
    func several() async throws {
        guard TestEngine.available.contains(.postgres) else { return }
        let (world, key): (World, String) = try await populated(.postgres)
        // Each on its own machine, with a copy of the keys.
        let copy: String = world.folder + "/hub-2"
        try FileManager.default.createDirectory(atPath: copy, withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: world.hubFolder + "/keys", toPath: copy + "/keys")
        let second = try await HubProcess(directory: copy, environment: ["VULTUS_HUB_DATABASE": world.database.argument])
        let authority: String = try String(contentsOfFile: copy + "/keys/authority.pem", encoding: .utf8)
        let (here, there): (APIClient, APIClient) = (try world.visitor(), try APIClient(second.url, authority: authority))
        try await here.signIn(World.owner, password: World.password)
        let session: (cookie: String, csrf: String) = await here.session
        await there.setSession(cookie: session.cookie, csrf: session.csrf)
        #expect(try await there.get("/v1/account").status == 200)
        #expect(try await there.call("/v1/access", key: key).status == 200)
        _ = try await there.send("DELETE", "/v1/account/session")
        #expect(try await here.get("/v1/account").code == .signInRequired)
        // Ten wrong passwords are ten, wherever they are tried.
        for guess in 0..<10 {
            _ = try await (guess.isMultiple(of: 2) ? here : there).signIn("nobody@acme.example", password: "wrong password of some length")
        }
        #expect(try await here.signIn("nobody@acme.example", password: "wrong password of some length").code == .tooManyAttempts)
        // Both write at once; the chain of acts stays one chain.
        try await withThrowingTaskGroup(of: Void.self) { group in
            for url in [world.hub?.url ?? "", second.url] {
                group.addTask {
                    let client = try APIClient(url, authority: authority)
                    #expect(try await client.signIn(World.owner, password: World.password).status == 201)
                    for number in 0..<10 { #expect(try await client.post("/v1/account/applications", ["name": .string("a\(number)")]).status == 201) }
                }
            }
            try await group.waitForAll()
        }
        #expect(await second.stop() == 0)
        #expect(try await world.operate("database", "verify").status == 0)
    }

    @Test("what operators do over the API they do at the shell: each command answers in words and in JSON, and is audited")
    func admin() async throws {
        let (world, key): (World, String) = try await populated()
        func admin(_ arguments: String..., input: String? = nil) async throws -> [String: Any] {
            let outcome: Outcome = try await world.operate(["admin"] + arguments, input: input.map { Data($0.utf8) })
            #expect(outcome.status == 0, "\(arguments): \(outcome.errors)")
            return try outcome.json() as? [String: Any] ?? [:]
        }
        func list(_ arguments: String...) async throws -> [[String: Any]] {
            try await world.operate(["admin"] + arguments).json() as? [[String: Any]] ?? []
        }
        _ = try await admin("operator", "invite", "root@provider.example", "--role", "administrator")
        let token: String = try await world.mailedToken("root@provider.example")
        _ = try await admin("operator", "accept", token, input: "a password for the hub\n")
        let operators: [[String: Any]] = try await list("operator", "list")
        #expect(operators.map { $0["state"] as? String } == ["active"])
        _ = try await admin("operator", "role", operators[0]["id"] as? String ?? "", "--role", "auditor")

        _ = try await admin("account", "invite", "Werk", "--email", "boss@werk.example")
        _ = try await admin(
            "account", "activate", try await world.mailedToken("boss@werk.example"), "--accept", "--language", "zh", input: World.password + "\n")
        let werk: [String: Any] = try await admin("account", "show", "Werk")
        #expect(((werk["account"] as? [String: Any])?["standing"] as? String) == "pending")
        #expect(((werk["members"] as? [[String: Any]])?.map { $0["email"] as? String }) == ["boss@werk.example"])
        #expect(try await admin("domain", "Werk")["domain"] as? String == "werk.example")
        #expect(try await admin("domain", "Werk", "--vouch", "extract of the register seen")["method"] as? String == "operator")
        #expect(((try await admin("account", "show", "Werk")["account"] as? [String: Any])?["standing"] as? String) == "active")

        let pause: [String: Any] = try await admin(
            "measure", "order", "Acme", "pause_api", "--api", "face.search", "--ground", "g", "--statement", "s", "--until", "2099-01-01")
        let client: APIClient = try world.visitor()
        #expect(try await client.call("/v1/access/face.search", key: key).code == .apiPaused)
        _ = try await admin("measure", "lift", pause["id"] as? String ?? "", "--ground", "put right")
        #expect(try await client.call("/v1/access/face.search", key: key).status == 200)
        #expect(try await list("measure", "list", "Acme").count == 2)

        let keys: [[String: Any]] = try await list("key", "list", "Acme")
        _ = try await admin("key", "freeze", keys[0]["id"] as? String ?? "", "--ground", "leaked")
        #expect(try await client.call("/v1/access", key: key).code == .keyFrozen)

        let closures: [[String: Any]] = try await list("closure", "list")
        _ = try await admin("closure", "decide", closures[0]["id"] as? String ?? "", "--refuse", "--answer", "Not yet.")
        _ = try await admin("setting", "set", "agreement-grace-days", "7")
        #expect(try await admin("mail-domain", "set", "disposable", "trash.example")["set"] as? Int == 1)
        #expect(try await admin("mail-domain", "show", "mx.trash.example")["kind"] as? String == "disposable")
        for language in ["en", "zh"] {
            try "# Terms\n\n\(language) text of the terms\n".write(toFile: world.folder + "/\(language).md", atomically: true, encoding: .utf8)
        }
        let version: [String: Any] = try await admin(
            "agreement", "publish", "general", "--en", world.folder + "/en.md", "--zh", world.folder + "/zh.md", "--effective", "2099-01-01", "--rule",
            "explicit")
        #expect(version["number"] as? Int == 2)
        #expect(try await admin("account", "export", "Acme")["keys"] != nil)
        let actions: Set<String> = Set(try await list("audit", "list", "--limit", "500").compactMap { $0["action"] as? String })
        for wanted in [
            "operator.invite", "operator.change", "member.invite", "member.remove", "measure.order", "measure.end", "key.freeze", "closure.decide",
            "setting.change",
            "mail_domain.change", "agreement.publish", "account.export", "mail.show",
        ] { #expect(actions.contains(wanted), "\(wanted)") }
        // In words too, and with help.
        for command in [
            ["account", "list"], ["account", "show", "Acme"], ["mail", "list"], ["agreement", "list"], ["operator", "list"], ["audit", "list"],
        ] {
            let words: Outcome = try await Program.run(
                "vultus-hub", ["admin"] + command + ["--data", world.hubFolder],
                environment: world.hubEnvironment)
            #expect(words.status == 0 && words.output.count > 40, "\(command)")
        }
        for command in [["serve"], ["database"], ["database", "copy"], ["admin"], ["admin", "account", "open"], ["admin", "prove-acceptance"]] {
            let help: Outcome = try await Program.run("vultus-hub", command + ["--help"])
            #expect(help.status == 0 && help.output.contains("USAGE"), "\(command)")
        }
    }

    @Test("a hub refuses a database that belongs to other keys")
    func foreign() async throws {
        let (mine, other) = (try World(), try World())
        _ = try await mine.operate("init")
        _ = try await other.operate("init")
        let outcome: Outcome = try await Program.run(
            "vultus-hub", ["admin", "account", "list", "--data", other.hubFolder, "--database", mine.database.argument, "--json"])
        #expect(outcome.code == "keys_foreign")
        #expect(outcome.status == 78)
    }
}

extension Array {
    fileprivate func asyncReduce<Result>(into initial: Result, _ body: (inout Result, Element) async throws -> Void) async throws -> Result {
        var result: Result = initial
        for element in self { try await body(&result, element) }
        return result
    }
}
