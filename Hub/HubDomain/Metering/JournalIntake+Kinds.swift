import Crypto
import HubStorage
import WireModel

/// What entries say besides what they cost.
extension JournalIntake {
    /// Of an entry that has just been taken in, once.
    /// - Throws: `LedgerRefusal` for one that is kept, and not believed.
    func note(_ entry: JournalEntry) throws {
        switch entry.kind {
        case .decision, .enrolment, .gap: break
        case .erasure: try ErasureReceipts(connection: connection, device: device, now: now).take(entry, of: account.id)
        case .lease: try takeLeaseEvent(entry)
        case .health: healthEntries.append(entry)
        }
    }

    private func takeLeaseEvent(_ entry: JournalEntry) throws {
        guard let event = entry.body.flatMap({ try? JSON.value(LeaseEvent.self, from: $0) }) else { throw LedgerRefusal(code: .invalidRequest) }
        switch event.kind {
        case .installed:
            guard let signed = event.lease, let lease = signed.open(with: hub.keys.leaseKey.publicKey), lease.device == device,
                lease.account == account.id, lease.keyThumbprint == keyThumbprint, lease.journalEpoch == entry.epoch, lease.api == event.api,
                lease.ceiling >= 0, lease.number > 0
            else { throw LedgerRefusal(code: .leaseInvalid) }
            try rows.flush(connection, device, now: now)
            try allotments.adopt(lease, signed, prices: try ledger.prices(lease.api))
        case .returned:
            try allotments.settle(Allotment.Key(epoch: entry.epoch, api: event.api), endsPromise: true)
        }
    }

    /// Entries that are lost: the journal goes on after them. What they cost is not billed; it is there for the operator to see.
    func take(_ gap: GapRecord, _ entry: JournalEntry) throws {
        var lost: [APIName: Int64] = try units(gap.units)
        try rows.flush(connection, device, now: now)
        if let spent = gap.spent {
            for (api, units) in lost {
                if let spent = spent[api.rawValue] { lost[api] = min(units, spent - (try accounted(api, epoch: entry.epoch, through: entry.seq))) }
            }
        } else if gap.from <= journal.seq {
            // After a restore the hub may hold some of them again.
            for row in try connection.rows(
                "SELECT api, sum(units) AS units FROM journal_entry WHERE device_id = ? AND epoch = ? AND seq BETWEEN ? AND ? AND units > 0 GROUP BY api",
                [.text(device.rawValue), .integer(entry.epoch), .integer(gap.from), .integer(journal.seq)])
            {
                if let api = APIName(rawValue: try row.text("api")), let units = lost[api] { lost[api] = units - (try row.integer("units")) }
            }
        }
        for (api, units) in lost where units > 0 { try leaveOpen(units, of: api, epoch: entry.epoch, seq: entry.seq, ground: gap.ground.rawValue) }
        try trail.record(
            .journalGap, account: account.id, subject: device.rawValue,
            ["epoch": "\(entry.epoch)", "from": "\(gap.from)", "through": "\(entry.seq)", "ground": gap.ground.rawValue])
    }

    /// Units of a journal that the hub holds entries for, or that stand open already, up to a place.
    private func accounted(_ api: APIName, epoch: Int64, through seq: Int64) throws -> Int64 {
        try connection.rows(
            """
            SELECT (SELECT coalesce(sum(units), 0) FROM journal_entry WHERE device_id = ? AND epoch = ? AND seq <= ? AND api = ?)
                + (SELECT coalesce(sum(units), 0) FROM unaccounted_use WHERE device_id = ? AND epoch = ? AND seq <= ? AND api = ?) AS units
            """,
            [
                .text(device.rawValue), .integer(epoch), .integer(seq), .text(api.rawValue), .text(device.rawValue), .integer(epoch), .integer(seq),
                .text(api.rawValue),
            ])[0].integer("units")
    }

    /// What a device says by API, as far as it can be meant.
    func units(_ named: [String: Int64]) throws -> [APIName: Int64] {
        named.reduce(into: [:]) { units, item in
            if let api = APIName(rawValue: item.key), (1...1_000_000_000).contains(item.value) { units[api] = item.value }
        }
    }

    /// Units that the device spent and that no entry accounts for: they count as spent, and nobody is billed.
    func leaveOpen(_ units: Int64, of api: APIName, epoch: Int64, seq: Int64, ground: String) throws {
        let key = Allotment.Key(epoch: epoch, api: api)
        // No more than was promised can have been spent: what is named beyond it must not bar the uses that come.
        if let row = try allotments[key] { try allotments.spend(min(units, max(0, row.promised - row.spent)), key) }
        try connection.execute(
            """
            INSERT INTO unaccounted_use (device_id, epoch, seq, api, account_id, units, ground, noted_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (device_id, epoch, seq, api) DO NOTHING
            """,
            [
                .text(device.rawValue), .integer(epoch), .integer(seq), .text(api.rawValue), .text(account.id.rawValue), .integer(units), .text(ground),
                .integer(now.milliseconds),
            ])
    }
}
