import HubStorage
import WireModel

/// A hub restored from a backup of before an API was first priced meets leases and uses of that API. They are kept, refused with
/// `not_for_sale`, and billed once a price holds for their time: when the operator has set it again, at the device's next sync.
extension JournalIntake {
    /// Read at a time.
    private static let heldPage: Int = 500

    /// - Parameter isCounted: whether the device's total in its allotment has these units.
    func hold(_ entry: JournalEntry, usedAt used: Timestamp, isCounted: Bool) throws {
        guard let api = entry.api else { return }
        try connection.execute(
            """
            INSERT INTO held_entry (device_id, epoch, seq, api, account_id, units, used_ms, is_counted, noted_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (device_id, epoch, seq) DO NOTHING
            """,
            [
                .text(device.rawValue), .integer(entry.epoch), .integer(entry.seq), .text(api.rawValue), .text(account.id.rawValue), .integer(entry.units),
                .integer(used.milliseconds), SQLValue(isCounted), .integer(now.milliseconds),
            ])
    }

    /// Before the entries that come with the request: what they spend of may be a lease that was held.
    func takeHeld() throws {
        guard quarantine == nil else { return }
        let named: [SQLRow] = try connection.rows("SELECT DISTINCT api FROM held_entry WHERE device_id = ? ORDER BY api", [.text(device.rawValue)])
        for api in try named.compactMap({ APIName(rawValue: try $0.text("api")) }) {
            guard let earliest = try ledger.prices(api).earliest else { continue }
            var last: (epoch: Int64, seq: Int64) = (0, 0)
            var rows: [SQLRow] = []
            repeat {
                // A lease is taken up as soon as there is any price, for uses that come later.
                rows = try connection.rows(
                    """
                    SELECT journal_entry.*, held_entry.used_ms, held_entry.is_counted FROM held_entry JOIN journal_entry
                        ON journal_entry.device_id = held_entry.device_id AND journal_entry.epoch = held_entry.epoch AND journal_entry.seq = held_entry.seq
                    WHERE held_entry.device_id = ? AND held_entry.api = ? AND (held_entry.units = 0 OR held_entry.used_ms >= ?)
                        AND (held_entry.epoch, held_entry.seq) > (?, ?)
                    ORDER BY held_entry.epoch, held_entry.seq LIMIT \(Self.heldPage)
                    """,
                    [.text(device.rawValue), .text(api.rawValue), .integer(earliest.milliseconds), .integer(last.epoch), .integer(last.seq)])
                for row in rows {
                    let entry = try JournalEntry(row)
                    try takeHeld(entry, usedAt: try row.time("used_ms"), isCounted: try row.integer("is_counted") == 1)
                    last = (entry.epoch, entry.seq)
                }
                try allotments.flush()
                try batch.flush()
            } while rows.count == Self.heldPage
        }
    }

    private func takeHeld(_ entry: JournalEntry, usedAt used: Timestamp, isCounted: Bool) throws {
        var rejection: ProblemCode?
        do {
            if let bill = try ledger.assess(entry, usedAt: used, isCounted: isCounted) { try ledger.post(bill, for: entry) }
            if entry.kind == .lease { try note(entry) }
        } catch let refusal as LedgerRefusal { rejection = refusal.code }
        guard rejection != .notForSale else { return }
        if let api = entry.api, entry.units > 0, !isCounted { try allotments.spend(entry.units, Allotment.Key(epoch: entry.epoch, api: api)) }
        let place: [SQLValue] = [.text(device.rawValue), .integer(entry.epoch), .integer(entry.seq)]
        try connection.execute(
            "UPDATE journal_entry SET rejection = ? WHERE device_id = ? AND epoch = ? AND seq = ?", [SQLValue(rejection?.rawValue)] + place)
        try connection.execute("DELETE FROM held_entry WHERE device_id = ? AND epoch = ? AND seq = ?", place)
    }
}
