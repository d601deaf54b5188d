import Foundation
import GRDB
import ServiceSupport
import TestKit
import Testing
import WireModel

@testable import EdgeStore

@Suite("A journal that is full")
struct RoomTests {
    private func limit(_ device: JoinedDevice, _ bytes: Int64) throws {
        let standard = DeviceConfiguration.standard
        let configuration = DeviceConfiguration(
            version: 1, contactMilliseconds: standard.contactMilliseconds, resultRetentionDays: standard.resultRetentionDays, storeBytes: bytes,
            links: .any, bytesPerDay: nil, targetFalseMatchRate: nil)
        try device.store.write { try device.store.save($0, configuration) }
    }

    private func fill(_ device: JoinedDevice, pictures: Int) throws -> EdgeStoreError? {
        for _ in 0..<pictures {
            do {
                _ = try device.store.record(Array(repeating: JoinedDevice.decision(), count: 100))
            } catch {
                return error
            }
        }
        return nil
    }

    @Test("results go first; when nothing is left to drop a use is refused clearly, nothing is overwritten, and a sync makes room")
    func full() throws {
        let device = try JoinedDevice()
        try device.grant(ceiling: 1_000_000, for: .seconds(4_000 * 86_400))
        #expect(try fill(device, pictures: 20) == nil)
        try limit(device, try device.store.room().used + 65_536)
        var refusal: EdgeStoreError?
        for _ in 0..<200 where refusal == nil {
            refusal = try fill(device, pictures: 1)
            try device.housekeep()
        }
        guard case .journalFull(let used, let allowed)? = refusal else { throw refusal ?? EdgeStoreError.absent("refusal") }
        #expect(used >= allowed)
        #expect(refusal?.problem.code == .storeFull && refusal?.problem.remedy.contains("sync") == true)
        let entries: [JournalEntry] = try device.entries()
        let units: Int64 = entries.reduce(0) { $0 + $1.units }
        #expect(entries.allSatisfy { $0.kind != .decision || $0.body == nil })
        #expect(try device.store.journalSummary().units == [.search: units] && units > 2_000)
        #expect(try device.store.journalFault() == nil)
        // An erasure is never refused.
        try limit(device, 1 << 30)
        let person: PersonID = try device.store.enrol(try JoinedDevice.template(), label: "Ada").person
        try limit(device, 1)
        #expect(throws: EdgeStoreError.self) { try device.store.enrol(try JoinedDevice.template(-2), label: "Bob") }
        #expect(try device.store.erase(person))
        // Room comes with the hub.
        let head: Int64 = try device.store.journalHead().seq
        try limit(device, allowed)
        try device.contact(acknowledged: head, backedUp: head)
        try device.housekeep()
        _ = try device.store.record([JoinedDevice.decision()])
        #expect(try device.store.journalSummary().units == [.search: units + 1])
        #expect(try device.store.journalFault() == nil)
    }

    @Test("runs of health reports are thinned into gaps that prove; a single one between decisions stays")
    func thinning() throws {
        let device = try JoinedDevice()
        try device.grant(ceiling: 1_000, for: .seconds(4_000 * 86_400))
        for _ in 0..<10 {
            device.clock.advance(by: .seconds(3_600))
            try device.store.noteHealth(states: ["fresh"])
        }
        _ = try device.store.record([JoinedDevice.decision()])
        device.clock.advance(by: .seconds(3_600))
        try device.store.noteHealth(states: ["fresh"])
        _ = try device.store.record([JoinedDevice.decision()])
        #expect(try device.entries().map(\.kind).filter { $0 == .health }.count == 11)
        try limit(device, 1)
        try device.housekeep()
        let entries: [JournalEntry] = try device.entries()
        #expect(entries.map(\.kind) == [.lease, .gap, .decision, .health, .decision])
        #expect(entries[1].gap == GapRecord(from: 2, ground: .thinned, units: [:]) && entries[1].seq == 11)
        #expect(try device.store.journalFault() == nil)
    }

    @Test("a health report comes once an hour, and when what it says has changed")
    func health() throws {
        let device = try JoinedDevice()
        try device.store.noteHealth(states: ["fresh"])
        try device.store.noteHealth(states: ["fresh"])
        device.clock.advance(by: .seconds(120))
        try device.store.noteHealth(states: ["lease_spent"])
        try device.store.noteHealth(states: ["fresh"])
        #expect(try device.entries().count == 2)
        device.clock.advance(by: .seconds(3_600))
        try device.store.noteHealth(states: ["lease_spent"])
        #expect(try device.entries().map(\.kind) == [.health, .health, .health])
        let record: HealthRecord = try JSON.value(HealthRecord.self, from: try device.entries()[1].body ?? "")
        #expect(record.states == ["lease_spent"] && record.storeBytes > 0 && record.freeBytes > 0)
    }
}
