import HubStorage
import WireModel

/// What a sync tells of the device's health: the journal's reports, oldest first, and how it is now.
extension JournalIntake {
    /// Two statements a heartbeat that tells something, besides reading the report before.
    func takeHealth() throws {
        guard !healthEntries.isEmpty || request.health != nil else { return }
        var latest: LatestHealth? = try LatestHealth.load(connection, device)
        let isNew: Bool = latest == nil
        var isNewer: Bool = false
        let points = HealthPoints(connection: connection, device: device, now: now)
        if isNew { try points.begin() }
        for entry in healthEntries {
            guard let record = entry.body.flatMap({ try? JSON.value(HealthRecord.self, from: $0) })?.bounded else { continue }
            let at: Timestamp = used(entry)
            let point: HealthPoint = record.point(after: latest?.record, skew: nil)
            try points.add(point, at: at, newest: latest?.reported)
            if latest.map({ $0.reported <= at }) ?? true {
                isNewer = true
                latest = LatestHealth(epoch: entry.epoch, seq: entry.seq, reported: at, record: record, point: point)
            }
        }
        if let record = request.health?.bounded {
            let point: HealthPoint = record.point(after: latest?.record, skew: skew)
            try points.add(point, at: now, newest: latest?.reported)
            latest = LatestHealth(epoch: request.head.epoch, seq: request.head.seq, reported: now, record: record, point: point)
            isNewer = true
        }
        if isNewer, let latest { try latest.save(connection, device) }
    }
}

/// The newest report of a device.
struct LatestHealth {
    let epoch: Int64
    let seq: Int64
    let reported: Timestamp
    let record: HealthRecord
    let point: HealthPoint

    static func load(_ connection: any SQLConnection, _ device: DeviceID) throws -> LatestHealth? {
        guard let row = try connection.firstRow("SELECT * FROM device_health WHERE device_id = ?", [.text(device.rawValue)]),
            let record = try? JSON.value(HealthRecord.self, from: try row.text("body"))
        else { return nil }
        return LatestHealth(
            epoch: try row.integer("epoch"), seq: try row.integer("seq"), reported: try row.time("reported_ms"), record: record,
            point: try row.blobOrNil("vitals").flatMap(HealthPoint.init(packed:)) ?? HealthPoint())
    }

    func save(_ connection: any SQLConnection, _ device: DeviceID) throws {
        try connection.execute(
            """
            INSERT INTO device_health (device_id, epoch, seq, reported_ms, body, vitals) VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (device_id) DO UPDATE SET epoch = excluded.epoch, seq = excluded.seq, reported_ms = excluded.reported_ms, body = excluded.body,
                vitals = excluded.vitals
            """,
            [
                .text(device.rawValue), .integer(epoch), .integer(seq), .integer(reported.milliseconds), .text(try JSON.text(record)), .blob(point.packed),
            ])
    }
}
