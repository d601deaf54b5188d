import EdgeAgent
import EdgeStore
import EdgeSync
import FacePipeline
import Foundation
import HubDomain
import Logging
import ServiceSupport
import Synchronization
import TestKit
import Testing
import WireModel

@Suite("Health and announcements, between agent and hub")
struct HealthContractTests {
    private static let search = DecisionDraft(api: .search, units: 0, record: decision.record)

    @Test("a running agent tells how it is: decisions, machine, what waits; and shows what the hub announces, until it is withdrawn")
    func agent() async throws {
        let served = try await JoinableHub()
        let store: EdgeStore = try await served.device()
        _ = try await HubSync(store: store).run()
        for _ in 0..<3 { _ = try store.record([Self.search]) }
        let announcement: Announcement = try await served.hub.announce(
            [.en: PublicText(title: "Fire drill", body: "At noon."), .zh: PublicText(title: "消防演习", body: "中午。")], to: Announcement.devices, begins: nil,
            ends: nil, by: .test)
        let health = AgentHealth(store: store, model: "m")
        let service = SyncService(
            store: store, policy: SyncPolicy(interval: .seconds(1)),
            commands: RemoteCommandExecutor(store: store, models: .failure(.missingDirectory("none")), isAgent: true), restart: {}, health: health,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let id: DeviceID = try store.identity().device
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await service.run() }
            while try await served.hub.deviceHealth(id) == nil || store.announcements().isEmpty { try await Task.sleep(for: .milliseconds(20)) }
            try await served.hub.withdrawAnnouncement(announcement.id, by: .test)
            while try !store.announcements().isEmpty { try await Task.sleep(for: .milliseconds(20)) }
            group.cancelAll()
        }
        let series: HealthSeries = try await served.hub.health(of: id, since: served.hub.now().advanced(by: .seconds(-600)))
        #expect(series[.unknown].reduce(0) { $0 + $1.mean * Double($1.count) } == 3)
        // Several syncs, and one report: the next is not due for a minute.
        #expect(series[.memory].reduce(0) { $0 + $1.count } == 1)
        #expect(series[.memory].allSatisfy { (0...1).contains($0.mean) } && (series[.agentMemory].first?.mean ?? 0) > 1_000_000)
        #expect((series[.diskFree].first?.mean ?? 0) > 0 && abs(series[.clockOffset].first?.mean ?? 99_999) < 5_000)
        #expect(try await served.hub.fleetDevice(id).health?.vitals?.model == "m")
    }

    @Test("how a device is, is told once a minute, rarely where bytes are counted, and again after a sync that did not arrive")
    func pace() async throws {
        let clock = ManualClock.startingNow()
        let served = try await JoinableHub(clock: clock)
        let store: EdgeStore = try await served.device(clock: clock)
        let asked = Mutex(0)
        let sync = try HubSync(store: store) {
            asked.withLock { $0 += 1 }
            return try? store.healthRecord(states: ["fresh"], decisions: nil, vitals: nil)
        }
        func minutes(_ count: Int) async throws -> Int {
            let before: Int = asked.withLock { $0 }
            for _ in 0..<count * 2 {
                clock.advance(by: .seconds(30))
                _ = try await sync.run()
            }
            return asked.withLock { $0 } - before
        }
        #expect(try await minutes(10) == 10)
        let id: DeviceID = try store.identity().device
        _ = try await served.hub.configureDevice(id, by: .test) { $0.bytesPerDay = 1_000_000 }
        _ = try await minutes(1)
        #expect(try await minutes(60) == 4)
        #expect(try await served.hub.health(of: id, since: served.hub.now().advanced(by: .seconds(-7_200)))[.diskFree].count >= 14)
        // A revoked device's sync is refused: what it would have told is not taken for told.
        _ = try await served.hub.configureDevice(id, by: .test) { $0.bytesPerDay = 0 }
        _ = try await minutes(1)
        _ = try await served.hub.revokeDevice(id, by: .test)
        clock.advance(by: .seconds(120))
        let before: Int = asked.withLock { $0 }
        for _ in 0..<2 { await #expect(throws: (any Error).self) { try await sync.run() } }
        #expect(asked.withLock { $0 } == before + 2)
    }
}
