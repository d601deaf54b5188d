import Foundation
import HubDomain
import ServiceSupport
import TestKit
import WireModel

/// A hub on the engine under test with one account that calls an API through one application.
final class MeterFixture: Sendable {
    let folder: String
    let clock: ManualClock
    let hub: Hub
    let account: Account
    let application: ApplicationID
    private let database: TestDatabase

    /// - Parameters:
    ///   - price: of one unit of `face.compare`, CNY.
    ///   - balance: paid in.
    init(price: String = "0.01", balance: String? = "100", terms: OfferTerms? = nil, clock: ManualClock = ManualClock(), grants: Bool = true) async throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "vultus-meter-\(UUID().uuidString)").path
        self.clock = clock
        database = try TestDatabase()
        hub = try await Hub.open(directory: folder, database: database.location, mayMake: true, clock: clock, passwords: .quick)
        account = try await hub.openTestAccount()
        application = try await hub.makeApplication("server", account: account.id, by: .test).id
        try await hub.set(.changeNoticeDays, to: "0", by: .test)
        _ = try await hub.setPrice(
            api: .compare, unitPrice: try Money(price, currency: "CNY"), effective: nil,
            lease: LeaseTerms(units: 100, termMilliseconds: 400 * 86_400_000, whenExhausted: .refuse, hardLimit: 0), by: .test)
        if let terms { _ = try await hub.setOffer(.compare, terms: terms, effective: nil, by: .test) }
        if let balance {
            _ = try await hub.book(
                MoneyOrder(kind: .topUp, amount: try Money(balance, currency: "CNY"), reason: "transfer"), account: account.id.rawValue, by: .test)
        }
        if grants { _ = try await hub.grant(.compare, to: application, of: account) }
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func request(
        _ id: MeteringRecordID? = nil, units: Int64 = 1, hash: String? = nil, key: APIKeyID? = nil, perMinute: Int64? = nil
    ) -> ClaimRequest {
        ClaimRequest(
            id: id ?? MeteringRecordID(at: hub.now()), account: account.id, application: application, key: key, api: .compare, permissions: [.compare],
            units: units, requestHash: hash, keyPerMinute: perMinute)
    }

    /// Claims, and settles at once.
    /// - Returns: why not, where it was refused.
    @discardableResult
    func use(_ units: Int64 = 1) async throws -> ProblemCode? {
        switch try await hub.claim(request(units: units)) {
        case .granted(let id, _):
            try await hub.settle(id, units: units, answer: nil)
            return nil
        case .refused(let refusal): return refusal.code
        case .repeated: return .conflict
        }
    }

    func claim(_ units: Int64 = 1) async throws -> MeteringRecordID? {
        if case .granted(let id, _) = try await hub.claim(request(units: units)) { id } else { nil }
    }

    var balance: Balance {
        get async throws { try await hub.balances(account.id)[0] }
    }

    var quota: Quota {
        get async throws { try await hub.quotas(account: "Acme")[0] }
    }

    func statement(_ month: CalendarMonth? = nil) async throws -> Statement {
        try await hub.statement(account.id, month: month ?? CalendarMonth(hub.now()))
    }

    func price(_ price: String, plan: String = Price.standardPlan, tariff: Tariff? = nil, contract: Bool = false, effective: Timestamp? = nil) async throws {
        _ = try await hub.setPrice(
            api: .compare, unitPrice: try Money(price, currency: "CNY"), effective: effective,
            lease: LeaseTerms(units: 100, termMilliseconds: 400 * 86_400_000, whenExhausted: .refuse, hardLimit: 0), plan: plan, tariff: tariff,
            account: contract ? "Acme" : nil, by: .test)
    }

    /// What the hub's own check finds wrong.
    func faults() async throws -> [String] { try await hub.verify().flatMap(\.faults) }
}
