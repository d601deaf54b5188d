import Foundation
import TestKit
import Testing

@Suite("Groups of devices at the command line")
struct GroupCommandTests {
    private func strings(_ outcome: Outcome, _ key: String) throws -> [String] {
        (try outcome.json() as? [[String: Any]] ?? []).compactMap { $0[key] as? String }
    }

    @Test("a group is made, configured, joined by token, moved out of and deleted; each step answers in JSON, wrong ones with a code")
    func road() async throws {
        let world = try World()
        try await world.open()
        #expect(try await world.operate("group", "make", World.account, "entrance").status == 0)
        #expect(try await world.operate("group", "make", World.account, "entrance").code == "conflict")
        #expect(try strings(try await world.operate("group", "list"), "name") == ["entrance"])
        let configured: Outcome = try await world.operate(
            "group", "configure", "entrance", "--contact-seconds", "60", "--retention-days", "30", "--store-megabytes", "512", "--links", "unmetered",
            "--bytes-per-day", "5000000", "--target-fmr", "0.0001")
        #expect(configured.status == 0, "\(configured.errors)")
        let configuration = (try configured.json() as? [String: Any])?["configuration"] as? [String: Any]
        #expect(configuration?["version"] as? Int == 2 && configuration?["contactMilliseconds"] as? Int == 60_000)
        #expect(configuration?["storeBytes"] as? Int == 512 << 20 && configuration?["links"] as? String == "unmetered")
        #expect(configuration?["bytesPerDay"] as? Int == 5_000_000 && configuration?["targetFalseMatchRate"] as? Double == 1e-4)
        let freed: Outcome = try await world.operate("group", "configure", "entrance", "--bytes-per-day", "0", "--target-fmr", "0")
        let left = (try freed.json() as? [String: Any])?["configuration"] as? [String: Any]
        #expect(left?["bytesPerDay"] == nil && left?["targetFalseMatchRate"] == nil && left?["contactMilliseconds"] as? Int == 60_000)
        #expect(try await world.operate("group", "configure", "entrance", "--target-fmr", "0.5").code == "invalid_request")
        #expect(try await world.operate("group", "assign", "entrance", "nothing").code == "not_found")
        #expect(try await world.operate("group", "assign", "entrance", "nothing", "--term-days", "401").code == "invalid_request")
        let token: Outcome = try await world.operate("device", "token", World.account, "--group", "entrance")
        let secret: String = (try token.json() as? [String: Any])?["token"] as? String ?? ""
        #expect(try await world.operate("device", "token", World.account, "--group", "exit").code == "not_found")
        #expect(try await world.edge(["join", world.hub?.url ?? "", "--token", secret]).status == 0)
        let device: String = try strings(try await world.operate("device", "list"), "id").first ?? ""
        #expect(try strings(try await world.operate("device", "list"), "group").count == 1)
        #expect(try await world.operate("group", "delete", "entrance").code == "conflict")
        #expect(try await world.operate("device", "move", device, "--none").status == 0)
        #expect(try await world.operate("group", "erasures").status == 0)
        #expect(try await world.operate("group", "delete", "entrance").status == 0)
        #expect(try await world.operate("group", "show", "entrance").code == "not_found")
    }
}
