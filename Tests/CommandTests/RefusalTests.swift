import Foundation
import HubStorage
import TestKit
import Testing

@Suite("What is refused, and how it is said")
struct RefusalTests {
    /// A world with a joined device, and a file of the given bytes in it.
    private func joined() async throws -> World {
        let world = try World()
        try await world.open()
        try await world.join()
        return world
    }

    private func file(_ world: World, _ bytes: Data) throws -> String {
        let path: String = world.folder + "/picture"
        try bytes.write(to: URL(filePath: path))
        return path
    }

    /// The code of the one line that `identify` printed.
    private func code(_ outcome: Outcome) throws -> String? {
        let line = try outcome.json() as? [String: Any]
        return (line?["problem"] as? [String: Any])?["code"] as? String
    }

    @Test("pictures that are none, cut, or too large are named so, cost nothing, and do not stop the next one")
    func pictures() async throws {
        let world: World = try await joined()
        let jpeg = try Data(contentsOf: URL(filePath: World.picture("obama2.jpg")))
        var giant = Data([0xFF, 0xD8, 0xFF, 0xC0, 0, 17, 8, 0xFF, 0xDC, 0xFF, 0xDC, 3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1])
        giant.append(contentsOf: [UInt8](repeating: 0, count: 64))
        let cases: [(Data, String)] = [
            (Data(), "image_empty"), (Data("%PDF-1.7 not a picture".utf8), "image_not_recognised"), (jpeg.prefix(jpeg.count / 2), "image_truncated"),
            (giant, "image_too_large"), (Data("GIF89a........".utf8), "image_unsupported"),
        ]
        for (bytes, expected) in cases {
            let outcome: Outcome = try await world.edge(["identify", try file(world, bytes)])
            #expect(try code(outcome) == expected)
            #expect(outcome.status == 65, "\(expected)")
        }
        #expect(try code(try await world.edge(["identify", world.folder + "/absent.jpg"])) == "file_unreadable")
        let both: Outcome = try await world.edge(["identify", try file(world, Data("x".utf8)), World.picture("obama2.jpg")])
        #expect(both.status == 65)
        #expect(both.output.split(separator: "\n").count == 2)
        #expect(try await world.counts().edge == 1)
    }

    @Test("enrolment wants one face, large and sharp")
    func faces() async throws {
        let world: World = try await joined()
        func refusal(_ path: String) async throws -> String? { try code(try await world.edge(["enrol", "Ada", path])) }
        #expect(try await refusal(World.picture("chelsea.png")) == "no_face")
        let made = try FacePictures(in: world.folder)
        #expect(try await refusal(made.two) == "several_faces")
        #expect(try await refusal(made.small) == "face_too_small")
        #expect(try await refusal(made.blurred) == "face_blurred")
        #expect(try await world.edge(["persons"]).output.contains("[]"))
    }

    @Test("models that are missing or altered are named with the remedy, and never used")
    func models() async throws {
        let world: World = try await joined()
        let folder: String = world.folder + "/models"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        func identify() async throws -> Outcome { try await world.edge(["identify", World.picture("obama2.jpg"), "--models", folder]) }
        #expect(try await identify().code == "models_missing")
        let source = URL(filePath: World.pictures).deletingLastPathComponent().path
        for name in try FileManager.default.contentsOfDirectory(atPath: source) where !name.hasPrefix(".") {
            try FileManager.default.copyItem(atPath: source + "/" + name, toPath: folder + "/" + name)
        }
        #expect(try await identify().status == 0)
        // Whichever engine this processor gets.
        let both: [String] = ["onnx", "facenet"].map { folder + "/face_recognition_sface_2021dec." + $0 }
        for model in both {
            let handle = try FileHandle(forUpdating: URL(filePath: model))
            try handle.seek(toOffset: 1_000_000)
            try handle.write(contentsOf: Data([1, 2, 3, 4, 5, 6, 7, 8]))
            try handle.close()
        }
        let altered: Outcome = try await identify()
        #expect(altered.code == "models_altered")
        #expect(altered.status == 78)
        #expect(altered.problem?["detail"].map { "\($0)" }?.contains("face_recognition_sface") == true)
        #expect(altered.problem?["remedy"].map { "\($0)" }?.contains("deploy/setup") == true)
        for model in both { try FileManager.default.removeItem(atPath: model) }
        #expect(try await identify().code == "models_missing")
        #expect(try await world.edge(["doctor", "--models", folder]).status == 78)
    }

    @Test("tokens that are wrong, used or expired; a device that joined already; one that did not")
    func tokens() async throws {
        let world = try World()
        try await world.open()
        let token: String = try await world.token()
        func join(_ token: String, _ device: String) async throws -> String? {
            try await world.edge(["join", world.hub?.url ?? "", "--token", token], device: device).code
        }
        #expect(try await join("hello", "a") == "token_malformed")
        let unknown: String = "vjt_" + String(repeating: "A", count: 22) + token.drop { $0 != "." }
        #expect(try await join(unknown, "a") == "token_unknown")
        let elsewhere: String = token.prefix { $0 != "." } + "." + String(repeating: "0", count: 64)
        #expect(try await join(elsewhere, "a") == "hub_untrusted")
        #expect(try await world.edge(["identify", World.picture("obama2.jpg")], device: "a").code == "not_joined")
        #expect(try await join(token, "a") == nil)
        #expect(try await join(token, "b") == "token_used")
        #expect(try await join(token, "a") == nil, "the same join again changes nothing")
        #expect(try await join(try await world.token(), "a") == "already_joined")
        // The token's end has come: set in the hub's own book, since tests do not wait.
        let late: String = try await world.token(minutes: 1)
        try await world.database.execute("UPDATE join_token SET expires_ms = 1")
        #expect(try await join(late, "c") == "token_expired")
    }

