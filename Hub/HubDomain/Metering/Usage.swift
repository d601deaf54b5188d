import HubStorage
import WireModel

/// What one device used of one API, as the hub's ledger has it.
package struct Usage: Sendable, Codable {
    package let device: DeviceID
    package let label: String
    package let api: APIName
    package let units: Int64
    package let entries: Int64
    package let last: Timestamp
}

/// Figures for `/metrics`.
package struct HubFigures: Sendable {
    package let accounts: Int64
    package let devices: Int64
    package let journalEntries: Int64
    package let rejectedEntries: Int64
    package let forkAlarms: Int64
    package let unitsByAPI: [(api: String, units: Int64)]
}

extension Hub {
    package func usage(account reference: String) async throws -> [Usage] {
        try await database.read { connection in
            let account: Account = try Self.account(connection, reference)
            return try connection.rows(
                """
                SELECT device_id, device.label AS label, api, sum(units) AS units, count(*) AS entries, max(used_ms) AS last_ms
                FROM metering_record JOIN device ON device.id = metering_record.device_id
                WHERE metering_record.account_id = ? GROUP BY device_id, device.label, api ORDER BY device_id, api
                """,
                [.text(account.id.rawValue)]
            ).map { row in
                guard let device = DeviceID(rawValue: try row.text("device_id")), let api = APIName(rawValue: try row.text("api")) else {
                    throw HubStorageError.damaged
                }
                return Usage(
                    device: device, label: try row.text("label"), api: api, units: try row.integer("units"), entries: try row.integer("entries"),
                    last: Timestamp(milliseconds: try row.integer("last_ms")))
            }
        }
    }

    /// One cheap question to the database.
    package func checkReadiness() async throws { _ = try await database.read { try Self.epoch($0) } }

    package func figures() async throws -> HubFigures {
        try await database.read { connection in
            func count(_ sql: String) throws -> Int64 { try connection.rows(sql, [])[0].integer("n") }
            return HubFigures(
                accounts: try count("SELECT count(*) AS n FROM account"),
                devices: try count("SELECT count(*) AS n FROM device WHERE revoked_ms IS NULL"),
                journalEntries: try count("SELECT coalesce(sum(head_seq), 0) AS n FROM device"),
                rejectedEntries: try count("SELECT count(*) AS n FROM journal_entry WHERE rejection IS NOT NULL"),
                forkAlarms: try count("SELECT count(*) AS n FROM fork_alarm"),
                unitsByAPI: try connection.rows("SELECT api, sum(settled) AS n FROM quota GROUP BY api ORDER BY api", []).map {
                    (try $0.text("api"), try $0.integer("n"))
                })
        }
    }
}
