import HubStorage
import WireModel

struct LedgerRefusal: Error {
    let code: ProblemCode
}

/// What a device's journal comes to in the books: one metering record per billed entry, keyed by the entry, so that no entry can
/// be billed twice.
final class Ledger {
    /// What one entry will cost.
    struct Bill {
        let price: Price
        let used: Timestamp
        let isOverdraft: Bool
    }

    /// More units than a lease could ever grant in one entry is a broken or dishonest device.
    private static let largestEntry: Int64 = 1_000

    let allotments: Allotments
    private var histories: [APIName: PriceHistory] = [:]

    private var batch: MeterBatch { allotments.batch }

    init(_ allotments: Allotments) { self.allotments = allotments }

    func prices(_ api: APIName) throws -> PriceHistory {
        if let history = histories[api] { return history }
        let history = try PriceHistory(batch.connection, api, for: allotments.account)
        histories[api] = history
        return history
    }

    /// - Parameter isCounted: whether the device's total has the entry's units already.
    /// - Returns: what to bill, `nil` for an entry that costs nothing.
    /// - Throws: `LedgerRefusal`: why it cannot be billed.
    func assess(_ entry: JournalEntry, usedAt used: Timestamp, isCounted: Bool = false) throws -> Bill? {
        guard entry.units != 0 else { return nil }
        guard (1...Self.largestEntry).contains(entry.units), entry.kind == .decision || entry.kind == .enrolment, let api = entry.api, let lease = entry.lease
        else { throw LedgerRefusal(code: .invalidRequest) }
        let key = Allotment.Key(epoch: entry.epoch, api: api)
        guard let granted = try allotments.granted(lease, key), let allotment = try allotments[key] else {
            // Where nothing was ever sold, as far as this hub knows, no lease could be taken up.
            throw LedgerRefusal(code: try prices(api).earliest == nil ? .notForSale : .leaseInvalid)
        }
        let after: Int64 = isCounted ? allotment.spent : allotment.spent.addingClamped(entry.units)
        guard after <= max(allotment.promised, allotment.ceiling) else { throw LedgerRefusal(code: .leaseOverrun) }
        // A lease exists only where a price did, so a use dated before its own lease is priced at the grant.
        let dated: Timestamp = min(max(used, granted), batch.now)
        guard let price = try prices(api).price(at: dated) else { throw LedgerRefusal(code: .notForSale) }
        return Bill(price: price, used: dated, isOverdraft: after > allotment.ceiling)
    }

    func post(_ bill: Bill, for entry: JournalEntry) throws {
        batch.keep(bill.price)
        try batch.book(
            MeteringRecord(
                entry: entry, device: allotments.device, account: allotments.account, api: bill.price.api, used: bill.used, price: bill.price,
                isOverdraft: bill.isOverdraft, now: batch.now))
    }
}
