import Simulation
import Testing

/// One kind of fault at a time, in numbers.
@Suite("Clocks, disks, leases and hubs, each gone wrong by itself")
struct MixTests {
    @Test("clocks a day or ten years wrong, set back, jumping in the middle of a batch, dead after a start: nothing is gained and nothing lost")
    func clocks() async throws { try await SimulationCount(full: 200, mix: .clocks, least: 20).play() }

    @Test("a hub restored from a backup an hour or a day old has everything again once its devices have come")
    func restores() async throws { try await SimulationCount(full: 500, mix: .restores, seconds: 60).play() }

    @Test("a copied or rolled-back device is found at the first conflicting sync; the copies spend no more than a slice each")
    func copies() async throws { try await SimulationCount(full: 1_000, mix: .copies, seconds: 60).play() }

    @Test("twenty devices on one quota never spend more than it holds, whatever they spend, renew, copy, and set their clocks to")
    func leases() async throws { try await SimulationCount(full: 10_000, mix: .leases, seconds: 700, least: 5).play() }
}
