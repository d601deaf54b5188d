import Foundation
import RecognitionAPI
import TestKit
import Testing
import WireModel

@Suite("Health and alerts at the command line")
struct HealthCommandTests {
    private func list(_ outcome: Outcome) throws -> [[String: Any]] { try outcome.json() as? [[String: Any]] ?? [] }
    private func object(_ outcome: Outcome) throws -> [String: Any] { try outcome.json() as? [String: Any] ?? [:] }

    @Test("an agent that runs is seen at the hub: its health over time, and as a table; what it never told is not made up")
    func health() async throws {
        let world = try World()
        try await world.open()
        try await world.join()
        let id: String = try list(try await world.operate("device", "list"))[0]["id"] as? String ?? ""
        let nothing: Outcome = try await world.operate("device", "health", id)
        #expect(try (object(nothing)["lines"] as? [[String: Any]])?.allSatisfy { ($0["points"] as? [Any])?.isEmpty == true } == true)
        let server = try await EdgeServer(directory: world.folder + "/edge", arguments: ["--sync-every", "1"])
        var memory: [Any] = []
        for _ in 0..<600 where memory.isEmpty {
            try await Task.sleep(for: .milliseconds(50))
            let lines = try object(try await world.operate("device", "health", id, "--metric", "memory", "--hours", "1"))["lines"] as? [[String: Any]]
            memory = lines?.first?["points"] as? [Any] ?? []
        }
        #expect(memory.count == 1)
        let shown = try object(try await world.operate("device", "show", id))["device"] as? [String: Any]
        #expect(((shown?["health"] as? [String: Any])?["vitals"] as? [String: Any])?["memoryShare"] != nil)
        #expect(((shown?["health"] as? [String: Any])?["vitals"] as? [String: Any])?["cameras"] == nil)
        #expect(try await world.operate("device", "health", id, "--metric", "mood").status == 64)
        #expect(try await world.operate("device", "health", id, "--since", "yesterday").code == "invalid_request")
        withExtendedLifetime(server) {}
    }

    @Test("rules are listed, added and removed; what cannot be one is refused with what can")
    func rules() async throws {
        let world = try World()
        try await world.open()
        #expect(try list(try await world.operate("alert", "rules")).count == 5)
        let added: Outcome = try await world.operate(
            "alert", "add", "disk_below", "--level", "500", "--for", "10", "--scope", "label:site=north", "--tell", "owner", "--quiet", "22:00-06:30")
        let rule: [String: Any] = try object(added)
        #expect(rule["condition"] as? String == "disk_below" && rule["margin"] as? Int == 50 && rule["scope"] as? String == "label:site=north")
        #expect(try await world.operate("alert", "add", "disk_below", "--level", "0").code == "invalid_request")
        #expect(try await world.operate("alert", "add", "mood", "--level", "1").status == 64)
        #expect(try await world.operate("alert", "remove", rule["id"] as? String ?? "").status == 0)
        #expect(try await world.operate("alert", "remove", rule["id"] as? String ?? "").status == 66)
        #expect(try list(try await world.operate("alert", "rules")).count == 5)
        #expect(try list(try await world.operate("alert", "list")).isEmpty)
        #expect(try await world.operate("alert", "acknowledge", "dal_x").code == "invalid_request")
    }

    @Test("what is announced for devices stands in status and in the device's own API after its next sync, in both languages, and goes when withdrawn")
    func announcements() async throws {
        let world = try World()
        try await world.open()
        try await world.join()
        let made: Outcome = try await world.operate(
            "announcement", "make", "devices", "--title", "Fire drill", "--text", "At noon.", "--title-zh", "消防演习", "--text-zh", "中午。", "--hours", "4")
        let id: String = try object(made)["id"] as? String ?? ""
        #expect(
            try await world.operate("announcement", "make", "doors", "--title", "a", "--text", "b", "--title-zh", "c", "--text-zh", "d").code
                == "invalid_request")
        let server = try await EdgeServer(directory: world.folder + "/edge")
        #expect(try await server.get("/v1/announcements").items.isEmpty)
        try await world.edge(["sync"])
        let items: [JSONValue] = try await server.get("/v1/announcements").items
        #expect(items.count == 1 && items.first?["texts"]?["en"]?["title"] == "Fire drill" && items.first?["texts"]?["zh"]?["body"] == "中午。")
        #expect(try await server.call("GET", "/v1/announcements", token: "").code == .keyMissing)
        #expect(try await server.call("POST", "/v1/announcements").code == .methodNotAllowed)
        #expect(try await server.get("/openapi.json")["paths"]["/v1/announcements"]?["get"] != nil)
        let status = try object(try await world.edge(["status"]))["announcements"] as? [[String: Any]]
        #expect(status?.count == 1)
        #expect(try await world.operate("announcement", "withdraw", id).status == 0)
        try await world.edge(["sync"])
        #expect(try await server.get("/v1/announcements").items.isEmpty)
        #expect(try list(try await world.operate("announcement", "list")).first?["withdrawn"] != nil)
        withExtendedLifetime(server) {}
    }
}
