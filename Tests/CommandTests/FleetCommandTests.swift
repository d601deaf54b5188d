import Foundation
import TestKit
import Testing

@Suite("The fleet at the command line")
struct FleetCommandTests {
    private func object(_ outcome: Outcome) throws -> [String: Any] { try outcome.json() as? [String: Any] ?? [:] }
    private func list(_ outcome: Outcome) throws -> [[String: Any]] { try outcome.json() as? [[String: Any]] ?? [] }

    /// What became of a device's commands, newest first.
    private func outcomes(_ world: World, _ device: String) async throws -> [String] {
        try list(try await world.operate("device", "commands", device)).map { $0["outcome"] as? String ?? ($0["delivered"] == nil ? "waiting" : "delivered") }
    }

    private func id(_ world: World) async throws -> String { try list(try await world.operate("device", "list"))[0]["id"] as? String ?? "" }

    @Test("a device is found by name, label, group and state; what is wanted of it and what it does are told apart until its next contacts")
    func drift() async throws {
        let world = try World()
        try await world.open()
        try await world.join()
        let device: String = try await id(world)
        #expect(try await world.operate("device", "label", device, "--name", "North door", "site=north", "floor=2").status == 0)
        #expect(try list(try await world.operate("device", "list", "--label", "site=north", "--text", "north")).count == 1)
        #expect(try list(try await world.operate("device", "list", "--label", "site=south")).isEmpty)
        #expect(try await world.operate("device", "label", device, "no spaces=x").code == "invalid_request")
        try await world.edge(["sync"])
        #expect(try list(try await world.operate("device", "list", "--state", "drifting")).isEmpty)
        let changed: Outcome = try await world.operate("device", "configure", device, "--retention-days", "7", "--target-fmr", "0.00001")
        #expect(changed.status == 0, "\(changed.errors)")
        #expect(try await world.operate("device", "configure", device, "--retention-days", "0").code == "invalid_request")
        #expect(try list(try await world.operate("device", "list", "--state", "drifting")).count == 1)
        // It takes it with this one, and says so with the next.
        try await world.edge(["sync"])
        try await world.edge(["sync"])
        #expect(try list(try await world.operate("device", "list", "--state", "drifting")).isEmpty)
        let shown = try object(try await world.operate("device", "show", device))["device"] as? [String: Any]
        #expect((shown?["wanted"] as? [String: Any])?["resultRetentionDays"] as? Int == 7 && shown?["hasDrifted"] as? Bool == false)
        #expect((shown?["labels"] as? [String: String]) == ["site": "north", "floor": "2"])
        // A group under it: what the device has of its own stays, the rest is the group's.
        try await world.operate("group", "make", World.account, "doors")
        try await world.operate("group", "configure", "doors", "--retention-days", "30", "--contact-seconds", "90")
        try await world.operate("device", "move", device, "doors")
        let layered = try object(try await world.operate("device", "show", device))["device"] as? [String: Any]
        let wanted = layered?["wanted"] as? [String: Any]
        #expect(wanted?["resultRetentionDays"] as? Int == 7 && wanted?["contactMilliseconds"] as? Int == 90_000)
        try await world.operate("device", "configure", device, "--as-group")
        let bare = try object(try await world.operate("device", "show", device))["device"] as? [String: Any]
        #expect((bare?["wanted"] as? [String: Any])?["resultRetentionDays"] as? Int == 30 && bare?["overrides"] == nil)
    }

    @Test("paused, nothing is decided and nothing is charged, and it says who can end that; resumed, it goes on")
    func pause() async throws {
        let world = try World()
        try await world.open()
        try await world.join()
        try await world.edge(["sync"])
        let device: String = try await id(world)
        #expect(try await world.operate("device", "command", device, "pause").status == 0)
        #expect(try await outcomes(world, device) == ["waiting"])
        try await world.edge(["sync"])
        #expect(try await outcomes(world, device) == ["done"])
        let refused: Outcome = try await world.edge(["identify", World.picture("obama.jpg")])
        #expect(refused.status == 77 && (refused.output + refused.errors).contains("device_paused"), "\(refused.output) \(refused.errors)")
        #expect(try await world.edge(["status"]).output.contains("\"paused\""))
        #expect(try list(try await world.operate("device", "list", "--state", "paused")).count == 1)
        try await world.operate("device", "command", device, "resume")
        try await world.edge(["sync"])
        #expect(try await world.edge(["identify", World.picture("obama.jpg")]).status == 0)
        try await world.edge(["sync"])
        #expect(try await world.counts().hub == 1)
        #expect(try await outcomes(world, device) == ["done", "done"])
        #expect(try await world.operate("device", "cancel", "cmd_nothing").code == "invalid_request")
    }

