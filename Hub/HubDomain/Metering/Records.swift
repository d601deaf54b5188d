import HubStorage
import WireModel

extension Hub {
    /// What was used, and what failed and cost nothing; newest first.
    /// - Parameter before: only records that come after this one in the list.
    package func meteringRecords(_ account: AccountID, api: APIName?, before: String?, limit: Int) async throws -> [MeteringRecord] {
        try await database.read { connection in
            var (time, id): (Int64, String) = (.max, "")
            if let before {
                guard
                    let row = try connection.firstRow(
                        "SELECT used_ms FROM metering_record WHERE id = ? AND account_id = ?", [.text(before), .text(account.rawValue)])
                else { throw Problem.nothing("record", before) }
                (time, id) = (try row.integer("used_ms"), before)
            }
            return try connection.rows(
                """
                SELECT * FROM metering_record WHERE account_id = ? AND (? = '' OR api = ?) AND (used_ms < ? OR (used_ms = ? AND id < ?))
                ORDER BY used_ms DESC, id DESC LIMIT ?
                """,
                [
                    .text(account.rawValue), .text(api?.rawValue ?? ""), .text(api?.rawValue ?? ""), .integer(time), .integer(time), .text(id),
                    .integer(Int64(min(max(limit, 1), 500))),
                ]
            ).map(MeteringRecord.init)
        }
    }
}
