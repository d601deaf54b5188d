import EdgeStore
import HubDomain
import ServiceSupport
import TestKit
import WireModel

/// One seed: everything that happens in it follows from the number.
package struct Simulation: Sendable {
    package struct Outcome: Sendable, Codable {
        package let seed: UInt64
        package let violations: [String]
        package let trace: [String]
        package let tally: SimulationTally

        /// For whoever looks for the fault.
        package var report: String {
            "seed \(seed) (VULTUS_SEED=\(seed) replays it):\n  " + (violations + ["--"] + trace).joined(separator: "\n  ")
        }
    }

    package let seed: UInt64
    package let mix: SimulationMix
    package var planted: PlantedFault?
    package var isTalking: Bool = false

    package init(seed: UInt64, mix: SimulationMix = .everything, planted: PlantedFault? = nil, isTalking: Bool = false) {
        self.seed = seed
        self.mix = mix
        self.planted = planted
        self.isTalking = isTalking
    }

    /// - Parameter templates: one of each of the terms.
    package func run(_ templates: [SimulationTemplate]) async throws -> Outcome {
        var random = SeededGenerator(seed: seed)
        let template: SimulationTemplate = templates.randomElement(using: &random)!
        let count: Int = Int.random(in: mix.devices, using: &random)
        let world = try await SimulatedWorld(template, devices: count, planted: planted, isTalking: isTalking)
        do {
            for _ in 0..<Int.random(in: mix.steps, using: &random) { try await mix.step(world, &random) }
            try await world.finish()
            if seed.isMultiple(of: 64) { try await world.verify() }
        } catch {
            world.oracle.blame("\(error)")
        }
        await world.close()
        world.tally.seeds = 1
        world.tally.uses = world.oracle.uses.count
        world.tally.forks = world.oracle.forked.count
        return Outcome(seed: seed, violations: world.oracle.violations, trace: world.trace, tally: world.tally)
    }
}

extension SimulatedWorld {
    /// A quiet end: clocks right, network good, everything sent; then the books are compared.
    func finish() async throws {
        pass(.seconds(60))
        for device in devices {
            let wrong: Duration = hubClock.now().wall.since(device.clock.now().wall)
            if wrong != .zero { shift(device, by: wrong) }
            try await sync(device)
        }
        for device in devices {
            if let fault = try device.store.journalFault() { oracle.blame("\(device.name)'s journal: \(fault)") }
        }
        try await oracle.compare(hub, template: template)
    }

    /// The hub's own check of everything (I6).
    func verify() async throws {
        for check in try await hub.verify() where !check.faults.isEmpty { oracle.blame("I6: \(check.name): \(check.faults)") }
    }
}