    @Test("a device of another hub is told that this hub is not its own")
    func otherHub() async throws {
        let (mine, other) = (try await joined(), try World())
        try await other.open()
        await mine.stopHub()
        // The same address, another hub behind it.
        let port: Int = other.hub!.port
        _ = try await Program.runSystem(
            "/usr/bin/python3",
            [
                "-c", "import sqlite3,sys; c=sqlite3.connect(sys.argv[1]); c.execute('UPDATE identity SET hub_url = ?', (sys.argv[2],)); c.commit()",
                mine.folder + "/edge/edge.sqlite", "https://127.0.0.1:\(port)",
            ])
        let outcome: Outcome = try await mine.edge(["sync"])
        #expect(outcome.code == "hub_untrusted")
        #expect(outcome.status == 77)
    }

    @Test("without a lease, or with a spent one, recognition is refused and says why")
    func leases() async throws {
        let world = try World()
        try await world.open(quota: 4, priceOptions: ["--lease-units", "2"])
        try await world.join()
        try await world.edge(["enrol", "Ada", World.picture("obama.jpg")])
        for _ in 0..<2 { #expect(try await world.edge(["identify", World.picture("obama2.jpg")]).status == 0) }
        let spent: Outcome = try await world.edge(["identify", World.picture("obama2.jpg")])
        #expect(spent.status == 77)
        #expect(try code(spent) == "lease_spent")
        #expect(try await world.edge(["sync"]).status == 0)
        #expect(try await world.edge(["identify", World.picture("obama2.jpg")]).status == 0)
        // An account without quota gets a device, but no lease.
        try await world.openAccount("Empty", owner: "owner@empty.example")
        let token = try await world.operate("device", "token", "Empty").json() as? [String: Any]
        try await world.edge(["join", world.hub?.url ?? "", "--token", token?["token"] as? String ?? ""], device: "empty")
        #expect(try code(try await world.edge(["identify", World.picture("obama2.jpg")], device: "empty")) == "lease_missing")
    }

    @Test("databases of a newer version are refused by both programs")
    func newer() async throws {
        let world: World = try await joined()
        await world.stopHub()
        try await world.database.execute(
            world.database.location.engine == .sqlite ? "PRAGMA user_version = 99" : "UPDATE schema_version SET version = 99")
        _ = try await Program.runSystem(
            "/usr/bin/python3",
            [
                "-c",
                "import sqlite3,sys; c=sqlite3.connect(sys.argv[1]); c.executescript('PRAGMA user_version = 99; UPDATE schema_reader SET oldest = 99'); c.commit()",
                world.folder + "/edge/edge.sqlite",
            ])
        let hub: Outcome = try await world.operate("admin", "account", "list")
        #expect(hub.code == "store_newer")
        #expect(hub.status == 78)
        let edge: Outcome = try await world.edge(["status"])
        #expect(edge.code == "store_newer")
        #expect(edge.status == 78)
    }

    @Test("a clock a day off is worked with, and told with its remedy", arguments: ["-1d", "+1d"])
    func clocks(offset: String) async throws {
        guard FileManager.default.isExecutableFile(atPath: "/usr/bin/faketime") else {
            print("NOTICE: faketime is not installed; clocks a day apart are not tested at the command line")
            return
        }
        let world = try World()
        try await world.open()
        let faketime: [String] = ["/usr/bin/faketime", "-f", offset]
        #expect(try await world.edge(["join", world.hub?.url ?? "", "--token", try await world.token()], wrapper: faketime).status == 0)
        try await world.edge(["enrol", "Ada", World.picture("obama.jpg")], wrapper: faketime)
        #expect(try await world.edge(["identify", World.picture("obama2.jpg")], wrapper: faketime).status == 0)
        let sync: Outcome = try await world.edge(["sync"], wrapper: faketime)
        #expect(sync.status == 0)
        #expect(sync.errors.contains("clock"))
        #expect(try await world.counts() == (1, 1, 1))
        #expect(try await world.edge(["doctor"], wrapper: faketime).output.contains("timedatectl"))
    }

    @Test("a full disk refuses the decision, keeps what there is, and goes on when there is room")
    func fullDisk() async throws {
        let world: World = try await joined()
        try await world.edge(["enrol", "Ada", World.picture("obama.jpg")])
        let script: String = """
            set -e
            mount -t tmpfs -o size=640k tmpfs "$1/small"
            cp -a "$1/edge/." "$1/small/"
            dd if=/dev/zero of="$1/small/filler" bs=4k 2>/dev/null || true
            for i in $(seq 40); do "$2" identify "$3" --data "$1/small" --json >>"$1/out" 2>>"$1/err" || { echo "refused $?" ; break; }; done
            rm "$1/small/filler"
            "$2" identify "$3" --data "$1/small" --json >>"$1/out"
            "$2" doctor --data "$1/small" | grep -i journal
            """
        try FileManager.default.createDirectory(atPath: world.folder + "/small", withIntermediateDirectories: true)
        let outcome: Outcome = try await Program.runSystem(
            "/usr/bin/unshare", ["-rm", "bash", "-c", script, "full-disk", world.folder, Program.folder + "/vultus-edge", World.picture("obama2.jpg")])
        guard outcome.status != 1 || !outcome.errors.contains("unshare") else {
            print("NOTICE: no user namespaces here; the full disk is not tested")
            return
        }
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output.contains("refused 73"))
        #expect(outcome.output.contains("chain verified"))
        let shown: String = try ["/out", "/err"].map { try String(contentsOfFile: world.folder + $0, encoding: .utf8) }.joined()
        #expect(shown.contains("store_full"))
    }
}
