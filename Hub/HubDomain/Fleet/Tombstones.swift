import HubStorage
import WireModel

extension Hub {
    /// How long it is remembered, person by person, who is gone from a gallery: a device that was away for longer begins anew.
    package static let tombstoneLife: Duration = .seconds(366 * 86_400)

    /// Forgets tombstones, and duties that were receipted (the audit chain has the receipts), when their time is over.
    func clearTombstones() async throws {
        let before: SQLValue = .integer(now().advanced(by: .zero - Self.tombstoneLife).milliseconds)
        try await database.write { connection in
            let cleared: [SQLRow] = try connection.rows(
                "SELECT gallery_id, max(version) AS version FROM person_tombstone WHERE made_ms < ? GROUP BY gallery_id", [before])
            for row in cleared {
                let (id, version): (SQLValue, SQLValue) = (.text(try row.text("gallery_id")), .integer(try row.integer("version")))
                try connection.execute("UPDATE gallery SET cleared_version = ? WHERE id = ? AND cleared_version < ?", [version, id, version])
            }
            try connection.execute("DELETE FROM person_tombstone WHERE made_ms < ?", [before])
            try connection.execute("DELETE FROM device_erasure WHERE receipt_ms < ?", [before])
        }
    }
}
