import HubStorage
import WireModel

/// What a device owes, or owed: that somebody, or everybody of a gallery, is no longer on it.
package struct OwedErasure: Sendable, Codable, Hashable {
    package enum State: String, Sendable, Codable {
        /// The device has not said so yet.
        case outstanding
        /// Nor has it, and its gallery's term has passed since: it matches nobody of it and has erased it, if it runs at all.
        case endedByTerm = "ended_by_term"
        /// The device's journal says so.
        case receipted
    }

    package let device: DeviceID
    package let gallery: GalleryID
    /// `nil`: everybody of the gallery.
    package let person: PersonID?
    /// Why: the word of the erasure on the hub.
    package let ground: String
    package let due: Timestamp
    package let state: State
    /// The latest moment at which the device, never having heard of it, ends the gallery by itself.
    package let ends: Timestamp
    package let receipt: Timestamp?
    /// Why the device erased, in its own words; `digest`: what it holds showed it, before or without an entry that says so.
    package let receiptGround: String?
    /// Epoch and place in its journal.
    package let entry: String?

    init(_ row: SQLRow, now: Timestamp) throws {
        guard let device = DeviceID(rawValue: try row.text("device_id")), let gallery = GalleryID(rawValue: try row.text("gallery_id")) else {
            throw HubStorageError.damaged
        }
        self.device = device
        self.gallery = gallery
        person = PersonID(rawValue: try row.text("person_id"))
        ground = try row.text("ground")
        due = try row.time("due_ms")
        ends = try row.time("ends_ms")
        receipt = try row.timeOrNil("receipt_ms")
        receiptGround = try row.textOrNil("receipt_ground")
        entry = try row.integerOrNil("receipt_epoch").map { "\($0)/\(try row.integer("receipt_seq"))" }
        state = receipt != nil ? .receipted : ends <= now ? .endedByTerm : .outstanding
    }
}

extension Hub {
    /// - Parameters:
    ///   - account: an account's id or name; `nil` for all.
    ///   - group: only devices that are in it.
    ///   - isAll: those that were receipted too.
    ///   - limit: at most so many.
    /// - Returns: the oldest first.
    package func owedErasures(account: String? = nil, group: String? = nil, device: DeviceID? = nil, isAll: Bool = false, limit: Int = 10_000) async throws
        -> [OwedErasure]
    {
        let now: Timestamp = now()
        return try await database.read { connection in
            var (filters, values): ([String], [SQLValue]) = ([], [])
            if let account {
                filters.append("device.account_id = ?")
                values.append(.text(try Self.account(connection, account).id.rawValue))
            }
            if let group {
                filters.append("device.group_id = ?")
                values.append(.text(try DeviceGroups(connection: connection).group(group).id.rawValue))
            }
            if let device {
                filters.append("device_id = ?")
                values.append(.text(device.rawValue))
            }
            if !isAll { filters.append("receipt_ms IS NULL") }
            let filter: String = filters.isEmpty ? "" : " WHERE " + filters.joined(separator: " AND ")
            return try connection.rows(
                """
                SELECT device_erasure.* FROM device_erasure JOIN device ON device.id = device_id\(filter)
                    ORDER BY due_ms, device_id, gallery_id, person_id LIMIT ?
                """, values + [.integer(Int64(limit))]
            ).map { try OwedErasure($0, now: now) }
        }
    }
}
