import Crypto
import EdgeStore
import Foundation
import GRDB
import ServiceSupport
import TestKit
import Testing
import WireModel

@Suite("What bars a device")
struct ConditionTests {
    private func bar(_ device: JoinedDevice) throws -> StoredCondition? {
        do {
            _ = try device.store.record([JoinedDevice.decision()])
            return nil
        } catch EdgeStoreError.halted(let state) {
            return state.condition
        }
    }

    @Test("a hub that holds more of the journal than the device does: an old copy; nothing is spent until there is a new journal, over restarts")
    func rolledBack() throws {
        let device = try JoinedDevice()
        try device.grant(ceiling: 100)
        for _ in 0..<3 { _ = try device.store.record([JoinedDevice.decision()]) }
        try device.contact(acknowledged: 4)
        #expect(try bar(device) == nil)
        try device.contact(acknowledged: 9)
        #expect(try bar(device) == .rolledBack)
        #expect(try device.store.syncState().acknowledgedThrough == 4)
        try device.reopen()
        // Not even a hub that says otherwise, nor a new lease, ends it.
        try device.grant(ceiling: 200, acknowledged: 5)
        #expect(try bar(device) == .rolledBack)
        try device.contact(journal: 2)
        #expect(try device.store.conditions().isEmpty)
        try device.grant(ceiling: 5)
        #expect(try bar(device) == nil)
        #expect(try device.store.journalHead().epoch == 2)
    }

    @Test("a copy that was put back is known at its first contact, whatever it did meanwhile short of passing the hub", arguments: [0, 1, 5])
    func copyPutBack(spent: Int) throws {
        let device = try JoinedDevice()
        try device.grant(ceiling: 100)
        for _ in 0..<3 { _ = try device.store.record([JoinedDevice.decision()]) }
        let (copy, mark): ([UInt8], [UInt8]) = (try device.snapshot(), try device.mark())
        for _ in 0..<10 { _ = try device.store.record([JoinedDevice.decision()]) }
        let hub: Int64 = try device.store.journalHead().seq
        try device.contact(acknowledged: hub)
        try device.putBack(copy, mark: mark)
        for _ in 0..<spent { _ = try device.store.record([JoinedDevice.decision()]) }
        try device.contact(acknowledged: hub)
        #expect(try bar(device) == .rolledBack)
    }

    @Test("a quarantined device spends nothing until the hub says no more of it")
    func quarantine() throws {
        let device = try JoinedDevice()
        try device.grant(ceiling: 100)
        try device.contact(quarantine: .journalFork)
        #expect(try bar(device) == .quarantined)
        try device.reopen()
        #expect(try bar(device) == .quarantined)
        try device.contact()
        #expect(try bar(device) == nil)
    }

    @Test("a new journal begins at entry 1 with leases and counts anew; the old one stays to be read, and what the hub lacks of it is kept")
    func newJournal() throws {
        let device = try JoinedDevice()
        try device.grant(ceiling: 100)
        for _ in 0..<5 { _ = try device.store.record([JoinedDevice.decision()]) }
        try device.contact(acknowledged: 3, backedUp: 3, journal: 2)
        #expect(throws: EdgeStoreError.self) { _ = try device.store.record([JoinedDevice.decision()]) }
        // Watermarks of an answer that names another journal speak of that one.
        #expect(try device.store.conditions().map(\.condition) == [.rolledBack])
        let second = try JoinedDevice()
        try second.grant(ceiling: 100)
        for _ in 0..<5 { _ = try second.store.record([JoinedDevice.decision()]) }
        try second.contact(journal: 2)
        try second.grant(ceiling: 7)
        let entry: JournalEntry = try second.store.record([JoinedDevice.decision()])[0]
        #expect((entry.epoch, entry.seq) == (2, 2))
        #expect(try second.entries()[0].previous == .genesis)
        #expect(try second.store.leases()[0].remaining == 6)
        #expect(try second.store.journalSummary().units == [.search: 1])
        #expect(try second.store.journalFault() == nil)
        #expect(try second.store.entries(after: 0, epoch: 1, limit: 100, bytes: .max).count == 6)
        second.clock.advance(by: .seconds(400 * 86_400))
        try second.housekeep()
        #expect(try second.store.entries(after: 0, epoch: 1, limit: 100, bytes: .max).count == 6)
    }

    @Test("an answer that names an earlier journal moves nothing back")
    func earlierJournal() throws {
        let device = try JoinedDevice()
        try device.contact(journal: 3)
        try device.grant(ceiling: 5)
        _ = try device.store.record([JoinedDevice.decision()])
        try device.contact(acknowledged: 1, journal: 2)
        #expect(try device.store.journalHead().epoch == 3)
        #expect(try device.store.syncState().acknowledgedThrough == 0)
        #expect(try bar(device) == nil)
    }

