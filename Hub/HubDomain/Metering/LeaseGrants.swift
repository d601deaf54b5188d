import HubStorage
import WireModel

/// Hands out quota to one device. Everything runs in the sync's transaction, so that settled + reserved never passes
/// the quota (I5), however many devices ask at once.
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
        guard let price = try Hub.price(connection, held.api, at: intake.now) else { return (nil, .notForSale) }
        guard let quota = try Hub.quota(connection, intake.account.id, held.api) else { return (nil, .quotaExhausted) }
        // Only now is the API used: what is not for sale to this account is no acceptance of its terms.
        do { try gate.note(verdict, call) } catch let refusal as GateRefusal { return (nil, refusal.code) }
        let current: Allotment? = try allotment(held.api)
        let remaining: Int64 = current?.remaining ?? 0
        let free: Int64 = max(0, quota.units - quota.settled - quota.reserved)
        // At most half of what is free, so that the first device of a small quota leaves something for the second.
        let topUp: Int64 = min(max(0, price.lease.units - remaining), (free + 1) / 2)

        guard let current else {
            guard topUp > 0 else { return (nil, .quotaExhausted) }
            return (try grant(held.api, price: price, ceiling: topUp, remaining: topUp, number: 1), nil)
        }
        let term = Duration.milliseconds(price.lease.termMilliseconds)
        let isAgeing: Bool = current.notAfter.since(intake.now) < term / 2
        let isLow: Bool = remaining * 2 < current.granted && topUp > 0
        let isOutdated: Bool = current.price != price.id || current.hubEpoch != intake.hubEpoch
        guard isAgeing || isLow || isOutdated, remaining + topUp > 0 else {
            let refusal: ProblemCode? = remaining == 0 && free == 0 ? .quotaExhausted : nil
            return (held.number == current.number ? nil : current.lease, refusal)
        }
        let ceiling: Int64 = max(current.ceiling, current.spent) + topUp
        return (try grant(held.api, price: price, ceiling: ceiling, remaining: remaining + topUp, number: current.number + 1), nil)
    }

    private func grant(_ api: APIName, price: Price, ceiling: Int64, remaining: Int64, number: Int64) throws -> SignedLease {
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
            INSERT INTO allotment (device_id, api, epoch, account_id, ceiling, spent, granted, number, not_after_ms, price_id, hub_epoch, payload, signature)
            VALUES (?, ?, ?, ?, ?, 0, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (device_id, api, epoch) DO UPDATE SET ceiling = excluded.ceiling, granted = excluded.granted, number = excluded.number, not_after_ms = excluded.not_after_ms,
                price_id = excluded.price_id, hub_epoch = excluded.hub_epoch, payload = excluded.payload, signature = excluded.signature
            """,
            [
                .text(lease.device.rawValue), .text(api.rawValue), .integer(intake.epoch), .text(lease.account.rawValue), .integer(ceiling),
                .integer(remaining), .integer(number), .integer(lease.notAfter.milliseconds), .text(price.id.rawValue), .integer(intake.hubEpoch),
                .text(signed.payload),
                .blob(signed.signature.bytes),
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
            lease: SignedLease(payload: try row.text("payload"), signature: Base64(try row.blob("signature"))))
    }
}
