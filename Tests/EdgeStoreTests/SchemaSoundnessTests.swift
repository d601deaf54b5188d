import Biometrics
import Foundation
import GRDB
import TestKit
import Testing
import WireModel

@testable import EdgeStore

@Suite("A store whose schema was damaged")
struct SchemaSoundnessTests {
    private func device() throws -> JoinedDevice {
        let device = try JoinedDevice()
        _ = try device.store.enrol(try JoinedDevice.template(1), label: "Ada")
        try device.grant(ceiling: 100)
        for _ in 0..<5 { _ = try device.store.record([JoinedDevice.decision()]) }
        return device
    }

    /// Changes the text of the schema behind SQLite's back, and closes the device.
    private func rewrite(_ device: JoinedDevice, _ change: String) throws {
        let file = try DatabaseQueue(path: device.store.path)
        try file.writeWithoutTransaction { try $0.execute(sql: "PRAGMA writable_schema = ON; \(change); PRAGMA wal_checkpoint(TRUNCATE)") }
        try file.close()
        device.close()
    }

    @Test(
        "a column of another name, a trigger that is gone, a constraint that holds no more: found when it is opened, never read; what reads is carried over",
        arguments: [
            ("UPDATE sqlite_schema SET sql = replace(sql, 'sealed_label', 'sealed_labem') WHERE name = 'person'", "table person"),
            ("UPDATE sqlite_schema SET sql = replace(sql, 'token_fingerprint', 'token_fingerpri.t') WHERE name = 'identity'", "the database file"),
            ("UPDATE sqlite_schema SET sql = replace(sql, 'CREATE', 'CRE@TE') WHERE name = 'person'", "the database file"),
            ("UPDATE sqlite_schema SET name = 'qerson' WHERE name = 'person'", "the database file"),
            ("UPDATE sqlite_schema SET sql = replace(sql, 'request_pem', 'request_pen') WHERE name = 'identity'", "table identity"),
            ("UPDATE sqlite_schema SET sql = replace(sql, 'boot_ms', 'boot_mr') WHERE name = 'clock'", "table clock"),
            ("UPDATE sqlite_schema SET sql = replace(sql, 'wall_ms', 'vall_ms') WHERE name = 'journal'", "table journal"),
            ("UPDATE sqlite_schema SET sql = replace(sql, 'units >= 0', 'units <= 0') WHERE name = 'journal'", "table journal"),
            ("UPDATE sqlite_schema SET sql = replace(sql, 'BEFORE', 'AFTER ') WHERE name = 'journal_is_append_only'", "trigger journal_is_append_only"),
            ("DELETE FROM sqlite_schema WHERE name = 'journal_keeps_what_is_needed'", "trigger journal_keeps_what_is_needed"),
            ("DELETE FROM sqlite_schema WHERE name = 'template_by_person'", "index template_by_person"),
            ("PRAGMA user_version = 5", "the schema:"),
        ])
    func changed(change: String, finding: String) throws {
        let device = try device()
        try rewrite(device, change)
        do {
            _ = try EdgeStore(directory: device.folder, clock: device.clock, recovers: false)
            Issue.record("\(change) was not found")
        } catch EdgeStoreError.damaged(_, let what) {
            #expect(what.contains(finding), "\(what)")
        }
        try device.reopen()
        let report: DamageReport = try #require(try device.store.damageReports().first)
        #expect(try device.store.identity().device == device.device)
        #expect(try device.store.persons().map(\.label) == ["Ada"])
        // What the journal holds, or is said to have held: nothing is spent in silence.
        let units: Int64 = try device.entries().reduce(0) { $0 + $1.units } + (report.unitsLost["face.search"] ?? 0)
        #expect(!report.isCountLost && units == 5)
        #expect(try FileManager.default.contentsOfDirectory(atPath: device.folder).filter { $0.contains("repaired") }.isEmpty)
    }

    @Test("what others add is theirs: a trigger, a table, statistics")
    func added() throws {
        let device = try device()
        try DatabaseQueue(path: device.store.path).writeWithoutTransaction {
            try $0.execute(
                sql:
                    "CREATE TABLE another (x); CREATE TRIGGER another_one AFTER INSERT ON journal BEGIN DELETE FROM another; END; ANALYZE; PRAGMA wal_checkpoint(TRUNCATE)"
            )
        }
        device.close()
        try device.reopen()
        #expect(try device.store.damageReports().isEmpty)
        #expect(try device.store.persons().map(\.label) == ["Ada"])
    }

    @Test("bits of the schema's pages flip: the device opens, or says that it does not, and never stops the program")
    func flipped() throws {
        var random = SeededGenerator(seed: SeededGenerator.wantedSeed)
        let device = try device()
        let head: JournalHead = try device.store.journalHead()
        try rewrite(device, "SELECT 1")
        let image: [UInt8] = [UInt8](try Data(contentsOf: URL(filePath: device.folder + "/edge.sqlite")))
        // Pages of text about the tables: the schema's tree, wherever it lies.
        let pages: [Int] = stride(from: 0, to: image.count, by: 4_096).filter { start in
            image[start..<min(start + 4_096, image.count)].firstRange(of: Array("CREATE ".utf8)) != nil
        }
        var outcomes: [String: Int] = [:]
        var kept: Int = 0
        for _ in 0..<FullTests.count(2_000) {
            let folder: String = FileManager.default.temporaryDirectory.appending(path: "vultus-schema-\(UUID().uuidString)").path
            try FileManager.default.copyItem(atPath: device.folder, toPath: folder)
            defer { try? FileManager.default.removeItem(atPath: folder) }
            var bytes: [UInt8] = image
            let at: Int = pages.randomElement(using: &random)! + Int.random(in: 0..<4_096, using: &random)
            let bit: UInt8 = UInt8.random(in: 0..<8, using: &random)
            bytes[at] ^= 1 << bit
            try Data(bytes).write(to: URL(filePath: folder + "/edge.sqlite"))
            do {
                let store = try EdgeStore(directory: folder, clock: device.clock)
                let isTold: Bool = try !store.damageReports().isEmpty
                outcomes[isTold ? "recovered" : "harmless", default: 0] += 1
                let persons: Int = try store.persons().count
                #expect(isTold || persons == 1, "byte \(at), bit \(bit): a person is gone in silence")
                if persons == 1 { kept += 1 }
                #expect(try isTold || store.journalHead() == head, "byte \(at), bit \(bit): entries are gone in silence")
            } catch {
                outcomes[Problem(describing: error).code.rawValue, default: 0] += 1
            }
        }
        print("NOTICE: bits of the schema flipped: \(outcomes); in \(kept) the person is kept")
        #expect(outcomes["recovered"] ?? 0 > 0 && outcomes["harmless"] ?? 0 > 0)
    }
}
