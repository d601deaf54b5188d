import HubStorage
import WireModel

extension HealthPoints {
    /// Makes the coarser steps of every whole hour that has not been rolled up, and thins out what is older than its step is kept.
    /// Each report is counted in each step once, whoever rolls up and however often.
    func rollUp() throws {
        guard let rolled = try rolledThrough() else { return }
        let end: Timestamp = HealthStep.hour.begin(now.advanced(by: .zero - Self.grace))
        guard end > rolled else { return }
        var merged: [HealthStep: [Timestamp: HealthPoint]] = [:]
        for (begin, point) in try points(.minute, from: rolled, to: end) {
            for step in HealthStep.coarser { merged[step, default: [:]][step.begin(begin), default: HealthPoint()].merge(point) }
        }
        for (step, points) in merged {
            // A day is made of many hours; hours and what is finer are whole.
            for (begin, point) in points { if step == .day { try merge(point, step, begin) } else { try put(point, step, begin) } }
        }
        try connection.execute(
            "UPDATE health_roll SET rolled_ms = ? WHERE device_id = ?", [.integer(end.milliseconds), .text(device.rawValue)])
        try thin()
    }
}

extension Hub {
    /// Devices in one transaction: so that a heartbeat never waits long.
    private static let rolledAtOnce: Int64 = 25

    /// Rolls up what is due, of every device. Safe on several hubs at once.
    /// - Returns: how many devices.
    @discardableResult
    package func rollUpHealth() async throws -> Int {
        var count: Int = 0
        while !Task.isCancelled {
            let now: Timestamp = now()
            let due: Timestamp = HealthStep.hour.begin(now.advanced(by: .zero - HealthPoints.grace))
            let done: Int = try await database.write { connection in
                let rows: [SQLRow] = try connection.rows(
                    "SELECT device_id FROM health_roll WHERE rolled_ms < ? ORDER BY rolled_ms, device_id LIMIT ?",
                    [.integer(due.milliseconds), .integer(Self.rolledAtOnce)])
                for row in rows {
                    guard let device = DeviceID(rawValue: try row.text("device_id")) else { throw HubStorageError.damaged }
                    try HealthPoints(connection: connection, device: device, now: now).rollUp()
                }
                return rows.count
            }
            count += done
            if done < Int(Self.rolledAtOnce) { break }
        }
        return count
    }
}
