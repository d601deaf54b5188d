import EdgeStore
import Foundation
import TestKit
import Testing

@Suite("SIGKILL of the agent at enumerated system calls", .serialized)
struct AgentKillTests {
    private static let kills: Int = FullTests.count(2_000)

    @Test("what was printed is journaled, and what is journaled is billed once, whichever write, fsync, rename or send a command is killed at")
    func killed() async throws {
        let seed: UInt64 = SeededGenerator.wantedSeed
        print("NOTICE: kill points of seed \(seed); repeat them with VULTUS_SEED=\(seed)")
        let agent = try KilledAgent(seed: seed)
        try await agent.open()
        print("NOTICE: system calls of each command: \(agent.summary); \(agent.sites.count) sites")
        for number in 0..<Self.kills {
            let faults: [String] = try await agent.strike(number) + (number % 25 == 24 ? agent.inspect() : [])
            #expect(faults.isEmpty, "seed \(seed), \(faults.joined(separator: "; "))")
        }
        #expect(agent.met > Self.kills * 9 / 10, "only \(agent.met) of \(Self.kills) kills met a running command")
        print("NOTICE: \(Self.kills) kills of the agent, \(agent.met) of them at their call")
    }

    @Test("a store that forgets what it should keep is found", arguments: Planted.allCases)
    func planted(fault: Planted) async throws {
        let agent = try KilledAgent(seed: 1)
        try await agent.open()
        try await fault.plant(in: agent.world)
        var faults: [String] = []
        for number in 0..<10 where faults.isEmpty { faults = try await agent.strike(number) }
        #expect(!faults.isEmpty, "\(fault) was not found")
    }

    /// Faults put into the files, as triggers: the programs are the real ones.
    enum Planted: String, CaseIterable {
        /// The answer comes, the entry does not stay.
        case answerBeforeCommit
        /// What the lease was charged is forgotten.
        case leaseNotPersisted
        /// The device's own place is forgotten: it believes more was acknowledged than was.
        case acknowledgementBeforeReceipt
        /// The hub books an entry as often as it comes.
        case dedupSkipped

        func plant(in world: World) async throws {
            let edge: String = world.folder + "/edge/edge.sqlite"
            let hub: String = world.hubFolder + "/hub.sqlite"
            switch self {
            case .answerBeforeCommit:
                try PlantedSQL.run(
                    """
                    CREATE TRIGGER planted AFTER INSERT ON journal_body WHEN NEW.seq % 2 = 0
                    BEGIN
                        UPDATE sync_state SET acknowledged_through = acknowledged_through + 1000000, backed_up_through = backed_up_through + 1000000;
                        DELETE FROM journal_body WHERE epoch = NEW.epoch AND seq = NEW.seq;
                        DELETE FROM journal WHERE epoch = NEW.epoch AND seq = NEW.seq;
                        UPDATE sync_state SET acknowledged_through = acknowledged_through - 1000000, backed_up_through = backed_up_through - 1000000;
                    END
                    """, in: edge)
            case .leaseNotPersisted:
                try PlantedSQL.run(
                    """
                    CREATE TRIGGER planted BEFORE INSERT ON spending
                    WHEN EXISTS (SELECT 1 FROM spending WHERE epoch = NEW.epoch AND api = NEW.api)
                    BEGIN SELECT RAISE(IGNORE); END
                    """, in: edge)
            case .acknowledgementBeforeReceipt:
                try PlantedSQL.run(
                    """
                    CREATE TRIGGER planted AFTER INSERT ON journal
                    BEGIN UPDATE sync_state SET acknowledged_through = NEW.seq; END
                    """, in: edge)
            case .dedupSkipped:
                try PlantedSQL.run(
                    """
                    DROP INDEX metering_record_by_entry;
                    CREATE TRIGGER planted_again AFTER INSERT ON metering_record WHEN NEW.device_id IS NOT NULL AND NEW.id NOT LIKE '%again'
                    BEGIN
                        INSERT INTO metering_record (id, account_id, device_id, epoch, seq, api, units, state, used_ms, booked_ms, price_id, currency, amount)
                        VALUES (NEW.id || 'again', NEW.account_id, NEW.device_id, NEW.epoch, NEW.seq, NEW.api, NEW.units, NEW.state, NEW.used_ms,
                            NEW.booked_ms, NEW.price_id, NEW.currency, NEW.amount);
                    END
                    """, in: hub)
            }
        }
    }
}
