import Crypto
import EdgeStore
import Foundation
import GRDB
import ServiceSupport
import TestKit
import Testing
import WireModel

@Suite("What the journal keeps, and how long")
struct RetentionTests {
    private static func days(_ count: Int) -> Duration { .seconds(count * 86_400) }

    /// A device with a lease for long, and `count` decisions on each of `days` days; nobody is at home at the hub.
    private func device(days: Int, decisions: Int) throws -> JoinedDevice {
        let device = try JoinedDevice()
        try device.grant(ceiling: 1_000_000, for: Self.days(4_000))
        for _ in 0..<days {
            _ = try device.store.record(Array(repeating: JoinedDevice.decision(), count: decisions))
            try device.housekeep()
            device.clock.advance(by: Self.days(1))
        }
        return device
    }

    @Test("results are forgotten when their time is over, sent or not; the entries prove, and no unit is lost")
    func forgetting() throws {
        let device = try device(days: 100, decisions: 3)
        try device.housekeep()
        let entries: [JournalEntry] = try device.entries()
        let decisions: [JournalEntry] = entries.filter { $0.kind == .decision }
        #expect(decisions.count == 300)
        // Of the first eleven days: ninety days old and older.
        #expect(decisions.filter { $0.body == nil }.count == 33)
        #expect(decisions.prefix(33).allSatisfy { $0.body == nil && $0.units == 1 && $0.lease != nil })
        #expect(entries.allSatisfy { $0.isIntact(for: device.device) })
        #expect(try device.store.journalFault() == nil)
        #expect(try device.store.journalSummary().units == [.search: 300])
        // The lease stays to be read: a restored hub may need it.
        #expect(entries[0].kind == .lease && entries[0].body != nil)
    }

    @Test("what was forgotten is in none of the files")
    func gone() throws {
        let device = try JoinedDevice()
        try device.grant(ceiling: 10, for: Self.days(400))
        let person = PersonID(at: device.clock.now().wall)
        let record = DecisionRecord(
            outcome: .match, person: person, score: 0.9, threshold: 0.5, falseMatchRate: 1e-5, model: "m", refusals: [], overdraft: false)
        _ = try device.store.record([DecisionDraft(api: .search, units: 1, record: record)])
        try device.housekeep()
        #expect(try device.rawBytes().contains(sequence: Array(person.rawValue.utf8)))
        device.clock.advance(by: Self.days(91))
        try device.housekeep()
        #expect(try !device.rawBytes().contains(sequence: Array(person.rawValue.utf8)))
    }

    @Test("entries of the first version are never forgotten: their hash covers what they tell")
    func firstScheme() throws {
        let device = try JoinedDevice()
        try device.grant(ceiling: 10, for: Self.days(400))
        _ = try device.store.record([JoinedDevice.decision()])
        let file = try DatabaseQueue(path: device.store.path)
        let entry: JournalEntry = try device.entries()[1]
        let old: EntryHash = FirstScheme.hash(of: entry, device: device.device)
        try file.write { database in
            try database.execute(sql: "DROP TRIGGER journal_is_append_only")
            try database.execute(
                sql: "UPDATE journal SET body = ?, body_digest = NULL, hash = ? WHERE seq = 2", arguments: [entry.body, Data(old.bytes)])
            try database.execute(sql: "DELETE FROM journal_body WHERE seq = 2")
        }
        device.clock.advance(by: Self.days(1))
        try device.housekeep()
        device.clock.advance(by: Self.days(200))
        try device.housekeep()
        #expect(try device.entries()[1].body == entry.body)
        #expect(try device.store.journalFault() == nil)
    }

    @Test("entries that the hub holds and has backed up are dropped in time, the last thousand stay, and what is left proves")
    func dropping() throws {
        let device = try device(days: 40, decisions: 45)
        let head: JournalHead = try device.store.journalHead()
        try device.contact(acknowledged: head.seq, backedUp: head.seq)
        try device.housekeep()
        // A lease and 45 a day: those of the first eleven days are thirty days old or older.
        #expect(try device.entries().first?.seq == 11 * 45 + 2)
        device.clock.advance(by: Self.days(365))
        try device.housekeep()
        #expect(try device.entries().count == 1_000)
        #expect(try device.store.journalFault() == nil)
        let summary: JournalSummary = try device.store.journalSummary()
        #expect(summary.units == [.search: 1_800] && summary.decisions == 1_800 && summary.head.seq == head.seq)
        // The chain goes on from there.
        _ = try device.store.record([JoinedDevice.decision()])
        #expect(try device.store.journalFault() == nil)
        #expect(try device.store.journalHead().seq == head.seq + 1)
    }

