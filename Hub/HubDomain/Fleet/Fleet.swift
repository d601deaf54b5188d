import HubStorage
import WireModel

/// A device with what is wanted of it and what it says of itself.
package struct FleetDevice: Sendable, Encodable {
    package let device: Device
    package let groupName: String?
    package let labels: [String: String]
    /// What it does otherwise than its group.
    package let overrides: ConfigurationOverrides?
    let groupConfiguration: DeviceConfiguration?
    /// Of its group under its own overrides.
    package let wanted: DeviceConfiguration
    package let reported: ReportedState?
    package let reportedAt: Timestamp?
    /// Codes of its states at its last report; `nil` before the first.
    package let health: HealthRecord?
    package let healthAt: Timestamp?
    /// Commands without a receipt.
    package let openCommands: Int64
    package let stolen: Timestamp?
    package let replacedBy: DeviceID?
    /// What it works by is not what is wanted of it; `nil` before it has told.
    package let hasDrifted: Bool?
    private let isSilent: Bool

    package enum Condition: String, Sendable, Codable, CaseIterable {
        case revoked, stolen, quarantined, never, silent, paused, drifting, troubled, well
    }

    /// After how long without contact a device counts as silent: three of its intervals, five minutes at least.
    static func silence(_ configuration: DeviceConfiguration) -> Int64 { max(300_000, 3 * configuration.contactMilliseconds) }

    init(_ row: SQLRow, labels: [String: String], openCommands: Int64, now: Timestamp) throws {
        device = try Device(row)
        groupName = try row.textOrNil("group_name")
        self.labels = labels
        overrides = try row.textOrNil("overrides").map { try JSON.value(ConfigurationOverrides.self, from: $0) }
        groupConfiguration = try row.textOrNil("configuration").map { try JSON.value(DeviceConfiguration.self, from: $0) }
        wanted = DeviceGroups.layered(overrides, over: groupConfiguration) ?? .standard
        reported = try row.textOrNil("reported").flatMap { try? JSON.value(ReportedState.self, from: $0) }
        reportedAt = try row.integerOrNil("reported_ms").map(Timestamp.init(milliseconds:))
        health = try row.textOrNil("health_body").flatMap { try? JSON.value(HealthRecord.self, from: $0) }
        healthAt = try row.integerOrNil("health_ms").map(Timestamp.init(milliseconds:))
        self.openCommands = openCommands
        stolen = try row.integerOrNil("stolen_ms").map(Timestamp.init(milliseconds:))
        replacedBy = try row.textOrNil("replaced_by").flatMap(DeviceID.init(rawValue:))
        hasDrifted = try reported.map { [wanted] in $0.configuration != (try JSON.mark(wanted)) }
        isSilent = device.contact.map { [wanted] in now.since($0).wholeMilliseconds > Self.silence(wanted) } ?? false
    }

    /// One word for a list: the first of these that holds.
    package var condition: Condition {
        if stolen != nil { return .stolen }
        if device.revoked != nil { return .revoked }
        if device.quarantine != nil { return .quarantined }
        if device.contact == nil { return .never }
        if isSilent { return .silent }
        if reported?.isPaused == true { return .paused }
        if hasDrifted == true { return .drifting }
        return health?.states.contains { $0 != "fresh" } == true ? .troubled : .well
    }
}

extension FleetDevice {
    private enum Key: String, CodingKey {
        case groupName, labels, overrides, wanted, reported, reportedAt, hasDrifted, health, healthAt, openCommands, stolen, replacedBy, condition
    }

    /// The device's own fields, and these beside them.
    package func encode(to encoder: any Encoder) throws {
        try device.encode(to: encoder)
        var container = encoder.container(keyedBy: Key.self)
        try container.encodeIfPresent(groupName, forKey: .groupName)
        try container.encode(labels, forKey: .labels)
        try container.encodeIfPresent(overrides, forKey: .overrides)
        try container.encode(wanted, forKey: .wanted)
        try container.encodeIfPresent(reported, forKey: .reported)
        try container.encodeIfPresent(reportedAt, forKey: .reportedAt)
        try container.encodeIfPresent(hasDrifted, forKey: .hasDrifted)
        try container.encodeIfPresent(health, forKey: .health)
        try container.encodeIfPresent(healthAt, forKey: .healthAt)
        try container.encode(openCommands, forKey: .openCommands)
        try container.encodeIfPresent(stolen, forKey: .stolen)
        try container.encodeIfPresent(replacedBy, forKey: .replacedBy)
        try container.encode(condition, forKey: .condition)
    }
}

