import HubStorage
import WireModel

/// Devices of a roll-out, a page of them.
package struct RolloutDevicePage: Sendable {
    package let devices: [RolloutDevice]
    /// After which the next page begins; `nil` on the last.
    package let next: DeviceID?
}

/// What devices of a roll-out give as the reason for their state, in the same words.
package struct RolloutReason: Sendable, Hashable {
    package let state: Rollout.DeviceState
    package let reason: String
    package let devices: Int64
    package let isFailure: Bool
}

/// Whom the stages of a roll-out include as things are, up to and with one of them.
package struct RolloutReach: Sendable, Hashable {
    /// Devices in service that take releases of this kind on this platform.
    package internal(set) var devices: Int64 = 0
    /// Of those, how many run that very version.
    package internal(set) var running: Int64 = 0
    /// Devices that have told of no release of this kind, or of another platform: it does not come to them.
    package internal(set) var unfit: Int64 = 0
}

/// How far one device is with one roll-out, and what is rolled out.
package struct DeviceUpdate: Sendable, Hashable {
    package let rollout: RolloutID
    package let kind: ReleaseKind
    package let version: ReleaseNumber
    package let state: Rollout.DeviceState
    package let reason: String?
    package let changed: Timestamp
}

extension Rollout.DeviceState {
    /// The release did not come to run there.
    package var isFailure: Bool { Self.failed.contains(self) }
}

extension RolloutAct {
    package func isPossible(for state: Rollout.State) -> Bool { from.contains(state) }
}

extension Hub {
    /// Newest first.
    /// - Parameter release: of this alone.
    package func rolloutPage(of release: ReleaseID? = nil, before: RolloutID? = nil, limit: Int) async throws -> (rollouts: [Rollout], next: RolloutID?) {
        try await database.read { connection in
            let rows: [SQLRow] = try connection.rows(
                "SELECT id FROM rollout WHERE (? = '' OR release_id = ?) AND (? = '' OR id < ?) ORDER BY id DESC LIMIT ?",
                [
                    .text(release?.rawValue ?? ""), .text(release?.rawValue ?? ""), .text(before?.rawValue ?? ""), .text(before?.rawValue ?? ""),
                    .integer(Int64(limit) + 1),
                ])
            let ids: [RolloutID] = try rows.prefix(limit).compactMap { RolloutID(rawValue: try $0.text("id")) }
            let rollouts = Rollouts(connection: connection)
            return (try ids.map { try rollouts.rollout($0) }, rows.count > limit ? ids.last : nil)
        }
    }

    /// By id, so that each device comes once, however their states change meanwhile.
    package func rolloutDevicePage(_ id: RolloutID, state: Rollout.DeviceState?, after: DeviceID?, limit: Int = 50) async throws -> RolloutDevicePage {
        try await database.read { connection in
            let rows: [SQLRow] = try connection.rows(
                """
                \(RolloutDevice.select) WHERE rollout_id = ? AND (? = '' OR rollout_device.state = ?) AND (? = '' OR device_id < ?)
                    ORDER BY device_id DESC LIMIT ?
                """,
                [
                    .text(id.rawValue), .text(state?.rawValue ?? ""), .text(state?.rawValue ?? ""), .text(after?.rawValue ?? ""),
                    .text(after?.rawValue ?? ""), .integer(Int64(limit) + 1),
                ])
            let devices: [RolloutDevice] = try rows.prefix(limit).map(RolloutDevice.init)
            return RolloutDevicePage(devices: devices, next: rows.count > limit ? devices.last?.device : nil)
        }
    }

    /// Failures first, then what most devices say.
    package func rolloutReasons(_ id: RolloutID, limit: Int = 20) async throws -> [RolloutReason] {
        let failed: [String] = Rollout.DeviceState.failed.map(\.rawValue)
        return try await database.read { connection in
            try connection.rows(
                """
                SELECT state, reason, count(*) AS count FROM rollout_device WHERE rollout_id = ? AND reason IS NOT NULL GROUP BY state, reason
                    ORDER BY CASE WHEN state IN (\(failed.map { _ in "?" }.joined(separator: ", "))) THEN 0 ELSE 1 END, count DESC, reason LIMIT ?
                """, [.text(id.rawValue)] + failed.map { .text($0) } + [.integer(Int64(limit))]
            ).compactMap { row in
                guard let state = Rollout.DeviceState(rawValue: try row.text("state")) else { return nil }
                return RolloutReason(state: state, reason: try row.text("reason"), devices: try row.integer("count"), isFailure: state.isFailure)
            }
        }
    }

