import GRDB
import ServiceSupport
import WireModel

/// Bytes on the wire in one day of UTC, TLS included.
package struct DayTraffic: Sendable, Codable, Hashable {
    package let bytesUp: Int64
    package let bytesDown: Int64

    package var total: Int64 { bytesUp + bytesDown }

    package init(bytesUp: Int64, bytesDown: Int64) {
        self.bytesUp = bytesUp
        self.bytesDown = bytesDown
    }
}

/// Why the agent does not sync, or not with everything it has.
package enum SyncHold: String, Sendable, Codable, CaseIterable {
    /// The way to the hub leads over a link that is not to be used.
    case meteredLink = "metered_link"
    /// The day's bytes are used up: only what must be erased is still asked for, once an hour.
    case budgetSpent = "budget_spent"

    package var description: String {
        switch self {
        case .meteredLink: "waits for an unmetered link"
        case .budgetSpent: "the day's bytes are used up; goes on tomorrow (UTC)"
        }
    }
}

extension EdgeStore {
    /// Days that are remembered.
    private static let trafficDays: Int64 = 62

    /// Adds to the day's figures. Days are those of the hub's time, so that setting the clock back is no new budget.
    package func countTraffic(up: Int64, down: Int64) throws(EdgeStoreError) {
        guard up > 0 || down > 0 else { return }
        let now = clock.now()
        try write { database in
            let day: Int64 = Self.day(try self.trustedTime(database, now))
            try database.run(
                sql: """
                    INSERT INTO traffic (day, bytes_up, bytes_down) VALUES (?, ?, ?)
                    ON CONFLICT (day) DO UPDATE SET bytes_up = bytes_up + excluded.bytes_up, bytes_down = bytes_down + excluded.bytes_down
                    """,
                arguments: [day, up, down])
            try database.run(sql: "DELETE FROM traffic WHERE day < ? OR day > ?", arguments: [day - Self.trafficDays, day])
        }
    }

    /// What today's syncs took so far.
    package func trafficToday() throws(EdgeStoreError) -> DayTraffic {
        let now = clock.now()
        return try read { database in
            let day: Int64 = Self.day(try self.trustedTime(database, now))
            let row = try database.row(sql: "SELECT bytes_up, bytes_down FROM traffic WHERE day = ?", arguments: [day])
            return DayTraffic(bytesUp: row?["bytes_up"] ?? 0, bytesDown: row?["bytes_down"] ?? 0)
        }
    }

    /// Remembers why nothing is synced, for `status` in another process; `nil` when there is no such reason.
    package func setSyncHold(_ hold: SyncHold?) throws(EdgeStoreError) {
        guard try syncHold()?.hold != hold else { return }
        let now: Timestamp = clock.now().wall
        try write { database in
            try database.execute(sql: "DELETE FROM sync_hold")
            if let hold {
                try database.run(
                    sql: "INSERT INTO sync_hold (only, reason, since_ms) VALUES (1, ?, ?)", arguments: [hold.rawValue, now.milliseconds])
            }
        }
    }

    package func syncHold() throws(EdgeStoreError) -> (hold: SyncHold, since: Timestamp)? {
        try read { database in
            guard let row = try database.row(sql: "SELECT reason, since_ms FROM sync_hold"), let hold = SyncHold(rawValue: row["reason"]) else {
                return nil
            }
            return (hold, Timestamp(milliseconds: row["since_ms"]))
        }
    }

    private static func day(_ time: Timestamp) -> Int64 { time.milliseconds / 86_400_000 }
}
