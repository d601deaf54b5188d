import HubStorage
import WireModel

/// What an account used of one API on one day (UTC).
package struct DailyUse: Sendable, Codable {
    /// `2026-11-28`
    package let day: String
    package let api: APIName
    package let units: Int64
    /// Calls and decisions, also those that cost nothing.
    package let records: Int64
}

extension Hub {
    private static let day: Int64 = 86_400_000

    /// Use that is in the books, by day and API, the first day first; days without use are left out.
    /// - Parameter account: `nil` counts every account's.
    /// - Parameter days: today and so many days before it; 1 or more.
    package func dailyUse(_ account: AccountID?, days: Int64) async throws -> [DailyUse] {
        let first: Int64 = (now().milliseconds / Self.day - days + 1) * Self.day
        return try await database.read { connection in
            try connection.rows(
                """
                SELECT used_ms / 86400000 AS day, api, sum(units) AS units, count(*) AS records FROM metering_record
                WHERE (account_id = ? OR ? = 1) AND state = 'settled' AND used_ms >= ? GROUP BY used_ms / 86400000, api ORDER BY 1, 2
                """, [.text(account?.rawValue ?? ""), .integer(account == nil ? 1 : 0), .integer(first)]
            ).map { row in
                guard let api = APIName(rawValue: try row.text("api")) else { throw HubStorageError.damaged }
                return DailyUse(
                    day: Timestamp(milliseconds: try row.integer("day") * Self.day).day, api: api, units: try row.integer("units"),
                    records: try row.integer("records"))
            }
        }
    }

    /// The last so many days, today last: as ``DailyUse/day`` writes them.
    package func lastDays(_ days: Int64) -> [String] {
        let today: Int64 = now().milliseconds / Self.day
        return (today - days + 1...today).map { Timestamp(milliseconds: $0 * Self.day).day }
    }
}
