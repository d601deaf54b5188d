import HubStorage
import WireModel

/// Hands out quota to one device, and holds the money for it. Everything runs in the sync's transaction, so that settled + reserved
/// never passes the quota (I5), however many devices ask at once.
struct LeaseGrants {
    struct Answer {
        var leases: [SignedLease] = []
        var refusals: [LeaseRefusal] = []
    }

    let intake: JournalIntake

    private var connection: any SQLConnection { intake.connection }
    private var batch: MeterBatch { intake.batch }
    private var allotments: Allotments { intake.allotments }

    /// - Parameter held: the newest lease the device has.
    /// - Returns: the lease the device should hold, when that is not the one it holds; and why it gets nothing (more).
    func renew(_ held: HeldLease) throws -> (lease: SignedLease?, refusal: ProblemCode?) {
        let gate = Gate(connection: connection, now: intake.now)
        let call = GateCall(credential: .device(intake.device, intake.account.id), api: held.api, address: "")
        let verdict: Gate.Verdict
        do { verdict = try gate.judge(call) } catch let refusal as GateRefusal { return (nil, refusal.code) }
        guard let price = try batch.currentPrice(intake.account.id, held.api) else { return (nil, .notForSale) }
        guard let quota = try Hub.quota(connection, intake.account.id, held.api, at: intake.now) else { return (nil, .quotaExhausted) }
        // Only now is the API used: what is not for sale to this account is no acceptance of its terms.
        do { try gate.note(verdict, call) } catch let refusal as GateRefusal { return (nil, refusal.code) }
        let current: Allotment? = try allotments[Allotment.Key(epoch: intake.current.epoch, api: held.api)]
        // A lease that a restored hub does not know yet comes with the entries that are still to be sent.
        guard held.number <= (try allotments.highestNumber(held.api)) || intake.request.entries.isEmpty else { return (nil, nil) }
        let remaining: Int64 = current?.remaining ?? 0
        let free: Int64 = max(0, quota.units - quota.settled - quota.reserved)
        // At most half of what is free, so that the first device of a small quota leaves something for the second.
        let wanted: Int64 = min(max(0, price.lease.units - remaining), (free + 1) / 2)
        // Calls under way are counted by the hold itself.
        let leased: Int64 = try LeasedUse.units(connection, intake.account.id, held.api)
        let topUp: Int64 = try affordable(wanted, price, held.api, reserved: leased)
        let shortage: ProblemCode = wanted > 0 && topUp == 0 ? .balanceExhausted : .quotaExhausted

        guard let current else {
            guard topUp > 0 else { return (nil, shortage) }
            return (try grant(held, price: price, ceiling: topUp, remaining: topUp, topUp: topUp, reserved: leased, before: nil), nil)
        }
        let term = Duration.milliseconds(price.lease.termMilliseconds)
        let isAgeing: Bool = current.notAfter.since(intake.now) < term / 2
        let isLow: Bool = remaining * 2 < current.granted && topUp > 0
        let isOutdated: Bool = current.price != price.id || current.hubEpoch != intake.hubEpoch || current.settled != nil
        guard isAgeing || isLow || isOutdated, remaining + topUp > 0 else {
            let refusal: ProblemCode? = remaining == 0 && topUp == 0 ? shortage : nil
            // What was left of it went back: it must not be spent again by a device that no longer holds it.
            let isBacked: Bool = current.settled == nil
            return (held.number == current.number || !isBacked ? nil : current.signed, refusal)
        }
        let ceiling: Int64 = max(current.ceiling, current.spent) + topUp
        return (
            try grant(held, price: price, ceiling: ceiling, remaining: remaining + topUp, topUp: topUp, reserved: leased, before: current), nil
        )
    }

    /// Above every lease the device may have seen, those of a hub that was restored since included; what no device can hold does not count.
    private func number(_ held: HeldLease, _ before: Allotment?) throws -> Int64 {
        let known: Int64 = max(try allotments.highestNumber(held.api), before?.number ?? 0)
        return (held.number - known <= 1_000_000 ? max(known, held.number) : known) + 1
    }

    /// As many of the units as balance and credit cover, dearest price supposed.
    private func affordable(_ units: Int64, _ price: Price, _ api: APIName, reserved: Int64) throws -> Int64 {
        let account: AccountID = intake.account.id
        guard units > 0 else { return 0 }
        let available: Int64 = try batch.books.balance(account, price.unitPrice.currency).available
        func isCovered(_ units: Int64) throws -> Bool {
            let hold: Int64 = try batch.hold(price, account, api, units: units, besides: reserved)
            return hold == 0 || hold <= available
        }
        if try isCovered(units) { return units }
        var (covered, beyond): (Int64, Int64) = (0, units)
        while beyond - covered > 1 {
            let middle: Int64 = (covered + beyond) / 2
            if try isCovered(middle) { covered = middle } else { beyond = middle }
        }
        return covered
    }

    /// - Parameters:
    ///   - reserved: units of the API that are promised already.
    ///   - before: what this lease follows.
    private func grant(
        _ held: HeldLease, price: Price, ceiling: Int64, remaining: Int64, topUp: Int64, reserved: Int64, before: Allotment?
    ) throws -> SignedLease {
        let api: APIName = held.api
        let isOtherPrice: Bool = before.map { $0.price != price.id } ?? false
        // By another price all of it is held anew.
        let units: Int64 = isOtherPrice ? remaining : topUp
        let besides: Int64 = isOtherPrice ? max(0, reserved - remaining + topUp) : reserved
        let more: Int64 = units == 0 ? 0 : try batch.hold(price, intake.account.id, api, units: units, besides: besides)
        let lease = Lease(
            id: LeaseID(at: intake.now), number: try number(held, before), account: intake.account.id,
            device: intake.device, api: api, keyThumbprint: intake.keyThumbprint, journalEpoch: intake.current.epoch, hubEpoch: intake.hubEpoch,
            units: remaining, ceiling: ceiling, notBefore: intake.now,
            notAfter: intake.now.advanced(by: .milliseconds(price.lease.termMilliseconds)), whenExhausted: price.lease.whenExhausted,
            hardLimit: price.lease.hardLimit, graceMilliseconds: price.lease.graceMilliseconds == 0 ? nil : price.lease.graceMilliseconds)
        let signed = try SignedLease(lease, signedBy: intake.hub.keys.leaseKey)
        try allotments.record(lease, adopted: nil)
        var row: Allotment = before ?? Allotment(lease, signed, price: price.id)
        if isOtherPrice { try allotments.change(heldOf: &row, to: 0) }
        row.follow(lease, signed, price: price.id, reserved: ceiling)
        try allotments.change(heldOf: &row, to: row.held + more)
        allotments.set(row)
        try allotments.flush()
        try batch.flush()
        return signed
    }
}

extension JournalIntake {
    /// Nothing for a device that is barred, and nothing for one whose journal the hub does not hold up to its head, or holds beyond
    /// it: the first sends again what a restored hub lost, the second is an old copy or an old request.
    func grantLeases() throws -> LeaseGrants.Answer {
        var answer = LeaseGrants.Answer()
        let isAtHead: Bool = journal.epoch == current.epoch ? request.head.seq == current.seq : current.seq == 0
        guard quarantine == nil, isAtHead else { return answer }
        for held in request.leases where held.api.base != nil {
            let (lease, refusal) = try LeaseGrants(intake: self).renew(held)
            if let lease { answer.leases.append(lease) }
            if let refusal { answer.refusals.append(LeaseRefusal(api: held.api, code: refusal)) }
        }
        return answer
    }
}
