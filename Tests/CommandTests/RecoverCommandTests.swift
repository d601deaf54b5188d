import Foundation
import TestKit
import Testing

@Suite("Damage and copies, at the command line")
struct RecoverCommandTests {
    @Test("a sound store is said to be sound; a damaged one is set aside, what reads is saved, and a sync brings a new journal: nothing twice")
    func recovered() async throws {
        let world = try World()
        try await world.open()
        try await world.join()
        #expect(try await world.edge(["recover"], device: "none").code == "not_found")
        try await world.edge(["enrol", "Ada", World.picture("obama.jpg")])
        try await world.edge(["identify", World.picture("obama2.jpg"), World.picture("biden.jpg")])
        let sound = try await world.edge(["recover"]).json() as? [String: Any]
        #expect(sound?["isSound"] as? Bool == true && sound?["report"] == nil)

        // Units of one decision, where neither SQLite nor the end of the journal shows it.
        let planted: Outcome = try await Program.runSystem(
            "/usr/bin/python3",
            [
                "-c",
                """
                import sqlite3, sys
                c = sqlite3.connect(sys.argv[1])
                triggers = c.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'journal'").fetchall()
                for (name, sql) in triggers:
                    c.execute('DROP TRIGGER ' + name)
                c.execute("UPDATE journal SET units = 5 WHERE seq = 4")
                for (name, sql) in triggers:
                    c.execute(sql)
                c.commit()
                """, world.folder + "/edge/edge.sqlite",
            ])
        #expect(planted.status == 0, "\(planted.errors)")
        let recovered: Outcome = try await world.edge(["recover"])
        #expect(recovered.status == 0, "\(recovered.errors)")
        let answer = try recovered.json() as? [String: Any]
        let report = answer?["report"] as? [String: Any]
        #expect(answer?["isSound"] as? Bool == false)
        #expect(report?["personsSaved"] as? Int == 1 && report?["entriesLost"] as? Int ?? 0 > 0)
        #expect(FileManager.default.fileExists(atPath: report?["aside"] as? String ?? ""))
        let refused: Outcome = try await world.edge(["identify", World.picture("obama2.jpg")])
        #expect(refused.status == 77)
        let plain: Outcome = try await Program.run("vultus-edge", ["status", "--data", world.folder + "/edge"])
        #expect(plain.output.contains("state     damaged") && plain.output.contains("1 person"), "\(plain.output)")

        #expect(try await world.edge(["sync"]).status == 0)
        let matched: Outcome = try await world.edge(["identify", World.picture("obama2.jpg")])
        #expect(matched.output.contains("\"match\""))
        try await world.edge(["sync"])
        // The one before the damage, the one after; what was altered is billed to nobody.
        let counts = try await world.counts()
        #expect(counts.hub == 2 && counts.invoice == 2)
        #expect((try await world.operate("device", "unaccounted").json() as? [[String: Any]])?.count == 1)
    }

    @Test("a copied device is barred at its first conflicting sync, everywhere said so, and goes on when the operator has looked; a copy is found again")
    func copied() async throws {
        let world = try World()
        try await world.open()
        try await world.join()
        try await world.edge(["sync"])
        try FileManager.default.copyItem(atPath: world.folder + "/edge", toPath: world.folder + "/copy")
        for device in ["edge", "copy"] { try await world.edge(["identify", World.picture("biden.jpg")], device: device) }
        #expect(try await world.edge(["sync"]).status == 0)
        let found: Outcome = try await world.edge(["sync"], device: "copy")
        #expect(found.status == 76 && found.code == "journal_fork")
        let plain: Outcome = try await Program.run("vultus-edge", ["sync", "--data", world.folder + "/edge"])
        #expect(plain.status == 76 && plain.errors.contains("The hub has set this device apart"), "\(plain.errors)")
        #expect(try await world.edge(["identify", World.picture("biden.jpg")]).status == 76)

        func forks() async throws -> [[String: Any]] { try await world.operate("device", "forks").json() as? [[String: Any]] ?? [] }
        let device: String = try await forks().first?["device"] as? String ?? ""
        #expect(!device.isEmpty)
        for attempt in 1...2 {
            #expect(try await forks().map { ($0["evidence"] as? [Any])?.isEmpty } == [false], "\(attempt)")
            #expect(try await world.operate("device", "resolve", device, "--keep", "--reason", "the copy is wiped").status == 0)
            #expect(try await forks().isEmpty)
            #expect(try await world.edge(["sync"]).status == 0)
            #expect(try await world.edge(["identify", World.picture("biden.jpg")]).status == 0)
            // It was not wiped.
            #expect(try await world.edge(["sync"], device: "copy").code == "journal_fork")
        }
        #expect(try await world.operate("device", "resolve", device, "--keep", "--reason", "").code == "invalid_request")
        #expect(try await world.operate("device", "resolve", device).status == 64)
    }
}
