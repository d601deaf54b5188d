import HubDomain
import HubStorage
import ServiceSupport
import TestKit
import Testing
import WireModel

extension MeteringTests {
    /// Every sum that is kept beside what it is a sum of is added up anew by `vultus-hub database verify`.
    @Suite("Sums")
    struct SumsTests {
        /// What a fault in the meter would leave behind: dedup skipped, a settlement before its claim, a hold forgotten.
        private static let faults: [String] = [
            // The same use twice: what would be there had its key not been asked for.
            """
            INSERT INTO metering_record (id, account_id, device_id, epoch, seq, api, units, state, used_ms, booked_ms, price_id, currency, amount, transaction_id)
            SELECT 'twice', account_id, 'dev_twice', 1, 1, api, units, state, used_ms, booked_ms, price_id, currency, amount, transaction_id
            FROM metering_record WHERE state = 'settled' AND amount > 0 ORDER BY id LIMIT 1
            """,
            "DELETE FROM metering_record WHERE id = (SELECT id FROM metering_record WHERE state = 'settled' AND amount > 0 ORDER BY id LIMIT 1)",
            // Settled and charged, and never counted.
            "UPDATE quota SET settled = settled - 1",
            // As if a claim were made after its settlement: it stays for ever.
            "UPDATE quota SET claimed = claimed + 1",
            "UPDATE quota SET claimed = 0",
            "UPDATE metering_record SET units = units + 1 WHERE state = 'claimed'",
            "UPDATE metering_record SET amount = amount + 1 WHERE state = 'settled' AND amount > 0",
            "UPDATE entitlement SET used = used - 1",
            "UPDATE entitlement SET claimed = 0",
            "UPDATE tariff_count SET units = units - 1",
            "UPDATE tariff_count SET claimed = 0",
            "UPDATE tariff_count SET held = held - 1",
            "UPDATE leased_use SET units = units - 1",
            "UPDATE leased_use SET held = held + 1",
            "DELETE FROM leased_use",
            "UPDATE purchase SET used = used - 1",
            "UPDATE balance SET amount = amount + 1",
            "UPDATE balance SET held = 0",
            "UPDATE balance SET due = due + 1",
            "UPDATE posting SET amount = amount + 1 WHERE ledger = 'balance'",
            "DELETE FROM posting WHERE ledger = 'cash'",
            "UPDATE ledger_transaction SET amount = amount + 1 WHERE kind = 'top_up'",
        ]

        @Test("whichever sum is altered by one, the check of the whole hub says so", arguments: TestEngine.available)
        func altered(engine: TestEngine) async throws {
            for fault in Self.faults {
                let metered = try await Self.used(engine)
                #expect(try await metered.faults() == [], "before: \(fault)")
                try await metered.database.execute(fault)
                #expect(try await metered.faults() != [], "went unnoticed: \(fault)")
                await metered.close()
            }
        }

        @Test("what a device held is nobody's once it is revoked", arguments: TestEngine.available)
        func revoked(engine: TestEngine) async throws {
            let metered = try await MeteredHubs(engine, tariff: Tariff(flat: 15_000))
            _ = try await metered.hub.setQuota(account: "Acme", api: .compare, units: 100, by: .test)
            try await metered.pay(10_000_000)
            let device: PlayedFleetDevice = try await metered.device()
            try await device.sync()
            func held() async throws -> Int64 {
                try await metered.database.rows("SELECT coalesce(sum(units), 0) AS units FROM leased_use")[0].integer("units")
            }
            #expect(try await held() > 0)
            _ = try await metered.hub.revokeDevice(device.id, by: .test)
            #expect(try await held() == 0)
            #expect(try await metered.faults() == [])
            await metered.close()
        }

        /// A pack used up, units charged, calls under way, a device with a lease.
        private static func used(_ engine: TestEngine) async throws -> MeteredHubs {
            let metered = try await MeteredHubs(engine, tariff: Tariff(flat: 15_000))
            _ = try await metered.hub.setQuota(account: "Acme", api: .compare, units: 100, by: .test)
            try await metered.pay(10_000_000)
            let product: Product = try await metered.hub.addProduct(
                ProductDraft(api: .compare, kind: .pack, name: "p", units: 5, validDays: 30, price: Money(millionths: 1_000, currency: "CNY")), by: .test)
            _ = try await metered.hub.buy(product.id, account: metered.account.id, by: .test)
            _ = try await metered.crowd(12)
            _ = try await metered.crowd(3, work: { _ in nil })
            _ = try await metered.crowd(2, work: { _ in .failed })
            let device: PlayedFleetDevice = try await metered.device()
            try await device.sync()
            for _ in 0..<4 { device.use() }
            try await device.sync()
            return metered
        }
    }
}
