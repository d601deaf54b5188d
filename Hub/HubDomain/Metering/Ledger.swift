import HubStorage
import WireModel

struct LedgerRefusal: Error {
    let code: ProblemCode
}

/// What a device's journal comes to in the books: one metering record per billed entry, keyed by the entry, so that no entry can
/// be billed twice.
struct Ledger {
    /// What one entry will cost.
    struct Bill {
        let api: APIName
        let price: Price
        let used: Timestamp
        let isOverdraft: Bool
    }

    /// More units than a lease could ever grant in one entry is a broken or dishonest device.
    private static let largestEntry: Int64 = 1_000

    let batch: MeterBatch
    let device: DeviceID
    let account: AccountID
    let epoch: Int64

    private var connection: any SQLConnection { batch.connection }

    /// - Returns: what to bill, `nil` for an entry that costs nothing, or why it cannot be billed.
    func assess(_ entry: JournalEntry, usedAt used: Timestamp, now: Timestamp) throws -> Result<Bill?, LedgerRefusal> {
        guard entry.units != 0 else { return .success(nil) }
        guard (1...Self.largestEntry).contains(entry.units), entry.kind == .decision, let api = entry.api, let lease = entry.lease else {
            return .failure(LedgerRefusal(code: .invalidRequest))
        }
        let grant = try connection.firstRow(
            "SELECT granted_ms FROM lease_grant WHERE id = ? AND device_id = ? AND api = ? AND epoch = ?",
            [.text(lease.rawValue), .text(device.rawValue), .text(api.rawValue), .integer(epoch)])
        guard let grant, let allotment = try allotment(api) else { return .failure(LedgerRefusal(code: .leaseInvalid)) }
        let after: Int64 = allotment.spent + entry.units
        guard after <= allotment.ceiling + allotment.hardLimit else { return .failure(LedgerRefusal(code: .leaseOverrun)) }
        // A lease exists only where a price did, so a use dated before its own lease is priced at the grant.
        let dated: Timestamp = max(used, Timestamp(milliseconds: try grant.integer("granted_ms")))
        guard let price = try Hub.price(connection, api, for: account, at: min(dated, now)) else { return .failure(LedgerRefusal(code: .notForSale)) }
        return .success(Bill(api: api, price: price, used: min(dated, now), isOverdraft: after > allotment.ceiling))
    }

    func post(_ bill: Bill, for entry: JournalEntry) throws {
        try batch.book(
            MeteringRecord(
                entry: entry, device: device, account: account, api: bill.api, used: bill.used, price: bill.price, isOverdraft: bill.isOverdraft,
                now: batch.now))
    }

    /// Follows the device's own running total, which counts every unit it spent, billed or not; what was held for them is let go.
    func countSpent(_ units: Int64, of api: APIName) throws {
        guard let allotment = try allotment(api) else { return }
        let (before, after): (Int64, Int64) = (max(0, allotment.ceiling - allotment.spent), max(0, allotment.ceiling - allotment.spent - units))
        let held: Int64 = before == 0 ? 0 : allotment.held / before * after + allotment.held % before * after / before
        try batch.books.hold(held - allotment.held, account, allotment.currency)
        try connection.execute(
            "UPDATE allotment SET spent = spent + ?, held = ? WHERE device_id = ? AND api = ? AND epoch = ?",
            [.integer(units), .integer(held), .text(device.rawValue), .text(api.rawValue), .integer(epoch)])
    }

    private struct Allotment {
        let ceiling: Int64
        let spent: Int64
        let hardLimit: Int64
        let held: Int64
        let currency: String
    }

    private func allotment(_ api: APIName) throws -> Allotment? {
        let row = try connection.firstRow(
            """
            SELECT ceiling, spent, held, currency, CASE WHEN when_exhausted = 'refuse' THEN 0 ELSE hard_limit END AS hard_limit
            FROM allotment JOIN price ON price.id = allotment.price_id
            WHERE device_id = ? AND allotment.api = ? AND allotment.epoch = ?
            """,
            [.text(device.rawValue), .text(api.rawValue), .integer(epoch)])
        return try row.map {
            Allotment(
                ceiling: try $0.integer("ceiling"), spent: try $0.integer("spent"), hardLimit: try $0.integer("hard_limit"), held: try $0.integer("held"),
                currency: try $0.text("currency"))
        }
    }
}
