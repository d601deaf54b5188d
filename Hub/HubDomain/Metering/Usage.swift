import HubStorage
import WireModel

/// What one device or application used of one API, as the metering records have it.
package struct Usage: Sendable, Codable {
    package let device: DeviceID?
    package let application: ApplicationID?
    /// The device's label or the application's name.
    package let label: String
    package let api: APIName
    package let units: Int64
    /// Records: journal entries and calls.
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
                SELECT device_id, application_id, coalesce(max(device.label), max(application.name)) AS label, api, sum(units) AS units, count(*) AS entries,
                    max(used_ms) AS last_ms
                FROM metering_record LEFT JOIN device ON device.id = metering_record.device_id
                    LEFT JOIN application ON application.id = metering_record.application_id
                WHERE metering_record.account_id = ? AND state = 'settled' AND units > 0
                GROUP BY device_id, application_id, api ORDER BY device_id, application_id, api
                """,
                [.text(account.id.rawValue)]
            ).map { row in
                guard let api = APIName(rawValue: try row.text("api")) else { throw HubStorageError.damaged }
                return Usage(
                    device: try row.textOrNil("device_id").flatMap(DeviceID.init(rawValue:)),
                    application: try row.textOrNil("application_id").flatMap(ApplicationID.init(rawValue:)), label: try row.textOrNil("label") ?? "", api: api,
                    units: try row.integer("units"), entries: try row.integer("entries"), last: Timestamp(milliseconds: try row.integer("last_ms")))
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
                forkAlarms: try count("SELECT count(*) AS n FROM fork_alarm WHERE resolved_ms IS NULL"),
                unitsByAPI: try connection.rows(
                    """
                    SELECT api, sum(n) AS n FROM (
                        SELECT price.api AS api, units AS n FROM tariff_count JOIN price ON price.id = tariff_count.price_id
                        UNION ALL SELECT api, used AS n FROM purchase WHERE kind = 'pack') AS charged
                    GROUP BY api ORDER BY api
                    """, []
                ).map { (try $0.text("api"), try $0.integer("n")) })
        }
    }
}
