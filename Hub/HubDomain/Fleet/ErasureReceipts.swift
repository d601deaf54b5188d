import HubStorage
import WireModel

/// Takes what devices say that they have erased: into the audit chain, and against what they owe.
struct ErasureReceipts {
    let connection: any SQLConnection
    let device: DeviceID
    let now: Timestamp

    /// Of an `erasure` entry that the hub has just accepted, once. One whose body was forgotten or says nothing proves nothing.
    func take(_ entry: JournalEntry, of account: AccountID) throws {
        guard let record = entry.body.flatMap({ try? JSON.value(ErasureRecord.self, from: $0) }), record.person != nil || record.gallery != nil else { return }
        if let gallery = record.gallery { try settle(record, of: gallery, entry) }
        var detail: [String: String] = [
            "device": device.rawValue, "entry": "\(entry.epoch)/\(entry.seq)", "ground": (record.ground ?? .local).rawValue,
        ]
        if let gallery = record.gallery { detail["gallery"] = gallery.rawValue }
        if let persons = record.persons { detail["persons"] = "\(persons)" }
        try AuditTrail(connection: connection, actor: Actor(.device, device.rawValue), now: now).record(
            .personErasedOnDevice, account: account, subject: record.person?.rawValue ?? record.gallery!.rawValue, detail)
    }

    /// The device's digest of a gallery is that of a moment after what it owed: it has done it, and what says so came another way.
    /// - Parameter version: of the gallery; what was owed from then on is not meant.
    func confirm(_ gallery: GalleryID, before version: Int64) throws {
        let settled: [SQLRow] = try connection.rows(
            """
            UPDATE device_erasure SET receipt_ms = ?, receipt_ground = 'digest'
                WHERE device_id = ? AND gallery_id = ? AND version < ? AND ground <> 'withdrawn' AND receipt_ms IS NULL RETURNING person_id
            """, [.integer(now.milliseconds), .text(device.rawValue), .text(gallery.rawValue), .integer(version)])
        guard !settled.isEmpty else { return }
        let account: SQLRow? = try connection.firstRow("SELECT account_id FROM gallery WHERE id = ?", [.text(gallery.rawValue)])
        for row in settled {
            let person: String = try row.text("person_id")
            try AuditTrail(connection: connection, actor: Actor(.device, device.rawValue), now: now).record(
                .personErasedOnDevice, account: try account.flatMap { AccountID(rawValue: try $0.text("account_id")) },
                subject: person.isEmpty ? gallery.rawValue : person,
                ["device": device.rawValue, "gallery": gallery.rawValue, "ground": "digest"])
        }
    }

    private func settle(_ record: ErasureRecord, of gallery: GalleryID, _ entry: JournalEntry) throws {
        let filter: String = record.person == nil ? "" : " AND person_id = ?"
        let values: [SQLValue] = [
            .integer(now.milliseconds), .text((record.ground ?? .local).rawValue), .integer(entry.epoch), .integer(entry.seq), .text(device.rawValue),
            .text(gallery.rawValue),
        ]
        try connection.execute(
            """
            UPDATE device_erasure SET receipt_ms = ?, receipt_ground = ?, receipt_epoch = ?, receipt_seq = ?
                WHERE device_id = ? AND gallery_id = ? AND receipt_ms IS NULL\(filter)
            """, values + (record.person.map { [.text($0.rawValue)] } ?? []))
        // On the hub's word a gallery was emptied, and stays.
        if record.person == nil, record.ground != .hub { try empty(gallery) }
    }

    /// The device holds nothing more of the gallery. The answer that gives it everything anew may be lost, and others after it: that it is
    /// owed stays until its cursor shows it.
    private func empty(_ gallery: GalleryID) throws {
        let place: [SQLValue] = [.text(device.rawValue), .text(gallery.rawValue)]
        try connection.execute(
            """
            INSERT INTO emptied_gallery (device_id, gallery_id, times) SELECT device_id, gallery_id, 1 FROM device_gallery
                WHERE device_id = ? AND gallery_id = ?
                ON CONFLICT (device_id, gallery_id) DO UPDATE SET times = emptied_gallery.times + 1
            """, place)
        try connection.execute("DELETE FROM device_gallery WHERE device_id = ? AND gallery_id = ?", place)
    }
}
