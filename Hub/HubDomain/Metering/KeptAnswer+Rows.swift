import HubStorage
import WireModel

extension KeptAnswer {
    /// How long a repetition gets the same answer.
    static let life: Duration = .seconds(86_400)

    /// - Returns: the answer sealed, as it is stored.
    static func load(_ connection: any SQLConnection, record: String, now: Timestamp) throws -> KeptAnswer? {
        let row: SQLRow? = try connection.firstRow(
            "SELECT status, media_type, sealed FROM idempotent_answer WHERE record_id = ? AND expires_ms > ?", [.text(record), .integer(now.milliseconds)])
        return try row.map { KeptAnswer(status: Int(try $0.integer("status")), mediaType: try $0.text("media_type"), body: try $0.blob("sealed")) }
    }

    func keep(_ connection: any SQLConnection, record: String, now: Timestamp) throws {
        try connection.execute(
            """
            INSERT INTO idempotent_answer (record_id, status, media_type, sealed, expires_ms) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (record_id) DO UPDATE SET status = excluded.status, media_type = excluded.media_type, sealed = excluded.sealed,
                expires_ms = excluded.expires_ms
            """,
            [
                .text(record), .integer(Int64(status)), .text(mediaType), .blob(body), .integer(now.advanced(by: Self.life).milliseconds),
            ])
    }
}
