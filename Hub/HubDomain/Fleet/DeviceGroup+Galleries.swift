import HubStorage
import WireModel

/// Which galleries the devices of a group are given, and which device is in which group.
extension Hub {
    /// Assigns a gallery of the group's own account, or changes its term.
    /// - Parameters:
    ///   - gallery: its id, or its name where the account has one gallery of that name.
    ///   - term: one of ``GroupLimit/term``: after so long without contact a device matches nobody of it any more.
    package func assign(_ gallery: String, to group: String, term: Duration = GroupLimit.standardTerm, by actor: Actor) async throws -> DeviceGroup {
        guard GroupLimit.term.contains(term) else {
            throw Problem(.invalidRequest, "A gallery's term is an hour to 400 days.", remedy: "Give --term-hours or --term-days within that.")
        }
        return try await act(actor) { connection, trail, now in
            let groups = DeviceGroups(connection: connection)
            let group: DeviceGroup = try groups.group(group)
            let found: Gallery = try Self.gallery(connection, gallery, of: group.account)
            let isNew: Bool = !group.galleries.contains { $0.gallery == found.id }
            guard !isNew || Int64(group.galleries.count) < GroupLimit.galleriesPerGroup else {
                throw Problem(.conflict, "A group has at most \(GroupLimit.galleriesPerGroup) galleries.", remedy: "Unassign one that is not needed.")
            }
            try connection.execute(
                """
                INSERT INTO group_gallery (group_id, gallery_id, term_ms, assigned_ms) VALUES (?, ?, ?, ?)
                    ON CONFLICT (group_id, gallery_id) DO UPDATE SET term_ms = excluded.term_ms
                """,
                [.text(group.id.rawValue), .text(found.id.rawValue), .integer(term.wholeMilliseconds), .integer(now.milliseconds)])
            let duties = ErasureDuties(connection: connection, now: now)
            if isNew { for device in try Self.devices(connection, in: group.id) { try duties.waive(found.id, by: device) } }
            try trail.record(
                .groupAssign, account: group.account, subject: group.id.rawValue,
                ["gallery": found.id.rawValue, "termHours": "\(term.wholeMilliseconds / 3_600_000)"])
            return try groups.group(group.id.rawValue)
        }
    }

    /// The group's devices erase the gallery at their next contact, or when its term ends; each owes a receipt.
    package func unassign(_ gallery: String, from group: String, by actor: Actor) async throws -> DeviceGroup {
        try await act(actor) { connection, trail, now in
            let groups = DeviceGroups(connection: connection)
            let group: DeviceGroup = try groups.group(group)
            let found: Gallery = try Self.gallery(connection, gallery, of: group.account)
            let removed: Int = try connection.execute(
                "DELETE FROM group_gallery WHERE group_id = ? AND gallery_id = ?", [.text(group.id.rawValue), .text(found.id.rawValue)])
            guard removed == 1 else {
                throw Problem(
                    .notFound, "The group does not have that gallery.", detail: found.id.rawValue, remedy: "`vultus-hub group show` lists its galleries.")
            }
            let duties = ErasureDuties(connection: connection, now: now)
            for device in try Self.devices(connection, in: group.id) {
                try duties.owe(nil, of: found.id, version: found.version, ground: "withdrawn", by: device)
            }
            try trail.record(.groupUnassign, account: group.account, subject: group.id.rawValue, ["gallery": found.id.rawValue])
            return try groups.group(group.id.rawValue)
        }
    }

    /// Puts a device into a group of its own account; galleries that only the old group has are erased from it.
    /// - Parameter group: `nil` for no group: no galleries, standard configuration.
    package func move(_ device: DeviceID, to group: String?, by actor: Actor) async throws -> Device {
        try await act(actor) { connection, trail, now in
            let before: Device = try .find(device, connection)
            let groups = DeviceGroups(connection: connection)
            let target: DeviceGroup? = try group.map { try groups.group($0, of: before.account) }
            guard before.group != target?.id else { return before }
            try connection.execute("UPDATE device SET group_id = ? WHERE id = ?", [SQLValue(target?.id.rawValue), .text(device.rawValue)])
            let kept: Set<GalleryID> = Set(target?.galleries.map(\.gallery) ?? [])
            let duties = ErasureDuties(connection: connection, now: now)
            for gallery in try Self.held(connection, by: device) {
                if kept.contains(gallery.id) {
                    try duties.waive(gallery.id, by: device)
                } else {
                    try duties.owe(nil, of: gallery.id, version: gallery.version, ground: "withdrawn", by: device)
                }
            }
            try trail.record(.deviceMove, account: before.account, subject: device.rawValue, ["group": target?.id.rawValue ?? "none"])
            return try Device(try connection.rows("SELECT * FROM device WHERE id = ?", [.text(device.rawValue)])[0])
        }
    }

    /// - Throws: `notFound` for what is another account's, as for what is not there.
    private static func gallery(_ connection: any SQLConnection, _ reference: String, of account: AccountID) throws -> Gallery {
        let column: String = GalleryID(rawValue: reference) == nil ? "name" : "id"
        let found: [SQLRow] = try connection.rows(
            "SELECT * FROM gallery WHERE account_id = ? AND deleted_ms IS NULL AND \(column) = ? ORDER BY id LIMIT 2",
            [.text(account.rawValue), .text(reference)])
        guard let row = found.first else {
            let names: [String] = try connection.rows(
                "SELECT DISTINCT name FROM gallery WHERE account_id = ? AND deleted_ms IS NULL ORDER BY name LIMIT 20", [.text(account.rawValue)]
            ).map { try $0.text("name") }
            throw Problem(
                .notFound, "The group's account has no such gallery.", detail: reference,
                remedy: names.isEmpty ? "The account makes one first: POST /v1/galleries with its key." : "It has: \(names.joined(separator: ", ")).")
        }
        guard found.count == 1 else {
            throw Problem(.conflict, "Several applications have a gallery of that name.", detail: reference, remedy: "Name the gallery by its id.")
        }
        return try Gallery(row)
    }

    private static func devices(_ connection: any SQLConnection, in group: DeviceGroupID) throws -> [DeviceID] {
        try connection.rows("SELECT id FROM device WHERE group_id = ? ORDER BY id", [.text(group.rawValue)]).compactMap {
            DeviceID(rawValue: try $0.text("id"))
        }
    }

    /// What the device was given and has not told that it erased.
    private static func held(_ connection: any SQLConnection, by device: DeviceID) throws -> [Gallery] {
        try connection.rows(
            "SELECT gallery.* FROM device_gallery JOIN gallery ON gallery.id = gallery_id WHERE device_id = ? ORDER BY gallery.id", [.text(device.rawValue)]
        ).map(Gallery.init)
    }
}
