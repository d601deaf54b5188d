import HubStorage
import WireModel

/// Since when a hub has been there without a break, as all hubs of one database see it.
///
/// While no hub was there no device could be heard: silence is counted from when one is there again. So after a hub's restart, however long
/// it was away, every device has as long as its rule says to be heard.
struct HubPresence {
    /// Looks are a minute apart; with none for this long, no hub was there.
    static let gap: Duration = .seconds(180)

    /// - Returns: since when.
    static func note(_ connection: any SQLConnection, now: Timestamp) throws -> Timestamp {
        let row: SQLRow? = try connection.firstRow("SELECT * FROM hub_presence", [])
        let resumed: Timestamp
        if let row, now.since(try row.time("seen_ms")) <= gap { resumed = try row.time("resumed_ms") } else { resumed = now }
        try connection.execute(
            """
            INSERT INTO hub_presence (only_row, seen_ms, resumed_ms) VALUES (1, ?, ?)
            ON CONFLICT (only_row) DO UPDATE SET seen_ms = excluded.seen_ms, resumed_ms = excluded.resumed_ms
            """, [.integer(now.milliseconds), .integer(resumed.milliseconds)])
        return resumed
    }
}

/// What a look at all devices changes.
private struct AlertChanges: Sendable {
    var begun: [(rule: AlertRule, device: DeviceID, account: AccountID, value: Int64)] = []
    var opened: [(id: String, value: Int64)] = []
    var gone: [String] = []
    var resolved: [(id: String, value: Int64?)] = []

    var isEmpty: Bool { begun.isEmpty && opened.isEmpty && gone.isEmpty && resolved.isEmpty }
}

extension Hub {
    /// Looks at every device by every rule, opens and resolves alerts, and tells who is to be told. Safe on several hubs at once.
    package func watchDevices() async throws {
        let now: Timestamp = now()
        let resumed: Timestamp = try await database.write { try HubPresence.note($0, now: now) }
        let changes: AlertChanges = try await database.read { try Self.changes($0, now: now, resumed: resumed) }
        if !changes.isEmpty { try await database.write { try Self.apply(changes, $0, now: now) } }
        try await tellDeviceAlerts()
    }

    private static func changes(_ connection: any SQLConnection, now: Timestamp, resumed: Timestamp) throws -> AlertChanges {
        let rules: [AlertRule] = try alertRules(connection)
        var standing: [String: (id: String, isOpen: Bool, since: Timestamp)] = [:]
        for row in try connection.rows("SELECT id, rule_id, device_id, state, since_ms FROM device_alert WHERE resolved_ms IS NULL", []) {
            standing[try row.text("rule_id") + (try row.text("device_id"))] = (
                try row.text("id"), try row.text("state") == DeviceAlert.State.open.rawValue, try row.time("since_ms")
            )
        }
        // By whose they are: an account's own rules are held against its own devices alone.
        let byAccount: [AccountID?: [AlertRule]] = Dictionary(grouping: rules, by: \.account)
        var changes = AlertChanges()
        var subjects = AlertSubjects(connection)
        for subject in rules.isEmpty && standing.isEmpty ? [] : try subjects.all(for: rules) {
            for rule in (byAccount[nil] ?? []) + (byAccount[subject.account] ?? []) where rule.scope.covers(subject) {
                let alert = standing.removeValue(forKey: rule.id.rawValue + subject.device.rawValue)
                switch (rule.look(at: subject, now: now, resumed: resumed), alert) {
                case (.holds(let value), nil): changes.begun.append((rule, subject.device, subject.account, value))
                case (.holds(let value), let alert?):
                    if !alert.isOpen, now.since(alert.since).wholeMilliseconds >= rule.holdMilliseconds { changes.opened.append((alert.id, value)) }
                case (.over(let value), let alert?): if alert.isOpen { changes.resolved.append((alert.id, value)) } else { changes.gone.append(alert.id) }
                case (.over, nil), (.open, _): break
                }
            }
        }
        // Of devices that are out of service, or out of the rule's scope.
        for alert in standing.values { if alert.isOpen { changes.resolved.append((alert.id, nil)) } else { changes.gone.append(alert.id) } }
        return changes
    }

    private static func apply(_ changes: AlertChanges, _ connection: any SQLConnection, now: Timestamp) throws {
        let time: SQLValue = .integer(now.milliseconds)
        for one in changes.begun {
            let isOpen: Bool = one.rule.holdMilliseconds == 0
            try connection.execute(
                """
                INSERT INTO device_alert (id, rule_id, device_id, account_id, state, since_ms, opened_ms, value) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT DO NOTHING
                """,
                [
                    .text(DeviceAlertID(at: now).rawValue), .text(one.rule.id.rawValue), .text(one.device.rawValue), .text(one.account.rawValue),
                    .text((isOpen ? DeviceAlert.State.open : .pending).rawValue), time, isOpen ? time : .null, .integer(one.value),
                ])
        }
        for one in changes.opened {
            try connection.execute(
                "UPDATE device_alert SET state = 'open', opened_ms = ?, value = ? WHERE id = ? AND state = 'pending'",
                [time, .integer(one.value), .text(one.id)])
        }
        for one in changes.resolved {
            // Of what nobody was told, nobody is told that it is over.
            try connection.execute(
                """
                UPDATE device_alert SET state = 'resolved', resolved_ms = ?, value = coalesce(?, value), is_end_told = CASE WHEN told_ms IS NULL THEN 1 ELSE 0 END
                    WHERE id = ? AND state = 'open'
                """, [time, SQLValue(one.value), .text(one.id)])
        }
        for id in changes.gone { try connection.execute("DELETE FROM device_alert WHERE id = ? AND state = 'pending'", [.text(id)]) }
        // Three months are long enough to ask what there was.
        try connection.execute("DELETE FROM device_alert WHERE resolved_ms < ?", [.integer(now.advanced(by: .seconds(-90 * 86_400)).milliseconds)])
    }
}
