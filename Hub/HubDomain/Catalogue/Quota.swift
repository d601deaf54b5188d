import HubStorage
import WireModel

/// How much of an API an account may use, devices and calls together.
package struct Quota: Sendable, Codable {
    package let account: AccountID
    package let api: APIName
    package let units: Int64
    package let period: UsePeriod
    /// Used in the present period, and in the books.
    package let settled: Int64
    /// Given to devices in leases and not yet reported as used, or claimed by calls under way.
    package let reserved: Int64
}

extension Hub {
    /// Sets what an account may use of an API in a period, use so far included.
    package func setQuota(account reference: String, api: APIName, units: Int64, period: UsePeriod = .total, by actor: Actor) async throws -> Quota {
        guard units >= 0 else { throw Problem(.invalidRequest, "A quota is not negative.", remedy: "Give --units of 0 or more.") }
        return try await act(actor) { connection, trail, now in
            try Self.checkSold(connection, api)
            return try Self.setQuota(connection, trail, try Self.account(connection, reference).id, api, units: units, period: period, now: now)
        }
    }

    static func setQuota(
        _ connection: any SQLConnection, _ trail: AuditTrail, _ account: AccountID, _ api: APIName, units: Int64, period: UsePeriod, now: Timestamp
    ) throws -> Quota {
        // Of another period: what was used counts as used in the present one, as the records have it.
        let begin: Int64 = period.begin(at: now)
        let settled: Int64 = try connection.rows(
            """
            SELECT coalesce(sum(units), 0) AS n FROM metering_record
            WHERE account_id = ? AND api = ? AND state = 'settled' AND is_trial = 0 AND overdraft = 0 AND booked_ms >= ?
            """, [.text(account.rawValue), .text(api.rawValue), .integer(begin)])[0].integer("n")
        let claimed: Int64 = try connection.rows(
            "SELECT coalesce(sum(units), 0) AS n FROM metering_record WHERE account_id = ? AND api = ? AND state = 'claimed' AND is_trial = 0",
            [.text(account.rawValue), .text(api.rawValue)])[0].integer("n")
        let reserved: Int64 = try claimed + LeasedUse.units(connection, account, api)
        guard units >= settled + reserved else {
            throw Problem(
                .conflict, "That quota is below what is used or already in the hands of devices.",
                detail: "\(settled) units used, \(reserved) reserved", remedy: "Set at least \(settled + reserved).")
        }
        try connection.execute(
            """
            INSERT INTO quota (account_id, api, units, period, window_ms, settled, claimed) VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (account_id, api) DO UPDATE SET units = excluded.units, period = excluded.period, window_ms = excluded.window_ms,
                settled = excluded.settled, claimed = excluded.claimed
            """,
            [
                .text(account.rawValue), .text(api.rawValue), .integer(units), .text(period.rawValue), .integer(begin), .integer(settled), .integer(claimed),
            ])
        try trail.record(.quotaSet, account: account, subject: api.rawValue, ["units": "\(units)", "period": period.rawValue])
        return try quota(connection, account, api, at: now)!
    }

    package func quotas(account reference: String) async throws -> [Quota] {
        let now: Timestamp = now()
        return try await database.read { connection in
            let account: Account = try Self.account(connection, reference)
            return try connection.rows("SELECT api FROM quota WHERE account_id = ? ORDER BY api", [.text(account.id.rawValue)]).compactMap { row in
                guard let api = APIName(rawValue: try row.text("api")) else { return nil }
                return try Self.quota(connection, account.id, api, at: now)
            }
        }
    }

    static func quota(_ connection: any SQLConnection, _ account: AccountID, _ api: APIName, at now: Timestamp) throws -> Quota? {
        let key: [SQLValue] = [.text(account.rawValue), .text(api.rawValue)]
        guard let row = try connection.firstRow("SELECT * FROM quota WHERE account_id = ? AND api = ?", key) else { return nil }
        guard let period = UsePeriod(rawValue: try row.text("period")) else { throw HubStorageError.damaged }
        let isCurrent: Bool = try row.integer("window_ms") >= period.begin(at: now)
        return Quota(
            account: account, api: api, units: try row.integer("units"), period: period, settled: isCurrent ? try row.integer("settled") : 0,
            reserved: try LeasedUse.units(connection, account, api) + row.integer("claimed"))
    }
}
