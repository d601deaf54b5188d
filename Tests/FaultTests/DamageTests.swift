import Foundation
import TestKit
import Testing

@Suite("Damage to a store", .serialized)
struct DamageTests {
    @Test("bits and ends lost in a device's database or log are found and reported, or harm nothing: no unit is billed or lost in silence")
    func device() async throws {
        try await damage(.device)
    }

    @Test("bits and ends lost in the hub's database or log are found, or harm nothing: no unit is billed or lost in silence")
    func hub() async throws {
        try await damage(.hub)
    }

    private func damage(_ side: DamagedPair.Side) async throws {
        let seed: UInt64 = SeededGenerator.wantedSeed
        let pair = try await DamagedPair(seed: seed)
        var outcomes: [String: Int] = [:]
        for number in 0..<FaultCount.of(1_000) {
            let (damage, verdict): (String, DamagedPair.Verdict) = try await pair.strike(side)
            switch verdict {
            case .harmless: outcomes["harmless", default: 0] += 1
            case .found(let what): outcomes[what, default: 0] += 1
            case .silent(let what): Issue.record("seed \(seed), \(number), \(damage): \(what)")
            }
        }
        let found: Int = outcomes.values.reduce(0, +) - (outcomes["harmless"] ?? 0)
        print("NOTICE: \(side) damaged, seed \(seed): \(found) found, \(outcomes["harmless"] ?? 0) harmless; \(outcomes)")
        #expect(found > FaultCount.of(1_000) / 4, "damage that nothing meets tests nothing")
    }

    @Test("a hub that bills otherwise than it was told, and says nothing, is found", arguments: DamagedPair.Plant.allCases)
    func planted(plant: DamagedPair.Plant) async throws {
        let pair = try await DamagedPair(seed: 1)
        guard case .silent = try await pair.judge(plant: plant) else {
            Issue.record("\(plant) was not found")
            return
        }
    }
}
