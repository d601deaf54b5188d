import HubStorage
import WireModel

/// Takes what devices say that they have erased: into the audit chain, and against what they owe.
struct ErasureReceipts {
    let connection: any SQLConnection
    let device: DeviceID
    let account: AccountID
    let now: Timestamp

    /// Of an `erasure` entry that the hub has just accepted, once. One whose body was forgotten or says nothing proves nothing.
    func take(_ entry: JournalEntry) throws {
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
        if record.person == nil {
            try connection.execute(
                "DELETE FROM device_gallery WHERE device_id = ? AND gallery_id = ?", [.text(device.rawValue), .text(gallery.rawValue)])
        }
    }
}
