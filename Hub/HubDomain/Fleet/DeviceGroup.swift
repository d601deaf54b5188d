import HubStorage
import WireModel

/// Devices of one account that work alike: one configuration, the same galleries.
package struct DeviceGroup: Sendable, Codable, Hashable {
    package let id: DeviceGroupID
    package let account: AccountID
    /// Unique in its account.
    package let name: String
    package let configuration: DeviceConfiguration
    package let created: Timestamp
    /// Devices in service.
    package let devices: Int64
    package let galleries: [GroupGallery]
}

/// A gallery that the devices of a group are given.
package struct GroupGallery: Sendable, Codable, Hashable {
    package let gallery: GalleryID
    package let name: String
    /// A device that has not been told that it is up to date for so long matches nobody of the gallery any more, and erases it.
    package let termMilliseconds: Int64
    package let assigned: Timestamp
}

package enum GroupLimit {
    package static let groupsPerAccount: Int64 = 1_000
    package static let galleriesPerGroup: Int64 = 50
    package static let term: ClosedRange<Duration> = Duration.seconds(3_600)...Duration.seconds(400 * 86_400)
    package static let standardTerm: Duration = .seconds(7 * 86_400)
}

/// The rows of groups, devices' places in them, and their galleries.
struct DeviceGroups {
    let connection: any SQLConnection

    static let columns: String =
        "device_group.*, (SELECT count(*) FROM device WHERE device.group_id = device_group.id AND device.revoked_ms IS NULL) AS devices"

    func group(_ row: SQLRow) throws -> DeviceGroup {
        guard let id = DeviceGroupID(rawValue: try row.text("id")), let account = AccountID(rawValue: try row.text("account_id")) else {
            throw HubStorageError.damaged
        }
        return DeviceGroup(
            id: id, account: account, name: try row.text("name"), configuration: try Self.configuration(row), created: try row.time("created_ms"),
            devices: try row.integer("devices"), galleries: try galleries(of: id))
    }

    static func configuration(_ row: SQLRow) throws -> DeviceConfiguration { try JSON.value(DeviceConfiguration.self, from: try row.text("configuration")) }

    func galleries(of group: DeviceGroupID) throws -> [GroupGallery] {
        try connection.rows(
            """
            SELECT gallery.id AS id, gallery.name AS name, term_ms, assigned_ms FROM group_gallery JOIN gallery ON gallery.id = gallery_id
                WHERE group_id = ? ORDER BY gallery.id
            """, [.text(group.rawValue)]
        ).map { row in
            guard let id = GalleryID(rawValue: try row.text("id")) else { throw HubStorageError.damaged }
            return GroupGallery(gallery: id, name: try row.text("name"), termMilliseconds: try row.integer("term_ms"), assigned: try row.time("assigned_ms"))
        }
    }

    func all(of account: AccountID?) throws -> [DeviceGroup] {
        let filter: String = account == nil ? "" : " WHERE account_id = ?"
        return try connection.rows(
            "SELECT \(Self.columns) FROM device_group\(filter) ORDER BY id", account.map { [.text($0.rawValue)] } ?? []
        ).map(group)
    }

    func named(_ name: String, of account: AccountID) throws -> DeviceGroup? {
        try connection.firstRow(
            "SELECT \(Self.columns) FROM device_group WHERE account_id = ? AND name = ?", [.text(account.rawValue), .text(name)]
        ).map(group)
    }

    func find(_ id: DeviceGroupID) throws -> DeviceGroup? {
        try connection.firstRow("SELECT \(Self.columns) FROM device_group WHERE id = ?", [.text(id.rawValue)]).map(group)
    }

    /// - Parameters:
    ///   - reference: a group's id, or its name.
    ///   - account: whose group it must be; `nil` for anybody's: then a name must be that of one group only.
    func group(_ reference: String, of account: AccountID? = nil) throws -> DeviceGroup {
        let column: String = DeviceGroupID(rawValue: reference) == nil ? "name" : "id"
        let filter: String = account == nil ? "" : " AND account_id = ?"
        let found: [SQLRow] = try connection.rows(
            "SELECT \(Self.columns) FROM device_group WHERE \(column) = ?\(filter) ORDER BY id LIMIT 2",
            [.text(reference)] + (account.map { [.text($0.rawValue)] } ?? []))
        guard let row = found.first else {
            throw Problem(.notFound, "There is no such group of devices.", detail: reference, remedy: "`vultus-hub group list` shows all groups.")
        }
        guard found.count == 1 else {
            throw Problem(
                .conflict, "Several accounts have a group of that name.", detail: reference, remedy: "Name the group by its id: `vultus-hub group list`.")
        }
        return try group(row)
    }
}
