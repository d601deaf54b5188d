import Foundation
import RecognitionAPI
import TestKit
import Testing
import WireModel

@Suite("SIGKILL of a device in the middle of an import")
struct ImportKillTests {
    /// As many as one request holds of this picture, so that kills meet it at work on a fast machine too.
    private static let rows: Int = 36

    @Test("sent again after each kill, every row is enrolled once: as many persons, templates and accepted rows as were sent")
    func resumed() async throws {
        let world = try World()
        try await world.open()
        try await world.join()
        let directory: String = world.folder + "/edge"
        var server = try await EdgeServer(directory: directory)
        let gallery: String = "/v1/galleries/\(try await server.get("/v1/galleries").items.first?["id"]?.text ?? "")"
        let begun: LocalAnswer = try await server.send("POST", gallery + "/imports", ["total": .integer(Int64(Self.rows))])
        let path: String = gallery + "/imports/\(begun["id"].text ?? "")"
        let body: JSONValue = try Self.body()
        // Killed while the request is running: after a while that grows, in which some rows are done and not all.
        var cut: Int = 0
        for pause in [5, 15, 30, 60, 120, 240] {
            let running: EdgeServer = server
            let sending = Task { try await running.send("POST", path + "/rows", body) }
            try await Task.sleep(for: .milliseconds(pause))
            await running.kill()
            if try await sending.value.status == 0 { cut += 1 }
            server = try await EdgeServer(directory: directory)
        }
        print("NOTICE: \(cut) of 6 kills met the import at work")
        let before: Int64 = try await server.get(path)["accepted"].integer ?? 0
        if before < Int64(Self.rows) {
            let last: LocalAnswer = try await server.send("POST", path + "/rows", body)
            #expect(last.items.count { $0["outcome"] == "duplicate" } == Int(before))
            #expect(last.items.count { $0["outcome"] == "accepted" } == Self.rows - Int(before))
            #expect(last["import"]["accepted"] == .integer(Int64(Self.rows)))
            #expect(last["import"]["state"] == "closed")
        }
        let state: LocalAnswer = try await server.get(gallery)
        #expect(state["persons"] == .integer(Int64(Self.rows)))
        #expect(state["templates"] == .integer(Int64(Self.rows)))
        #expect(await server.stop() == 0)
        #expect(try await world.edge(["doctor"]).status == 0)
    }

    /// Persons of one portrait.
    private static func body() throws -> JSONValue {
        let picture: JSONValue = .string(try Data(contentsOf: URL(filePath: World.picture("obama2.jpg"))).base64EncodedString())
        let consent: JSONValue = ["reference": "file 17", "purpose": "door", "given": "2026-01-01T00:00:00Z"]
        return [
            "rows": .array(
                (0..<rows).map { ["row": .string("\($0)"), "label": .string("person \($0)"), "consent": consent, "image": picture] })
        ]
    }
}