    /// What devices of a roll-out have compared with what decides: faces, how many of them would be decided on otherwise, and on how many devices.
    package func rolloutShadow(_ id: RolloutID) async throws -> (faces: Int64, otherwise: Int64, devices: Int64) {
        try await database.read { connection in
            let row: SQLRow = try connection.rows(
                """
                SELECT coalesce(sum(shadow_compared), 0) AS faces, coalesce(sum(shadow_disagreements), 0) AS otherwise, count(shadow_compared) AS devices
                    FROM rollout_device WHERE rollout_id = ?
                """, [.text(id.rawValue)])[0]
            return (try row.integer("faces"), try row.integer("otherwise"), try row.integer("devices"))
        }
    }

    /// What stages would include, counted now: devices that join or are moved later are included then.
    /// - Returns: for each stage, what it and those before it come to.
    package func rolloutReach(of release: ReleaseID, _ stages: [RolloutStage], account: AccountID?) async throws -> [RolloutReach] {
        try await database.read { connection in
            let release: Release = try .find(release, connection)
            let labels: [String: [String: String]] = try Fleet.labels(connection)
            var reaches: [RolloutReach] = Array(repeating: RolloutReach(), count: stages.count)
            for row in try connection.rows(
                "SELECT id, group_id, reported FROM device WHERE revoked_ms IS NULL AND stolen_ms IS NULL AND (? = '' OR account_id = ?)",
                [.text(account?.rawValue ?? ""), .text(account?.rawValue ?? "")])
            {
                guard let device = DeviceID(rawValue: try row.text("id")) else { throw HubStorageError.damaged }
                let group: DeviceGroupID? = try row.textOrNil("group_id").flatMap(DeviceGroupID.init(rawValue:))
                guard
                    let first: Int = stages.firstIndex(where: {
                        $0.includes(device, group: group, labels: labels[device.rawValue] ?? [:], release: release.id)
                    })
                else { continue }
                let told: ReportedState? = try row.textOrNil("reported").flatMap { try? JSON.value(ReportedState.self, from: $0) }
                let report: UpdateReport? = told?.updates?.first {
                    $0.kind == release.kind && [$0.platform, ReleaseManifest.anyPlatform].contains(release.platform)
                }
                for index in first..<stages.count {
                    guard let report else { reaches[index].unfit += 1; continue }
                    reaches[index].devices += 1
                    if report.version == release.version { reaches[index].running += 1 }
                }
            }
            return reaches
        }
    }

    /// What was rolled out to a device, newest first.
    package func updates(of device: DeviceID, limit: Int = 10) async throws -> [DeviceUpdate] {
        try await database.read { connection in
            try connection.rows(
                """
                SELECT rollout_device.*, rollout.kind AS kind, release.version AS version FROM rollout_device JOIN rollout ON rollout.id = rollout_id
                    JOIN release ON release.id = release_id WHERE device_id = ? ORDER BY rollout_id DESC LIMIT ?
                """, [.text(device.rawValue), .integer(Int64(limit))]
            ).map { row in
                guard let id = RolloutID(rawValue: try row.text("rollout_id")), let kind = ReleaseKind(rawValue: try row.text("kind")),
                    let version = ReleaseNumber(rawValue: try row.text("version")), let state = Rollout.DeviceState(rawValue: try row.text("state"))
                else { throw HubStorageError.damaged }
                return DeviceUpdate(
                    rollout: id, kind: kind, version: version, state: state, reason: try row.textOrNil("reason"), changed: try row.time("changed_ms"))
            }
        }
    }

    /// Labels that devices in service have, each as `name=value`, with how many have it; the most common first.
    package func labelsInUse(limit: Int = 200) async throws -> [(label: String, devices: Int64)] {
        try await database.read { connection in
            try connection.rows(
                """
                SELECT device_label.name AS name, value, count(*) AS count FROM device_label JOIN device ON device.id = device_id WHERE revoked_ms IS NULL
                    GROUP BY device_label.name, value ORDER BY count DESC, device_label.name, value LIMIT ?
                """, [.integer(Int64(limit))]
            ).map { (try $0.text("name") + "=" + $0.text("value"), try $0.integer("count")) }
        }
    }
}