    @Test("diagnostics come back without persons or keys; a certificate is rotated; a cancelled command is not done")
    func diagnostics() async throws {
        let world = try World()
        try await world.open()
        try await world.join()
        try await world.edge(["enrol", "Ada Lovelace", World.picture("obama.jpg")])
        try await world.edge(["sync"])
        let device: String = try await id(world)
        try await world.operate("device", "command", device, "diagnostics")
        try await world.edge(["sync"])
        let bundle: String = try list(try await world.operate("device", "commands", device))[0]["detail"] as? String ?? ""
        #expect(bundle.contains("\"findings\"") && bundle.contains("\"states\""))
        #expect(!bundle.contains("Lovelace") && !bundle.contains("PRIVATE KEY"))

        try await world.operate("device", "command", device, "rotate_certificate")
        try await world.edge(["sync"])
        #expect(try list(try await world.operate("device", "commands", device))[0]["outcome"] as? String == "done")
        #expect(try await world.edge(["sync"]).status == 0)

        let cancelled: String = try object(try await world.operate("device", "command", device, "pause"))["id"] as? String ?? ""
        #expect(try await world.operate("device", "cancel", cancelled).status == 0)
        try await world.edge(["sync"])
        #expect(try await world.edge(["identify", World.picture("obama.jpg")]).status == 0)
        #expect(try await world.operate("device", "command", device, "wipe").code == "invalid_request")
    }

    @Test("wiped: everything it used is told and billed, everybody is erased with a receipt, and no file of it is left; it can join again")
    func wipe() async throws {
        let world = try World()
        try await world.open()
        try await world.join()
        try await world.edge(["enrol", "Ada", World.picture("obama.jpg")])
        try await world.edge(["sync"])
        try await world.edge(["identify", World.picture("obama2.jpg")])
        let device: String = try await id(world)
        #expect(try await world.operate("device", "command", device, "wipe", "--yes").status == 0)
        let wiped: Outcome = try await world.edge(["sync"])
        #expect(wiped.code == "device_wiped", "\(wiped.output) \(wiped.errors)")
        #expect(try await outcomes(world, device) == ["done"])
        let trail = try list(try await world.operate("admin", "audit"))
        #expect(trail.filter { ($0["action"] as? String)?.contains("erased") == true }.count == 1, "\(trail.compactMap { $0["action"] })")
        let used = try list(try await world.operate("usage", World.account)).filter { $0["api"] as? String == "face.search" }
        #expect(used.reduce(0) { $0 + ($1["units"] as? Int ?? 0) } == 1)
        let left: [String] = try FileManager.default.contentsOfDirectory(atPath: world.folder + "/edge").sorted()
        #expect(left == ["store.lock", "wiped.json"], "\(left)")
        #expect(try await world.edge(["identify", World.picture("obama.jpg")]).code == "device_wiped")
        try await world.join()
        #expect(try await world.edge(["sync"]).status == 0)
        let persons: Outcome = try await world.edge(["persons"])
        #expect(try list(persons).isEmpty && persons.status == 0, "\(persons.output) \(persons.errors)")
    }

