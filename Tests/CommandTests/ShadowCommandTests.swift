import Foundation
import RecognitionAPI
import TestKit
import Testing
import WireModel

@Suite(
    "Models that look on before they decide, at the command line",
    .enabled(if: FileManager.default.fileExists(atPath: World.models + "/manifest.json"), "NOTICE: the models are not set up"))
struct ShadowCommandTests {
    /// The engine that is part of the program: its models are small enough to be rolled out by a test.
    private static let engine: [String: String] = ["VULTUS_ENGINE": "facenet"]

    /// A device that knows one of two people who pass, and the pictures of them that came to its inbox.
    private final class Door {
        let site: UpdatedSite
        private(set) var pictures: Int = 0
        private var last: ContinuousClock.Instant?

        init() async throws {
            site = try await UpdatedSite()
            let enrolled = try await site.world.edge(["enrol", "Ada", World.picture("obama.jpg")])
            #expect(enrolled.status == 0, "\(enrolled.errors)")
        }

        /// Somebody comes, once a second at most: whole at once, as cameras that write files do.
        func pass() throws {
            if let last, .now - last < .seconds(1) { return }
            last = .now
            let name: String = ["obama2.jpg", "biden.jpg", "obama3.jpg"][pictures % 3]
            pictures += 1
            let draft: String = site.world.folder + "/draft"
            try FileManager.default.copyItem(atPath: World.picture(name), toPath: draft)
            try FileManager.default.moveItem(atPath: draft, toPath: site.inbox + "/\(1_000 + pictures).jpg")
        }

        /// What the device says of its models.
        func models() async throws -> [String: Any] {
            let shown = try await site.world.edge(["releases"]).json() as? [String: Any]
            return (shown?["releases"] as? [[String: Any]])?.first { $0["kind"] as? String == "models" } ?? [:]
        }

        /// How many faces it says were compared, once they are so many, or two minutes are over.
        func compared(atLeast count: Int, people: Bool = true) async throws -> Int {
            var seen: Int = 0
            for _ in 0..<240 {
                if people { try pass() }
                seen = (try await models()["shadow"] as? [String: Int])?["compared"] ?? 0
                if seen >= count { return seen }
                try await Task.sleep(for: .milliseconds(500))
            }
            Issue.record("\(seen) compared, wanted \(count)")
            return seen
        }
    }

    /// Of the lines that the agent printed, the faces of pictures.
    private static func decided(_ outcome: Outcome) -> [[String: Any]] {
        outcome.output.split(separator: "\n").compactMap { line in
            let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            return ((object?["result"] as? [String: Any])?["faces"] as? [[String: Any]])?.first
        }
    }

    @Test("models that agree are tried and confirmed; what they say meanwhile is not decided, shown, journaled or billed")
    func agrees() async throws {
        let door = try await Door()
        try await door.site.publishModels("1.0.0")
        let rollout: String = try await door.site.rollOut("1.0.0", "--shadow-faces", "5", "--shadow-disagreement", "0", "--shadow-hours", "12")
        let outcome: Outcome = try await door.site.launched(Self.engine) { _ in
            _ = try await door.site.wait(for: "shadowing", in: rollout)
            #expect(try await door.models()["reason"] as? String == "waits for faces: nothing was looked at here since it began")
            _ = try await door.site.wait(for: "confirmed", in: rollout) { try door.pass() }
            #expect(try await door.site.runs("models") == "1.0.0")
            let shown = try await door.site.world.operate("rollout", "show", rollout).json() as? [String: Any]
            let shadow = (shown?["devices"] as? [[String: Any]])?.first?["shadow"] as? [String: Int]
            #expect(shadow?["faces"] == 5 && shadow?["compared"] ?? 0 >= 5 && shadow?["disagreements"] == 0, "\(shadow ?? [:])")
            // What came last is decided on before it ends.
            for _ in 0..<120 where try await door.site.world.counts().edge < door.pictures { try await Task.sleep(for: .milliseconds(500)) }
        }
        // An agent that ends to try models may have journaled a decision that it did not print any more.
        let entries: [Int] = Self.decided(outcome).compactMap { $0["entry"] as? Int }
        #expect(Set(entries).count == entries.count && (1...door.pictures).contains(entries.count), "\(outcome.errors)")
        #expect(try await door.site.world.edge(["sync"]).status == 0)
        #expect(try await door.site.world.counts() == (door.pictures, door.pictures, door.pictures))
    }

