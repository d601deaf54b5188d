import Foundation
import Simulation
import TestKit
import Testing
import WireModel

/// How many seeds of a mix a run of the tests plays, and by whom: the optimised program where there is one, otherwise this
/// unoptimised test, a hundred times fewer.
struct SimulationCount {
    /// With `VULTUS_FULL_TESTS`; a tenth otherwise.
    let full: UInt64
    let mix: SimulationMix

    private static let isFull: Bool = ProcessInfo.processInfo.environment["VULTUS_FULL_TESTS"] != nil
    private static let wanted: UInt64? = ProcessInfo.processInfo.environment["VULTUS_SEED"].flatMap(UInt64.init)
    private static let program: String = "vultus-simulation"

    private static var hasProgram: Bool { FileManager.default.isExecutableFile(atPath: Program.folder + "/" + program) }

    private var count: UInt64 { max(10, (Self.isFull ? full : full / 10) / (Self.hasProgram ? 1 : 100)) }

    /// Plays them and expects no violation. With `VULTUS_SEED`, that one, told step by step.
    func play() async throws {
        if let seed = Self.wanted {
            let outcome: Simulation.Outcome = try await SimulationCrew(mix).replay(seed)
            #expect(outcome.violations == [])
            return
        }
        let first: UInt64 = SeededGenerator.wantedSeed * 1_000_000
        let result: SimulationCrew.Result = try await run(first, count: count)
        print("NOTICE: simulation, \(mix.name), from seed \(first): \(result.summary)\(Self.hasProgram ? "" : ", unoptimised")")
        for failure in result.failures { Issue.record("\(failure.report)") }
        #expect(result.seeds == Int(count))
    }

    /// Looks for a planted fault, at fixed seeds.
    func find(_ fault: PlantedFault, within seeds: UInt64) async throws {
        let result: SimulationCrew.Result = try await run(0, count: seeds, planted: fault)
        print("NOTICE: planted in simulation, \(fault.name): found after \(result.seeds) seeds: \(result.failures.first?.violations.first ?? "never")")
        #expect(!result.failures.isEmpty, "\(fault.name)")
    }

    private func run(_ first: UInt64, count: UInt64, planted: PlantedFault? = nil) async throws -> SimulationCrew.Result {
        guard Self.hasProgram else {
            return try await SimulationCrew(mix).run(first..<first + count, planted: planted, stopsAtFailure: planted != nil)
        }
        let arguments: [String] = ["--mix", mix.name, "--first", "\(first)", "--count", "\(count)", "--json"]
        let outcome: Outcome = try await Program.run(Self.program, arguments + (planted.map { ["--planted", $0.name] } ?? []))
        guard outcome.status == 0 else { throw ProgramFailed(errors: outcome.errors) }
        return try JSON.value(SimulationCrew.Result.self, from: outcome.output)
    }

    struct ProgramFailed: Error {
        let errors: String
    }
}
