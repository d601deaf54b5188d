import Foundation
import RecognitionAPI
import TestKit
import Testing
import WireModel

@Suite("Decisions as a stream, over HTTP")
struct EventTests {
    @Test("who follows a camera's decisions is told each once, goes on after the last one heard, and learns of a gap")
    func follow() async throws {
        let agent = try await LiveAgent()
        try await agent.world.edge(["enrol", "Ada 林", World.picture("obama.jpg")])
        let outcome: Outcome = try await agent.watch("obama2.jpg") {
            let text: String = try await agent.read("/v1/events", until: "\"outcome\"", ["-H", "Last-Event-ID: other-1"])
            let events: [ServerEvent] = ServerEvent.read(text)
            // Of another run: how much is missing nobody knows.
            #expect(events.first?.name == "gap" && events.first?.data["missed"] == .null)
            let decided: ServerEvent = try #require(events.first { $0.name == "decision" })
            #expect(decided.data["kind"] == "decided" && decided.data["outcome"] == "match" && decided.data["label"] == "Ada 林")
            #expect(decided.data["entry"]?.integer != nil && decided.data["box"] != nil && decided.data["source"]?.text?.hasPrefix("frame ") == true)
            // From the beginning of this run it comes again, without a gap; after itself it does not.
            let run: String = String(decided.id.prefix { $0 != "-" })
            let again: String = try await agent.read("/v1/events", until: "\"outcome\"", ["-H", "Last-Event-ID: \(run)-0"])
            #expect(ServerEvent.read(again).map(\.id) == [decided.id])
            let after: String = try await agent.read("/v1/events", until: "following", ["-H", "Last-Event-ID: \(decided.id)", "--max-time", "2"])
            #expect(ServerEvent.read(after).isEmpty && after.contains("following"))
            // The same API as `serve` has.
            let answer: Outcome = try await Program.runSystem(
                "/usr/bin/curl",
                [
                    "-sS", "--unix-socket", agent.socket, "-H", "Content-Type: image/jpeg", "--data-binary", "@" + World.picture("biden.jpg"),
                    "http://localhost/v1/detect",
                ])
            #expect(try JSON.value(JSONValue.self, from: answer.output)["faces"]?.items?.count == 1)
        }
        #expect(outcome.status == 0)
        #expect(!FileManager.default.fileExists(atPath: agent.socket))
        #expect(try await agent.world.counts().edge == 1)
    }

    @Test("a stream wants the token, says that it lives, and tells what programs asked for as well")
    func serve() async throws {
        let world = try World()
        try await world.open()
        try await world.join()
        try await world.edge(["enrol", "Ada", World.picture("obama.jpg")])
        let server = try await EdgeServer(directory: world.folder + "/edge")
        #expect(try await server.call("GET", "/v1/events", token: "").code == .keyMissing)
        #expect(try await server.call("POST", "/v1/events").code == .methodNotAllowed)
        let galleries: LocalAnswer = try await server.get("/v1/galleries")
        let search: String = "/v1/galleries/\(galleries.items.first?["id"]?.text ?? "")/search"
        #expect(try await server.post(search, picture: World.picture("obama2.jpg")).faces.count == 1)
        #expect(try await server.post(search, picture: World.picture("biden.jpg")).faces.count == 1)
        let line: String =
            "curl -sSN --max-time 60 -H 'Authorization: Bearer \(try server.token)' -H 'Last-Event-ID: x' \(server.url)/v1/events | grep -m 1 -B 100 -A 3 unknown"
        let events: [ServerEvent] = ServerEvent.read(try await Program.runSystem("/bin/bash", ["-c", line]).output).filter { $0.name == "decision" }
        #expect(events.map { $0.data["outcome"]?.text } == ["match", "unknown"])
        #expect(events.allSatisfy { $0.data["source"] == "api" && $0.data["api"] == "face.search" && $0.data["entry"]?.integer != nil })
        #expect(events.first?.data["label"] == "Ada")
        let described: LocalAnswer = try await server.get("/openapi.json")
        #expect(described["paths"]["/v1/events"]?["get"] != nil)
        #expect(await server.stop() == 0)
    }
}
