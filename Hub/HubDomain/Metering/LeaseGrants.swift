import HubStorage
import WireModel

/// Hands out quota to one device, and holds the money for it. Everything runs in the sync's transaction, so that settled + reserved
/// never passes the quota (I5), however many devices ask at once.
struct LeaseGrants {
    let connection: any SQLConnection
    let keys: HubKeys
    let intake: JournalIntake

    /// What the hub granted this device of one API so far.
    private struct Allotment {
        let ceiling: Int64
        let spent: Int64
        /// Units of the newest lease when it was made.
        let granted: Int64
        let number: Int64
        let notAfter: Timestamp
        let price: PriceID
        let hubEpoch: Int64
        let held: Int64
        let lease: SignedLease

        var remaining: Int64 { max(0, ceiling - spent) }
    }

    /// - Parameter held: the newest lease the device has.
    /// - Returns: the lease the device should hold, when that is not the one it holds; and why it gets nothing (more).
    func renew(_ held: HeldLease) throws -> (lease: SignedLease?, refusal: ProblemCode?) {
        let gate = Gate(connection: connection, now: intake.now)
        let call = GateCall(credential: .device(intake.device, intake.account.id), api: held.api, address: "")
        let verdict: Gate.Verdict
        do { verdict = try gate.judge(call) } catch let refusal as GateRefusal { return (nil, refusal.code) }
        let batch: MeterBatch = intake.batch
        guard let price = try batch.currentPrice(intake.account.id, held.api) else { return (nil, .notForSale) }
        guard let quota = try Hub.quota(connection, intake.account.id, held.api, at: intake.now) else { return (nil, .quotaExhausted) }
        // Only now is the API used: what is not for sale to this account is no acceptance of its terms.
        do { try gate.note(verdict, call) } catch let refusal as GateRefusal { return (nil, refusal.code) }
        let current: Allotment? = try allotment(held.api)
        let remaining: Int64 = current?.remaining ?? 0
        let free: Int64 = max(0, quota.units - quota.settled - quota.reserved)
        // At most half of what is free, so that the first device of a small quota leaves something for the second.
        let wanted: Int64 = min(max(0, price.lease.units - remaining), (free + 1) / 2)
        // Calls under way are counted by the hold itself.
        let leased: Int64 = try Hub.reservedByLeases(connection, intake.account.id, held.api)
        let topUp: Int64 = try affordable(wanted, price, held.api, reserved: leased)
        let shortage: ProblemCode = wanted > 0 && topUp == 0 ? .balanceExhausted : .quotaExhausted

        guard let current else {
            guard topUp > 0 else { return (nil, shortage) }
            return (try grant(held.api, price: price, ceiling: topUp, remaining: topUp, topUp: topUp, reserved: leased, before: nil), nil)
        }
        let term = Duration.milliseconds(price.lease.termMilliseconds)
        let isAgeing: Bool = current.notAfter.since(intake.now) < term / 2
        let isLow: Bool = remaining * 2 < current.granted && topUp > 0
        let isOutdated: Bool = current.price != price.id || current.hubEpoch != intake.hubEpoch
        guard isAgeing || isLow || isOutdated, remaining + topUp > 0 else {
            let refusal: ProblemCode? = remaining == 0 && topUp == 0 ? shortage : nil
            return (held.number == current.number ? nil : current.lease, refusal)
        }
        let ceiling: Int64 = max(current.ceiling, current.spent) + topUp
        return (
            try grant(held.api, price: price, ceiling: ceiling, remaining: remaining + topUp, topUp: topUp, reserved: leased, before: current), nil
        )
    }

