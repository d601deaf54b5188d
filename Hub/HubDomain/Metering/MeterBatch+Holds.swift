import HubStorage
import WireModel

/// Money that waits for uses under way. Places of a tariff and units of packs go to whoever settles first, not to whoever claimed
/// first; so it is not each claim that holds what it may cost, but all that are under way together what they may.
extension MeterBatch {
    /// Millionths that must be held beside what is, for so many more units under way.
    func missing(_ price: Price, _ account: AccountID, _ api: APIName, units: Int64) throws -> Int64 {
        let key = CountKey(account: account, price: price.id, month: CalendarMonth(now))
        return max(0, try needed(key, api, more: units) - count(key).held)
    }

    /// Holds what the calls under way may cost, neither more nor less.
    func hold(_ key: CountKey, _ api: APIName) throws {
        let (needed, held): (Int64, Int64) = (try needed(key, api, more: 0), try count(key).held)
        guard needed != held else { return }
        try books.hold(needed - held, key.account, try price(key.price).unitPrice.currency)
        try change(countOf: key) { $0.held = needed }
    }

    private func needed(_ key: CountKey, _ api: APIName, more: Int64) throws -> Int64 {
        let tariff: Tariff = try price(key.price).tariff
        let count: TariffCount = try count(key)
        let calls: Int64 = count.claimed.addingClamped(more)
        guard tariff.isCharged, calls > 0 else { return 0 }
        // Devices may report theirs first.
        let leased: LeasedUse = try leased(key)
        let unpaid: Int64 = max(0, calls.addingClamped(leased.units) - (try prepaid(key.account, api)))
        return max(0, tariff.cost(count.units.addingClamped(unpaid)) - tariff.cost(count.units) - leased.held)
    }

    /// The most that `units` more uses can cost in leases, whatever else is under way.
    /// - Parameter besides: units that are promised elsewhere.
    func hold(_ price: Price, _ account: AccountID, _ api: APIName, units: Int64, besides: Int64) throws -> Int64 {
        let count: TariffCount = try count(CountKey(account: account, price: price.id, month: CalendarMonth(now)))
        let underWay: Int64 = count.claimed + besides
        let unpaid: Int64 = max(0, units - max(0, try prepaid(account, api) - underWay))
        guard unpaid > 0 else { return 0 }
        // A lease may outlast the month, and places are counted anew with the next: so from the first place on.
        let last: Int64 = count.units.addingClamped(underWay).addingClamped(units)
        return unpaid.multipliedClamped(price.tariff.highest(1...last))
    }

    private func prepaid(_ account: AccountID, _ api: APIName) throws -> Int64 {
        try packs(account, api).filter { $0.holds(at: now) }.reduce(0) { $0 + $1.units - $1.used }
    }
}
