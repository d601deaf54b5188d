import HubDomain
import HubStorage
import TestKit
import WireModel

extension HealthRecord {
    /// A device that is well, but for what is said.
    static func told(
        states: [String] = ["fresh"], free: Int64 = 8 << 30, celsius: Double? = 50, started: Int64 = 1, matched: Int64? = nil, p99: Int64? = nil,
        cameras: [CameraVitals]? = nil
    ) -> HealthRecord {
        var vitals = DeviceVitals()
        vitals.started = Timestamp(milliseconds: started)
        vitals.celsius = celsius
        vitals.decided = matched.map { DecisionCounts(matched: $0) }
        vitals.cameras = cameras
        return HealthRecord(
            states: states, freeBytes: free, storeBytes: 1 << 20, clockSetBackMilliseconds: 0,
            decisions: p99.map { DecisionLatency(count: 10, medianMilliseconds: $0 / 2, p99Milliseconds: $0) }, vitals: vitals)
    }
}

extension Hub {
    /// What a running hub does once a minute, for so many minutes.
    func watch(minutes: Int, _ clock: ManualClock, each: () async throws -> Void = {}) async throws {
        for _ in 0..<minutes {
            clock.advance(by: .seconds(60))
            try await each()
            try await watchDevices()
        }
    }

    /// Queued mails of one kind, oldest first, with their words.
    func mails(_ purpose: String) async throws -> [OutboxMail] { try await outbox().filter { $0.purpose == purpose }.reversed() }

    func pointCounts() async throws -> [HealthStep: Int64] {
        try await database.read { connection in
            try connection.rows("SELECT step, count(*) AS n FROM health_point GROUP BY step", []).reduce(into: [:]) { counts, row in
                counts[HealthStep(rawValue: try row.integer("step"))!] = try row.integer("n")
            }
        }
    }
}
