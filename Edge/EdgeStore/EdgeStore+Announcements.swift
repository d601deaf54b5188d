import GRDB
import ServiceSupport
import WireModel

extension EdgeStore {
    /// What stands now, by the device's idea of the hub's time, newest first.
    package func announcements() throws(EdgeStoreError) -> [DeviceAnnouncement] {
        let now = clock.now()
        return try read { database in
            let time: Timestamp = try self.trustedTime(database, now)
            return try self.heldAnnouncements(database)?.items.filter { $0.stands(at: time) } ?? []
        }
    }

    /// What a sync says of those held; empty for none.
    package func announcementMark() throws(EdgeStoreError) -> String { try read { try self.heldAnnouncements($0)?.mark ?? "" } }

    private func heldAnnouncements(_ database: Database) throws -> DeviceAnnouncements? {
        guard let document = try database.value(String.self, sql: "SELECT document FROM announcements") else { return nil }
        // One that does not read is asked for again.
        return try? JSON.value(DeviceAnnouncements.self, from: document)
    }

    func save(_ database: Database, _ announcements: DeviceAnnouncements) throws {
        try database.run(sql: "INSERT OR REPLACE INTO announcements (only, document) VALUES (1, ?)", arguments: [try JSON.text(announcements)])
    }
}
