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
    package func noteHealth(states: [String], decisions: () -> DecisionLatency? = { nil }) throws(EdgeStoreError) {
        let now = clock.now()
        let free: Int64 = DiskSpace.free(at: files.directory)
        try write { database in
            guard try database.value(Bool.self, sql: "SELECT EXISTS (SELECT 1 FROM identity WHERE device_id IS NOT NULL)")! else { return }
            let (time, text): (Timestamp, String) = (try self.trustedTime(database, now), states.joined(separator: " "))
            if let row = try database.row(sql: "SELECT * FROM health") {
                let age: Duration = time.since(Timestamp(milliseconds: row["time_ms"]))
                // A last report that lies ahead was dated by a wrong jump of the clock.
                let isDue: Bool = age >= Self.healthInterval || age < .zero || (age >= Self.healthPause && row["states"] != text)
                guard isDue else { return }
            }
            // A journal that is full has no room for what costs nothing.
            guard try self.usedBytes(database) < self.configuration(database).storeBytes else { return }
            let record = HealthRecord(
                states: states, freeBytes: free, storeBytes: try self.usedBytes(database),
                clockSetBackMilliseconds: try self.clockState(database, now).setBackMilliseconds, decisions: decisions())
            try self.append(database, .health, body: record, identity: try self.identity(database), at: now)
            try database.run(sql: "INSERT OR REPLACE INTO health (only, time_ms, states) VALUES (1, ?, ?)", arguments: [time.milliseconds, text])
        }
    }
}