    @Test("what the hub holds without a copy is kept, and so is what it has a copy of but did not say it holds", arguments: [(1_100, 0), (0, 1_100)])
    func unsafe(acknowledged: Int, backedUp: Int) throws {
        let device = try device(days: 4, decisions: 300)
        try device.contact(acknowledged: Int64(acknowledged), backedUp: Int64(backedUp))
        device.clock.advance(by: Self.days(365))
        try device.housekeep()
        #expect(try device.entries().count == 1_201)
    }

    @Test("a drop that is cut off at any row leaves a journal that proves", arguments: [1, 40])
    func cutOff(row: Int) throws {
        let device = try device(days: 3, decisions: 400)
        let head: JournalHead = try device.store.journalHead()
        try device.contact(acknowledged: head.seq, backedUp: head.seq)
        device.clock.advance(by: Self.days(60))
        try DatabaseQueue(path: device.store.path).write {
            try $0.execute(
                sql: "CREATE TRIGGER cut BEFORE DELETE ON journal WHEN OLD.seq = \(row) BEGIN SELECT RAISE(ABORT, 'cut off'); END")
        }
        #expect(throws: EdgeStoreError.self) { try device.housekeep() }
        #expect(try device.store.journalFault() == nil)
        #expect(try device.entries().count == Int(head.seq))
        try DatabaseQueue(path: device.store.path).write { try $0.execute(sql: "DROP TRIGGER cut") }
        try device.housekeep()
        #expect(try device.entries().count == 1_000)
    }

    @Test("planted: a drop whose rows stay, or whose anchor is another, is found")
    func planted() throws {
        let device = try device(days: 3, decisions: 400)
        let head: JournalHead = try device.store.journalHead()
        try device.contact(acknowledged: head.seq, backedUp: head.seq)
        device.clock.advance(by: Self.days(60))
        try device.housekeep()
        let file = try DatabaseQueue(path: device.store.path)
        try file.write { try $0.execute(sql: "UPDATE journal_state SET dropped_through = dropped_through - 1") }
        #expect(try device.store.journalFault() != nil)
        try file.write { try $0.execute(sql: "UPDATE journal_state SET dropped_through = dropped_through + 1, dropped_hash = zeroblob(32)") }
        #expect(try device.store.journalFault() != nil)
    }

    @Test("a clock that jumped ten years ahead forgets nothing once the hub has said what time it is")
    func jump() throws {
        let device = try JoinedDevice()
        try device.grant(ceiling: 100, for: Self.days(4_000))
        _ = try device.store.record([JoinedDevice.decision()])
        let real: Timestamp = device.clock.now().wall
        device.clock.shift(wall: Self.days(3_650))
        _ = try device.store.record([JoinedDevice.decision()])
        try device.housekeep()
        device.clock.shift(wall: .zero - Self.days(3_650))
        try device.contact(time: real)
        try device.housekeep()
        #expect(try device.entries().filter { $0.kind == .decision && $0.body != nil }.count == 2)
        // And what was written in the wrong year is forgotten in the right one.
        device.clock.advance(by: Self.days(91))
        try device.housekeep()
        #expect(try device.entries().allSatisfy { $0.kind != .decision || $0.body == nil })
    }
}

/// How Vultus 0.1 hashed an entry, written out again.
enum FirstScheme {
    static func hash(of entry: JournalEntry, device: DeviceID) -> EntryHash {
        var canonical = CanonicalBytes(domain: "vultus journal entry 1")
        canonical.append(device.rawValue)
        canonical.append(entry.epoch)
        canonical.append(entry.seq)
        canonical.append(entry.kind.rawValue)
        canonical.append(entry.api?.rawValue ?? "")
        canonical.append(entry.units)
        canonical.append(entry.lease?.rawValue ?? "")
        canonical.append(entry.time.milliseconds)
        canonical.append(entry.bootMilliseconds)
        canonical.append(entry.body ?? "")
        canonical.append(entry.previous.bytes)
        return EntryHash(Array(SHA256.hash(data: canonical.bytes)))!
    }
}
