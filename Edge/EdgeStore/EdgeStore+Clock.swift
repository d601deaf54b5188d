import GRDB
import ServiceSupport
import WireModel

/// The device's idea of the hub's time. It starts at the last contact and goes forward by the larger of what the
/// wall clock and the time since start say, never back: a clock that was set back gains nothing, and a wrong jump
/// forward is cleared at the next contact.
extension EdgeStore {
    /// The hub's time as this device best knows it.
    package func trustedTime() throws(EdgeStoreError) -> Timestamp {
        let now = clock.now()
        return try read { try self.trustedTime($0, now) }
    }

    func trustedTime(_ database: Database, _ now: ClockReading) throws -> Timestamp {
        guard let row = try Row.fetchOne(database, sql: "SELECT * FROM clock") else { return now.wall }
        let wall: Int64 = now.wall.milliseconds - (row["wall_ms"] as Int64)
        let boot: Int64 = now.bootID == row["boot_id"] ? now.bootMilliseconds - (row["boot_ms"] as Int64) : 0
        let advanced: Int64 = (row["hub_ms"] as Int64) + max(wall, boot, 0)
        return Timestamp(milliseconds: max(advanced, row["high_water_ms"]))
    }

    /// Sets the starting point at a contact with the hub.
    func anchorClock(_ database: Database, hub: Timestamp, reading: ClockReading) throws {
        try database.execute(
            sql: "INSERT OR REPLACE INTO clock (only, hub_ms, wall_ms, boot_ms, boot_id, high_water_ms) VALUES (1, ?, ?, ?, ?, ?)",
            arguments: [hub.milliseconds, reading.wall.milliseconds, reading.bootMilliseconds, reading.bootID, hub.milliseconds])
    }

    func raiseHighWater(_ database: Database, to time: Timestamp) throws {
        try database.execute(sql: "UPDATE clock SET high_water_ms = max(high_water_ms, ?)", arguments: [time.milliseconds])
    }
}
