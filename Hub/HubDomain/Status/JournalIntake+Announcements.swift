import HubStorage
import WireModel

extension JournalIntake {
    /// Told so long before they begin, so that a device without a network shows them in time.
    private static let ahead: Duration = .seconds(7 * 86_400)
    /// On one screen.
    private static let most: Int64 = 20

    /// - Returns: `nil` for a device that holds them already, or shows none.
    func announcements() throws -> DeviceAnnouncements? {
        guard let held = request.announcements else { return nil }
        let items: [DeviceAnnouncement] = try connection.rows(
            """
            SELECT * FROM announcement WHERE withdrawn_ms IS NULL AND (ends_ms IS NULL OR ends_ms > ?) AND begins_ms < ?
                AND audience IN (?, ?, (SELECT group_id FROM device WHERE id = ?)) ORDER BY begins_ms DESC, id DESC LIMIT ?
            """,
            [
                .integer(now.milliseconds), .integer(now.advanced(by: Self.ahead).milliseconds), .text(Announcement.devices), .text(account.id.rawValue),
                .text(device.rawValue), .integer(Self.most),
            ]
        ).map { row in
            let one = try Announcement(row)
            return DeviceAnnouncement(
                id: one.id, texts: one.texts.reduce(into: [:]) { $0[$1.key.rawValue] = .init(title: $1.value.title, body: $1.value.body) },
                begins: one.begins, ends: one.ends)
        }
        let mark: String = items.isEmpty ? "" : try JSON.mark(items)
        return mark == held ? nil : DeviceAnnouncements(mark: mark, items: items)
    }
}
