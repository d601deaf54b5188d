import HubStorage
import WireModel

/// The allotments of one device in one transaction: each is read once, changed in memory, and written by ``flush``.
final class Allotments {
    let batch: MeterBatch
    let device: DeviceID
    let account: AccountID
    private var rows: Cached<Allotment.Key, Allotment?> = Cached()
    /// As they are in the database.
    private var stored: [Allotment.Key: Allotment] = [:]
    private var grants: [LeaseID: Timestamp?] = [:]

    var connection: any SQLConnection { batch.connection }

    init(batch: MeterBatch, device: DeviceID, account: AccountID) {
        self.batch = batch
        self.device = device
        self.account = account
    }

    subscript(_ key: Allotment.Key) -> Allotment? {
        get throws {
            try rows.value(key) {
                stored[key] = try connection.firstRow(
                    "SELECT * FROM allotment WHERE device_id = ? AND api = ? AND epoch = ?",
                    [.text(device.rawValue), .text(key.api.rawValue), .integer(key.epoch)]
                ).map(Allotment.init)
                return stored[key]
            }
        }
    }

    func set(_ row: Allotment) { rows.set(row.key, row) }

    func flush() throws {
        for case (let key, let row?) in rows.takeChanged() {
            try row.save(connection, device: device, account: account)
            try LeasedUse.follow(connection, account, key.api, from: stored[key], to: row)
            stored[key] = row
        }
    }

    /// When the lease was granted to this device; `nil` when it was not.
    func granted(_ lease: LeaseID, _ key: Allotment.Key) throws -> Timestamp? {
        if let known = grants[lease] { return known }
        let time: Timestamp? = try connection.firstRow(
            "SELECT granted_ms FROM lease_grant WHERE id = ? AND device_id = ? AND api = ? AND epoch = ?",
            [.text(lease.rawValue), .text(device.rawValue), .text(key.api.rawValue), .integer(key.epoch)]
        ).map { try $0.time("granted_ms") }
        grants[lease] = .some(time)
        return time
    }

    /// - Parameter adopted: when it was met on a device and taken for one of the hub's own; `nil` for one that is granted now.
    func record(_ lease: Lease, adopted: Timestamp?) throws {
        try connection.execute(
            """
            INSERT INTO lease_grant (id, device_id, api, epoch, granted_epoch, number, ceiling, granted_ms, not_after_ms, adopted_ms)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .text(lease.id.rawValue), .text(device.rawValue), .text(lease.api.rawValue), .integer(lease.journalEpoch), .integer(lease.hubEpoch),
                .integer(lease.number), .integer(lease.ceiling), .integer(lease.notBefore.milliseconds), .integer(lease.notAfter.milliseconds),
                SQLValue(adopted?.milliseconds),
            ])
        grants[lease.id] = .some(lease.notBefore)
    }

    /// The highest number that any lease of the API had on this device, in whatever journal.
    func highestNumber(_ api: APIName) throws -> Int64 {
        try connection.rows(
            "SELECT coalesce(max(number), 0) AS n FROM lease_grant WHERE device_id = ? AND api = ?", [.text(device.rawValue), .text(api.rawValue)])[0]
            .integer("n")
    }

    /// Units of the quota that nobody holds, everything of this transaction counted.
    func free(_ api: APIName) throws -> Int64 {
        try flush()
        try batch.flush()
        guard let quota = try Hub.quota(connection, account, api, at: batch.now) else { return 0 }
        return max(0, quota.units - quota.settled - quota.reserved)
    }

    /// Follows the device's own running total, which counts every unit it spent, billed or not; what was held for them is let go.
    func spend(_ units: Int64, _ key: Allotment.Key) throws {
        guard var row = try self[key] else { return }
        let before: Int64 = row.remaining
        row.spend(units)
        let after: Int64 = row.remaining
        let held: Int64 = before == 0 ? 0 : row.held / before * after + row.held % before * after / before
        try change(heldOf: &row, to: held)
        set(row)
    }

    /// - Parameter held: millionths.
    func change(heldOf row: inout Allotment, to held: Int64) throws {
        try batch.books.hold(held - row.held, account, try batch.price(row.price).unitPrice.currency)
        row.held = held
    }

    /// - Returns: units that went back.
    @discardableResult
    func settle(_ key: Allotment.Key, endsPromise: Bool) throws -> Int64 {
        guard var row = try self[key], row.settled == nil || row.remaining > 0 else { return 0 }
        let rest: Int64 = row.remaining
        try change(heldOf: &row, to: 0)
        row.settle(at: batch.now, endsPromise: endsPromise)
        set(row)
        return rest
    }
}
