import EdgeStore
import EdgeSync
import Foundation
import GRDB
import HubClient
import HubStorage
import ServiceSupport
import Synchronization
import TestKit
import Testing
import WireModel

/// The oracle must see what it is there for: each fault is planted in a real database, and the same weather runs over it.
@Suite("Planted faults that the chaos suite finds", .serialized)
struct PlantedFaultTests {
    /// Some exchanges with lost and repeated ones, then calm, then the books.
    private static func violations(
        through door: (ChaosWorld, HubDoor) -> any HubLink = { $1 }, _ plant: (ChaosWorld, ChaosDevice) async throws -> Void
    ) async throws -> [String] {
        let world = try await ChaosWorld(seed: 7)
        let device: ChaosDevice = try await world.device("edge")
        try await plant(world, device)
        let link = ChaosLink(door(world, HubDoor(hub: world.served.hub, device: device.id)), seed: 7, chances: .init(lostAnswer: 0.3, duplicate: 0.3))
        let sync = try HubSync(store: device.store, link: link)
        for _ in 0..<20 {
            try world.use(device, faces: 1 + world.draw(4))
            _ = try? await sync.run()
        }
        return try await world.violationsAfterCalm()
    }

    private static func edge(_ device: ChaosDevice, _ sql: String) throws {
        try DatabaseQueue(path: device.store.path).write { try $0.execute(sql: sql) }
    }

    @Test("without a fault there is none")
    func none() async throws {
        #expect(try await Self.violations { _, _ in } == [])
    }

    @Test("dedup skipped: what comes twice is billed twice", .enabled(if: TestEngine.current == .sqlite))
    func dedupSkipped() async throws {
        let found: [String] = try await Self.violations(through: { ForgetfulLink(door: $1, database: $0.served.database) }) { world, _ in
            // No key keeps the hub from billing an entry again.
            try await world.served.database.execute("DROP INDEX IF EXISTS metering_record_by_entry")
        }
        #expect(found.contains { $0.hasPrefix("I2") }, "\(found)")
    }

    @Test("acknowledged before it was committed: what the device forgets is nowhere", .enabled(if: TestEngine.current == .sqlite))
    func acknowledgedBeforeCommit() async throws {
        let found: [String] = try await Self.violations { world, _ in
            // The answer is made, and every seventh row does not stay.
            try await world.served.database.execute(
                "CREATE TRIGGER drops BEFORE INSERT ON journal_entry WHEN new.seq % 7 = 0 BEGIN SELECT RAISE(IGNORE); END")
        }
        #expect(found.contains { $0.hasPrefix("I1") }, "\(found)")
    }

    @Test("acknowledged by a hub that never had it: entries are never sent again")
    func acknowledgedUnseen() async throws {
        let found: [String] = try await Self.violations(through: { EagerLink(door: $1) }) { _, _ in }
        #expect(found.contains { $0.hasPrefix("I1") }, "\(found)")
    }

    @Test("the watermark saved without the answer: the store knows that it did not write that itself")
    func watermarkWithoutAnswer() async throws {
        await #expect {
            _ = try await Self.violations { _, device in
                try Self.edge(
                    device,
                    """
                    CREATE TRIGGER runs_ahead AFTER INSERT ON journal WHEN new.seq % 5 = 0 BEGIN
                        UPDATE sync_state SET acknowledged_through = new.seq;
                    END
                    """)
            }
        } throws: { if case EdgeStoreError.damaged = $0 { true } else { false } }
    }

    @Test("a unit billed beside the journal: the sums differ", .enabled(if: TestEngine.current == .sqlite))
    func billedTwice() async throws {
        let found: [String] = try await Self.violations { world, _ in
            try await world.served.database.execute(
                "CREATE TRIGGER rounds AFTER INSERT ON metering_record WHEN new.seq % 3 = 0 BEGIN UPDATE metering_record SET units = units + 1 WHERE id = new.id; END"
            )
        }
        #expect(found.contains { $0.hasPrefix("I4") }, "\(found)")
    }
}

/// A faulty hub: a request that comes again meets one that does not know it.
private actor ForgetfulLink: HubLink {
    private let door: HubDoor
    private let database: TestDatabase
    private var last: JournalHead?

    init(door: HubDoor, database: TestDatabase) { (self.door, self.database) = (door, database) }

    func sync(_ request: SyncRequest) async throws(HubClientError) -> SyncResponse {
        if request.head == last, let first = request.entries.first {
            do { try await forget(from: first) } catch { throw .misbehaved(hub: "planted", status: 500, what: "\(error)") }
        }
        last = request.head
        return try await door.sync(request)
    }

    private func forget(from first: JournalEntry) async throws {
        let hash: String = first.previous.bytes.map { String(format: "%02x", $0) }.joined()
        for sql in [
            "UPDATE device SET head_seq = \(first.seq - 1), head_hash = X'\(hash)'", "DELETE FROM journal_entry WHERE seq >= \(first.seq)",
            "UPDATE metering_record SET id = id || hex(randomblob(8)) WHERE seq >= \(first.seq)",
        ] { try await database.execute(sql) }
    }
}

/// A faulty hub: every fifth answer acknowledges what it has not written.
private final class EagerLink: HubLink {
    private let door: HubDoor
    private let last = Mutex<(count: Int, answer: SyncResponse?)>((0, nil))

    init(door: HubDoor) { self.door = door }

    func sync(_ request: SyncRequest) async throws(HubClientError) -> SyncResponse {
        let former: SyncResponse? = last.withLock {
            $0.count += 1
            return $0.count.isMultiple(of: 5) && !request.entries.isEmpty ? $0.answer : nil
        }
        if let former { return former.acknowledging(request.head.seq) }
        let answer: SyncResponse = try await door.sync(request)
        last.withLock { $0.answer = answer }
        return answer
    }
}

extension SyncResponse {
    fileprivate func acknowledging(_ seq: Int64) -> SyncResponse {
        SyncResponse(
            answers: [], journalEpoch: journalEpoch, acknowledgedThrough: seq, backedUpThrough: backedUpThrough, leases: [], refusals: [],
            hubEpoch: hubEpoch, time: time, clockSkewMilliseconds: clockSkewMilliseconds)
    }
}
