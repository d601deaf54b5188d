import Biometrics
import Crypto
import Foundation
import GRDB
import ServiceSupport
import TestKit
import Testing
import WireModel

@testable import EdgeStore

@Suite("A damaged store")
struct DamageTests {
    private static let pageSize: Int = 4_096

    /// 200 uses under a lease, of which the hub holds the first 40; two persons.
    private func device() throws -> JoinedDevice {
        let device = try JoinedDevice()
        _ = try device.store.enrol(try JoinedDevice.template(1), label: "Ada")
        _ = try device.store.enrol(try JoinedDevice.template(-2), label: "Bob")
        try device.grant(ceiling: 10_000)
        for _ in 0..<10 { _ = try device.store.record(Array(repeating: JoinedDevice.decision(), count: 20)) }
        try device.contact(acknowledged: 43)
        return device
    }

    /// Overwrites a page of the b-tree that holds a table's rows: one in the middle of its leaves.
    private func wreck(_ device: JoinedDevice, leafOf table: String, at share: Double) throws {
        let file = try DatabaseQueue(path: device.store.path)
        try file.writeWithoutTransaction { try $0.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)") }
        let root: Int = try file.read { try Int.fetchOne($0, sql: "SELECT rootpage FROM sqlite_schema WHERE name = ?", arguments: [table])! }
        try file.close()
        device.close()
        var image: [UInt8] = [UInt8](try Data(contentsOf: URL(filePath: device.folder + "/edge.sqlite")))
        let leaves: [Int] = Self.leaves(image, root)
        let page: Int = leaves[min(leaves.count - 1, Int(Double(leaves.count) * share))]
        for index in (page - 1) * Self.pageSize..<page * Self.pageSize { image[index] = 0xA5 }
        try Data(image).write(to: URL(filePath: device.folder + "/edge.sqlite"))
    }

    /// Leaf pages under a page, in order of their keys (the file format: sqlite.org/fileformat2.html).
    private static func leaves(_ image: [UInt8], _ page: Int) -> [Int] {
        let base: Int = (page - 1) * pageSize
        let header: Int = base + (page == 1 ? 100 : 0)
        let kind: UInt8 = image[header]
        guard kind == 2 || kind == 5 else { return [page] }
        func number(_ offset: Int, _ count: Int) -> Int { (0..<count).reduce(0) { $0 << 8 | Int(image[offset + $1]) } }
        let cells: Int = number(header + 3, 2)
        let children: [Int] = (0..<cells).map { number(base + number(header + 12 + 2 * $0, 2), 4) } + [number(header + 8, 4)]
        return children.flatMap { leaves(image, $0) }
    }

