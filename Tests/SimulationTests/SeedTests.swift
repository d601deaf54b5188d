import Simulation
import Testing

@Suite("The seeded simulation")
struct SeedTests {
    @Test("whatever the network, the clocks and the power do, the hub's books are what devices recorded: to the unit and the millionth")
    func seeds() async throws { try await SimulationCount(full: 100_000, mix: .everything, seconds: 1_500, least: 20).play() }

    @Test("a planted fault is found", arguments: PlantedFault.all)
    func planted(fault: PlantedFault) async throws { try await SimulationCount(full: 0, mix: .everything).find(fault, within: 500) }
}
