import Foundation
import TestKit
import Testing

@Suite("SIGKILL of the hub at enumerated system calls", .serialized)
struct HubJournalKillTests {
    private static let kills: Int = FullTests.count(2_000)

    @Test("what the hub acknowledged it holds, and every entry is billed once, whichever write, fsync or send it is killed at")
    func killed() async throws {
        let seed: UInt64 = SeededGenerator.wantedSeed
        print("NOTICE: kill points of seed \(seed); repeat them with VULTUS_SEED=\(seed)")
        let hub = try await KilledHubJournal(seed: seed)
        print("NOTICE: system calls of the hub: \(hub.summary); \(hub.sites.count) sites")
        for number in 0..<Self.kills {
            let faults: [String] = try await hub.strike(number) + (number % 50 == 49 ? hub.inspect() : [])
            #expect(faults.isEmpty, "seed \(seed), \(faults.joined(separator: "; "))")
        }
        #expect(hub.met > Self.kills * 9 / 10, "only \(hub.met) of \(Self.kills) kills met the hub at work")
        print("NOTICE: \(Self.kills) kills of the hub, \(hub.met) of them at their call")
    }

    @Test("a hub that answers before it keeps, or keeps twice, is found", arguments: Planted.allCases)
    func planted(fault: Planted) async throws {
        let hub = try await KilledHubJournal(seed: 1)
        await hub.world.stopHub()
        try fault.plant(in: hub.world)
        try await hub.world.startHub(environment: hub.control.environment)
        var faults: [String] = []
        for number in 0..<16 where faults.isEmpty { faults = (try? await hub.strike(number)) ?? ["the device cannot sync any more"] }
        #expect(!faults.isEmpty, "\(fault) was not found")
    }

    enum Planted: String, CaseIterable {
        /// Every other entry is acknowledged and not kept.
        case acknowledgementBeforeCommit
        /// An entry that comes again is booked again.
        case dedupSkipped

        func plant(in world: World) throws {
            let path: String = world.hubFolder + "/hub.sqlite"
            switch self {
            case .acknowledgementBeforeCommit:
                try PlantedSQL.run(
                    """
                    CREATE TRIGGER planted AFTER INSERT ON journal_entry WHEN NEW.seq % 7 = 0
                    BEGIN DELETE FROM journal_entry WHERE device_id = NEW.device_id AND seq = NEW.seq; END
                    """, in: path)
            case .dedupSkipped:
                try PlantedSQL.run(
                    """
                    DROP INDEX metering_record_by_entry;
                    CREATE TRIGGER planted_place AFTER UPDATE OF head_seq ON device WHEN NEW.head_seq % 2 = 0
                    BEGIN UPDATE device SET head_seq = OLD.head_seq, head_hash = OLD.head_hash WHERE id = NEW.id; END;
                    CREATE TRIGGER planted_again BEFORE INSERT ON journal_entry
                    BEGIN DELETE FROM journal_entry WHERE device_id = NEW.device_id AND epoch = NEW.epoch AND seq = NEW.seq; END
                    """, in: path)
            }
        }
    }
}
