import HubStorage
import WireModel

/// What one device does otherwise than its group: layered over the group's configuration, field by field. `nil` is as the group has it.
package struct ConfigurationOverrides: Sendable, Codable, Hashable {
    package var contactMilliseconds: Int64?
    package var resultRetentionDays: Int64?
    package var storeBytes: Int64?
    package var links: DeviceConfiguration.Links?
    /// 0: as many as needed.
    package var bytesPerDay: Int64?
    /// 0: each gallery's own.
    package var targetFalseMatchRate: Double?
    package var watch: WatchConfiguration?

    package init() {}

    package var isEmpty: Bool { self == ConfigurationOverrides() }

    /// - Parameter base: the group's, or the standard for a device in none.
    package func over(_ base: DeviceConfiguration) -> DeviceConfiguration {
        DeviceConfiguration(
            version: base.version, contactMilliseconds: contactMilliseconds ?? base.contactMilliseconds,
            resultRetentionDays: resultRetentionDays ?? base.resultRetentionDays, storeBytes: storeBytes ?? base.storeBytes, links: links ?? base.links,
            bytesPerDay: bytesPerDay.map { $0 == 0 ? nil : $0 } ?? base.bytesPerDay,
            targetFalseMatchRate: targetFalseMatchRate.map { $0 == 0 ? nil : $0 } ?? base.targetFalseMatchRate,
            watch: watch.map { $0.completed(by: base.watch) } ?? base.watch)
    }
}

extension DeviceGroups {
    /// - Returns: `nil` where neither says anything.
    static func layered(_ overrides: ConfigurationOverrides?, over group: DeviceConfiguration?) -> DeviceConfiguration? {
        overrides?.over(group ?? .standard) ?? group
    }

    /// What a device is to do: its group's configuration under its own overrides; `nil` for a device in no group and with none.
    static func configuration(_ connection: any SQLConnection, of device: DeviceID) throws -> DeviceConfiguration? {
        try connection.firstRow(
            "SELECT configuration, overrides FROM device LEFT JOIN device_group ON device_group.id = device.group_id WHERE device.id = ?",
            [.text(device.rawValue)]
        ).flatMap { row in
            let group: DeviceConfiguration? = try row.textOrNil("configuration").map { try JSON.value(DeviceConfiguration.self, from: $0) }
            let overrides: ConfigurationOverrides? = try row.textOrNil("overrides").map { try JSON.value(ConfigurationOverrides.self, from: $0) }
            return layered(overrides, over: group)
        }
    }
}

extension Hub {
    /// - Parameter change: of what the device does otherwise than its group.
    /// - Throws: `invalidRequest` for what no device could do.
    package func configureDevice(
        _ id: DeviceID, by actor: Actor, _ change: @escaping @Sendable (inout ConfigurationOverrides) throws -> Void
    ) async throws -> FleetDevice {
        try await act(actor) { connection, trail, now in
            let fleet = Fleet(connection: connection, now: now)
            let device: FleetDevice = try fleet.device(id)
            var overrides: ConfigurationOverrides = device.overrides ?? ConfigurationOverrides()
            try change(&overrides)
            try overrides.over(device.groupConfiguration ?? .standard).check()
            guard overrides != device.overrides ?? ConfigurationOverrides() else { return device }
            try connection.execute(
                "UPDATE device SET overrides = ? WHERE id = ?",
                [overrides.isEmpty ? .null : .text(try JSON.text(overrides)), .text(id.rawValue)])
            try trail.record(.deviceConfigure, account: device.device.account, subject: id.rawValue)
            return try fleet.device(id)
        }
    }
}
