import Biometrics
import HubDomain
import HubStorage
import TestKit
import Testing
import WireModel

@Suite("Bulk enrolment")
struct GalleryImportTests {
    private struct Cut: Error {}

    @Test("cut off at any row, on any hub, an import goes on and every row is enrolled once; rows done are answered without being done again")
    func resumed() async throws {
        let fixture = try await GalleryFixture()
        let faces: [(label: String, face: Template)] = try (0..<12).map { ("person \($0)", try GalleryFixture.face()) }
        let opened: ImportResult = try await fixture.hub.openImport(into: fixture.gallery.id, total: 12, of: fixture.owner, by: .test)
        for stop in [0, 1, 5, 11, 12] {
            // Each time from the first row, as a client does that knows nothing of how far it came, and each time through a hub that was just started.
            let hub: Hub = try await fixture.neighbour()
            for (number, row) in faces.enumerated() {
                if number == stop { break }
                let before: ImportRowResult? = try await hub.doneImportRows(["row \(number)"], of: opened.id, in: fixture.gallery.id, of: fixture.owner)[
                    "row \(number)"]
                let result: ImportRowResult = try await hub.importRow(
                    "row \(number)", row.face, quality: GalleryFixture.quality, as: .new(fixture.draft(row.label)), of: opened.id, in: fixture.gallery.id,
                    of: fixture.owner, by: .test)
                #expect(before == nil ? result.outcome == .accepted : result == before)
            }
            await hub.close()
        }
        let state: ImportResult = try await fixture.hub.importState(opened.id, in: fixture.gallery.id, of: fixture.owner)
        #expect(state.state == .closed && state.accepted == 12 && state.duplicate == 0 && state.refused == 0)
        let gallery: Gallery = try await fixture.hub.gallery(fixture.gallery.id, of: fixture.owner)
        #expect(gallery.persons == 12 && gallery.templates == 12)
        let rows: [(place: Int64, result: ImportRowResult)] = try await fixture.hub.importRows(
            of: opened.id, after: 10, limit: 100, in: fixture.gallery.id, of: fixture.owner)
        #expect(rows.map(\.result.row) == ["row 10", "row 11"])
        for row in faces {
            let person: Person? = try await fixture.hub.person(labelled: row.label, in: fixture.gallery.id, of: fixture.owner)
            #expect(try await fixture.recognise(row.face) == person?.id)
        }
    }

    @Test("a refused row says why and may be sent again with a better picture; a closed import takes no rows")
    func refused() async throws {
        let fixture = try await GalleryFixture()
        let (hub, id, owner): (Hub, GalleryID, GalleryOwner) = (fixture.hub, fixture.gallery.id, fixture.owner)
        let opened: ImportResult = try await hub.openImport(into: id, total: nil, of: owner, by: .test)
        let problem = Problem(.noFace, "There is no face in the picture.", remedy: "Use another.")
        _ = try await hub.refuseImportRow("1", problem, of: opened.id, in: id, of: owner, by: .test)
        #expect(try await hub.importRows(of: opened.id, outcome: .refused, limit: 10, in: id, of: owner).map(\.result.problem) == [problem])
        #expect(try await hub.importState(opened.id, in: id, of: owner).refused == 1)
        let face: Template = try GalleryFixture.face()
        let done: ImportRowResult = try await hub.importRow(
            "1", face, quality: GalleryFixture.quality, as: .new(fixture.draft("Ada")), of: opened.id, in: id, of: owner, by: .test)
        #expect(done.outcome == .accepted)
        // The same face under another row is nobody new.
        let twice: ImportRowResult = try await hub.importRow(
            "2", face, quality: GalleryFixture.quality, as: .new(fixture.draft("Ada")), of: opened.id, in: id, of: owner, by: .test)
        #expect(twice.outcome == .duplicate && twice.person == done.person)
        // A refusal that comes late undoes nothing.
        #expect(try await hub.refuseImportRow("1", problem, of: opened.id, in: id, of: owner, by: .test).outcome == .duplicate)
        let closed: ImportResult = try await hub.closeImport(opened.id, in: id, of: owner, by: .test)
        #expect(closed.state == .closed && closed.accepted == 1 && closed.duplicate == 1 && closed.refused == 0)
        await #expect(throws: Problem.self) {
            try await hub.importRow("3", face, quality: GalleryFixture.quality, as: .new(fixture.draft("Bob")), of: opened.id, in: id, of: owner, by: .test)
        }
        #expect(try await hub.gallery(id, of: owner).persons == 1)
    }

    @Test("who is erased is erased from what imports wrote too, and closed imports go after a month")
    func erased() async throws {
        let fixture = try await GalleryFixture()
        let (hub, id, owner): (Hub, GalleryID, GalleryOwner) = (fixture.hub, fixture.gallery.id, fixture.owner)
        let opened: ImportResult = try await hub.openImport(into: id, total: 2, of: owner, by: .test)
        for number in 1...2 {
            _ = try await hub.importRow(
                "\(number)", try GalleryFixture.face(), quality: GalleryFixture.quality, as: .new(fixture.draft("person \(number)", days: 300)), of: opened.id,
                in: id, of: owner, by: .test)
        }
        let first: Person = try #require(try await hub.person(labelled: "person 1", in: id, of: owner))
        try await hub.erasePerson(first.id, from: id, of: owner, by: .test)
        #expect(try await hub.importRows(of: opened.id, limit: 10, in: id, of: owner).map(\.result.row) == ["2"])
        fixture.clock.advance(by: .seconds(31 * 86_400))
        try await hub.clearExpired()
        #expect(try await fixture.database.rows("SELECT * FROM gallery_import_row").isEmpty)
        #expect(try await hub.gallery(id, of: owner).persons == 1)
    }
}
