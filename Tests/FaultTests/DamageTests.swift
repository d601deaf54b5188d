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
        var (outcomes, accounts): ([String: Int], [String: Int]) = ([:], [:])
        for number in 0..<FullTests.count(1_000) {
            let (damage, verdict, account): (String, DamagedPair.Verdict, DamagedPair.Account) = try await pair.strike(side)
            accounts[account.rawValue, default: 0] += 1
            switch verdict {
            case .harmless: outcomes["harmless", default: 0] += 1
            case .found(let what): outcomes[what, default: 0] += 1
            case .silent(let what): Issue.record("seed \(seed), \(number), \(damage): \(what)")
            }
        }
        let harmless: Int = outcomes["harmless"] ?? 0
        let found: Int = outcomes.values.reduce(0, +) - harmless
        print("NOTICE: \(side) damaged, seed \(seed): \(found) found, \(harmless) harmless; \(outcomes)")
        if side == .device { print("NOTICE: units of the damaged device: \(accounts)") }
        #expect(found > FullTests.count(1_000) / 4, "damage that nothing meets tests nothing")
    }

    @Test("billing that is not as it should be does not pass for harmless", arguments: DamagedPair.Plant.allCases)
    func planted(plant: DamagedPair.Plant) async throws {
        #expect(try await !DamagedPair(seed: 1).judge(plant: plant).isEmpty)
    }
}
