import Foundation
import TestKit
import Testing

@Suite("ENOSPC and EIO at every system call that writes", .serialized)
struct DiskRefusalTests {
    /// All of them, or from a seeded one on every so many that some 75 are left: a tenth of 500 and more. An odd step meets each
    /// cause in turn.
    private static func chosen<Element>(_ all: [Element], seed: UInt64) -> [Element] {
        guard !FullTests.isOn else { return all }
        let step: Int = max(3, all.count / 75 | 1)
        return all.enumerated().filter { $0.offset % step == Int(seed % UInt64(step)) }.map(\.element)
    }

    @Test("a device's command says what the disk refused, loses nothing that it answered, and works again once the disk does")
    func agent() async throws {
        let seed: UInt64 = SeededGenerator.wantedSeed
        let agent = try KilledAgent(seed: seed, counting: .files)
        try await agent.open()
        let all: [(KilledAgent.Step, Fault)] = KilledAgent.Step.allCases.flatMap { step in
            Fault.refusals(calls: agent.calls[step] ?? 0).map { (step, $0) }
        }
        let chosen: [(KilledAgent.Step, Fault)] = Self.chosen(all, seed: seed)
        for (step, fault) in chosen {
            let faults: [String] = try await agent.strike(step, fault)
            #expect(faults.isEmpty, "seed \(seed), \(faults.joined(separator: "; "))")
        }
        let faults: [String] = try await agent.inspect()
        #expect(faults.isEmpty, "\(faults.joined(separator: "; "))")
        #expect(agent.met > chosen.count * 9 / 10)
        print("NOTICE: \(agent.summary); \(agent.sites.count) sites; \(chosen.count) of \(all.count) refusals, \(agent.met) met; said: \(agent.complaints)")
        #expect(all.count >= 500)
    }

    @Test("a hub answers what its disk refused, keeps what it acknowledged, bills nothing twice, and goes on once the disk does")
    func hub() async throws {
        let seed: UInt64 = SeededGenerator.wantedSeed
        let hub = try await KilledHubJournal(seed: seed, counting: .files)
        let all: [(fault: Fault, atStart: Bool)] =
            Fault.refusals(calls: hub.calls.sync).map { ($0, false) } + Fault.refusals(calls: hub.calls.start).map { ($0, true) }
        let chosen: [(fault: Fault, atStart: Bool)] = Self.chosen(all, seed: seed)
        for (fault, atStart) in chosen {
            let faults: [String] = try await hub.strike(fault, atStart: atStart)
            #expect(faults.isEmpty, "seed \(seed), \(faults.joined(separator: "; "))")
        }
        let faults: [String] = try await hub.inspect()
        #expect(faults.isEmpty, "\(faults.joined(separator: "; "))")
        #expect(hub.met > chosen.count * 8 / 10)
        print("NOTICE: \(hub.summary); \(hub.sites.count) sites; \(chosen.count) of \(all.count) refusals, \(hub.met) met; said: \(hub.complaints)")
    }

    @Test("a sync for which nothing fits on the disk says so before it sends anything, over the network and by file; status names the state; then all goes on")
    func noRoom() async throws {
        let world = try World(.sqlite)
        try await world.open()
        try await world.join()
        try await world.edge(["sync"])
        try await world.edge(["identify", World.picture("obama.jpg")])
        let full: [String] = ["/usr/bin/env", "LD_PRELOAD=\(try FaultLibrary.compiled.get())", "VULTUS_FAULT_NO_ROOM=1"]
        let file: String = world.folder + "/request"
        for command in [["sync"], ["export", file]] {
            let refused: Outcome = try await world.edge(command, wrapper: full)
            #expect(refused.status != 0 && refused.code == "store_full", "\(command): \(refused.output) \(refused.errors)")
        }
        #expect(!FileManager.default.fileExists(atPath: file))
        #expect(try await world.counts().hub == 0)
        #expect(try await world.edge(["status"], wrapper: full).output.contains("disk_full"))
        #expect(try await world.edge(["sync"]).status == 0)
        #expect(try await world.counts().hub == 1)
    }

    @Test("an answer or a charge that is not kept is found under refusals too", arguments: [AgentKillTests.Planted.answerBeforeCommit, .leaseNotPersisted])
    func planted(fault: AgentKillTests.Planted) async throws {
        let agent = try KilledAgent(seed: 1, counting: .files)
        try await agent.open()
        try await fault.plant(in: agent.world)
        var faults: [String] = []
        for refusal in Fault.refusals(calls: 4) where faults.isEmpty { faults = try await agent.strike(.identify, refusal) }
        #expect(!faults.isEmpty, "\(fault) was not found")
    }
}
