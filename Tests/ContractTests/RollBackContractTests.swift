import EdgeStore
import EdgeSync
import Foundation
import HubDomain
import ServiceSupport
import TestKit
import Testing
import WireModel

@Suite("A device's disk is put back")
struct RollBackContractTests {
    /// What a disk holds, but the memory that processes share.
    private static func image(_ folder: String, to target: String) throws {
        let files = FileManager.default
        try files.createDirectory(atPath: target, withIntermediateDirectories: true)
        for name in try files.contentsOfDirectory(atPath: folder) where !name.hasSuffix("-shm") {
            try files.copyItem(atPath: folder + "/" + name, toPath: target + "/" + name)
        }
    }

    private static func isHalted(_ store: EdgeStore) throws -> Bool {
        do throws(EdgeStoreError) { _ = try store.record([decision]) } catch {
            guard case .halted = error else { throw error }
            return true
        }
        return false
    }

    @Test("the hub knows in the same sync, the operator sees and resolves it, and the device goes on and is billed", arguments: [0, 700])
    func network(unsent: Int) async throws {
        let served = try await JoinableHub()
        let store: EdgeStore = try await served.device()
        _ = try await HubSync(store: store).run()
        _ = try store.record([decision, decision])
        _ = try await HubSync(store: store).run()
        // Entries that the image has and had not sent: more than one batch of them.
        if unsent > 0 { _ = try store.record(Array(repeating: DecisionDraft(api: .search, units: 0, record: decision.record), count: unsent)) }
        try Self.image(served.folder + "/edge", to: served.folder + "/image")
        _ = try store.record([decision, decision, decision])
        _ = try await HubSync(store: store).run()
        #expect(try await served.units() == 5)

        let old = try EdgeStore(directory: served.folder + "/image", clock: SystemClock())
        let id: DeviceID = try old.identity().device
        let report: SyncReport = try await HubSync(store: old).run()
        #expect(report.roundTrips == 2)
        #expect(try old.conditions().map(\.condition) == [.quarantined, .rolledBack])
        let fork: DeviceFork = try #require(try await served.hub.forks().first)
        #expect(fork.device == id && fork.code == .journalRolledBack)
        #expect(fork.evidence.map(\.seq) == [try old.journalHead().seq])
        #expect(try Self.isHalted(old))
        #expect(try await HubSync(store: old).run().roundTrips == 1)

        _ = try await served.hub.resolveFork(id, .newEpoch, reason: "an old image was put back", by: .test)
        _ = try await HubSync(store: old).run()
        #expect(try old.conditions().isEmpty)
        #expect(try old.journalHead().epoch == 2)
        for _ in 0..<4 { _ = try old.record([decision]) }
        _ = try await HubSync(store: old).run()
        #expect(try await served.units() == 9)
        #expect(try await served.hub.forks().isEmpty)
        #expect(try await served.hub.verify().flatMap(\.faults).isEmpty)
        #expect(try old.journalFault() == nil)
    }

    @Test("the same by file: the answer shows it, the next export tells it, and the file after the resolution sets the device going")
    func file() async throws {
        let served = try await JoinableHub()
        let store: EdgeStore = try await served.device()
        _ = try await HubSync(store: store).run()
        try Self.image(served.folder + "/edge", to: served.folder + "/image")
        _ = try store.record([decision, decision, decision])
        _ = try await HubSync(store: store).run()

        let old = try EdgeStore(directory: served.folder + "/image", clock: SystemClock())
        func carry() async throws {
            let (request, answer): (String, String) = (served.folder + "/stick.sync", served.folder + "/stick.answer")
            _ = try FileSync(store: old).export(to: request)
            _ = try await served.hub.importFile(request, answer: answer, by: .test)
            _ = try await FileSync(store: old).importAnswer(answer)
        }
        try await carry()
        #expect(try old.conditions().map(\.condition) == [.rolledBack])
        #expect(try await served.hub.forks().isEmpty)
        try await carry()
        #expect(try old.conditions().map(\.condition) == [.quarantined, .rolledBack])
        #expect(try await served.hub.forks().map(\.code) == [.journalRolledBack])
        _ = try await served.hub.resolveFork(try old.identity().device, .newEpoch, reason: "an old image was put back", by: .test)
        try await carry()
        #expect(try old.conditions().isEmpty)
        try await carry()
        _ = try old.record([decision, decision])
        try await carry()
        #expect(try await served.units() == 5)
        #expect(try await served.hub.verify().flatMap(\.faults).isEmpty)
    }
}
