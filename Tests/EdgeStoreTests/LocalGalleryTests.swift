import Biometrics
import Crypto
import Foundation
import GRDB
import ServiceSupport
import TestKit
import Testing
import WireModel

@testable import EdgeStore

@Suite("The gallery as the device's own API manages it")
struct LocalGalleryTests {
    private static let quality = QualityResult(eyeDistance: 40, sharpness: 0.1, yaw: 0, pitch: 0, roll: 0, brightness: 0.5)

    private func template(_ seed: Int) throws -> Template {
        try Template(model: .sface2021dec, normalizing: (0..<128).map { Float(($0 * seed) % 17) - 8 })
    }

    private func consent(_ device: JoinedDevice, for duration: Duration? = nil) -> ConsentRecord {
        let now: Timestamp = device.clock.now().wall
        return ConsentRecord(reference: "file 17", purpose: "door", given: now, expires: duration.map(now.advanced))
    }

    @Test("a consent that ends erases its person, by the hub's time as the device knows it, with a receipt in the journal")
    func expiry() throws {
        let device = try JoinedDevice()
        let brief: EnrolledPerson = try device.store.addPerson(label: "brief", isMinor: false, consent: consent(device, for: .seconds(3_600)))
        let lasting: EnrolledPerson = try device.store.addPerson(label: "lasting", isMinor: false, consent: consent(device))
        _ = try device.store.add(try template(3), quality: Self.quality, to: brief.id)
        device.clock.advance(by: .seconds(3_599))
        #expect(try device.store.eraseExpired() == 0)
        device.clock.advance(by: .seconds(1))
        // A wall clock that was set back gains nothing.
        device.clock.shift(wall: .seconds(-86_400))
        #expect(try device.store.eraseExpired() == 1)
        #expect(try device.store.persons().map(\.id) == [lasting.id])
        #expect(try device.store.count() == (1, 0))
        let last: JournalEntry? = try device.store.entries(after: 0, epoch: 1, limit: 100, bytes: 1 << 20).last
        #expect(last?.kind == .erasure && last?.body?.contains(brief.id.rawValue) == true)
        #expect(try device.store.journalFault() == nil)
    }

    @Test("a new consent moves the end; a label is one person's, and can be given up")
    func changes() throws {
        let device = try JoinedDevice()
        let first: EnrolledPerson = try device.store.addPerson(label: "first", isMinor: true, consent: consent(device, for: .seconds(60)))
        let second: EnrolledPerson = try device.store.addPerson(label: "second", isMinor: false, consent: consent(device))
        _ = try device.store.change(first.id, label: nil, consent: consent(device, for: .seconds(600)))
        device.clock.advance(by: .seconds(120))
        #expect(try device.store.eraseExpired() == 0)
        #expect(throws: EdgeStoreError.self) { try device.store.addPerson(label: "first", isMinor: false, consent: consent(device)) }
        #expect(throws: EdgeStoreError.self) { try device.store.change(second.id, label: "first", consent: nil) }
        #expect(try device.store.change(first.id, label: "first", consent: nil).label == "first")
        #expect(try device.store.change(first.id, label: "else", consent: nil).isMinor)
        #expect(try device.store.person(labelled: "first") == nil)
        #expect(try device.store.person(labelled: "else")?.id == first.id)
        _ = try device.store.addPerson(label: "first", isMinor: false, consent: consent(device))
    }

    @Test("of the very same template a person has one, and a page follows the last")
    func templates() throws {
        let device = try JoinedDevice()
        var ids: [PersonID] = []
        for number in 0..<5 {
            ids.append(try device.store.addPerson(label: "\(number)", isMinor: false, consent: consent(device)).id)
            // Within a millisecond identifiers are in no order.
            device.clock.advance(by: .milliseconds(1))
        }
        let first = try device.store.add(try template(3), quality: Self.quality, to: ids[0])
        #expect(first.isNew && first.template.quality == Self.quality)
        let again = try device.store.add(try template(3), quality: Self.quality, to: ids[0])
        #expect(!again.isNew && again.template.id == first.template.id)
        #expect(try device.store.add(try template(5), quality: Self.quality, to: ids[0]).isNew)
        #expect(try device.store.opened(of: ids[0]).count == 2)
        #expect(try !device.store.removeTemplate(first.template.id, of: ids[1]))
        #expect(try device.store.removeTemplate(first.template.id, of: ids[0]))
        var seen: [PersonID] = []
        var last: (Timestamp, PersonID)?
        while true {
            let page: [EnrolledPerson] = try device.store.persons(after: last, limit: 2)
            guard let end = page.last else { break }
            seen += page.map(\.id)
            last = (end.created, end.id)
        }
        #expect(seen == ids)
    }

    @Test("what the API keeps of a person is sealed: neither label, consent, quality nor a row's key is in the files")
    func sealed() throws {
        let device = try JoinedDevice()
        let store: EdgeStore = device.store
        let secret: String = "Persephone-of-the-underworld"
        let consent = ConsentRecord(reference: secret, purpose: secret, given: device.clock.now().wall)
        let id: ImportID = try store.addImport(total: nil).id
        _ = try store.addRow(secret, of: id, template: try template(3), quality: Self.quality, person: .labelled(secret, isMinor: false, consent))
        #expect(try store.person(labelled: secret)?.consent == consent)
        for file in try FileManager.default.contentsOfDirectory(atPath: device.folder) {
            let bytes = try Data(contentsOf: URL(filePath: device.folder + "/" + file))
            #expect(bytes.range(of: Data(secret.utf8)) == nil && bytes.range(of: Data("eyeDistance".utf8)) == nil, "\(file)")
        }
    }

