import HubDomain
import ServiceSupport
import TestKit
import Testing
import WireModel

extension MeteringTests {
    /// Whatever bounds use: exactly as much as it says is used, however many ask at once, through however many hubs.
    @Suite("Overspending")
    struct OverspendTests {
        private static let calls: Int = 10_000

        @Test("10,000 calls at once on a quota of 1,000 use exactly 1,000; the others are told so, and nothing stays claimed", arguments: TestEngine.available)
        func quota(engine: TestEngine) async throws {
            let metered = try await MeteredHubs(engine)
            _ = try await metered.hub.setQuota(account: "Acme", api: .compare, units: 1_000, by: .test)
            let result: CrowdResult = try await metered.crowd(Self.calls)
            #expect(result.granted == 1_000)
            #expect(result.settled == 1_000)
            #expect(result.refused == [.quotaExhausted: 9_000])
            #expect(try await metered.recorded() == ["settled": 1_000])
            let quota: Quota? = try await metered.hub.quotas(account: "Acme").first
            #expect(quota?.settled == 1_000 && quota?.reserved == 0)
            #expect(try await metered.faults() == [])
            await metered.close()
        }

        @Test("what failed calls give back others use, and no more: a quota of 1,000 is used up exactly", arguments: TestEngine.available)
        func giveBack(engine: TestEngine) async throws {
            let metered = try await MeteredHubs(engine)
            _ = try await metered.hub.setQuota(account: "Acme", api: .compare, units: 1_000, by: .test)
            // Each claims three, and every second one fails or comes to less.
            let first: CrowdResult = try await metered.crowd(2_000, units: 3, work: { [.failed, .done(1), .done(3), .done(2)][$0 % 4] })
            let used: Int64 = try await metered.recorded()["settled"] ?? 0
            #expect(first.granted >= 333 && used <= 1_000)
            _ = try await metered.crowd(2_000)
            #expect(try await metered.recorded()["settled"] == 1_000)
            #expect(try await metered.hub.quotas(account: "Acme").first?.reserved == 0)
            #expect(try await metered.faults() == [])
            await metered.close()
        }

        @Test("10,000 calls at once on money for 1,000 are 1,000 charges, and the balance is nothing to the millionth", arguments: TestEngine.available)
        func balance(engine: TestEngine) async throws {
            let metered = try await MeteredHubs(engine, tariff: Tariff(flat: 15_000))
            try await metered.pay(15_000_000)
            let result: CrowdResult = try await metered.crowd(Self.calls)
            #expect(result.settled == 1_000)
            #expect(result.refused == [.balanceExhausted: 9_000])
            let money: Balance = try await metered.money()
            #expect(money.amount == 0 && money.held == 0 && money.due == 0)
            #expect(try await metered.faults() == [])
            await metered.close()
        }

        @Test("with free units and steps, whoever settles first takes the free ones, and still nobody works on credit", arguments: TestEngine.available)
        func steps(engine: TestEngine) async throws {
            let tariff = try Tariff(free: 100, steps: [Tariff.Step(through: 600, price: 15_000), Tariff.Step(through: nil, price: 5_000)])
            let metered = try await MeteredHubs(engine, tariff: tariff)
            // 100 free, 500 at 0.015, 400 at 0.005: 9.5 for a thousand.
            try await metered.pay(9_500_000)
            for _ in 0..<4 { _ = try await metered.crowd(2_000, work: { $0.isMultiple(of: 5) ? .failed : .done(1) }) }
            // Under way together, some seem to cost more than they will: one after the other the rest is used up.
            while try await metered.crowd(1).settled == 1 {}
            #expect(try await metered.recorded()["settled"] == 1_000)
            let money: Balance = try await metered.money()
            #expect(money.amount == 0 && money.held == 0 && money.due == 0)
            #expect(try await metered.faults() == [])
            await metered.close()
        }

        @Test("a claim held for nothing because a unit was free is paid for when another call took that unit")
        func freeUnitTaken() async throws {
            let metered = try await MeteredHubs(.sqlite, tariff: try Tariff(free: 1, steps: [Tariff.Step(through: nil, price: 15_000)]))
            try await metered.pay(15_000)
            let (free, paid): (ClaimRequest, ClaimRequest) = (metered.claim(), metered.claim())
            for request in [free, paid] { guard case .granted = try await metered.hub.claim(request) else { throw Unexpected() } }
            // The one with money behind it takes the free unit; what it held must stay for the other.
            try await metered.hub.settle(paid.id, units: 1, answer: nil)
            guard case .refused(.balanceExhausted) = try await metered.hub.claim(metered.claim()) else { throw Unexpected() }
            try await metered.hub.settle(free.id, units: 1, answer: nil)
            let money: Balance = try await metered.money()
            #expect(money.amount == 0 && money.held == 0 && money.due == 0)
            await metered.close()
        }

        @Test("10,000 calls at once on a pack of 1,000 use it up and nothing else", arguments: TestEngine.available)
        func pack(engine: TestEngine) async throws {
            let metered = try await MeteredHubs(engine, tariff: Tariff(flat: 15_000))
            try await metered.pay(10_000_000)
            let product: Product = try await metered.hub.addProduct(
                ProductDraft(api: .compare, kind: .pack, name: "1,000", units: 1_000, validDays: 30, price: Money(millionths: 10_000_000, currency: "CNY")),
                by: .test)
            _ = try await metered.hub.buy(product.id, account: metered.account.id, by: .test)
            let result: CrowdResult = try await metered.crowd(Self.calls)
            #expect(result.settled == 1_000)
            #expect(result.refused == [.balanceExhausted: 9_000])
            #expect(try await metered.hub.purchases(metered.account.id).map(\.used) == [1_000])
            #expect(try await metered.money().due == 0)
            #expect(try await metered.faults() == [])
            await metered.close()
        }

