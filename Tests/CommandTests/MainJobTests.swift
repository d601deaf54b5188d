import Foundation
import TestKit
import Testing

@Suite("The main job at the command line")
struct MainJobTests {
    @Test("enrol, identify, lose the hub, go on, sync: edge, hub and invoice count the same")
    func mainJob() async throws {
        let world = try World()
        try await world.open()
        #expect(try await world.join().status == 0)
        #expect(try await world.edge(["enrol", "Ada", World.picture("obama.jpg")]).status == 0)
        #expect(
            try await outcomes(world, "obama2.jpg", "obama3.jpg", "biden.jpg", "astronaut.png", "chelsea.png") == [
                "match", "match", "unknown", "unknown", "no face",
            ])
        await world.stopHub()
        #expect(try await world.edge(["sync"]).code == "hub_unreachable")
        #expect(try await outcomes(world, "obama2.jpg", "astronaut.png") == ["match", "unknown"])
        try await world.startHub()
        #expect(try await world.edge(["sync"]).status == 0)
        let counts = try await world.counts()
        #expect(counts == (6, 6, 6))
        #expect(try await world.edge(["doctor"]).status == 0)
    }

    @Test("the answer carries score, threshold and that threshold's measured false-match rate")
    func answerShape() async throws {
        let world = try World()
        try await world.open()
        try await world.join()
        try await world.edge(["enrol", "Ada", World.picture("obama.jpg")])
        let answer = try await world.edge(["identify", World.picture("obama2.jpg")]).json() as? [String: Any]
        let face = ((answer?["result"] as? [String: Any])?["faces"] as? [[String: Any]])?.first
        #expect(face?["outcome"] as? String == "match")
        #expect((face?["score"] as? Double ?? 0) >= (face?["threshold"] as? Double ?? 1))
        let rate: Double = face?["falseMatchRate"] as? Double ?? 1
        #expect(rate > 0 && rate <= 1e-5)
        #expect((face?["person"] as? String)?.hasPrefix("per_") == true)
        // After two leases and the enrolment.
        #expect(face?["entry"] as? Int == 4)
        #expect(!"\(answer ?? [:])".contains("Ada"))
    }

    @Test("a stream of JPEGs on standard input is identified frame by frame")
    func stream() async throws {
        let world = try World()
        try await world.open()
        try await world.join()
        try await world.edge(["enrol", "Ada", World.picture("obama.jpg")])
        var stream = Data()
        for name in ["obama2.jpg", "biden.jpg", "obama3.jpg"] { stream += try Data(contentsOf: URL(filePath: World.picture(name))) }
        let outcome: Outcome = try await world.edge(["identify", "-"], input: stream)
        #expect(outcome.status == 0)
        #expect(outcome.output.split(separator: "\n").count == 3)
        #expect(try await world.edge(["identify", "-"], input: stream.dropLast(1_000)).code == nil)
        let cut: Outcome = try await world.edge(["identify", "-"], input: Data("no picture at all".utf8))
        #expect(cut.status == 65)
    }

    @Test("compare says same or not the same, by exit code too")
    func compare() async throws {
        let world = try World()
        try await world.open()
        try await world.join()
        #expect(try await world.edge(["compare", World.picture("obama.jpg"), World.picture("obama2.jpg")]).status == 0)
        #expect(try await world.edge(["compare", World.picture("obama.jpg"), World.picture("biden.jpg")]).status == 1)
        try await world.edge(["sync"])
        #expect(try await world.counts(api: "face.compare") == (2, 2, 2))
    }

    @Test("run handles a folder once, however often it is started, and takes new pictures while it watches")
    func watching() async throws {
        let world = try World()
        try await world.open()
        try await world.join()
        try await world.edge(["enrol", "Ada", World.picture("obama.jpg")])
        let inbox: String = world.folder + "/inbox"
        try FileManager.default.createDirectory(atPath: inbox, withIntermediateDirectories: true)
        for name in ["obama2.jpg", "biden.jpg"] { try FileManager.default.copyItem(atPath: World.picture(name), toPath: inbox + "/" + name) }
        for _ in 0..<3 { #expect(try await world.edge(["run", inbox, "--once"]).status == 0) }
        try FileManager.default.copyItem(atPath: World.picture("obama3.jpg"), toPath: inbox + "/later.jpg")
        #expect(try await world.edge(["run", inbox, "--once"]).output.contains("later.jpg"))
        try await world.edge(["sync"])
        #expect(try await world.counts() == (3, 3, 3))
    }

    @Test("an erased person is unknown at once, and the journal keeps the receipt")
    func erasure() async throws {
        let world = try World()
        try await world.open()
        try await world.join()
        try await world.edge(["enrol", "Ada", World.picture("obama.jpg")])
        #expect(try await outcomes(world, "obama2.jpg") == ["match"])
        #expect(try await world.edge(["persons", "erase", "Ada"]).status == 0)
        #expect(try await outcomes(world, "obama2.jpg") == ["unknown"])
        #expect(try await world.edge(["persons", "erase", "Ada"]).code == "not_found")
    }

    @Test("help teaches and the version is said, for both programs", arguments: ["vultus-edge", "vultus-hub"])
    func help(program: String) async throws {
        let help: Outcome = try await Program.run(program, ["--help"])
        #expect(help.status == 0)
        #expect(help.output.contains("From nothing to"))
        #expect(help.output.contains("Exit codes"))
        #expect(try await Program.run(program, ["--version"]).output.contains("\(program) 0."))
        #expect(try await Program.run(program, ["nonsense"]).status == 64)
    }

    /// The outcome of the first face of each picture.
    private func outcomes(_ world: World, _ names: String...) async throws -> [String] {
        let answer: Outcome = try await world.edge(["identify"] + names.map(World.picture))
        return try answer.output.split(separator: "\n").map { line in
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            let faces = (object?["result"] as? [String: Any])?["faces"] as? [[String: Any]]
            return faces?.first?["outcome"] as? String ?? "no face"
        }
    }
}