    @Test("rows survive a restart, accepted ones are final, refused ones may be tried again, and a full import closes")
    func imports() throws {
        let device = try JoinedDevice()
        let id: ImportID = try device.store.addImport(total: 2).id
        let person = RowPerson.labelled("Ada", isMinor: false, consent(device))
        #expect(try device.store.refuseRow("a", of: id, Problem(.noFace, "No face.", remedy: "Another.")).outcome == .refused)
        let first: ImportRowResult = try device.store.addRow("b", of: id, template: try template(3), quality: Self.quality, person: person)
        #expect(first.outcome == .accepted)
        try device.reopen()
        #expect(try device.store.acceptedRows(["a", "b", "c"], of: id).keys.sorted() == ["b"])
        let again: ImportRowResult = try device.store.addRow("b", of: id, template: try template(5), quality: Self.quality, person: person)
        #expect(again.outcome == .duplicate && again.template == first.template)
        #expect(try device.store.refuseRow("b", of: id, Problem(.noFace, "No face.", remedy: "Another.")).outcome == .duplicate)
        #expect(try device.store.addRow("a", of: id, template: try template(5), quality: Self.quality, person: person).outcome == .accepted)
        let state: ImportResult = try device.store.importState(id)
        #expect((state.state, state.accepted, state.refused) == (.closed, 2, 0))
        #expect(throws: EdgeStoreError.self) { try device.store.addRow("c", of: id, template: try template(7), quality: Self.quality, person: person) }
        #expect(try device.store.importRows(of: id, outcome: nil, after: 0, limit: 9).map(\.result.row) == ["a", "b"])
        // Who is erased leaves no row behind.
        _ = try device.store.erase(first.person!)
        #expect(try device.store.importRows(of: id, outcome: nil, after: 0, limit: 9).isEmpty)
    }

    @Test("persons of an older store keep their templates, and their keys lie in slots afterwards and nowhere else")
    func keysMoved() throws {
        let folder: String = FileManager.default.temporaryDirectory.appending(path: "vultus-store-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try PrivateFiles.makeDirectory(folder)
        let master = SymmetricKey(size: .bits256)
        try PrivateFiles.write(master.bytes, to: folder + "/master.key")
        let old = try DatabaseQueue(path: folder + "/edge.sqlite")
        var keys: [[UInt8]] = []
        var wanted: [PersonID: Template] = [:]
        try old.write { database in
            for step in 0..<3 { try database.execute(sql: EdgeSchema.migrations[step].sql) }
            try database.execute(sql: "PRAGMA user_version = 3")
            for number in 0..<200 {
                let (person, id) = (PersonID(at: Timestamp(milliseconds: Int64(number))), TemplateID(at: Timestamp(milliseconds: Int64(number))))
                let (key, stored) = (SymmetricKey(size: .bits256), try template(number + 2))
                keys.append(try Sealing.seal(key.bytes, with: master, for: "person-key \(person)"))
                try database.execute(
                    sql: "INSERT INTO person (id, sealed_key, sealed_label, created_ms) VALUES (?, ?, ?, 0)",
                    arguments: [person.rawValue, Data(keys[number]), Data(try Sealing.seal(Array("\(number)".utf8), with: key, for: "label \(person)"))])
                let purpose: String = "template \(id) \(person) \(stored.model.rawValue)"
                try database.execute(
                    sql: "INSERT INTO template (id, person_id, model, sealed, created_ms) VALUES (?, ?, ?, ?, 0)",
                    arguments: [
                        id.rawValue, person.rawValue, stored.model.rawValue, Data(try Sealing.seal(stored.littleEndianBytes, with: key, for: purpose)),
                    ])
                wanted[person] = stored
            }
        }
        try old.close()
        let store = try EdgeStore(directory: folder)
        var found: [PersonID: Template] = [:]
        try store.forEachTemplate(of: .sface2021dec) { found[$0] = $1 }
        #expect(found == wanted)
        let raw: Data = try Data(contentsOf: URL(filePath: store.path))
        for key in keys { #expect(raw.range(of: Data(key)).map { raw.range(of: Data(key), in: $0.upperBound..<raw.endIndex) } == .some(nil)) }
        for person in wanted.keys.sorted().prefix(150) { _ = try store.erase(person) }
        let after: Data = try Data(contentsOf: URL(filePath: store.path))
        #expect(keys.prefix(150).allSatisfy { after.range(of: Data($0)) == nil })
        #expect(keys.suffix(50).allSatisfy { after.range(of: Data($0)) != nil })
    }

    @Test("a store of the first schema is brought up to date, and its persons are found by their labels")
    func upgrade() throws {
        let folder: String = FileManager.default.temporaryDirectory.appending(path: "vultus-store-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let old = try DatabaseQueue(path: folder + "/edge.sqlite")
        try old.write { database in
            try database.execute(sql: EdgeSchema.migrations[0].sql)
            try database.execute(sql: "PRAGMA user_version = 1")
        }
        try old.close()
        let store = try EdgeStore(directory: folder)
        let (person, _): (PersonID, EnrolmentOutcome) = try store.enrol(try template(3), label: "Ada")
        // As the first schema left it.
        try store.queue.write { try $0.execute(sql: "UPDATE person SET label_mark = NULL") }
        #expect(try store.person(labelled: "Ada")?.id == person)
        #expect(try store.person(labelled: "Ada")?.consent == nil)
        #expect(try store.enrol(try template(3), label: "Ada").outcome == .alreadyThere)
        #expect(throws: EdgeStoreError.self) {
            try store.addPerson(label: "Ada", isMinor: false, consent: ConsentRecord(reference: "r", purpose: "p", given: Timestamp(milliseconds: 0)))
        }
    }
}
