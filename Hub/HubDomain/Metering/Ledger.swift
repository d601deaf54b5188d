import HubStorage
import WireModel

struct LedgerRefusal: Error {
    let code: ProblemCode
}

/// The account book: one row per billed journal entry, keyed by the entry, so that no entry can be billed twice.
struct Ledger {
    /// What one entry will cost.
    struct Bill {
        let api: APIName
        let price: PriceID
        let used: Timestamp
        let isOverdraft: Bool
    }

    /// More units than a lease could ever grant in one entry is a broken or dishonest device.
    private static let largestEntry: Int64 = 1_000

    let connection: any SQLConnection
    let device: DeviceID
    let account: AccountID
    let epoch: Int64

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
        guard let price = try Hub.price(connection, api, at: min(dated, now)) else { return .failure(LedgerRefusal(code: .notForSale)) }
        return .success(Bill(api: api, price: price.id, used: min(dated, now), isOverdraft: after > allotment.ceiling))
    }

    func post(_ bill: Bill, for entry: JournalEntry) throws {
        try connection.execute(
            """
            INSERT INTO ledger_entry (device_id, epoch, seq, account_id, api, units, price_id, used_ms, overdraft)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .text(device.rawValue), .integer(entry.epoch), .integer(entry.seq), .text(account.rawValue), .text(bill.api.rawValue), .integer(entry.units),
                .text(bill.price.rawValue), .integer(bill.used.milliseconds), .integer(bill.isOverdraft ? 1 : 0),
            ])
        guard !bill.isOverdraft else { return }
        try connection.execute(
            "UPDATE quota SET settled = settled + ? WHERE account_id = ? AND api = ?",
            [.integer(entry.units), .text(account.rawValue), .text(bill.api.rawValue)])
    }

    /// Follows the device's own running total, which counts every unit it spent, billed or not.
    func countSpent(_ units: Int64, of api: APIName) throws {
        try connection.execute(
            "UPDATE allotment SET spent = spent + ? WHERE device_id = ? AND api = ? AND epoch = ?",
            [.integer(units), .text(device.rawValue), .text(api.rawValue), .integer(epoch)])
    }

    private func allotment(_ api: APIName) throws -> (ceiling: Int64, spent: Int64, hardLimit: Int64)? {
        let row = try connection.firstRow(
            """
            SELECT ceiling, spent, CASE WHEN when_exhausted = 'refuse' THEN 0 ELSE hard_limit END AS hard_limit
            FROM allotment JOIN price ON price.id = allotment.price_id
            WHERE device_id = ? AND allotment.api = ? AND allotment.epoch = ?
            """,
            [.text(device.rawValue), .text(api.rawValue), .integer(epoch)])
        guard let row else { return nil }
        return (try row.integer("ceiling"), try row.integer("spent"), try row.integer("hard_limit"))
    }
}