/// Which devices of a list are meant; everything given must hold.
package struct FleetFilter: Sendable {
    package var account: String?
    package var group: String?
    /// `name` or `name=value`.
    package var labels: [String] = []
    package var conditions: Set<FleetDevice.Condition> = []
    /// Part of the name, or the whole id.
    package var text: String?
    /// Of the agent.
    package var version: String?
    /// Whether it must, or must not, work by what is wanted of it, whatever else is to be said of it.
    package var hasDrifted: Bool?

    package init() {}

    /// Whether rows alone tell.
    fileprivate var isOfRows: Bool { conditions.isEmpty && hasDrifted == nil }

    fileprivate func admits(_ device: FleetDevice) -> Bool {
        (conditions.isEmpty || conditions.contains(device.condition)) && (hasDrifted == nil || device.hasDrifted == hasDrifted)
    }
}

/// Some devices of a list.
package struct FleetPage: Sendable {
    package let devices: [FleetDevice]
    /// The page goes on after this one; `nil` for the last page.
    package let next: DeviceID?
}

/// The rows of devices as a fleet.
struct Fleet {
    let connection: any SQLConnection
    let now: Timestamp

    private static let select: String = """
        SELECT device.*, device_group.name AS group_name, device_group.configuration AS configuration, device_health.body AS health_body,
            device_health.reported_ms AS health_ms
            FROM device LEFT JOIN device_group ON device_group.id = device.group_id LEFT JOIN device_health ON device_health.device_id = device.id
        """

    func device(_ id: DeviceID) throws -> FleetDevice {
        guard let found = try devices(" WHERE device.id = ?", [.text(id.rawValue)]).first else {
            throw Device.missing(id)
        }
        return found
    }

    func devices(_ filter: FleetFilter) throws -> [FleetDevice] {
        let (clause, values): (String, [SQLValue]) = try condition(filter)
        let all: [FleetDevice] = try devices(clause, values)
        return filter.isOfRows ? all : all.filter(filter.admits)
    }

    /// What of a filter the rows themselves can be asked.
    private func condition(_ filter: FleetFilter) throws -> (clause: String, values: [SQLValue]) {
        var (conditions, values): ([String], [SQLValue]) = ([], [])
        if let reference = filter.account {
            conditions.append("device.account_id = ?")
            values.append(.text(try Hub.account(connection, reference).id.rawValue))
        }
        if let reference = filter.group {
            conditions.append("device.group_id = ?")
            values.append(.text(try DeviceGroups(connection: connection).group(reference).id.rawValue))
        }
        for label in filter.labels {
            let parts: [Substring] = label.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            conditions.append(
                "EXISTS (SELECT 1 FROM device_label WHERE device_id = device.id AND device_label.name = ?\(parts.count == 2 ? " AND value = ?" : ""))")
            values += parts.map { .text(String($0)) }
        }
        if let text = filter.text?.lowercased(), !text.isEmpty {
            conditions.append("(lower(device.label) LIKE ? ESCAPE '!' OR device.id = ?)")
            let escaped: String = text.reduce(into: "") { $0 += "!%_".contains($1) ? "!\($1)" : "\($1)" }
            values += [.text("%\(escaped)%"), .text(text)]
        }
        if let version = filter.version {
            conditions.append("device.agent_version = ?")
            values.append(.text(version))
        }
        return (conditions.isEmpty ? "" : " WHERE " + conditions.joined(separator: " AND "), values)
    }

    /// Newest first, from after a device on.
    func page(_ filter: FleetFilter, after: DeviceID?, limit: Int) throws -> FleetPage {
        let (clause, values): (String, [SQLValue]) = try condition(filter)
        let batch: Int = filter.isOfRows ? limit + 1 : 200
        var (found, last): ([FleetDevice], DeviceID?) = ([], after)
        while true {
            let place: String = last == nil ? "" : (clause.isEmpty ? " WHERE " : " AND ") + "device.id < ?"
            let rows: [FleetDevice] = try devices(
                clause + place, values + (last.map { [.text($0.rawValue)] } ?? []), order: " ORDER BY device.id DESC LIMIT \(batch)")
            for device in rows where filter.admits(device) {
                if found.count == limit { return FleetPage(devices: found, next: found.last?.device.id) }
                found.append(device)
            }
            guard rows.count == batch else { return FleetPage(devices: found, next: nil) }
            last = rows.last?.device.id
        }
    }

