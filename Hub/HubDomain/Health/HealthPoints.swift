import HubStorage
import WireModel

/// The points of one device.
///
/// Reports are written as they come and rolled up by the hour (``HealthRollUp``); what comes in late, for an hour that was rolled up already,
/// goes into every coarser step by itself.
struct HealthPoints {
    let connection: any SQLConnection
    let device: DeviceID
    let now: Timestamp

    /// An hour is rolled up once it has been over for so long.
    static let grace: Duration = .seconds(600)

    /// Before a device's first point.
    func begin() throws {
        let start: Timestamp = HealthStep.hour.begin(now)
        try connection.execute(
            "INSERT INTO health_roll (device_id, rolled_ms) VALUES (?, ?) ON CONFLICT (device_id) DO NOTHING",
            [.text(device.rawValue), .integer(start.milliseconds)])
    }

    /// - Parameter newest: the time of the newest report before: only what is in its minute, or before it, can meet a point that is there.
    func add(_ point: HealthPoint, at time: Timestamp, newest: Timestamp?) throws {
        let begin: Timestamp = HealthStep.minute.begin(time)
        let mayBeThere: Bool = newest.map { begin <= HealthStep.minute.begin($0) } ?? false
        let isLate: Bool = now.since(time) > Self.grace ? try rolledThrough().map { time < $0 } ?? false : false
        if isLate {
            for step in HealthStep.coarser where now.since(time) < step.term { try merge(point, step, step.begin(time)) }
            guard now.since(time) < HealthStep.minute.term else { return }
        }
        if mayBeThere { try merge(point, .minute, begin) } else { try put(point, .minute, begin) }
    }

    /// Every report before is in the coarser steps.
    func rolledThrough() throws -> Timestamp? {
        try connection.firstRow("SELECT rolled_ms FROM health_roll WHERE device_id = ?", [.text(device.rawValue)])?.time("rolled_ms")
    }

    func merge(_ point: HealthPoint, _ step: HealthStep, _ begin: Timestamp) throws {
        let there: SQLRow? = try connection.firstRow(
            "SELECT body FROM health_point WHERE device_id = ? AND step = ? AND begin_ms = ?",
            [.text(device.rawValue), .integer(step.rawValue), .integer(begin.milliseconds)])
        var merged: HealthPoint = try there.flatMap { HealthPoint(packed: try $0.blob("body")) } ?? HealthPoint()
        merged.merge(point)
        try put(merged, step, begin)
    }

    func put(_ point: HealthPoint, _ step: HealthStep, _ begin: Timestamp) throws {
        try connection.execute(
            """
            INSERT INTO health_point (device_id, step, begin_ms, body) VALUES (?, ?, ?, ?)
            ON CONFLICT (device_id, step, begin_ms) DO UPDATE SET body = excluded.body
            """,
            [.text(device.rawValue), .integer(step.rawValue), .integer(begin.milliseconds), .blob(point.packed)])
    }

    /// In order of time.
    func points(_ step: HealthStep, from begin: Timestamp, to end: Timestamp) throws -> [(begin: Timestamp, point: HealthPoint)] {
        var points: [(begin: Timestamp, point: HealthPoint)] = []
        for row in try connection.rows(
            "SELECT begin_ms, body FROM health_point WHERE device_id = ? AND step = ? AND begin_ms >= ? AND begin_ms < ? ORDER BY begin_ms",
            [.text(device.rawValue), .integer(step.rawValue), .integer(begin.milliseconds), .integer(end.milliseconds)])
        {
            guard let point = HealthPoint(packed: try row.blob("body")) else { throw HubStorageError.damaged }
            points.append((try row.time("begin_ms"), point))
        }
        return points
    }

    /// What its step's term is over for.
    func thin() throws {
        for step in HealthStep.allCases {
            try connection.execute(
                "DELETE FROM health_point WHERE device_id = ? AND step = ? AND begin_ms < ?",
                [.text(device.rawValue), .integer(step.rawValue), .integer(now.milliseconds - step.term.wholeMilliseconds)])
        }
    }
}