    @Test("a lease is journaled as the hub signed it, before its first use")
    func leaseEntry() throws {
        let device = try JoinedDevice()
        try device.grant(ceiling: 3)
        _ = try device.store.record([JoinedDevice.decision()])
        try device.grant(ceiling: 6)
        let entries: [JournalEntry] = try device.entries()
        #expect(entries.map(\.kind) == [.lease, .decision, .lease])
        let event: LeaseEvent = try JSON.value(LeaseEvent.self, from: entries[2].body ?? "")
        #expect((event.kind, event.api, event.spent) == (.installed, .search, 1))
        #expect(event.lease?.open(with: device.hubKey.publicKey)?.ceiling == 6)
        #expect(entries[1].lease == (try JSON.value(LeaseEvent.self, from: entries[0].body ?? "")).lease?.open(with: device.hubKey.publicKey)?.id)
    }

    @Test("planted: where the lease's entry does not reach the disk, nothing is spent from it")
    func plantedLeaseEntry() throws {
        let device = try JoinedDevice()
        try DatabaseQueue(path: device.store.path).write {
            try $0.execute(sql: "CREATE TRIGGER planted BEFORE INSERT ON journal WHEN NEW.kind = 'lease' BEGIN SELECT RAISE(IGNORE); END")
        }
        #expect(throws: EdgeStoreError.self) {
            try device.grant(ceiling: 3)
            _ = try device.store.record([JoinedDevice.decision()])
        }
        #expect(try device.store.journalSummary().units.isEmpty)
    }

    @Test("a lease given back is gone, with its entry, and is not taken again")
    func returned() throws {
        let device = try JoinedDevice()
        try device.grant(ceiling: 5)
        _ = try device.store.record([JoinedDevice.decision()])
        #expect(try device.store.returnLease(of: .search) == 4)
        #expect(try device.store.leases().isEmpty)
        #expect(throws: EdgeStoreError.self) { _ = try device.store.record([JoinedDevice.decision()]) }
        let last: JournalEntry = try #require(try device.entries().last)
        let event: LeaseEvent = try JSON.value(LeaseEvent.self, from: last.body ?? "")
        #expect((event.kind, event.api, event.spent) == (.returned, .search, 1))
        #expect(try device.store.returnLease(of: .search) == nil)
        try device.grant(ceiling: 9)
        #expect(try device.store.leases()[0].remaining == 8)
    }

    @Test("within the grace a use goes through and says that it was late; after it none does")
    func grace() throws {
        let device = try JoinedDevice()
        try device.grant(ceiling: 10, for: .seconds(3_600), grace: .seconds(600))
        #expect(try device.store.record([JoinedDevice.decision()])[0].body?.contains("late") == false)
        device.clock.advance(by: .seconds(3_600))
        #expect(try device.store.record([JoinedDevice.decision()])[0].body?.contains("\"late\":true") == true)
        #expect(try device.store.leases()[0].isLate)
        device.clock.advance(by: .seconds(600))
        #expect(throws: EdgeStoreError.self) { _ = try device.store.record([JoinedDevice.decision()]) }
    }

    @Test("a counter that was changed around the program is found before anything is spent by it")
    func counter() throws {
        let device = try JoinedDevice()
        try device.grant(ceiling: 10)
        _ = try device.store.record([JoinedDevice.decision()])
        let file = try DatabaseQueue(path: device.store.path)
        try file.write { try $0.execute(sql: "UPDATE spending SET units = 0") }
        #expect(throws: EdgeStoreError.self) { _ = try device.store.record([JoinedDevice.decision()]) }
        // The mark beside the database knows the count; without it, it is lost.
        try device.reopen()
        #expect(try device.store.damageReports().first?.isCountLost == false)
        #expect(try device.store.epochRequest() == EpochRequest(ended: 1, spent: ["face.search": 1]))
        let copy = try JoinedDevice()
        try copy.grant(ceiling: 10)
        _ = try copy.store.record([JoinedDevice.decision()])
        try DatabaseQueue(path: copy.store.path).write { try $0.execute(sql: "UPDATE spending SET units = 0") }
        copy.close()
        try FileManager.default.removeItem(atPath: copy.markFile)
        try copy.reopen()
        #expect(throws: EdgeStoreError.self) { _ = try copy.store.record([JoinedDevice.decision()]) }
        #expect(try copy.store.damageReports().first?.isCountLost == true)
        let second = try JoinedDevice()
        try DatabaseQueue(path: second.store.path).write { try $0.execute(sql: "UPDATE sync_state SET acknowledged_through = 1") }
        #expect(throws: EdgeStoreError.self) { try second.store.syncState() }
    }
}