    /// As many of the units as balance and credit cover, dearest price supposed.
    private func affordable(_ units: Int64, _ price: Price, _ api: APIName, reserved: Int64) throws -> Int64 {
        let account: AccountID = intake.account.id
        guard units > 0 else { return 0 }
        let available: Int64 = try intake.batch.books.balance(account, price.unitPrice.currency).available
        func isCovered(_ units: Int64) throws -> Bool {
            let hold: Int64 = try intake.batch.hold(price, account, api, units: units, besides: reserved)
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
        _ api: APIName, price: Price, ceiling: Int64, remaining: Int64, topUp: Int64, reserved: Int64, before: Allotment?
    ) throws -> SignedLease {
        let number: Int64 = (before?.number ?? 0) + 1
        let isOtherPrice: Bool = before.map { $0.price != price.id } ?? false
        // By another price all of it is held anew.
        let units: Int64 = isOtherPrice ? remaining : topUp
        let besides: Int64 = isOtherPrice ? max(0, reserved - remaining + topUp) : reserved
        let more: Int64 = units == 0 ? 0 : try intake.batch.hold(price, intake.account.id, api, units: units, besides: besides)
        if isOtherPrice, let before {
            try intake.batch.books.hold(-before.held, intake.account.id, try intake.batch.price(before.price).unitPrice.currency)
        }
        try intake.batch.books.hold(more, intake.account.id, price.unitPrice.currency)
        try intake.batch.flush()
        let held: Int64 = (isOtherPrice ? 0 : before?.held ?? 0) + more
        let lease = Lease(
            id: LeaseID(at: intake.now), number: number, account: intake.account.id, device: intake.device, api: api,
            keyThumbprint: intake.keyThumbprint, journalEpoch: intake.epoch, hubEpoch: intake.hubEpoch, units: remaining, ceiling: ceiling,
            notBefore: intake.now, notAfter: intake.now.advanced(by: .milliseconds(price.lease.termMilliseconds)),
            whenExhausted: price.lease.whenExhausted, hardLimit: price.lease.hardLimit)
        let signed = try SignedLease(lease, signedBy: keys.leaseKey)
        try connection.execute(
            "INSERT INTO lease_grant (id, device_id, api, epoch, number, ceiling, granted_ms, not_after_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                .text(lease.id.rawValue), .text(lease.device.rawValue), .text(api.rawValue), .integer(intake.epoch), .integer(number), .integer(ceiling),
                .integer(intake.now.milliseconds), .integer(lease.notAfter.milliseconds),
            ])
        try connection.execute(
            """
            INSERT INTO allotment (device_id, api, epoch, account_id, ceiling, spent, granted, number, not_after_ms, price_id, hub_epoch, payload, signature,
                held)
            VALUES (?, ?, ?, ?, ?, 0, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (device_id, api, epoch) DO UPDATE SET ceiling = excluded.ceiling, granted = excluded.granted, number = excluded.number, not_after_ms = excluded.not_after_ms,
                price_id = excluded.price_id, hub_epoch = excluded.hub_epoch, payload = excluded.payload, signature = excluded.signature,
                held = excluded.held
            """,
            [
                .text(lease.device.rawValue), .text(api.rawValue), .integer(intake.epoch), .text(lease.account.rawValue), .integer(ceiling),
                .integer(remaining), .integer(number), .integer(lease.notAfter.milliseconds), .text(price.id.rawValue), .integer(intake.hubEpoch),
                .text(signed.payload),
                .blob(signed.signature.bytes), .integer(held),
            ])
        return signed
    }

    private func allotment(_ api: APIName) throws -> Allotment? {
        let row = try connection.firstRow(
            "SELECT * FROM allotment WHERE device_id = ? AND api = ? AND epoch = ?",
            [.text(intake.device.rawValue), .text(api.rawValue), .integer(intake.epoch)])
        guard let row else { return nil }
        guard let price = PriceID(rawValue: try row.text("price_id")) else { throw HubStorageError.damaged }
        return Allotment(
            ceiling: try row.integer("ceiling"), spent: try row.integer("spent"), granted: try row.integer("granted"), number: try row.integer("number"),
            notAfter: Timestamp(milliseconds: try row.integer("not_after_ms")), price: price, hubEpoch: try row.integer("hub_epoch"),
            held: try row.integer("held"), lease: SignedLease(payload: try row.text("payload"), signature: Base64(try row.blob("signature"))))
    }
}
