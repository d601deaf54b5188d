import Crypto
import FoundationEssentials
import GRDB
import ServiceSupport
import WireModel

/// What the device makes of its clocks.
package struct ClockState: Sendable, Hashable {
    /// The hub's time as this device best knows it.
    package let trusted: Timestamp
    /// How far the wall clock is behind where it should be since the last contact, if it was set back (or lost, as a dead battery
    /// makes it): milliseconds, 0 when it was not.
    package let setBackMilliseconds: Int64
    /// Whether the time of the last contact carried the hub's own signature.
    package let isSigned: Bool

    /// Clocks drift; nobody sets one back by less than this to gain anything.
    package static let toleranceMilliseconds: Int64 = 10 * 60_000

    package var isInDoubt: Bool { setBackMilliseconds > Self.toleranceMilliseconds }
}

/// The device's idea of the hub's time. It starts at the last contact and goes forward by the larger of what the
/// wall clock and the time since start say, never back: a clock that was set back gains nothing, and a wrong jump
/// forward is cleared at the next contact.
///
/// A start of the system without a wall clock (a dead battery: 1970) goes on from the high-water mark by the time since that start.
extension EdgeStore {
    /// The hub's time as this device best knows it.
    package func trustedTime() throws(EdgeStoreError) -> Timestamp {
        let now = clock.now()
        return try read { try self.trustedTime($0, now) }
    }

    func trustedTime(_ database: Database, _ now: ClockReading) throws -> Timestamp {
        guard let row = try database.row(sql: "SELECT * FROM clock") else { return now.wall }
        let contact: Int64 = row["hub_ms"]
        let wall: Int64 = now.wall.milliseconds - (row["wall_ms"] as Int64)
        let boot: Int64 = now.bootID == row["boot_id"] ? now.bootMilliseconds - (row["boot_ms"] as Int64) : 0
        let local: Int64 = now.bootID == row["local_boot_id"] ? (row["local_ms"] as Int64) + now.bootMilliseconds - (row["local_boot_ms"] as Int64) : 0
        return Timestamp(milliseconds: max(contact + max(wall, boot, 0), local, row["high_water_ms"]))
    }

    package func clockState() throws(EdgeStoreError) -> ClockState {
        let now = clock.now()
        return try read { try self.clockState($0, now) }
    }

    func clockState(_ database: Database, _ now: ClockReading) throws -> ClockState {
        let trusted: Timestamp = try trustedTime(database, now)
        guard let row = try database.row(sql: "SELECT * FROM clock") else {
            return ClockState(trusted: trusted, setBackMilliseconds: 0, isSigned: false)
        }
        let passed: Int64 = trusted.milliseconds - (row["hub_ms"] as Int64)
        let expected: Int64 = (row["wall_ms"] as Int64) + passed
        return ClockState(
            trusted: trusted, setBackMilliseconds: max(0, expected - now.wall.milliseconds), isSigned: (row["signature"] as Data?) != nil)
    }

    /// Takes the hub's time from an answer. One with a signature must be the hub's own word about the head that was sent; one
    /// without came over mutual TLS from a hub that does not sign yet.
    func anchorClock(_ database: Database, _ answer: SyncResponse, head: JournalHead?, identity: DeviceIdentity, reading: ClockReading) throws {
        if let signature = answer.timeSignature, let head {
            let signed: [UInt8] = SyncResponse.signedTimeBytes(device: identity.device, head: head, time: answer.time)
            guard identity.leaseKey.isValidSignature(signature.bytes, for: signed) else { return }
        }
        try anchorClock(database, hub: answer.time, signature: head == nil ? nil : answer.timeSignature, reading: reading)
    }

    /// Sets the starting point at a contact with the hub.
    func anchorClock(_ database: Database, hub: Timestamp, signature: Base64?, reading: ClockReading) throws {
        try database.run(
            sql: "INSERT OR REPLACE INTO clock (only, hub_ms, wall_ms, boot_ms, boot_id, high_water_ms, signature) VALUES (1, ?, ?, ?, ?, ?, ?)",
            arguments: [
                hub.milliseconds, reading.wall.milliseconds, reading.bootMilliseconds, reading.bootID, hub.milliseconds, signature.map { Data($0.bytes) },
            ])
        // What a wrong jump forward made too late is not older than this contact.
        try database.run(sql: "UPDATE journal_mark SET time_ms = ?1 WHERE time_ms > ?1", arguments: [hub.milliseconds])
        try database.run(sql: "UPDATE seen_file SET seen_ms = ?1 WHERE seen_ms > ?1", arguments: [hub.milliseconds])
    }

    func raiseHighWater(_ database: Database, to time: Timestamp, _ now: ClockReading) throws {
        try database.run(
            sql: """
                UPDATE clock SET high_water_ms = max(high_water_ms, ?1),
                    local_ms = CASE WHEN ?3 IN (boot_id, local_boot_id) THEN local_ms ELSE ?1 END,
                    local_boot_ms = CASE WHEN ?3 IN (boot_id, local_boot_id) THEN local_boot_ms ELSE ?2 END,
                    local_boot_id = CASE WHEN ?3 IN (boot_id, local_boot_id) THEN local_boot_id ELSE ?3 END
                """, arguments: [time.milliseconds, now.bootMilliseconds, now.bootID])
    }
}
