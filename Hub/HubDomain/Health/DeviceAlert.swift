import HubStorage
import WireModel

/// A rule's condition that holds, or held, for one device.
package struct DeviceAlert: Sendable, Encodable {
    package enum State: String, Sendable, Codable, CaseIterable {
        /// Not for as long as the rule asks.
        case pending
        case open, resolved
    }

    package let id: DeviceAlertID
    package let rule: AlertRuleID
    package let condition: AlertCondition
    package let severity: AlertRule.Severity
    package let device: DeviceID
    package let deviceName: String
    package let account: AccountID
    /// By a rule of the account's own, which the account acknowledges; otherwise by one of the operators'.
    package let isOwn: Bool
    package let state: State
    /// Since when the condition has held.
    package let since: Timestamp
    package let opened: Timestamp?
    /// In the condition's unit, when it was last looked at.
    package let value: Int64?
    package let told: Timestamp?
    package let acknowledged: Timestamp?
    package let acknowledgedBy: String?
    package let resolved: Timestamp?
    let tellings: Int64

    private enum CodingKeys: String, CodingKey {
        case id, rule, condition, severity, device, deviceName, account, isOwn, state, since, opened, value, told, acknowledged, acknowledgedBy, resolved
    }

    static let select: String = """
        SELECT device_alert.*, alert_rule.condition AS condition, alert_rule.severity AS severity, alert_rule.account_id AS rule_account,
            device.label AS device_name
            FROM device_alert JOIN alert_rule ON alert_rule.id = device_alert.rule_id JOIN device ON device.id = device_alert.device_id
        """

    init(_ row: SQLRow) throws {
        guard let id = DeviceAlertID(rawValue: try row.text("id")), let rule = AlertRuleID(rawValue: try row.text("rule_id")),
            let condition = AlertCondition(rawValue: try row.text("condition")), let severity = AlertRule.Severity(rawValue: try row.text("severity")),
            let device = DeviceID(rawValue: try row.text("device_id")), let account = AccountID(rawValue: try row.text("account_id")),
            let state = State(rawValue: try row.text("state"))
        else { throw HubStorageError.damaged }
        (self.id, self.rule, self.condition, self.severity, self.device, self.account, self.state) = (id, rule, condition, severity, device, account, state)
        deviceName = try row.text("device_name")
        isOwn = try row.textOrNil("rule_account") != nil
        since = try row.time("since_ms")
        opened = try row.timeOrNil("opened_ms")
        value = try row.integerOrNil("value")
        told = try row.timeOrNil("told_ms")
        acknowledged = try row.timeOrNil("acknowledged_ms")
        acknowledgedBy = try row.textOrNil("acknowledged_by")
        resolved = try row.timeOrNil("resolved_ms")
        tellings = try row.integer("tellings")
    }

    /// What was measured, as people read it.
    package func measured(in language: Language) -> String {
        guard let value, ![.troubled, .drifting, .updateFailed].contains(condition) else { return "" }
        return condition == .silent ? language.text("\(value) min", "\(value) 分钟") : condition.unit.isEmpty ? "\(value)" : "\(value) \(condition.unit)"
    }
}

extension Hub {
    /// - Parameters:
    ///   - account: only of its devices; `nil` for an operator, whom an account's own rules do not concern.
    ///   - states: which; what is pending is nobody's business unless asked for.
    /// - Returns: newest first, at most `limit`.
    package func deviceAlerts(
        account: AccountID? = nil, device: DeviceID? = nil, states: Set<DeviceAlert.State> = [.open], limit: Int64 = 500
    ) async throws -> [DeviceAlert] {
        let names: [String] = states.map(\.rawValue).sorted()
        return try await database.read { connection in
            var conditions: [String] = ["device_alert.state IN (\(names.map { _ in "?" }.joined(separator: ", ")))"]
            var values: [SQLValue] = names.map { .text($0) }
            if let account {
                conditions.append("device_alert.account_id = ?")
                values.append(.text(account.rawValue))
            } else {
                conditions.append("alert_rule.account_id IS NULL")
            }
            if let device { conditions.append("device_alert.device_id = ?"); values.append(.text(device.rawValue)) }
            return try connection.rows(
                DeviceAlert.select + " WHERE \(conditions.joined(separator: " AND ")) ORDER BY device_alert.since_ms DESC, device_alert.id DESC LIMIT ?",
                values + [.integer(limit)]
            ).map(DeviceAlert.init)
        }
    }

    /// How many stand open by the operators' rules, and how many of those nobody has acknowledged.
    package func openAlertCounts() async throws -> (open: Int64, unseen: Int64) {
        try await database.read { connection in
            let row: SQLRow = try connection.rows(
                """
                SELECT count(*) AS n, sum(CASE WHEN acknowledged_ms IS NULL THEN 1 ELSE 0 END) AS unseen
                    FROM device_alert JOIN alert_rule ON alert_rule.id = rule_id WHERE state = 'open' AND alert_rule.account_id IS NULL
                """, [])[0]
            return (try row.integer("n"), try row.integerOrNil("unseen") ?? 0)
        }
    }

    /// Somebody has seen it: it is not told again, and ends by itself.
    /// - Parameter account: whose rule it must be by; `nil`: the operators'.
    /// - Throws: `not_found`; `conflict` when it is not open, or is the other side's to acknowledge.
    package func acknowledgeAlert(_ id: DeviceAlertID, of account: AccountID? = nil, by actor: Actor) async throws -> DeviceAlert {
        try await act(actor) { connection, trail, now in
            func find() throws -> DeviceAlert {
                guard let found = try connection.firstRow(DeviceAlert.select + " WHERE device_alert.id = ?", [.text(id.rawValue)]).map(DeviceAlert.init),
                    account == nil || found.account == account
                else { throw Problem.nothing("alert", id.rawValue) }
                return found
            }
            let found: DeviceAlert = try find()
            guard found.isOwn == (account != nil) else {
                throw Problem(
                    .conflict, "That alert is not yours to acknowledge.",
                    detail: "\(id) is by a rule of \(found.isOwn ? "the account's own" : "the operators'")",
                    remedy: "Nobody is told again once it is over; whose rule it is can acknowledge it before.")
            }
            let count: Int = try connection.execute(
                "UPDATE device_alert SET acknowledged_ms = ?, acknowledged_by = ? WHERE id = ? AND state = 'open' AND acknowledged_ms IS NULL",
                [.integer(now.milliseconds), .text(actor.id), .text(id.rawValue)])
            if count == 1 {
                try trail.record(.alertAcknowledge, account: found.account, subject: id.rawValue, ["device": found.device.rawValue])
            }
            let alert: DeviceAlert = try find()
            guard alert.state == .open else {
                throw Problem(.conflict, "That alert is not open.", detail: "\(id) is \(alert.state.rawValue)", remedy: "Nothing is left to be done about it.")
            }
            return alert
        }
    }
}