    @Test("stolen: revoked at once, its leases free, and at its next contact it erases itself; nothing of it can be opened")
    func stolen() async throws {
        let world = try World()
        try await world.open()
        try await world.join()
        try await world.edge(["enrol", "Ada", World.picture("obama.jpg")])
        try await world.edge(["sync"])
        let device: String = try await id(world)
        #expect(try await world.operate("device", "stolen", device).code == "invalid_request")
        #expect(try await world.operate("device", "stolen", device, "--yes").status == 0)
        let quota = try list(try await world.operate("quota", "list", World.account))
        #expect(quota.allSatisfy { $0["reserved"] as? Int == 0 })
        #expect(try await world.operate("device", "command", device, "pause").code == "device_stolen")
        #expect(try await world.edge(["sync"]).code == "device_stolen")
        #expect(try await world.edge(["status"]).code == "device_wiped")
        #expect(try !FileManager.default.contentsOfDirectory(atPath: world.folder + "/edge").contains("master.key"))
    }

    @Test("a device that takes the place of another has its name, group, labels and settings, and the other's credit is free; the other is refused")
    func replaced() async throws {
        let world = try World()
        try await world.open()
        try await world.join()
        try await world.edge(["sync"])
        let old: String = try await id(world)
        try await world.operate("group", "make", World.account, "doors")
        try await world.operate("device", "move", old, "doors")
        try await world.operate("device", "label", old, "--name", "North door", "site=north")
        try await world.operate("device", "configure", old, "--retention-days", "7")
        let token = try object(try await world.operate("device", "token", World.account, "--replaces", old))["token"] as? String ?? ""
        #expect(try await world.edge(["join", world.hub?.url ?? "", "--token", token], device: "new").status == 0)
        let devices = try list(try await world.operate("device", "list"))
        let new = devices.first { $0["id"] as? String != old }
        #expect(new?["label"] as? String == "North door" && new?["groupName"] as? String == "doors")
        #expect(new?["labels"] as? [String: String] == ["site": "north"])
        #expect((new?["wanted"] as? [String: Any])?["resultRetentionDays"] as? Int == 7)
        #expect(devices.first { $0["id"] as? String == old }?["condition"] as? String == "revoked")
        #expect(try await world.edge(["sync"]).code == "device_revoked")
    }

    @Test("without a token a device waits, killed and started again with one key, until it is approved by that; refused, it says why and ends")
    func waiting() async throws {
        let world = try World()
        try await world.open()
        try await world.operate("group", "make", World.account, "doors")
        let authority: String = try object(try await world.operate("device", "waiting"))["authority"] as? String ?? ""
        let words: [String] = ["join", world.hub?.url ?? "", "--wait", "--authority", authority, "--label", "door"]
        func asked() async throws -> [String: Any] {
            while true {
                let waiting = try object(try await world.operate("device", "waiting"))["waiting"] as? [[String: Any]] ?? []
                if let one = waiting.first { return one }
                try await Task.sleep(for: .milliseconds(100))
            }
        }
        var first: String = ""
        try await world.edge(words) { process in
            first = try await asked()["fingerprint"] as? String ?? ""
            kill(process, SIGKILL)
        }
        let joined: Outcome = try await world.edge(words) { _ in
            let approved: Outcome = try await world.operate(
                "device", "approve", first.lowercased(), "--account", World.account, "--group", "doors", "--label", "site=north")
            #expect(approved.status == 0, "\(approved.errors)")
        }
        #expect(joined.status == 0, "\(joined.errors)")
        let device: [String: Any]? = try list(try await world.operate("device", "list")).first
        #expect(device?["label"] as? String == "door" && device?["groupName"] as? String == "doors" && device?["contact"] != nil)
        #expect(device?["labels"] as? [String: String] == ["site": "north"])
        let refused: Outcome = try await world.edge(words, device: "other") { _ in
            let id: String = try await asked()["id"] as? String ?? ""
            let told: Outcome = try await world.operate("device", "refuse", id, "--reason", "not ours")
            #expect(told.status == 0, "\(told.errors)")
        }
        #expect(refused.status == 77 && refused.code == "join_refused" && refused.errors.contains("not ours"), "\(refused.errors)")
        for wrong in [["--wait"], ["--authority", authority], ["--wait", "--authority", authority, "--token", "vjt_x"]] {
            #expect(try await world.edge(["join", world.hub?.url ?? ""] + wrong, device: "none").status == 64, "\(wrong)")
        }
        #expect(try await world.operate("device", "approve", first, "--account", World.account).code == "not_found")
    }
}
