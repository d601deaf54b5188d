import HubStorage
import WireModel

/// What the hub granted a device of one API in one journal, as running totals: the newest lease, what is reserved for it, and what
/// was promised at most.
struct Allotment {
    struct Key: Hashable {
        let epoch: Int64
        let api: APIName
    }

    let key: Key
    /// Reserved in the quota, uses so far included. Below what the lease says when a restored hub had not that much left, or when
    /// what was left went back.
    private(set) var ceiling: Int64
    /// What leases of this journal allow, hard limit included. Uses above ``ceiling`` and up to here are overdraft.
    private(set) var promised: Int64
    private(set) var spent: Int64
    /// Units of the newest lease when it was made.
    private(set) var granted: Int64
    private(set) var number: Int64
    private(set) var notAfter: Timestamp
    private(set) var graceMilliseconds: Int64
    private(set) var price: PriceID
    private(set) var hubEpoch: Int64
    /// Millionths that wait for the units reserved.
    var held: Int64
    /// When what was left went back: given back, or settled after the lease's end.
    private(set) var settled: Timestamp?
    private(set) var signed: SignedLease

    var remaining: Int64 { max(0, ceiling - spent) }
    /// No use happens after it.
    var end: Timestamp { notAfter.advanced(by: .milliseconds(graceMilliseconds)) }

    /// Of a device's first lease in a journal; nothing is reserved yet.
    init(_ lease: Lease, _ signed: SignedLease, price: PriceID) {
        key = Key(epoch: lease.journalEpoch, api: lease.api)
        (ceiling, promised, spent, held, granted) = (0, 0, 0, 0, lease.units)
        (number, notAfter, graceMilliseconds, hubEpoch) = (lease.number, lease.notAfter, lease.graceMilliseconds ?? 0, lease.hubEpoch)
        self.price = price
        self.signed = signed
    }

    init(_ row: SQLRow) throws {
        guard let price = PriceID(rawValue: try row.text("price_id")), let api = APIName(rawValue: try row.text("api")) else { throw HubStorageError.damaged }
        key = Key(epoch: try row.integer("epoch"), api: api)
        self.price = price
        ceiling = try row.integer("ceiling")
        promised = try row.integer("promised")
        spent = try row.integer("spent")
        granted = try row.integer("granted")
        number = try row.integer("number")
        notAfter = try row.time("not_after_ms")
        graceMilliseconds = try row.integer("grace_ms")
        hubEpoch = try row.integer("hub_epoch")
        held = try row.integer("held")
        settled = try row.timeOrNil("settled_ms")
        signed = SignedLease(payload: try row.text("payload"), signature: Base64(try row.blob("signature")))
    }

    /// - Parameter reserved: the total that the quota now holds for it.
    mutating func follow(_ lease: Lease, _ signed: SignedLease, price: PriceID, reserved: Int64) {
        promise(lease)
        (ceiling, granted, number, notAfter) = (reserved, lease.units, lease.number, lease.notAfter)
        (graceMilliseconds, hubEpoch, settled) = (lease.graceMilliseconds ?? 0, lease.hubEpoch, nil)
        self.price = price
        self.signed = signed
    }

    mutating func promise(_ lease: Lease) {
        promised = max(promised, lease.ceiling.addingClamped(lease.whenExhausted == .continueAndFlag ? max(0, lease.hardLimit) : 0))
    }

    mutating func spend(_ units: Int64) { spent = spent.addingClamped(units) }

    /// What is left goes back; what was promised stays, unless the device itself ended it.
    mutating func settle(at now: Timestamp, endsPromise: Bool) {
        ceiling = min(ceiling, spent)
        if endsPromise { promised = min(promised, spent) }
        held = 0
        settled = now
    }

    func save(_ connection: any SQLConnection, device: DeviceID, account: AccountID) throws {
        try connection.execute(
            """
            INSERT INTO allotment (device_id, api, epoch, account_id, ceiling, promised, spent, granted, number, not_after_ms, grace_ms, price_id, hub_epoch,
                payload, signature, held, settled_ms)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (device_id, api, epoch) DO UPDATE SET ceiling = excluded.ceiling, promised = excluded.promised, spent = excluded.spent,
                granted = excluded.granted, number = excluded.number, not_after_ms = excluded.not_after_ms, grace_ms = excluded.grace_ms,
                price_id = excluded.price_id, hub_epoch = excluded.hub_epoch, payload = excluded.payload, signature = excluded.signature,
                held = excluded.held, settled_ms = excluded.settled_ms
            """,
            [
                .text(device.rawValue), .text(key.api.rawValue), .integer(key.epoch), .text(account.rawValue), .integer(ceiling), .integer(promised),
                .integer(spent), .integer(granted), .integer(number), .integer(notAfter.milliseconds), .integer(graceMilliseconds), .text(price.rawValue),
                .integer(hubEpoch), .text(signed.payload), .blob(signed.signature.bytes), .integer(held), SQLValue(settled?.milliseconds),
            ])
    }
}
