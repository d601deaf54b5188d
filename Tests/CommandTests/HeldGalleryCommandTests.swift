import Foundation
import TestKit
import Testing

@Suite("Galleries of the hub's on a device, at the command line")
struct HeldGalleryCommandTests {
    private func labels(_ fed: FedWorld) async throws -> [String] {
        let persons = try await fed.world.edge(["persons"]).json() as? [[String: Any]] ?? []
        return persons.compactMap { $0["label"] as? String }
    }

    private func outcome(_ fed: FedWorld, _ picture: String, wrapper: [String] = []) async throws -> String? {
        let answer = try await fed.world.edge(["identify", World.picture(picture)], wrapper: wrapper).json() as? [String: Any]
        return ((answer?["result"] as? [String: Any])?["faces"] as? [[String: Any]])?.first?["outcome"] as? String
    }

    private func galleries(_ status: [String: Any]) -> [String] {
        (status["galleries"] as? [[String: Any]] ?? []).map { "\($0["name"] ?? "") \($0["persons"] ?? "") \($0["state"] ?? "")" }
    }

    @Test("who agreed to it arrives, is matched, shown and not erased here; withdrawn, they are gone with one sync, and the operator sees the receipt")
    func withdrawn() async throws {
        let fed = try await FedWorld()
        let ada: String = try await fed.enrol("Ada", "obama.jpg")
        try await fed.enrol("Bob", "biden.jpg", onDevices: false)
        try await fed.join()
        #expect(try await labels(fed) == ["Ada"])
        #expect(galleries(try await fed.status()) == ["staff 1 fresh"])
        #expect(try await outcome(fed, "obama2.jpg") == "match")
        #expect(try await outcome(fed, "biden.jpg") == "unknown")
        #expect(try await fed.world.edge(["persons", "erase", "Ada"]).code == "conflict")
        let table: Outcome = try await Program.run("vultus-edge", ["persons", "--data", fed.world.folder + "/edge"])
        #expect(table.output.contains("Ada") && table.output.contains("staff") && !table.output.contains("Bob"))
        let plain: Outcome = try await Program.run("vultus-edge", ["status", "--data", fed.world.folder + "/edge"])
        #expect(plain.output.contains("staff of the hub's: 1 person, 1 template, until"), "\(plain.output)")

        try await fed.withdraw(ada)
        let owed = try await fed.world.operate("group", "erasures").json() as? [[String: Any]]
        #expect(owed?.map { $0["state"] as? String } == ["outstanding"])
        #expect((try await fed.world.edge(["sync"]).json() as? [String: Any])?["erased"] as? Int == 1)
        #expect(try await labels(fed) == [])
        #expect(try await outcome(fed, "obama2.jpg") == "unknown")
        // The sync that erased has told so.
        #expect(try await fed.world.operate("group", "erasures").output.contains("[]"))
        let all = try await fed.world.operate("group", "erasures", "--all").json() as? [[String: Any]]
        #expect(all?.map { $0["state"] as? String } == ["receipted"])
        #expect(all?.first?["person"] as? String == ada)
    }

    @Test(
        "a device that stays dark matches nobody of a gallery when its term is over, and holds nobody of it once anybody looks",
        .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/faketime"), "faketime is not installed"))
    func ended() async throws {
        let fed = try await FedWorld()
        try await fed.enrol("Ada", "obama.jpg")
        try await fed.join()
        await fed.world.stopHub()
        // The time since the start is the kernel's: faketime does not know how to fake that one.
        let late: [String] = ["/usr/bin/env", "DONT_FAKE_MONOTONIC=1", "FAKETIME_DONT_FAKE_MONOTONIC=1", "/usr/bin/faketime", "-f", "+3h"]
        let status: [String: Any] = try await fed.status(wrapper: late)
        #expect(galleries(status) == ["staff 0 ended"])
        let states = (status["states"] as? [[String: Any]])?.compactMap { $0["state"] as? String }
        #expect(states == ["gallery_ended"])
        #expect(try await outcome(fed, "obama2.jpg", wrapper: late) == "unknown")
        let plain: Outcome = try await Program.run(
            "vultus-edge", ["identify", World.picture("obama2.jpg"), "--data", fed.world.folder + "/edge"], wrapper: late)
        #expect(plain.errors.contains("Nobody of the hub's gallery staff is matched"), "\(plain.errors)")
        try await fed.world.startHub()
        #expect(try await fed.world.edge(["sync"]).status == 0)
        #expect(try await labels(fed) == ["Ada"])
    }

    @Test("a gallery that the account does not have is answered with those it has; a group's settings out of range with the range")
    func wrong() async throws {
        let fed = try await FedWorld()
        let refused: Outcome = try await fed.world.operate("group", "assign", FedWorld.group, "stuff")
        #expect(refused.code == "not_found")
        #expect(refused.problem?["remedy"] as? String == "It has: staff.")
        for (option, value) in [("--store-megabytes", "17592186044480"), ("--store-megabytes", "63"), ("--contact-seconds", "9223372036854775807")] {
            let refused: Outcome = try await fed.world.operate("group", "configure", FedWorld.group, option, value)
            #expect(refused.code == "invalid_request", "\(option) \(value)")
            #expect((refused.problem?["remedy"] as? String)?.contains(" to ") == true)
        }
        try await fed.join()
        let shown: Outcome = try await Program.run(
            "vultus-hub", ["group", "show", FedWorld.group, "--data", fed.world.hubFolder], environment: fed.world.hubEnvironment)
        #expect(shown.output.contains("1 device)") && shown.output.contains("term 2 h"), "\(shown.output)")
    }
}
