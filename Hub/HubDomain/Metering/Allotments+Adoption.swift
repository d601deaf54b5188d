import HubStorage
import WireModel

/// Leases that the hub signed and does not know any more: it was restored from a backup. It keeps its word: what the lease allows
/// will be billed. In the quota only as much is reserved as is free, so that settled + reserved never passes it (I5).
extension Allotments {
    /// Takes a lease that the device holds, and whose signature is the hub's own.
    /// - Throws: `LedgerRefusal` when no price was ever set for it.
    func adopt(_ lease: Lease, _ signed: SignedLease, prices: PriceHistory) throws {
        let key = Allotment.Key(epoch: lease.journalEpoch, api: lease.api)
        let price: Price? = try prices.price(at: lease.notBefore) ?? prices.price(at: batch.now)
        if try granted(lease.id, key) == nil {
            guard price != nil else { throw LedgerRefusal(code: .notForSale) }
            try record(lease, adopted: batch.now)
        }
        guard var row = try self[key] else {
            guard let price else { throw LedgerRefusal(code: .notForSale) }
            var row = Allotment(lease, signed, price: price.id)
            try reserve(&row, lease, signed, price: price)
            return set(row)
        }
        // The device holds it again after what was left had gone back: the hub's answer was on its way meanwhile.
        let isHeldAgain: Bool = lease.number == row.number && row.settled != nil && batch.now < row.end
        if lease.number > row.number || isHeldAgain {
            try reserve(&row, lease, signed, price: try price ?? batch.price(row.price))
        } else {
            row.promise(lease)
        }
        set(row)
    }

    /// Reserves what the lease allows and is free, of a lease that is over too: its uses come with the entries after it.
    private func reserve(_ row: inout Allotment, _ lease: Lease, _ signed: SignedLease, price: Price) throws {
        let base: Int64 = max(row.ceiling, row.spent)
        // What is written before may be part of what is not free.
        set(row)
        let more: Int64 = min(max(0, lease.ceiling - base), try free(lease.api))
        let isOtherPrice: Bool = row.price != price.id
        let units: Int64 = isOtherPrice ? row.remaining + more : more
        let besides: Int64 = try LeasedUse.units(connection, account, lease.api) - (isOtherPrice ? row.remaining : 0)
        let needed: Int64 = units == 0 ? 0 : try batch.hold(price, account, lease.api, units: units, besides: max(0, besides))
        if isOtherPrice { try change(heldOf: &row, to: 0) }
        // Nothing is held that is not there: the uses will be due instead.
        let available: Int64 = max(0, try batch.books.balance(account, price.unitPrice.currency).available)
        row.follow(lease, signed, price: price.id, reserved: more > 0 ? base + more : row.ceiling)
        try change(heldOf: &row, to: row.held + min(needed, available))
    }
}
