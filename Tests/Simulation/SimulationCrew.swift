import Foundation
import Synchronization

/// Runs seeds on all cores at once.
package struct SimulationCrew: Sendable {
    package struct Result: Sendable, Codable {
        package var tally = SimulationTally()
        package var failures: [Simulation.Outcome] = []
        package var seconds: Double = 0

        package var seeds: Int { tally.seeds }

        package var summary: String {
            """
            \(tally.seeds) seeds: \(tally.uses) uses, \(tally.clockFaults) wrong clocks, \(tally.copies) disks copied or put back, \(tally.forks) forks found, \
            \(tally.restores) hubs restored; \(String(format: "%.1f", Double(tally.seeds) / max(seconds, 0.001))) seeds/s
            """
        }
    }

    /// Which seed is next, and whether any is wanted.
    private final class Queue: Sendable {
        private let next: Mutex<(seed: UInt64, isOver: Bool)>
        private let end: UInt64
        private let deadline: ContinuousClock.Instant?

        init(_ seeds: Range<UInt64>, limit: Duration?) {
            next = Mutex((seeds.lowerBound, false))
            end = seeds.upperBound
            deadline = limit.map { .now + $0 }
        }

        func take() -> UInt64? {
            next.withLock { next in
                guard !next.isOver, next.seed < end, deadline.map({ .now < $0 }) ?? true else { return nil }
                defer { next.seed += 1 }
                return next.seed
            }
        }

        func close() { next.withLock { $0.isOver = true } }
    }

    private let templates: [SimulationTemplate]

    private let mix: SimulationMix

    package init(_ mix: SimulationMix) async throws {
        self.mix = mix
        var templates: [SimulationTemplate] = []
        for terms in mix.terms { templates.append(try await SimulationTemplate(terms, devices: mix.devices.upperBound, hasSynced: true)) }
        self.templates = templates
    }

    /// - Parameters:
    ///   - limit: no seed is begun after so long.
    ///   - stopsAtFailure: for a fault that must be found: enough is enough.
    package func run(
        _ seeds: Range<UInt64>, planted: PlantedFault? = nil, limit: Duration? = nil, stopsAtFailure: Bool = false
    ) async throws -> Result {
        let (templates, mix): ([SimulationTemplate], SimulationMix) = (templates, mix)
        let begun = Date()
        let queue = Queue(seeds, limit: limit)
        var total: Result = try await withThrowingTaskGroup(of: Result.self) { group in
            for _ in 0..<ProcessInfo.processInfo.activeProcessorCount {
                group.addTask {
                    var part = Result()
                    while let seed = queue.take() {
                        let outcome: Simulation.Outcome = try await Simulation(seed: seed, mix: mix, planted: planted).run(templates)
                        part.tally += outcome.tally
                        guard !outcome.violations.isEmpty else { continue }
                        if part.failures.count < 3 { part.failures.append(outcome) }
                        if stopsAtFailure { queue.close() }
                    }
                    return part
                }
            }
            var total = Result()
            for try await part in group {
                total.tally += part.tally
                total.failures += part.failures
            }
            return total
        }
        total.seconds = Date().timeIntervalSince(begun)
        return total
    }

    /// One seed, told step by step.
    package func replay(_ seed: UInt64, planted: PlantedFault? = nil) async throws -> Simulation.Outcome {
        try await Simulation(seed: seed, mix: mix, planted: planted, isTalking: true).run(templates)
    }
}