        @Test("ten buyers at once of what the balance pays for once are one purchase", arguments: TestEngine.available)
        func purchases(engine: TestEngine) async throws {
            let metered = try await MeteredHubs(engine)
            try await metered.pay(10_000_000)
            let product: Product = try await metered.hub.addProduct(
                ProductDraft(api: .compare, kind: .pack, name: "p", units: 10, validDays: 30, price: Money(millionths: 6_000_000, currency: "CNY")), by: .test)
            let bought: Int = await withTaskGroup(of: Bool.self) { group in
                for number in 0..<10 {
                    group.addTask {
                        (try? await metered.hubs[number % metered.hubs.count].buy(product.id, account: metered.account.id, by: .test)) != nil
                    }
                }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(bought == 1)
            #expect(try await metered.money().amount == 4_000_000)
            #expect(try await metered.faults() == [])
            await metered.close()
        }

        @Test("10,000 calls at once on an entitlement's own limit of 1,000 use exactly 1,000", arguments: TestEngine.available)
        func entitlement(engine: TestEngine) async throws {
            let metered = try await MeteredHubs(engine)
            _ = try await metered.hub.limitEntitlement(metered.entitlement, account: metered.account.id, units: 1_000, period: .month, by: .test)
            let result: CrowdResult = try await metered.crowd(Self.calls)
            #expect(result.settled == 1_000)
            #expect(result.refused == [.quotaExhausted: 9_000])
            #expect(try await metered.hub.entitlement(metered.entitlement, account: nil).used == 1_000)
            #expect(try await metered.faults() == [])
            await metered.close()
        }

        @Test("of 10,000 calls at once a frequency of 1,000 a minute lets 1,000 pass, and 100 more six seconds later", arguments: TestEngine.available)
        func frequency(engine: TestEngine) async throws {
            let metered = try await MeteredHubs(engine, frequency: 1_000)
            let result: CrowdResult = try await metered.crowd(Self.calls)
            #expect(result.granted == 1_000)
            #expect(result.refused == [.rateLimited: 9_000])
            metered.clock.advance(by: .seconds(6))
            #expect(try await metered.crowd(500).granted == 100)
            await metered.close()
        }

        @Test("1,000 calls that are each sent ten times at once are charged once each", arguments: TestEngine.available)
        func repetitions(engine: TestEngine) async throws {
            let metered = try await MeteredHubs(engine, tariff: Tariff(flat: 15_000))
            try await metered.pay(15_000_000)
            let result: CrowdResult = try await metered.crowd(Self.calls, key: { $0 / 10 })
            #expect(result.settled == 1_000)
            #expect(result.repeated + (result.refused[.idempotencyInProgress] ?? 0) == 9_000)
            let again: CrowdResult = try await metered.crowd(1_000, key: { $0 })
            #expect(again.repeated == 1_000)
            #expect(try await metered.recorded() == ["settled": 1_000])
            #expect(try await metered.money().amount == 0)
            #expect(try await metered.faults() == [])
            await metered.close()
        }

        @Test("claims of calls that never ended are released once, by whichever hub, and what they held can be used", arguments: TestEngine.available)
        func abandoned(engine: TestEngine) async throws {
            let metered = try await MeteredHubs(engine, tariff: Tariff(flat: 15_000))
            try await metered.pay(1_500_000)
            #expect(try await metered.crowd(200, work: { _ in nil }).granted == 100)
            #expect(try await metered.crowd(1).refused == [.balanceExhausted: 1])
            metered.clock.advance(by: .seconds(601))
            try await withThrowingTaskGroup(of: Void.self) { group in
                for hub in metered.hubs { group.addTask { _ = try await hub.releaseAbandonedClaims() } }
                try await group.waitForAll()
            }
            #expect(try await metered.money().held == 0)
            #expect(try await metered.crowd(200).settled == 100)
            #expect(try await metered.recorded() == ["released": 0, "settled": 100])
            #expect(try await metered.faults() == [])
            await metered.close()
        }

        @Test("devices' leases and calls draw on one quota: together they never pass it", arguments: TestEngine.available)
        func leases(engine: TestEngine) async throws {
            let metered = try await MeteredHubs(engine)
            _ = try await metered.hub.setQuota(account: "Acme", api: .compare, units: 1_000, by: .test)
            let spent: Int = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<6 {
                    group.addTask {
                        let device: PlayedFleetDevice = try await metered.device(at: number)
                        // Renews, uses half of what it holds, reports that; at the end it still holds something.
                        for _ in 0..<8 {
                            try await device.sync()
                            for _ in 0..<device.rest / 2 { device.use() }
                            try await device.sync()
                        }
                        return device.journal.count
                    }
                }
                group.addTask { try await metered.crowd(600).settled }
                return try await group.reduce(0, +)
            }
            #expect(try await metered.recorded()["settled"] == Int64(spent))
            while try await metered.crowd(1).settled == 1 {}
            let quota: Quota? = try await metered.hub.quotas(account: "Acme").first
            #expect(quota.map { $0.settled + $0.reserved } == 1_000)
            #expect(try await metered.recorded()["settled"] == quota?.settled)
            #expect(try await metered.faults() == [])
            await metered.close()
        }

        private struct Unexpected: Error {}
    }
}
