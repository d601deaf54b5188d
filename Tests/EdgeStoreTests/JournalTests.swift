import Biometrics
import EdgeStore
import Foundation
import GRDB
import ServiceSupport
import Testing
import WireModel

@Suite("The journal on the device")
struct JournalTests {
    @Test("entries follow each other without gaps, each naming the one before")
    func chain() throws {
        let device = try JoinedDevice()
        try device.grant(ceiling: 100)
        for _ in 0..<5 { _ = try device.store.record([JoinedDevice.decision(), JoinedDevice.decision()]) }
        let entries: [JournalEntry] = try device.store.entries(after: 0, epoch: 1, limit: 100, bytes: 1 << 20)
        // The first says which lease is spent.
        #expect(entries.map(\.seq) == Array(1...11))
        #expect(entries.map(\.kind) == [.lease] + Array(repeating: .decision, count: 10))
        #expect(zip(entries, entries.dropFirst()).allSatisfy { $1.previous == $0.hash })
        #expect(entries.allSatisfy { $0.isIntact(for: device.device) })
        #expect(try device.store.journalFault() == nil)
    }

    @Test("batches stop at the limit of entries and of bytes, and never at nothing")
    func batches() throws {
        let device = try JoinedDevice()
        try device.grant(ceiling: 100)
        _ = try device.store.record(Array(repeating: JoinedDevice.decision(), count: 9))
        #expect(try device.store.entries(after: 2, epoch: 1, limit: 4, bytes: 1 << 20).map(\.seq) == [3, 4, 5, 6])
        #expect(try device.store.entries(after: 2, epoch: 1, limit: 4, bytes: 1).map(\.seq) == [3])
    }

    @Test("the table refuses changes, and a change made around it is found", arguments: ["units = 0", "body = '{}'", "wall_ms = 1", "hash = zeroblob(32)"])
    func tampering(change: String) throws {
        let device = try JoinedDevice()
        try device.grant(ceiling: 10)
        for _ in 0..<3 { _ = try device.store.record([JoinedDevice.decision()]) }
        let file = try DatabaseQueue(path: device.store.path)
        #expect(throws: DatabaseError.self) { try file.write { try $0.execute(sql: "UPDATE journal SET \(change) WHERE seq = 2") } }
        try file.write { try $0.execute(sql: "DROP TRIGGER journal_is_append_only; UPDATE journal SET \(change) WHERE seq = 2") }
        #expect(try device.store.journalFault() != nil)
    }

    @Test("a missing entry is found")
    func gap() throws {
        let device = try JoinedDevice()
        try device.grant(ceiling: 10)
        for _ in 0..<3 { _ = try device.store.record([JoinedDevice.decision()]) }
        let file = try DatabaseQueue(path: device.store.path)
        #expect(throws: DatabaseError.self) { try file.write { try $0.execute(sql: "DELETE FROM journal WHERE seq = 2") } }
        try file.write { try $0.execute(sql: "DROP TRIGGER journal_keeps_what_is_needed; DELETE FROM journal WHERE seq = 2") }
        #expect(try device.store.journalFault() == "entry 2 is missing")
    }

    @Test("a file is seen exactly when its decisions are journaled")
    func seenFiles() throws {
        let device = try JoinedDevice()
        let mark: (source: String, fingerprint: [UInt8]) = ("inbox", [1, 2, 3])
        #expect(throws: EdgeStoreError.self) { _ = try device.store.record([JoinedDevice.decision()], seen: mark) }
        #expect(try !device.store.hasSeen([1, 2, 3], source: "inbox"))
        try device.grant(ceiling: 1)
        _ = try device.store.record([JoinedDevice.decision()], seen: mark)
        #expect(try device.store.hasSeen([1, 2, 3], source: "inbox"))
        #expect(try !device.store.hasSeen([1, 2, 3], source: "other"))
    }

    @Test("the watermark only rises, unless the hub says it was restored")
    func watermark() throws {
        let device = try JoinedDevice()
        try device.grant(ceiling: 10)
        for _ in 0..<8 { _ = try device.store.record([JoinedDevice.decision()]) }
        try device.contact(acknowledged: 7)
        try device.contact(acknowledged: 5)
        #expect(try device.store.syncState().acknowledgedThrough == 7)
        try device.contact(acknowledged: 5, epoch: 2)
        #expect(try device.store.syncState().acknowledgedThrough == 5)
    }

