import Foundation
import TestKit
import Testing

@Suite("Watching a live source at the command line")
struct LiveCommandTests {
    /// A camera program that sends the same picture for some seconds.
    private func watch(_ world: World, _ picture: String, _ options: [String] = []) async throws -> [[String: Any]] {
        let camera: String = "(for i in $(seq 60); do cat \(World.picture(picture)); sleep 0.1; done) | \"$@\""
        let outcome: Outcome = try await world.edge(
            ["run", "-", "--sync-every", "0", "--processor-share", "1"] + options, wrapper: ["/bin/bash", "-c", camera, "camera"])
        #expect(outcome.status == 0)
        return try outcome.output.split(separator: "\n").compactMap { line in
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            return object?["passage"] as? [String: Any]
        }
    }

    private func faces(_ passages: [[String: Any]]) -> [[String: Any]] {
        passages.filter { $0["kind"] as? String == "decided" }.compactMap { $0["face"] as? [String: Any] }
    }

    @Test("somebody who stands there is decided on and billed once; marked as not being the person, they are unknown until the mark is removed")
    func passage() async throws {
        let world = try World()
        try await world.open()
        try await world.join()
        try await world.edge(["enrol", "Ada", World.picture("obama.jpg")])
        let seen: [[String: Any]] = try await watch(world, "obama2.jpg")
        let face: [String: Any] = try #require(faces(seen).first)
        #expect(faces(seen).count == 1 && face["outcome"] as? String == "match")
        #expect(seen.first?["latencyMilliseconds"] as? Int != nil)
        let entry: Int = try #require(face["entry"] as? Int)
        #expect(try await world.edge(["persons", "not", "Ada", "\(entry + 1)"]).code == "not_found")
        #expect(try await world.edge(["persons", "not", "Ada", "\(entry)"]).status == 0)
        #expect(try await faces(watch(world, "obama2.jpg")).map { $0["outcome"] as? String } == ["unknown"])
        let marks = try await world.edge(["persons", "confusions"]).json() as? [[String: Any]]
        let mark: String = try #require(marks?.first?["confusion"] as? String)
        #expect(try await world.edge(["persons", "confusions", "--remove", mark]).status == 0)
        #expect(try await world.edge(["persons", "confusions", "--remove", mark]).code == "not_found")
        #expect(try await faces(watch(world, "obama2.jpg")).map { $0["outcome"] as? String } == ["match"])
        try await world.edge(["sync"])
        #expect(try await world.counts() == (3, 3, 3))
    }

    @Test("one camera cannot be watched twice by one agent")
    func cameraTwice() async throws {
        let world = try World()
        let outcome: Outcome = try await world.edge(["run", "--camera", "/dev/video63", "--camera", "/dev/video63"])
        #expect(outcome.status == 64 && outcome.code == "invalid_request")
    }

    @Test(
        "what cannot be is refused with what can be",
        arguments: [
            ["--min-face", "10"], ["--passage-gap", "1"], ["--redecide-after", "5"], ["--processor-share", "2"], ["--mark-hours", "200"],
            ["--zone", "door"], ["--zone", "door:exit:0,0:1,1"], ["--zone", "door:side:0,0:1,0:1,1"], ["--zone", "door:exit:0,0:2,0:1,1"],
        ])
    func refused(options: [String]) async throws {
        let world = try World()
        #expect(try await world.edge(["run", "-"] + options).code == "invalid_request")
    }

    @Test("an operator sets for a group how live sources are watched, within limits")
    func group() async throws {
        let world = try World()
        try await world.open()
        _ = try await world.operate("group", "make", World.account, "doors")
        let set: Outcome = try await world.operate("group", "configure", "doors", "--min-face", "60", "--redecide-after", "0")
        let watch = ((try set.json() as? [String: Any])?["configuration"] as? [String: Any])?["watch"] as? [String: Any]
        #expect(watch?["minimumFacePixels"] as? Int == 60 && watch?["redecideMilliseconds"] as? Int == 0)
        #expect(try await world.operate("group", "configure", "doors", "--passage-gap", "1").code == "invalid_request")
        // What is not named stays.
        let again: Outcome = try await world.operate("group", "configure", "doors", "--contact-seconds", "60")
        let kept = ((try again.json() as? [String: Any])?["configuration"] as? [String: Any])?["watch"] as? [String: Any]
        #expect(kept?["minimumFacePixels"] as? Int == 60)
    }
}
