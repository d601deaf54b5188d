import Simulation
import TestKit
import Testing

@Suite("Requests that come more than once, and late")
struct RepeatTests {
    @Test("every request two to ten times, overtaking each other within a hundred entries: each entry is in the books once")
    func repeats() async throws {
        let seed: UInt64 = SeededGenerator.wantedSeed
        let entries: Int64 = SimulationProgram.count(100_000)
        let result: RepeatedDelivery.Result =
            SimulationProgram.isThere
            ? try await SimulationProgram.run(RepeatedDelivery.Result.self, ["repeats", "--seed", "\(seed)", "--entries", "\(entries)", "--json"])
            : try await RepeatedDelivery(seed: seed, entries: entries).run()
        print("NOTICE: repeats of seed \(seed): \(result.entries) entries in \(result.deliveries) deliveries, \(result.duplicates) duplicates")
        #expect(result.violations == [], "seed \(seed)")
        #expect(result.entries >= entries)
        #expect(result.duplicates > 3 * Int(entries))
    }
}
