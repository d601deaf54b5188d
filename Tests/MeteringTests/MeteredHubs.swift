import Foundation
import HubDomain
import HubStorage
import ServiceSupport
import TestKit
import WireModel

/// One account that calls `face.compare`, on one hub or several that share a database.
final class MeteredHubs: Sendable {
    let hubs: [Hub]
    let clock = ManualClock()
    let account: Account
    let application: ApplicationID
    let entitlement: EntitlementID
    let database: TestDatabase
    private let folder: String

    var hub: Hub { hubs[0] }

    /// As many hubs as an engine is for.
    static func count(_ engine: TestEngine) -> Int { engine == .sqlite ? 1 : 3 }

    /// - Parameters:
    ///   - frequency: calls a minute of the application; as many as there can be otherwise.
    ///   - tariff: of the account's plan.
    init(_ engine: TestEngine, frequency: Int64 = 1_000_000, tariff: Tariff = Tariff(flat: 0)) async throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "vultus-metered-\(UUID().uuidString)").path
        database = try TestDatabase(engine)
        var hubs: [Hub] = []
        for number in 0..<Self.count(engine) {
            let directory: String = folder + "/hub\(number)"
            if number > 0 {
                try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
                try FileManager.default.copyItem(atPath: folder + "/hub0/keys", toPath: directory + "/keys")
            }
            hubs.append(try await Hub.open(directory: directory, database: database.location, mayMake: true, clock: clock, passwords: .quick))
        }
        self.hubs = hubs
        let first: Hub = hubs[0]
        account = try await first.openTestAccount()
        _ = try await first.setOffer(
            .compare, terms: OfferTerms(frequency: OfferTerms.Frequency(calls: frequency, seconds: 60)), effective: nil, by: .test)
        _ = try await first.setPrice(
            api: .compare, unitPrice: Money(millionths: tariff.steps[0].price, currency: "CNY"), effective: nil,
            lease: LeaseTerms(units: 100, termMilliseconds: 86_400_000, whenExhausted: .refuse, hardLimit: 0), tariff: tariff, by: .test)
        application = try await first.makeApplication("door", account: account.id, by: .test).id
        entitlement = try await first.grant(.compare, to: application, of: account).id
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func close() async { for hub in hubs { await hub.close() } }

    func pay(_ millionths: Int64) async throws {
        let order = MoneyOrder(kind: .topUp, amount: Money(millionths: millionths, currency: "CNY"), reason: "test")
        _ = try await hub.book(order, account: account.id.rawValue, by: .test)
    }

    func claim(units: Int64 = 1, key: Int? = nil) -> ClaimRequest {
        let id: MeteringRecordID = key.map { MeteringRecordID(rawValue: "mtr_" + String(format: "%032x", $0))! } ?? MeteringRecordID(at: clock.now().wall)
        return ClaimRequest(
            id: id, account: account.id, application: application, key: nil, api: .compare, permissions: [.compare], units: units,
            requestHash: key.map { "\($0)" }, keyPerMinute: nil)
    }

    // MARK: What became of it

    /// Units in the records, by state.
    func recorded() async throws -> [String: Int64] {
        try await database.rows("SELECT state, sum(units) AS units FROM metering_record GROUP BY state ORDER BY state").reduce(into: [:]) {
            $0[try $1.text("state")] = try $1.integer("units")
        }
    }

    /// Of the one currency there is.
    func money() async throws -> Balance { try await hub.balances(account.id)[0] }

    func faults() async throws -> [String] { try await hub.verify().flatMap(\.faults) }
}
