import EdgeStore
import Foundation
import HubDomain
import ServiceSupport
import TestKit
import WireModel

/// A device that joined 400 days ago, got leases for all of that time, and has not been heard of since; and the hub it left behind,
/// which changed its prices meanwhile.
package struct DarkDevice: Sendable {
    /// What the device recorded, and what that costs.
    package struct Books: Sendable, Codable {
        package struct Line: Sendable, Codable {
            package let api: APIName
            /// Millionths, as `amount`.
            package let unitPrice: Int64
            package var units: Int64
            package var amount: Int64
        }

        package var entries: Int64 = 0
        package var lines: [Line] = []
        package var writingSeconds: Double = 0

        package var units: Int64 { lines.reduce(0) { $0 + $1.units } }
        /// Millionths.
        package var amount: Int64 { lines.reduce(0) { $0 + $1.amount } }
    }

    package static let days: Int64 = 400
    /// Faces of one sitting at most, written in one transaction.
    private static let largestSitting: Int64 = 500

    /// Writes `hub` and `edge` under `folder`, as they are on the day the device is seen again.
    /// - Parameter entries: decisions in the journal.
    package static func prepare(in folder: String, entries: Int64, seed: UInt64 = 1) async throws -> Books {
        var random = SeededGenerator(seed: seed)
        let day = Duration.seconds(86_400)
        let today: Timestamp = SystemClock().now().wall
        // The last use is an hour old.
        let start: Timestamp = today.advanced(by: .zero - day * Int(days) - .seconds(3_600))
        let terms = SimulationTerms(leaseUnits: entries + 1, leaseTerm: day * 600, quota: (entries + 1) * 8)
        let prices: [(after: Duration, millionths: Int64)] = [0, 31, 59, 120, 181, 243, 304, 365, 399].map {
            (day * $0 + .milliseconds($0 == 0 ? 0 : Int.random(in: 1...80_000_000, using: &random)), Int64.random(in: 5_000...40_000, using: &random))
        }
        let template = try await SimulationTemplate(terms, devices: 1, start: start, prices: prices)
        try DiskImage.copy(template.hubFolder, to: folder + "/hub")
        try DiskImage.copy(template.deviceFolder(0), to: folder + "/edge")
        let clock = ManualClock(wall: start)
        let store = try EdgeStore(directory: folder + "/edge", clock: clock)
        let hub: Hub = try await Hub.open(directory: folder + "/hub", mayMake: false, clock: clock, passwords: .quick)
        let device = try SimulatedDevice(name: "dark", id: template.devices[0], store: store, clock: clock, hub: hub)
        _ = try await device.sync()
        await hub.close()
        return try use(store, clock, entries: entries, prices: template.prices, random: &random)
    }

    private static func use(
        _ store: EdgeStore, _ clock: ManualClock, entries: Int64, prices: [Price], random: inout SeededGenerator
    ) throws -> Books {
        var books = Books()
        let begun = Date()
        // More sittings than days.
        let sitting: Int64 = max(1, min(largestSitting, entries / 450))
        let pause = Duration.milliseconds(days * 86_400_000 / max(1, (entries + sitting - 1) / sitting))
        var units: [PriceID: Int64] = [:]
        while books.entries < entries {
            clock.advance(by: pause)
            let api: APIName = APIName.onDevice.randomElement(using: &random)!
            let count: Int64 = min(sitting, entries - books.entries)
            let drafts: [DecisionDraft] = (0..<count).map { _ in DecisionDraft(api: api, units: 1, record: .simulated) }
            _ = try store.record(drafts)
            let now: Timestamp = clock.now().wall
            if let price = prices.last(where: { $0.api == api && $0.effective <= now }) { units[price.id, default: 0] += count }
            books.entries += count
        }
        books.lines = prices.compactMap { price in
            units[price.id].map { Books.Line(api: price.api, unitPrice: price.unitPrice.millionths, units: $0, amount: $0 * price.unitPrice.millionths) }
        }
        books.writingSeconds = Date().timeIntervalSince(begun)
        return books
    }

    /// Tells the device where its hub is now.
    package static func setHub(_ url: String, in folder: String) throws {
        try PlantedFault.run("UPDATE identity SET hub_url = '\(url)'", on: folder + "/edge/edge.sqlite")
    }
}