    /// By device; of all of them, unless a clause says which.
    static func labels(_ connection: any SQLConnection, _ clause: String = "", _ values: [SQLValue] = []) throws -> [String: [String: String]] {
        try connection.rows("SELECT device_id, name, value FROM device_label" + clause, values).reduce(into: [:]) {
            $0[try $1.text("device_id"), default: [:]][try $1.text("name")] = try $1.text("value")
        }
    }

    private func devices(_ clause: String, _ values: [SQLValue], order: String = " ORDER BY device.id") throws -> [FleetDevice] {
        let rows: [SQLRow] = try connection.rows(Self.select + clause + order, values)
        let ids: [SQLValue] = rows.count > 200 ? [] : try rows.map { .text(try $0.text("id")) }
        let among: String = ids.isEmpty ? "" : "device_id IN (\(ids.map { _ in "?" }.joined(separator: ", ")))"
        guard !rows.isEmpty else { return [] }
        let labels: [String: [String: String]] = try Self.labels(connection, ids.isEmpty ? "" : " WHERE " + among, ids)
        var open: [String: Int64] = [:]
        for row in try connection.rows(
            """
            SELECT device_id, count(*) AS count FROM device_command WHERE \(ids.isEmpty ? "" : among + " AND ")finished_ms IS NULL AND expires_ms > ?
                GROUP BY device_id
            """, ids + [.integer(now.milliseconds)])
        {
            open[try row.text("device_id")] = try row.integer("count")
        }
        return try rows.map { row in
            let id: String = try row.text("id")
            return try FleetDevice(row, labels: labels[id] ?? [:], openCommands: open[id] ?? 0, now: now)
        }
    }
}

extension Hub {
    package func fleet(_ filter: FleetFilter = FleetFilter()) async throws -> [FleetDevice] {
        let now: Timestamp = now()
        return try await database.read { try Fleet(connection: $0, now: now).devices(filter) }
    }

    /// - Parameter after: the `next` of the page before.
    package func fleetPage(_ filter: FleetFilter, after: DeviceID? = nil, limit: Int = 50) async throws -> FleetPage {
        let now: Timestamp = now()
        return try await database.read { try Fleet(connection: $0, now: now).page(filter, after: after, limit: max(1, min(limit, 200))) }
    }

    /// Versions that agents have, newest text first, with how many devices in service have each.
    package func fleetVersions() async throws -> [(version: String, devices: Int64)] {
        try await database.read {
            try $0.rows(
                "SELECT agent_version, count(*) AS count FROM device WHERE revoked_ms IS NULL GROUP BY agent_version ORDER BY agent_version DESC LIMIT 100", []
            ).map { (try $0.text("agent_version"), try $0.integer("count")) }
        }
    }

    package func fleetDevice(_ id: DeviceID) async throws -> FleetDevice {
        let now: Timestamp = now()
        return try await database.read { try Fleet(connection: $0, now: now).device(id) }
    }

    /// Names a device, and sets labels of it.
    /// - Parameter labels: `nil` as a value takes the label away.
    package func labelDevice(_ id: DeviceID, name: String?, labels: [String: String?], by actor: Actor) async throws -> FleetDevice {
        if let name, !(1...100).contains(name.count) {
            throw Problem(.invalidRequest, "A device's name has 1 to 100 characters.", remedy: "Choose a shorter one.")
        }
        for (label, value) in labels { try FleetDevice.checkLabel(label, value) }
        return try await act(actor) { connection, trail, now in
            let fleet = Fleet(connection: connection, now: now)
            let device: FleetDevice = try fleet.device(id)
            if let name { try connection.execute("UPDATE device SET label = ? WHERE id = ?", [.text(name), .text(id.rawValue)]) }
            for (label, value) in labels {
                try connection.execute("DELETE FROM device_label WHERE device_id = ? AND name = ?", [.text(id.rawValue), .text(label)])
                guard let value else { continue }
                try connection.execute(
                    "INSERT INTO device_label (device_id, name, value) VALUES (?, ?, ?)", [.text(id.rawValue), .text(label), .text(value)])
            }
            try trail.record(.deviceLabel, account: device.device.account, subject: id.rawValue)
            return try fleet.device(id)
        }
    }
}

extension FleetDevice {
    static func checkLabel(_ name: String, _ value: String?) throws(Problem) {
        guard (1...40).contains(name.count), name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) }), (value?.count ?? 0) <= 100
        else {
            throw Problem(
                .invalidRequest, "That is no label.", detail: name,
                remedy: "A label is name=value: of 1 to 40 and up to 100 characters, the name of letters, digits, `-`, `_` and `.`.")
        }
    }
}