    @Test(
        "a store of a newer version is refused and left as it is, unless it says that this program may use it; what is tried makes no store that the one before could not use"
    )
    func newer() throws {
        let device = try JoinedDevice()
        let later = try DatabaseQueue(path: device.store.path)
        try later.writeWithoutTransaction { try $0.execute(sql: "CREATE TABLE of_later (only INTEGER) STRICT; PRAGMA user_version = 99") }
        let reads = try EdgeStore(directory: device.folder, clock: device.clock)
        #expect(try reads.identity().device == device.device)
        try later.writeWithoutTransaction { try $0.execute(sql: "UPDATE schema_reader SET oldest = 99") }
        do {
            _ = try EdgeStore(directory: device.folder, clock: device.clock)
            Issue.record("opened")
        } catch EdgeStoreError.newer(_, let found, let supported) {
            #expect(found == 99)
            #expect(supported < 99)
        }
        let version: Int? = try DatabaseQueue(path: device.store.path).read { try Int.fetchOne($0, sql: "PRAGMA user_version") }
        #expect(version == 99)

        let former = try JoinedDevice()
        func setBack(to version: Int, without tables: [String]) throws {
            let sql: String = tables.map { "DROP TABLE \($0);" }.joined() + "PRAGMA user_version = \(version)"
            try DatabaseQueue(path: former.store.path).writeWithoutTransaction { try $0.execute(sql: sql) }
        }
        // A step that only adds makes nothing that the one before could not use.
        try setBack(to: 9, without: ["announcements"])
        #expect(try EdgeStore(directory: former.folder, clock: former.clock, keepsReadable: true).identity().device == former.device)
        try setBack(to: 8, without: ["announcements", "schema_reader"])
        #expect(throws: EdgeStoreError.self) { try EdgeStore(directory: former.folder, clock: former.clock, keepsReadable: true) }
        #expect(try EdgeStore(directory: former.folder, clock: former.clock).identity().device == former.device)
        #expect(try EdgeStore(directory: former.folder, clock: former.clock, keepsReadable: true).identity().device == former.device)
    }

    @Test("is written with synchronous=FULL")
    func durability() throws {
        let device = try JoinedDevice()
        #expect(try device.store.durability() == "wal, synchronous 2")
    }
}

@Suite("The sealed gallery")
struct SealedGalleryTests {
    @Test("neither template nor name is on the disk in the clear")
    func sealed() throws {
        let device = try JoinedDevice()
        let template = try JoinedDevice.template()
        _ = try device.store.enrol(template, label: "Ada Lovelace")
        let raw: [UInt8] = try device.rawBytes()
        #expect(!raw.contains(sequence: Array(template.littleEndianBytes.prefix(32))))
        #expect(!raw.contains(sequence: Array("Ada Lovelace".utf8)))
        #expect(try device.store.persons().map(\.label) == ["Ada Lovelace"])
    }

    @Test("what is read back is the very template, for that person only")
    func roundTrip() throws {
        let device = try JoinedDevice()
        let first = try JoinedDevice.template(1), second = try JoinedDevice.template(-2)
        let ada: PersonID = try device.store.enrol(first, label: "Ada").person
        _ = try device.store.enrol(second, label: "Bob")
        #expect(try device.store.enrol(first, label: "Ada").outcome == .alreadyThere)
        try device.reopen()
        var found: [PersonID: [[Float]]] = [:]
        try device.store.forEachTemplate(of: first.model) { person, template in found[person, default: []].append(template.values) }
        #expect(found.count == 2)
        #expect(found[ada] == [first.values])
    }

    @Test("erasing a person leaves nothing that was sealed, and bumps the gallery's version")
    func erasure() throws {
        let device = try JoinedDevice()
        let person: PersonID = try device.store.enrol(try JoinedDevice.template(), label: "Ada").person
        let sealed: [[UInt8]] = try DatabaseQueue(path: device.store.path).read { database in
            try Row.fetchAll(database, sql: "SELECT sealed AS a FROM person_key UNION SELECT sealed FROM template").map { [UInt8]($0["a"] as Data) }
        }
        #expect(sealed.count == 2)
        let version: Int64 = try device.store.galleryVersion()
        #expect(try device.store.erase(person))
        #expect(try device.store.galleryVersion() > version)
        let raw: [UInt8] = try device.rawBytes()
        for value in sealed { #expect(!raw.contains(sequence: value)) }
        #expect(try device.store.entries(after: 0, epoch: 1, limit: 10, bytes: 1 << 20).map(\.kind) == [.enrolment, .erasure])
    }

    @Test("a sealed value moved to another person does not open")
    func swapped() throws {
        let device = try JoinedDevice()
        _ = try device.store.enrol(try JoinedDevice.template(1), label: "Ada")
        _ = try device.store.enrol(try JoinedDevice.template(-2), label: "Bob")
        try DatabaseQueue(path: device.store.path).write {
            try $0.execute(sql: "UPDATE template SET sealed = (SELECT sealed FROM template ORDER BY id LIMIT 1)")
        }
        #expect(throws: EdgeStoreError.self) { try device.store.forEachTemplate(of: ModelID(rawValue: "m")) { _, _ in } }
    }

    @Test("a database without its key file opens nothing and says so")
    func withoutKey() throws {
        let device = try JoinedDevice()
        try FileManager.default.removeItem(atPath: device.folder + "/master.key")
        do {
            try device.reopen()
            Issue.record("opened")
        } catch EdgeStoreError.damaged(_, let what) {
            #expect(what.contains("master key"))
        }
    }
}
