import Foundation
import TestKit
import Testing

@Suite("Sync by file, at the command line")
struct FileSyncCommandTests {
    @Test("export, import at the hub, import the answer: leases come, and each step can be repeated")
    func roundTrip() async throws {
        let world = try World()
        try await world.open()
        try await world.join()
        let (request, answer): (String, String) = (world.folder + "/stick.sync", world.folder + "/stick.answer")
        let exported: Outcome = try await world.edge(["export", request])
        #expect(exported.status == 0, "\(exported.errors)")
        #expect((try exported.json() as? [String: Any])?["file"] as? String == request)
        for isAgain in [false, true] {
            let taken: Outcome = try await world.operate("device", "import", request, "--answer", answer)
            #expect(taken.status == 0, "\(taken.errors)")
            let report = try taken.json() as? [String: Any]
            #expect((report?["rejected"] as? Int) == 0)
            #expect((report?["accepted"] as? Int == 0) == isAgain || report?["duplicates"] as? Int == 0)
        }
        let first = try await world.edge(["import", answer]).json() as? [String: Any]
        #expect(first?["isRepeated"] as? Bool == false)
        let second = try await world.edge(["import", answer]).json() as? [String: Any]
        #expect(second?["isRepeated"] as? Bool == true)

        try Data("no sync file".utf8).write(to: URL(filePath: request))
        let refused: Outcome = try await world.operate("device", "import", request)
        #expect(refused.status == 65)
        #expect(refused.code == "sync_file_damaged")
        #expect(try await world.edge(["import", request]).code == "sync_file_damaged")
        #expect(try await world.edge(["import", world.folder + "/none"]).code == "file_unreadable")
    }
}