    /// What a saved journal promises, whatever was lost.
    private func expectSaved(_ device: JoinedDevice, sourceLocation: SourceLocation = #_sourceLocation) throws -> DamageReport {
        let report: DamageReport = try #require(try device.store.damageReports().first, sourceLocation: sourceLocation)
        #expect(try device.store.journalFault() == nil, sourceLocation: sourceLocation)
        let entries: [JournalEntry] = try device.entries()
        #expect(entries.allSatisfy { $0.isIntact(for: device.device) }, sourceLocation: sourceLocation)
        // What is missing is said, and nothing is billed twice or made up.
        let units: Int64 = entries.reduce(0) { $0 + $1.units }
        if !report.isCountLost { #expect(units + (report.unitsLost["face.search"] ?? 0) == 200, sourceLocation: sourceLocation) }
        #expect(try device.store.conditions().map(\.condition) == [.damaged], sourceLocation: sourceLocation)
        #expect(throws: EdgeStoreError.self, sourceLocation: sourceLocation) { _ = try device.store.record([JoinedDevice.decision()]) }
        #expect(FileManager.default.fileExists(atPath: report.aside), sourceLocation: sourceLocation)
        return report
    }

    @Test("a leaf of the journal lost in the middle becomes a gap that the chain proves, with the units it cost; everything else is saved")
    func middle() throws {
        let device = try device()
        try wreck(device, leafOf: "journal", at: 0.6)
        try device.reopen()
        let report: DamageReport = try expectSaved(device)
        let gap: JournalEntry = try #require(try device.entries().first { $0.kind == .gap })
        let record: GapRecord = try JSON.value(GapRecord.self, from: gap.body ?? "")
        #expect(record.ground == .damaged && record.units == report.unitsLost)
        #expect(report.entriesLost == gap.seq - record.from + 1 && report.entriesLost > 0 && report.entriesLost < 60)
        #expect(report.unitsLost["face.search"] == report.entriesLost)
        #expect(report.personsSaved == 2)
        #expect(try device.store.persons().map(\.label) == ["Ada", "Bob"])
        var templates: Int = 0
        try device.store.forEachTemplate(of: ModelID(rawValue: "m")) { _, _ in templates += 1 }
        #expect(templates == 2)
        // It asks for another journal, and goes on in that.
        let ask: EpochRequest = try #require(try device.store.epochRequest())
        #expect(ask.ended == 1 && ask.spent == ["face.search": 200])
        try device.contact(acknowledged: 203, journal: 1)
        try device.contact(journal: 2)
        try device.grant(ceiling: 10)
        _ = try device.store.record([JoinedDevice.decision()])
        #expect(try device.store.conditions().isEmpty && device.store.epochRequest() == nil)
        #expect(try device.store.damageReports().count == 1)
        #expect(try device.store.journalFault() == nil)
    }

    @Test(
        "wherever damage falls, what reads is saved, what is lost is counted, and nothing is spent", arguments: ["journal", "journal_body"],
        [0.0, 0.1, 0.3, 1.0])
    func anywhere(table: String, share: Double) throws {
        let device = try device()
        try wreck(device, leafOf: table, at: share)
        do {
            try device.reopen()
            if try device.store.damageReports().isEmpty {
                // Too far from the end to be met at once: the full check finds it.
                #expect(throws: EdgeStoreError.self) { if let fault = try device.store.journalFault() { throw EdgeStoreError.damaged(path: "", what: fault) } }
                try device.reopen()
            }
        }
        _ = try expectSaved(device)
    }

    @Test(
        "a flipped bit in any entry is found, and that entry alone is lost",
        arguments: ["units = 7", "wall_ms = wall_ms + 1", "lease_id = NULL", "seq = seq + 100000"])
    func flipped(change: String) throws {
        let device = try device()
        try DatabaseQueue(path: device.store.path).write { database in
            let trigger: String = try String.fetchOne(database, sql: "SELECT sql FROM sqlite_schema WHERE name = 'journal_is_append_only'")!
            try database.execute(sql: "DROP TRIGGER journal_is_append_only; UPDATE journal SET \(change) WHERE seq = 150; \(trigger)")
        }
        if try device.store.journalFault() != nil { try device.store.suspect("a check") }
        try device.reopen()
        let report: DamageReport = try expectSaved(device)
        #expect(report.entriesLost == 1 && report.unitsLost == ["face.search": 1])
    }

    @Test("with its header and the journal's mark gone nothing is saved but who the device is; what was spent is not known, and is said to be so")
    func header() throws {
        let device = try device()
        _ = try device.snapshot()
        device.close()
        try FileManager.default.removeItem(atPath: device.markFile)
        let file = try FileHandle(forUpdating: URL(filePath: device.folder + "/edge.sqlite"))
        try file.write(contentsOf: Data(repeating: 0x5A, count: 4_096))
        try file.close()
        try device.reopen()
        #expect(try device.store.identity().device == device.device)
        let report: DamageReport = try #require(try device.store.damageReports().first)
        #expect(report.entriesSaved == 0 && report.isCountLost)
        #expect(try device.store.epochRequest() == EpochRequest(ended: 1, spent: nil))
        // The hub holds more than this store: after damage that is no roll-back.
        try device.contact(acknowledged: 203, journal: 1)
        #expect(try device.store.conditions().map(\.condition) == [.damaged])
        try device.contact(journal: 2)
        try device.grant(ceiling: 10)
        _ = try device.store.record([JoinedDevice.decision()])
    }

    @Test("a file cut short is recovered from like any other damage", arguments: [0.2, 0.5, 0.9])
    func truncated(share: Double) throws {
        let device = try device()
        let image: [UInt8] = try device.snapshot()
        device.close()
        try Data(image.prefix(Int(Double(image.count) * share))).write(to: URL(filePath: device.folder + "/edge.sqlite"))
        try device.reopen()
        if try device.store.damageReports().isEmpty {
            try device.store.suspect("a check")
            try device.reopen()
        }
        #expect(try device.store.identity().device == device.device)
        #expect(try device.store.journalFault() == nil)
        #expect(throws: EdgeStoreError.self) { _ = try device.store.record([JoinedDevice.decision()]) }
    }

    @Test(
        "a power cut after any step of the recovery, then another: the same store comes of it", arguments: StoreRecovery.Step.allCases,
        [StoreRecovery.Step.setAside, .rebuild, .install])
    func steps(first: StoreRecovery.Step, second: StoreRecovery.Step) throws {
        let device = try device()
        try wreck(device, leafOf: "journal", at: 0.6)
        let recovery = StoreRecovery(files: StoreFiles(directory: device.folder), clock: device.clock)
        try recovery.run(reason: "a test", through: first)
        if first < .unmark { try recovery.run(reason: "again", through: second) }
        try device.reopen()
        let report: DamageReport = try expectSaved(device)
        #expect(report.reason == "a test")
        #expect(try device.store.damageReports().count == 1)
        #expect(try device.store.persons().count == 2)
        let left: [String] = try FileManager.default.contentsOfDirectory(atPath: device.folder)
        #expect(!left.contains("edge.sqlite.suspect") && !left.contains("edge.sqlite.new") && !left.contains("master.key.new"))
        try device.reopen()
        #expect(try device.store.damageReports().count == 1)
    }

    @Test("who is erased after a recovery can be opened in no file that is left")
    func erasedAfterwards() throws {
        let device = try device()
        let old: [UInt8] = [UInt8](try Data(contentsOf: URL(filePath: device.folder + "/master.key")))
        try wreck(device, leafOf: "journal", at: 0.6)
        try device.reopen()
        let new: [UInt8] = [UInt8](try Data(contentsOf: URL(filePath: device.folder + "/master.key")))
        #expect(old != new)
        #expect(try !device.rawBytes().contains(sequence: old))
        #expect(try device.store.persons().count == 2)
    }

    @Test("a store that others have open is not set aside under them, and one that may not be recovered is left as it is")
    func inUse() throws {
        let device = try device()
        var other: EdgeStore? = try EdgeStore(directory: device.folder, clock: device.clock)
        try device.store.suspect("a check")
        #expect(throws: EdgeStoreError.self) { _ = try other?.record([JoinedDevice.decision()]) }
        #expect(throws: EdgeStoreError.self) { _ = try EdgeStore(directory: device.folder, clock: device.clock) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: device.folder).allSatisfy { !$0.contains("damaged-") })
        other = nil
        device.close()
        #expect(throws: EdgeStoreError.self) { _ = try EdgeStore(directory: device.folder, clock: device.clock, recovers: false) }
        try device.reopen()
        _ = try expectSaved(device)
    }

    @Test("planted: a copy of the identity that is another device's is not believed")
    func foreignCopy() throws {
        let (device, other) = (try device(), try JoinedDevice())
        try FileManager.default.removeItem(atPath: device.folder + "/identity.json")
        try FileManager.default.copyItem(atPath: other.folder + "/identity.json", toPath: device.folder + "/identity.json")
        try wreck(device, leafOf: "journal", at: 0.6)
        try device.reopen()
        #expect(try device.store.identity().device == device.device)
        _ = try expectSaved(device)
    }
}
