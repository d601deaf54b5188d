import HubStorage
import WireModel

/// What is left of a lease goes back to quota and balance when no use of it can come any more, or when nobody waits for it any
/// longer. What was promised stays on record: a use that is reported later all the same is billed, as overdraft, at the price of
/// its day.
extension JournalIntake {
    /// The device reports that it has nothing more to report, and by its own clock and the hub's the lease is over.
    func settleIfOver() throws {
        guard quarantine == nil, request.entries.isEmpty, request.head.seq == journal.seq, request.head.hash == journal.hash else { return }
        let time: Int64 = min(now, request.deviceTime).milliseconds
        for row in try connection.rows(
            "SELECT api FROM allotment WHERE device_id = ? AND epoch = ? AND ceiling > spent AND not_after_ms + grace_ms <= ?",
            [.text(device.rawValue), .integer(journal.epoch), .integer(time)])
        {
            guard let api = APIName(rawValue: try row.text("api")) else { throw HubStorageError.damaged }
            let units: Int64 = try allotments.settle(Allotment.Key(epoch: journal.epoch, api: api), endsPromise: false)
            try trail.record(.leaseSettle, account: account.id, subject: device.rawValue, ["api": api.rawValue, "units": "\(units)"])
        }
        try allotments.flush()
        try batch.flush()
    }
}

extension Hub {
    /// Settles leases of devices that stay away: in a journal that ended, as soon as the lease is over; otherwise after the days of
    /// `lease-settle-days`.
    /// - Returns: how many.
    @discardableResult
    package func settleLeases() async throws -> Int {
        let now: Timestamp = now()
        var settled: Int = 0
        while true {
            let count: Int = try await database.write { connection in
                let patience: Timestamp = now.advanced(by: .zero - (try Settings(connection).days(.leaseSettleDays)))
                let due: [SQLRow] = try connection.rows(
                    """
                    SELECT allotment.* FROM allotment JOIN device ON device.id = allotment.device_id
                    WHERE ceiling > spent AND (not_after_ms + grace_ms <= ? OR (not_after_ms + grace_ms <= ? AND epoch < journal_epoch))
                    ORDER BY device_id, epoch, allotment.api LIMIT 100
                    """, [.integer(patience.milliseconds), .integer(now.milliseconds)])
                let batch = MeterBatch(connection: connection, now: now, actor: .system("leases"))
                let trail = AuditTrail(connection: connection, actor: .system("leases"), now: now)
                for row in due {
                    guard let device = DeviceID(rawValue: try row.text("device_id")), let account = AccountID(rawValue: try row.text("account_id")) else {
                        throw HubStorageError.damaged
                    }
                    let allotments = Allotments(batch: batch, device: device, account: account)
                    let key: Allotment.Key = try Allotment(row).key
                    let units: Int64 = try allotments.settle(key, endsPromise: false)
                    try trail.record(.leaseSettle, account: account, subject: device.rawValue, ["api": key.api.rawValue, "units": "\(units)"])
                    try allotments.flush()
                }
                try batch.flush()
                return due.count
            }
            settled += count
            if count < 100 { return settled }
        }
    }
}
