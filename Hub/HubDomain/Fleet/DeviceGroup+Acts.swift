import Biometrics
import HubStorage
import WireModel

extension Hub {
    /// - Parameter account: an account's id or name; `nil` for all accounts'.
    package func deviceGroups(account reference: String? = nil) async throws -> [DeviceGroup] {
        try await database.read { connection in
            try DeviceGroups(connection: connection).all(of: try reference.map { try Self.account(connection, $0).id })
        }
    }

    /// - Parameter reference: the group's id, or its name.
    package func deviceGroup(_ reference: String) async throws -> DeviceGroup {
        try await database.read { try DeviceGroups(connection: $0).group(reference) }
    }

    /// - Throws: `conflict` when the account has a group of that name.
    package func makeDeviceGroup(_ name: String, account reference: String, by actor: Actor) async throws -> DeviceGroup {
        let name: String = try Self.checkName(name)
        guard DeviceGroupID(rawValue: name) == nil else {
            throw Problem(.invalidRequest, "A group's name is not written like an identifier.", remedy: "Choose a name people know.")
        }
        return try await act(actor) { connection, trail, now in
            let account: Account = try Self.account(connection, reference)
            let groups = DeviceGroups(connection: connection)
            guard try groups.named(name, of: account.id) == nil else {
                throw Problem(.conflict, "The account has a group of that name.", detail: name, remedy: "Use that group, or choose another name.")
            }
            guard Int64(try groups.all(of: account.id).count) < GroupLimit.groupsPerAccount else {
                throw Problem(.conflict, "An account has at most \(GroupLimit.groupsPerAccount) groups.", remedy: "Delete one that is not used.")
            }
            let id = DeviceGroupID(at: now)
            try connection.execute(
                "INSERT INTO device_group (id, account_id, name, configuration, created_ms) VALUES (?, ?, ?, ?, ?)",
                [
                    .text(id.rawValue), .text(account.id.rawValue), .text(name), .text(try JSON.text(DeviceConfiguration.standard.version(1))),
                    .integer(now.milliseconds),
                ])
            try trail.record(.groupMake, account: account.id, subject: id.rawValue)
            return try groups.group(id.rawValue)
        }
    }

    /// - Parameter change: makes the new configuration of the old; its version is counted here.
    package func configureDeviceGroup(
        _ reference: String, by actor: Actor, _ change: @escaping @Sendable (DeviceConfiguration) throws -> DeviceConfiguration
    ) async throws -> DeviceGroup {
        try await act(actor) { connection, trail, _ in
            let groups = DeviceGroups(connection: connection)
            let group: DeviceGroup = try groups.group(reference)
            let wanted: DeviceConfiguration = try change(group.configuration).version(group.configuration.version)
            try wanted.check()
            guard wanted != group.configuration else { return group }
            let next: DeviceConfiguration = wanted.version(group.configuration.version + 1)
            try connection.execute(
                "UPDATE device_group SET configuration = ? WHERE id = ?", [.text(try JSON.text(next)), .text(group.id.rawValue)])
            try trail.record(.groupConfigure, account: group.account, subject: group.id.rawValue, ["version": "\(next.version)"])
            return try groups.group(group.id.rawValue)
        }
    }

    /// Deletes a group without devices; tokens that would have led into it lead into none.
    package func deleteDeviceGroup(_ reference: String, by actor: Actor) async throws {
        try await act(actor) { connection, trail, _ in
            let group: DeviceGroup = try DeviceGroups(connection: connection).group(reference)
            guard group.devices == 0 else {
                throw Problem(
                    .conflict, "The group has devices.", detail: "\(group.devices) in service",
                    remedy: "Move them first: `vultus-hub device move DEVICE GROUP`, or `--none` for no group.")
            }
            let id: [SQLValue] = [.text(group.id.rawValue)]
            try connection.execute("UPDATE device SET group_id = NULL WHERE group_id = ?", id)
            try connection.execute("UPDATE join_token SET group_id = NULL WHERE group_id = ?", id)
            try connection.execute("DELETE FROM group_gallery WHERE group_id = ?", id)
            try connection.execute("DELETE FROM device_group WHERE id = ?", id)
            try trail.record(.groupDelete, account: group.account, subject: group.id.rawValue)
        }
    }
}

extension DeviceConfiguration {
    func version(_ version: Int64) -> DeviceConfiguration {
        DeviceConfiguration(
            version: version, contactMilliseconds: contactMilliseconds, resultRetentionDays: resultRetentionDays, storeBytes: storeBytes, links: links,
            bytesPerDay: bytesPerDay, targetFalseMatchRate: targetFalseMatchRate, watch: watch)
    }

    /// - Throws: `invalidRequest` for what no device could do.
    package func check() throws(Problem) {
        func require(_ holds: Bool, _ title: String, _ given: String, _ remedy: String) throws(Problem) {
            guard holds else { throw Problem(.invalidRequest, title, detail: given, remedy: remedy) }
        }
        try require(
            (1_000...31 * 86_400_000).contains(contactMilliseconds), "Devices contact the hub every second at most and every 31 days at least.",
            "\(contactMilliseconds / 1_000) seconds", "Give 1 to 2678400 seconds.")
        try require((1...3_650).contains(resultRetentionDays), "Results are kept for 1 to 3650 days.", "\(resultRetentionDays) days", "Give 1 to 3650 days.")
        try require(
            (64 << 20...1 << 44).contains(storeBytes), "A device's store has 64 MiB to 16 TiB: billable facts need room.", "\(storeBytes) bytes",
            "Give 64 to 16777216 MiB.")
        try require(
            bytesPerDay.map { $0 >= 100_000 } ?? true, "A device needs at least 100000 bytes a day.", bytesPerDay.map { "\($0) bytes" } ?? "",
            "Give 100000 bytes or more, or no budget.")
        try require(
            targetFalseMatchRate.map { FalseMatchRate.offered.contains(FalseMatchRate(rawValue: $0)) } ?? true,
            "No threshold was measured for that false-match rate.", targetFalseMatchRate.map { "\($0)" } ?? "",
            "Choose 0.001, 0.0001 or 0.00001, or none for each gallery's own.")
        try watch?.check()
    }
}
