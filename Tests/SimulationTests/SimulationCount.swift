import Foundation
import Simulation
import TestKit
import Testing

/// How many seeds of a mix a run of the tests plays.
struct SimulationCount {
    /// With `VULTUS_FULL_TESTS`; a tenth otherwise.
    let full: Int64
    let mix: SimulationMix
    /// Without `VULTUS_FULL_TESTS` no seed is begun after so many seconds; and at least so many seeds there are in them.
    let seconds: Int
    let least: Int

    init(full: Int64, mix: SimulationMix, seconds: Int = 20, least: Int = 10) {
        (self.full, self.mix, self.seconds, self.least) = (full, mix, seconds, least)
    }

    private static let wanted: UInt64? = ProcessInfo.processInfo.environment["VULTUS_SEED"].flatMap(UInt64.init)

    /// Plays them and expects no violation. With `VULTUS_SEED`, that one, told step by step.
    func play() async throws {
        if let seed = Self.wanted {
            let outcome: Simulation.Outcome = try await SimulationCrew(mix).replay(seed)
            #expect(outcome.violations == [])
            return
        }
        let first: UInt64 = SeededGenerator.wantedSeed * 1_000_000
        let count = UInt64(max(10, SimulationProgram.count(full)))
        let result: SimulationCrew.Result = try await run(first, count: count, limit: SimulationProgram.isFull ? nil : seconds)
        print("NOTICE: simulation, \(mix.name), from seed \(first): \(result.summary)\(SimulationProgram.isThere ? "" : ", unoptimised")")
        for failure in result.failures { Issue.record("\(failure.report)") }
        #expect(result.seeds >= (SimulationProgram.isFull ? Int(count) : min(least, Int(count))))
    }

    /// Looks for a planted fault, at fixed seeds.
    func find(_ fault: PlantedFault, within seeds: UInt64) async throws {
        let result: SimulationCrew.Result = try await run(0, count: seeds, planted: fault)
        print("NOTICE: planted in simulation, \(fault.name): found after \(result.seeds) seeds: \(result.failures.first?.violations.first ?? "never")")
        #expect(!result.failures.isEmpty, "\(fault.name)")
    }

    private func run(_ first: UInt64, count: UInt64, planted: PlantedFault? = nil, limit: Int? = nil) async throws -> SimulationCrew.Result {
        guard SimulationProgram.isThere else {
            return try await SimulationCrew(mix).run(
                first..<first + count, planted: planted, limit: limit.map { .seconds($0) }, stopsAtFailure: planted != nil)
        }
        let arguments: [String] =
            ["seeds", "--mix", mix.name, "--first", "\(first)", "--count", "\(count)", "--json"] + (limit.map { ["--seconds", "\($0)"] } ?? [])
        return try await SimulationProgram.run(SimulationCrew.Result.self, arguments + (planted.map { ["--planted", $0.name] } ?? []))
    }
}