    @Test(
        "a detector that finds nobody is refused by what it misses, an embedder with another space by whom it takes for another, one of another name by that; each pauses its roll-out, and none decided"
    )
    func disagrees() async throws {
        let door = try await Door()
        let outcome: Outcome = try await door.site.launched(Self.engine) { _ in
            for (version, crippled, word) in [
                ("1.0.0", CrippledModel.blind, "not found or too poor"), ("1.1.0", .scrambled, "in place of a match"),
                ("1.2.0", .foreign, "its templates are of another-2026"),
            ] {
                try await door.site.publishModels(version, crippled: crippled)
                let rollout: String = try await door.site.rollOut(version, "--shadow-faces", "6", "--shadow-disagreement", "200")
                let end = try await door.site.wait(for: "refused", in: rollout) { try door.pass() }
                #expect(end.rollout == "paused" && end.reason.hasPrefix("shadowed: ") && end.reason.contains(word), "\(end)")
                #expect(try await door.site.runs("models") == nil)
                #expect(try await door.models()["state"] as? String == "refused")
            }
        }
        #expect(!outcome.errors.contains("launch: trying"), "\(outcome.errors)")
        // Whoever is known was matched, and nobody else, all the while.
        let decided: [[String: Any]] = Self.decided(outcome)
        #expect(decided.filter { $0["outcome"] as? String == "undecided" }.isEmpty && decided.count >= 4)
        let matched: Int = decided.filter { $0["outcome"] as? String == "match" }.count
        #expect(matched * 3 >= decided.count && matched < decided.count)
    }

    @Test("an agent that is killed while models look on goes on with what it had written down")
    func killed() async throws {
        let door = try await Door()
        try await door.site.publishModels("1.0.0")
        let rollout: String = try await door.site.rollOut("1.0.0", "--shadow-faces", "1000", "--shadow-disagreement", "0")
        var before: Int = 0
        let ended: Outcome = try await door.site.launched(Self.engine) { launcher in
            before = try await door.compared(atLeast: 2)
            for task in try FileManager.default.contentsOfDirectory(atPath: "/proc/\(launcher)/task") {
                let children: String = (try? String(contentsOfFile: "/proc/\(launcher)/task/\(task)/children", encoding: .utf8)) ?? ""
                for process in children.split(separator: " ").compactMap({ pid_t($0) }) { kill(process, SIGKILL) }
            }
        }
        #expect(ended.status == 128 + SIGKILL, "\(ended.errors)")
        _ = try await door.site.launched(Self.engine) { _ in
            #expect(try await door.compared(atLeast: before, people: false) >= before)
            #expect(try await door.compared(atLeast: before + 2) >= before + 2)
            #expect(try await door.models()["state"] as? String == "shadowing")
            let shown = try await door.site.world.operate("rollout", "show", rollout, "--state", "shadowing").json() as? [String: Any]
            #expect((shown?["devices"] as? [[String: Any]])?.count == 1)
        }
    }

    @Test("on a live stream those shots are compared that decisions rest on, whoever passes, and however often")
    func live() async throws {
        let door = try await Door()
        try await door.site.publishModels("1.0.0")
        let rollout: String = try await door.site.rollOut("1.0.0", "--shadow-faces", "6", "--shadow-disagreement", "0")
        // One, then nobody for longer than a passage's frames may be apart, then the other.
        let film: String = ["obama2.jpg", "biden.jpg"].map { "for i in $(seq 15); do cat \(World.picture($0)) || exit; sleep 0.1; done; sleep 3" }
            .joined(separator: "; ")
        let outcome: Outcome = try await door.site.launched(
            Self.engine, command: ["run", "-", "--processor-share", "1"],
            wrapper: ["/bin/bash", "-c", "exec \"$@\" < <(while true; do \(film); done)", "camera"]
        ) { _ in
            _ = try await door.site.wait(for: "confirmed", in: rollout)
            #expect(try await door.site.runs("models") == "1.0.0")
        }
        #expect(outcome.output.contains(#""outcome":"match""#) && outcome.errors.contains("models 1.0.0 works"), "\(outcome.errors)")
    }

    @Test("`serve` compares what programs send it, and waits without; what cannot be is refused")
    func served() async throws {
        let door = try await Door()
        try await door.site.publishModels("1.0.0")
        let rollout: String = try await door.site.rollOut("1.0.0", "--shadow-faces", "2", "--shadow-disagreement", "0")
        let socket: String = door.site.world.folder + "/s"
        _ = try await door.site.launched(Self.engine, command: ["serve", "--socket", socket]) { _ in
            let waiting = try await door.site.wait(for: "shadowing", in: rollout)
            #expect(waiting.reason.contains("waits for faces"))
            func curl(_ arguments: [String]) async throws -> String {
                try await Program.runSystem("/usr/bin/curl", ["-sS", "--max-time", "60", "--unix-socket", socket] + arguments).output
            }
            let galleries = try JSON.value(JSONValue.self, from: try await curl(["http://localhost/v1/galleries"]))
            let gallery: String = try #require(galleries["items"]?.items?.first?["id"]?.text)
            for _ in 0..<120 {
                _ = try await curl(["-F", "image=@\(World.picture("obama2.jpg"))", "http://localhost/v1/galleries/\(gallery)/search"])
                if try await door.models()["state"] as? String != "shadowing" { break }
                try await Task.sleep(for: .milliseconds(300))
            }
            _ = try await door.site.wait(for: "confirmed", in: rollout)
        }
        for options in [
            ["--shadow-disagreement", "10"], ["--shadow-faces", "0"], ["--shadow-faces", "5", "--shadow-disagreement", "1001"],
            ["--shadow-faces", "5", "--shadow-hours", "0"],
        ] {
            #expect(try await door.site.world.operate(["rollout", "start", "1.0.0"] + options).code == "invalid_request")
        }
    }
}
