import HubStorage
import WireModel

/// A device's health over a time.
package struct HealthSeries: Sendable, Encodable {
    package struct Point: Sendable, Encodable {
        /// When it begins.
        package let time: Timestamp
        package let min: Double
        package let mean: Double
        package let max: Double
        /// Of reports.
        package let count: Int64
    }

    package struct Line: Sendable, Encodable {
        package let metric: String
        package let unit: String
        package let points: [Point]
    }

    package let device: DeviceID
    package let from: Timestamp
    package let until: Timestamp
    package let stepSeconds: Int64
    /// What a point of several reports is.
    package let merging: String
    package let lines: [Line]

    package subscript(_ metric: HealthMetric) -> [Point] { lines.first { $0.metric == metric.name }?.points ?? [] }
}

extension Hub {
    /// - Parameters:
    ///   - account: whose device it must be; `nil` for an operator.
    ///   - metrics: all of them when empty.
    ///   - step: `nil` is the finest that is kept for so long and can be shown at once.
    /// - Throws: `not_found` for a device that is not there, or another account's.
    package func health(
        of device: DeviceID, account: AccountID? = nil, metrics: [HealthMetric] = [], since: Timestamp? = nil, until: Timestamp? = nil,
        step: HealthStep? = nil
    ) async throws -> HealthSeries {
        let now: Timestamp = now()
        let end: Timestamp = min(until ?? now, now)
        let start: Timestamp = since ?? end.advanced(by: .seconds(-6 * 3_600))
        guard start < end else {
            throw Problem(.invalidRequest, "That time ends before it begins.", detail: "\(start) to \(end)", remedy: "Give a `since` before `until` and now.")
        }
        let step: HealthStep = step ?? .fitting(from: start, until: end, now: now)
        let wanted: [HealthMetric] = metrics.isEmpty ? HealthMetric.allCases : metrics
        return try await database.read { connection in
            let row: SQLRow? = try connection.firstRow("SELECT account_id FROM device WHERE id = ?", [.text(device.rawValue)])
            guard let owner = try row?.text("account_id"), account.map({ $0.rawValue == owner }) ?? true else { throw Device.missing(device) }
            let points = HealthPoints(connection: connection, device: device, now: now)
            var found: [(begin: Timestamp, point: HealthPoint)] = try points.points(step, from: step.begin(start), to: end)
            if step != .minute { found = try points.withFresh(found, step, from: start, to: end) }
            return HealthSeries(
                device: device, from: start, until: end, stepSeconds: step.rawValue, merging: HealthMetric.merging,
                lines: wanted.map { metric in
                    HealthSeries.Line(
                        metric: metric.name, unit: metric.unit.rawValue,
                        points: found.compactMap { begin, point in
                            point[metric].map { .init(time: begin, min: $0.least, mean: $0.mean, max: $0.greatest, count: $0.count) }
                        })
                })
        }
    }
}

extension HealthPoints {
    /// With the reports of the hours that are not rolled up yet.
    fileprivate func withFresh(
        _ old: [(begin: Timestamp, point: HealthPoint)], _ step: HealthStep, from start: Timestamp, to end: Timestamp
    ) throws -> [(begin: Timestamp, point: HealthPoint)] {
        let rolled: Timestamp = max(try rolledThrough() ?? start, step.begin(start))
        guard rolled < end else { return old }
        var all: [Timestamp: HealthPoint] = Dictionary(uniqueKeysWithValues: old.map { ($0.begin, $0.point) })
        for (begin, point) in try points(.minute, from: rolled, to: end) { all[step.begin(begin), default: HealthPoint()].merge(point) }
        return all.sorted { $0.key < $1.key }.map { (begin: $0.key, point: $0.value) }
    }
}
