import Foundation
import TestKit
import Testing

@Suite("A program at every decision")
struct HookTests {
    /// A folder of pictures for a device that knows one of the people.
    private struct Door {
        let world: World
        let inbox: String
        static let label: String = "Ada \"$(touch hacked)\" 林"

        init() async throws {
            world = try World()
            inbox = world.folder + "/inbox"
            try await world.open()
            try await world.join()
            try await world.edge(["enrol", Self.label, World.picture("obama.jpg")])
            try FileManager.default.createDirectory(atPath: inbox, withIntermediateDirectories: true)
        }

        func put(_ picture: String, as name: String) throws { try FileManager.default.copyItem(atPath: World.picture(picture), toPath: inbox + "/" + name) }

        func program(_ text: String) throws -> String {
            let path: String = world.folder + "/program"
            try Data(("#!/bin/bash\ncd \(world.folder)\n" + text).utf8).write(to: URL(filePath: path))
            chmod(path, 0o755)
            return path
        }

        func run(_ program: String, _ options: [String] = [], until: () async throws -> Bool) async throws -> Outcome {
            try await world.edge(["run", inbox, "--sync-every", "0", "--poll", "0.05", "--on-decision", program] + options) { process in
                defer { kill(process, SIGTERM) }
                while try await !until() { try await Task.sleep(for: .milliseconds(100)) }
            }
        }

        func counters() async throws -> [String: Any] {
            let status = try await world.edge(["status"]).json() as? [String: Any]
            return (status?["hook"] as? [String: Any])?["counters"] as? [String: Any] ?? [:]
        }
    }

    @Test("gets the decision on its input and in its environment, letter by letter, and nothing else; what fails is counted in status")
    func told() async throws {
        let door = try await Door()
        try door.put("obama2.jpg", as: "1.jpg")
        try door.put("biden.jpg", as: "2.jpg")
        let program: String = try door.program(
            """
            cat > "$VULTUS_OUTCOME.json"
            env > "$VULTUS_OUTCOME.env"
            ls /proc/self/fd | wc -l > "$VULTUS_OUTCOME.files"
            [[ $VULTUS_OUTCOME == match ]] || exit 3
            """)
        let outcome: Outcome = try await door.run(program) {
            let counters: [String: Any] = try await door.counters()
            return counters["succeeded"] as? Int == 1 && counters["failed"] as? Int == 1
        }
        #expect(outcome.status == 0)
        func text(_ name: String) throws -> String { try String(contentsOfFile: door.world.folder + "/" + name, encoding: .utf8) }
        let told = try JSONSerialization.jsonObject(with: Data(try text("match.json").utf8)) as? [String: Any]
        #expect(told?["label"] as? String == Door.label && told?["outcome"] as? String == "match")
        #expect(told?["source"] as? String == door.inbox + "/1.jpg")
        let environment: [Substring] = try text("match.env").split(separator: "\n")
        #expect(environment.contains { $0 == "VULTUS_LABEL=" + Door.label })
        #expect(environment.contains { $0 == "VULTUS_ENTRY=\(told?["entry"] as? Int ?? -1)" })
        // Nothing of the agent's own settings, and none of its files: standard three, and the listing's own.
        #expect(environment.allSatisfy { !$0.hasPrefix("VULTUS_MODELS") })
        #expect(try text("match.files").trimmingCharacters(in: .whitespacesAndNewlines) == "4")
        #expect(try text("unknown.env").contains("VULTUS_SCORE=") && !text("unknown.env").contains("VULTUS_PERSON="))
        #expect(!FileManager.default.fileExists(atPath: door.world.folder + "/hacked"))
        // With the agent its report is gone.
        #expect(try await door.counters().isEmpty)
    }

    @Test(
        "a program that hangs is ended with whatever it started, and holds up neither recognition nor the agent's end",
        arguments: [
            "trap '' TERM\nsleep 1000 &\necho $! >> children\nwait\nsleep 1000\n",
            // It ends when asked, and leaves behind what does not.
            "(trap '' TERM; exec sleep 1000) &\necho $! >> children\nwait\n",
        ])
    func hangs(text: String) async throws {
        let door = try await Door()
        for number in 0..<8 { try door.put("obama_partial_face.jpg", as: "\(number).jpg") }
        let program: String = try door.program(text)
        let outcome: Outcome = try await door.run(program, ["--decision-timeout", "0.5"]) {
            let status = try await door.world.edge(["status"]).json() as? [String: Any]
            return try await door.counters()["timedOut"] as? Int ?? 0 >= 4 && status?["decisions"] as? Int == 8
        }
        #expect(outcome.status == 0)
        #expect(outcome.output.split(separator: "\n").count { $0.contains("\"outcome\":\"match\"") } == 8)
        let children: [pid_t] = try String(contentsOfFile: door.world.folder + "/children", encoding: .utf8).split(separator: "\n").compactMap { pid_t($0) }
        #expect(children.count >= 4)
        // One that ended and that nobody has asked after is still listed, with an empty command line.
        #expect(children.allSatisfy { (try? String(contentsOfFile: "/proc/\($0)/cmdline", encoding: .utf8))?.isEmpty ?? true })
    }
}
