import GRDB
import ServiceSupport
import WireModel

extension EdgeStore {
    private static let healthInterval: Duration = .seconds(3_600)
    /// States that flicker are not worth an entry each time.
    private static let healthPause: Duration = .seconds(60)

    /// Journals how the device is: once an hour, and when its states change.
    /// - Parameters:
    ///   - states: by their codes.
    ///   - decisions: asked for when a report is made.
    ///   - vitals: the same.
    package func noteHealth(
        states: [String], decisions: () -> DecisionLatency? = { nil }, vitals: () -> DeviceVitals? = { nil }
    ) throws(EdgeStoreError) {
        let now = clock.now()
        let text: String = states.joined(separator: " ")
        guard try read({ try self.isHealthDue($0, now, text) }) else { return }
        // Asked for outside the transaction: whoever answers may look into the store.
        let (decisions, vitals): (DecisionLatency?, DeviceVitals?) = (decisions(), vitals())
        try write { database in
            guard try self.isHealthDue(database, now, text) else { return }
            // A journal that is full has no room for what costs nothing.
            guard try self.usedBytes(database) < self.configuration(database).storeBytes else { return }
            let record: HealthRecord = try self.healthRecord(database, now, states: states, decisions: decisions, vitals: vitals)
            try self.append(database, .health, body: record, identity: try self.identity(database), at: now)
            let time: Timestamp = try self.trustedTime(database, now)
            try database.run(sql: "INSERT OR REPLACE INTO health (only, time_ms, states) VALUES (1, ?, ?)", arguments: [time.milliseconds, text])
        }
    }

    private func isHealthDue(_ database: Database, _ now: ClockReading, _ states: String) throws -> Bool {
        guard try database.value(Bool.self, sql: "SELECT EXISTS (SELECT 1 FROM identity WHERE device_id IS NOT NULL)")! else { return false }
        guard let row = try database.row(sql: "SELECT * FROM health") else { return true }
        let age: Duration = try trustedTime(database, now).since(Timestamp(milliseconds: row["time_ms"]))
        // A last report that lies ahead was dated by a wrong jump of the clock.
        return age >= Self.healthInterval || age < .zero || (age >= Self.healthPause && row["states"] != states)
    }

    /// How the device is now.
    package func healthRecord(states: [String], decisions: DecisionLatency?, vitals: DeviceVitals?) throws(EdgeStoreError) -> HealthRecord {
        let now = clock.now()
        return try read { try self.healthRecord($0, now, states: states, decisions: decisions, vitals: vitals) }
    }

    private func healthRecord(
        _ database: Database, _ now: ClockReading, states: [String], decisions: DecisionLatency?, vitals: DeviceVitals?
    ) throws -> HealthRecord {
        HealthRecord(
            states: states, freeBytes: DiskSpace.free(at: files.directory), storeBytes: try usedBytes(database),
            clockSetBackMilliseconds: try clockState(database, now).setBackMilliseconds, decisions: decisions, vitals: vitals)
    }

    /// What waits for the hub: how many entries, and since when the oldest does.
    package func backlog() throws(EdgeStoreError) -> (entries: Int64, age: Duration?) {
        let now = clock.now()
        return try read { database in
            let identity = try self.identity(database)
            let acknowledged: Int64 = try self.watermarks(database).acknowledged
            guard
                let row = try database.row(
                    sql: "SELECT seq, wall_ms FROM journal WHERE epoch = ? AND seq > ? ORDER BY seq LIMIT 1", arguments: [identity.journalEpoch, acknowledged])
            else { return (0, nil) }
            let (first, wall): (Int64, Int64) = (row["seq"], row["wall_ms"])
            let last: Int64 = try self.head(database, identity.journalEpoch).seq
            return (last - first + 1, max(.zero, now.wall.since(Timestamp(milliseconds: wall))))
        }
    }
}
