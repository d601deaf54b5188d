import HubStorage
import WireModel

/// What devices owe after somebody left a gallery, or a gallery left a device: a receipt each, for as long as it takes.
struct ErasureDuties {
    let connection: any SQLConnection
    let now: Timestamp

    /// From now on every device that was given anything of the gallery owes this.
    /// - Parameters:
    ///   - person: `nil` for everybody of the gallery.
    ///   - device: only that one; `nil` for all.
    ///   - version: of the gallery, when it happened.
    ///   - ground: a word: who or what asked for it.
    func owe(_ person: PersonID?, of gallery: GalleryID, version: Int64, ground: String, by device: DeviceID? = nil) throws {
        let filter: String = device == nil ? "" : " AND device_id = ?"
        try connection.execute(
            """
            INSERT INTO device_erasure (device_id, gallery_id, person_id, version, ground, due_ms, ends_ms)
                SELECT device_id, gallery_id, ?, ?, ?, ?, fed_ms + term_ms
                FROM device_gallery WHERE gallery_id = ?\(filter)
                ON CONFLICT (device_id, gallery_id, person_id, version) DO UPDATE SET ground = excluded.ground, due_ms = excluded.due_ms,
                    ends_ms = excluded.ends_ms, receipt_ms = NULL, receipt_ground = NULL, receipt_epoch = NULL, receipt_seq = NULL
                WHERE device_erasure.receipt_ms IS NOT NULL
            """,
            [.text(person?.rawValue ?? ""), .integer(version), .text(ground), .integer(now.milliseconds), .text(gallery.rawValue)]
                + (device.map { [.text($0.rawValue)] } ?? []))
    }

    /// The person is to be on devices again: who has not erased them yet need not.
    func waive(_ person: PersonID, of gallery: GalleryID) throws {
        try connection.execute(
            "DELETE FROM device_erasure WHERE gallery_id = ? AND person_id = ? AND receipt_ms IS NULL", [.text(gallery.rawValue), .text(person.rawValue)])
    }

    /// The device is to have the gallery after all.
    func waive(_ gallery: GalleryID, by device: DeviceID) throws {
        try connection.execute(
            "DELETE FROM device_erasure WHERE device_id = ? AND gallery_id = ? AND person_id = '' AND ground = 'withdrawn' AND receipt_ms IS NULL",
            [.text(device.rawValue), .text(gallery.rawValue)])
    }

    /// Galleries of which the device still owes something.
    func outstandingGalleries(_ device: DeviceID) throws -> [GalleryID] {
        try connection.rows(
            "SELECT DISTINCT gallery_id FROM device_erasure WHERE device_id = ? AND receipt_ms IS NULL ORDER BY gallery_id", [.text(device.rawValue)]
        ).compactMap { GalleryID(rawValue: try $0.text("gallery_id")) }
    }

    /// Persons of a gallery whom the device has not confirmed to have erased.
    func outstanding(_ device: DeviceID, _ gallery: GalleryID) throws -> [PersonID] {
        try connection.rows(
            "SELECT DISTINCT person_id FROM device_erasure WHERE device_id = ? AND gallery_id = ? AND person_id <> '' AND receipt_ms IS NULL ORDER BY person_id",
            [.text(device.rawValue), .text(gallery.rawValue)]
        ).compactMap { PersonID(rawValue: try $0.text("person_id")) }
    }
}
