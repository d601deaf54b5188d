import Foundation
import TestKit
import Testing

/// The whole of the demo, joining and invoices too, with kills by time; `AgentKillTests` and `HubJournalKillTests` kill at each system call.
@Suite("SIGKILL at random moments of the demo", .serialized)
struct KillTests {
    /// Points at which something is killed, in all.
    private static let points: Int = FullTests.count(200)
    private static let pointsPerDemo: Int = 5

    @Test("the demo's counts stay equal when the agent or the hub is killed at any point and started again")
    func demo() async throws {
        let seed: UInt64 = SeededGenerator.wantedSeed
        print("NOTICE: kill points of seed \(seed); repeat them with VULTUS_SEED=\(seed)")
        var random = SeededGenerator(seed: seed)
        var kills: Int = 0
        var cutShort: Int = 0
        while kills < Self.points {
            let demo = try KilledDemo(random: random)
            try await demo.run(kills: Self.pointsPerDemo)
            random = demo.random
            kills += Self.pointsPerDemo
            cutShort += demo.cutShort
            let counts = try await demo.world.counts()
            #expect(counts.edge == counts.hub && counts.hub == counts.invoice, "seed \(seed): \(counts)")
            #expect(counts.edge >= demo.answersSeen, "seed \(seed): an answer was given that is not in the journal")
            #expect(try await demo.world.edge(["doctor"]).status == 0, "seed \(seed)")
            let trace = try await demo.world.operate("invoice", World.account, "--trace", "face.search/v1").json() as? [[String: Any]] ?? []
            #expect(trace.allSatisfy { $0["isIntact"] as? Bool == true })
            #expect(Set(trace.compactMap { $0["seq"] as? Int }).count == trace.count)
        }
        // A test whose kills all come too late tests nothing.
        #expect(cutShort > Self.points / 5, "only \(cutShort) of \(kills) kills met a running program")
        print("NOTICE: \(kills) kills, \(cutShort) of them met a running command")
    }
}

/// The demo's steps on a world of their own, in which processes die.
private final class KilledDemo {
    let world: World
    var random: SeededGenerator
    private(set) var cutShort: Int = 0
    /// Decisions that were printed: each must be in the journal.
    private(set) var answersSeen: Int = 0

    private enum Step: CaseIterable {
        case join, enrol, identifyFirst, syncFirst, identifyOffline, syncLast, invoice
    }

    init(random: SeededGenerator) throws {
        self.random = random
        world = try World()
    }

    func run(kills: Int) async throws {
        try await world.open()
        var plan: [Step: Int] = [:]
        for _ in 0..<kills { plan[Step.allCases.randomElement(using: &random)!, default: 0] += 1 }
        let token: String = try await world.token()
        for step in Step.allCases {
            for _ in 0..<(plan[step] ?? 0) { try await disturbed(step, token: token) }
            // Started again, undisturbed, it does its work: nothing a kill left behind may stand in its way.
            let outcome: Outcome = try await perform(step, token: token) { _ in }
            #expect(outcome.status == 0, "\(step): \(outcome.status) \(outcome.output) \(outcome.errors)")
        }
    }

    /// One attempt in which either the command or the hub dies.
    private func disturbed(_ step: Step, token: String) async throws {
        let isLong: Bool = step == .identifyFirst || step == .identifyOffline
        let moment = Duration.milliseconds(Int.random(in: 2...(isLong ? 250 : 80), using: &random))
        let killsHub: Bool = step != .identifyOffline && Bool.random(using: &random)
        let outcome: Outcome = try await perform(step, token: token) { command in
            try await Task.sleep(for: moment)
            if killsHub { await world.killHub() } else { kill(command, SIGKILL) }
        }
        if outcome.status < 0 || (killsHub && outcome.status > 0) { cutShort += 1 }
        if killsHub { try await world.startHub() }
    }

    private func perform(_ step: Step, token: String, during: (pid_t) async throws -> Void) async throws -> Outcome {
        switch step {
        case .join:
            return try await world.edge(["join", world.hub?.url ?? "", "--token", token], during: during)
        case .enrol:
            return try await world.edge(["enrol", "Ada", World.picture("obama.jpg")], during: during)
        case .identifyFirst:
            return try await identify(["obama2.jpg", "biden.jpg"], during: during)
        case .identifyOffline:
            await world.stopHub()
            let outcome: Outcome = try await identify(["obama3.jpg", "astronaut.png"], during: during)
            try await world.startHub()
            return outcome
        case .syncFirst, .syncLast:
            return try await world.edge(["sync"], during: during)
        case .invoice:
            return try await world.operate(["invoice", World.account], during: during)
        }
    }

    private func identify(_ names: [String], during: (pid_t) async throws -> Void) async throws -> Outcome {
        let outcome: Outcome = try await world.edge(["identify"] + names.map(World.picture), during: during)
        answersSeen += outcome.output.split(separator: "\n").count { $0.contains("\"outcome\":\"match\"") || $0.contains("\"outcome\":\"unknown\"") }
        return outcome
    }
}
