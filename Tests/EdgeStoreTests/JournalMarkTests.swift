import Foundation
import GRDB
import ServiceSupport
import TestKit
import Testing
import WireModel

@testable import EdgeStore

@Suite("The mark of how far the journal went")
struct JournalMarkTests {
    /// Five uses that the store keeps and ten that it loses, of which the hub holds none, or the first eight entries.
    private func shortened(acknowledged: Int64 = 0) throws -> (device: JoinedDevice, end: JournalHead) {
        let device = try JoinedDevice()
        try device.grant(ceiling: 100)
        for _ in 0..<5 { _ = try device.store.record([JoinedDevice.decision()]) }
        let image: [UInt8] = try device.snapshot()
        for _ in 0..<10 { _ = try device.store.record([JoinedDevice.decision()]) }
        if acknowledged > 0 { try device.contact(acknowledged: acknowledged) }
        let end: JournalHead = try device.store.journalHead()
        try device.putBack(image)
        return (device, end)
    }

    @Test("a database that lost its end, or alone was put back, is found when it is opened: a gap to the end that was, and every unit is named")
    func lostEnd() throws {
        let (device, end): (JoinedDevice, JournalHead) = try shortened()
        let report: DamageReport = try #require(try device.store.damageReports().first)
        #expect(report.reason == "the journal ends with entry 6 and went to entry 16")
        #expect(report.entriesSaved == 6 && report.entriesLost == 10 && report.unitsLost == ["face.search": 10] && !report.isCountLost)
        #expect(try device.store.conditions().map(\.condition) == [.damaged])
        #expect(throws: EdgeStoreError.self) { _ = try device.store.record([JoinedDevice.decision()]) }
        #expect(try device.store.journalHead() == end)
        let gap: JournalEntry = try #require(try device.entries().last)
        #expect(
            try JSON.value(GapRecord.self, from: gap.body ?? "") == GapRecord(from: 7, ground: .damaged, units: ["face.search": 10], spent: ["face.search": 15])
        )
        #expect(try device.store.journalFault() == nil)
        #expect(try device.store.epochRequest() == EpochRequest(ended: 1, spent: ["face.search": 15]))
        // Once, not whenever it is opened.
        try device.reopen()
        #expect(try device.store.damageReports().count == 1)
        try device.contact(acknowledged: 16, journal: 1)
        try device.contact(journal: 2)
        try device.grant(ceiling: 10)
        _ = try device.store.record([JoinedDevice.decision()])
        try device.reopen()
        #expect(try device.store.conditions().isEmpty && device.store.damageReports().count == 1)
    }

    @Test("what the hub held of the lost end, unknown to the store that is left, is no roll-back")
    func heldByHub() throws {
        let (device, _): (JoinedDevice, JournalHead) = try shortened(acknowledged: 8)
        try device.contact(acknowledged: 8)
        #expect(try device.store.conditions().map(\.condition) == [.damaged])
        #expect(try device.store.epochRequest()?.spent == ["face.search": 15])
    }

    @Test("with the header gone nothing is saved, and still everything that was spent is named")
    func header() throws {
        let device = try JoinedDevice()
        try device.grant(ceiling: 100)
        for _ in 0..<5 { _ = try device.store.record([JoinedDevice.decision()]) }
        let end: JournalHead = try device.store.journalHead()
        var image: [UInt8] = try device.snapshot()
        image.replaceSubrange(0..<4_096, with: repeatElement(0x5A, count: 4_096))
        try device.putBack(image)
        let report: DamageReport = try #require(try device.store.damageReports().first)
        #expect(report.entriesSaved == 0 && report.entriesLost == 6 && report.unitsLost == ["face.search": 5] && !report.isCountLost)
        #expect(try device.store.journalHead() == end)
        #expect(try device.store.journalFault() == nil)
    }

    @Test("a store from before its journal began goes on in the journal that the mark names")
    func earlierJournal() throws {
        let device = try JoinedDevice()
        try device.grant(ceiling: 100)
        _ = try device.store.record([JoinedDevice.decision()])
        let image: [UInt8] = try device.snapshot()
        try device.contact(journal: 2)
        try device.grant(ceiling: 100)
        for _ in 0..<3 { _ = try device.store.record([JoinedDevice.decision()]) }
        try device.putBack(image)
        #expect(try device.store.damageReports().first?.reason == "journal 2 is missing")
        #expect(try device.store.epochRequest() == EpochRequest(ended: 2, spent: ["face.search": 3]))
        #expect(try device.store.journalHead().epoch == 2 && device.store.journalFault() == nil)
    }

    enum Mark: CaseIterable { case missing, empty, torn, older, foreign }

    @Test("a mark that is missing, torn, older or another device's is no fault, and is made anew", arguments: Mark.allCases)
    func harmless(mark: Mark) throws {
        let (device, other) = (try JoinedDevice(), try JoinedDevice())
        try device.grant(ceiling: 100)
        try other.grant(ceiling: 100)
        let older: [UInt8] = try device.mark()
        for _ in 0..<5 {
            _ = try device.store.record([JoinedDevice.decision()])
            for _ in 0..<2 { _ = try other.store.record([JoinedDevice.decision()]) }
        }
        let image: [UInt8] = try device.snapshot()
        device.close()
        let file = URL(filePath: device.markFile)
        switch mark {
        case .missing: try FileManager.default.removeItem(at: file)
        case .empty: try Data().write(to: file)
        case .torn: try Data(try device.mark().map { $0 == 0 ? 0 : $0 ^ 1 }).write(to: file)
        case .older: try Data(older).write(to: file)
        case .foreign: try Data(try other.mark()).write(to: file)
        }
        try device.reopen()
        #expect(try device.store.damageReports().isEmpty && device.store.conditions().isEmpty)
        // And it watches again.
        _ = try device.store.record([JoinedDevice.decision()])
        try device.putBack(image)
        #expect(try device.store.damageReports().first?.entriesLost == 1)
    }

    @Test("of two slots the one that is whole counts: the newest write lost in a power cut leaves the one before")
    func tornSlot() throws {
        let device = try JoinedDevice()
        try device.grant(ceiling: 100)
        let image: [UInt8] = try device.snapshot()
        for _ in 0..<3 { _ = try device.store.record([JoinedDevice.decision()]) }
        let whole: [UInt8] = try device.mark()
        let left: [Int64] = try (0...1).map { slot in
            var mark: [UInt8] = whole
            mark[slot * 4_096 + 100] ^= 1
            try Data(mark).write(to: URL(filePath: device.markFile))
            return device.store.journalMarks.newest()?.head.seq ?? 0
        }
        #expect(left.sorted() == [3, 4])
        try Data(whole).write(to: URL(filePath: device.markFile))
        try device.putBack(image)
        #expect(try device.store.damageReports().first?.entriesLost == 3)
    }

    @Test("it is never ahead: what is refused moves it not, and processes that share a store move it on, never back")
    func neverAhead() throws {
        let device = try JoinedDevice()
        try device.grant(ceiling: 3)
        let other = try EdgeStore(directory: device.folder, clock: device.clock)
        _ = try device.store.record([JoinedDevice.decision()])
        let behind: JournalMark = try #require(device.store.journalMarks.newest())
        _ = try other.record([JoinedDevice.decision(), JoinedDevice.decision()])
        #expect(device.store.journalMarks.newest()?.head == (try device.store.journalHead()))
        device.store.journalMarks.advance(to: behind)
        #expect(throws: EdgeStoreError.self) { _ = try device.store.record([JoinedDevice.decision(), JoinedDevice.decision()]) }
        let mark: JournalMark = try #require(device.store.journalMarks.newest())
        #expect(try mark.head == device.store.journalHead() && mark.spent == ["face.search": 3])
    }

    @Test("a history that was written in the place of another is found")
    func otherHistory() throws {
        let device = try JoinedDevice()
        try device.grant(ceiling: 100)
        let (image, old): ([UInt8], [UInt8]) = (try device.snapshot(), try device.mark())
        _ = try device.store.record([JoinedDevice.decision()])
        let mark: [UInt8] = try device.mark()
        try device.putBack(image, mark: old)
        device.clock.advance(by: .seconds(1))
        for _ in 0..<2 { _ = try device.store.record([JoinedDevice.decision()]) }
        let next: [UInt8] = try device.snapshot()
        try device.putBack(next, mark: mark)
        #expect(try device.store.damageReports().first?.reason == "entry 2 is another than was written")
    }

    @Test("a power cut after any step of the recovery leaves the mark's word", arguments: StoreRecovery.Step.allCases)
    func steps(step: StoreRecovery.Step) throws {
        let device = try JoinedDevice()
        try device.grant(ceiling: 100)
        let image: [UInt8] = try device.snapshot()
        for _ in 0..<4 { _ = try device.store.record([JoinedDevice.decision()]) }
        device.close()
        for suffix in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: device.folder + "/edge.sqlite" + suffix) }
        try Data(image).write(to: URL(filePath: device.folder + "/edge.sqlite"))
        let recovery = StoreRecovery(files: StoreFiles(directory: device.folder), clock: device.clock)
        try recovery.run(reason: "a test", through: step)
        if step < .unmark { try recovery.run(reason: "again", through: step) }
        try device.reopen()
        #expect(try device.store.damageReports().map(\.unitsLost) == [["face.search": 4]])
        try device.reopen()
        #expect(try device.store.damageReports().count == 1)
    }
}
