import HubAccess
import HubStorage
import WireModel

/// What one message says: of one rule, however many devices it is about.
struct AlertMessage: Sendable {
    enum Kind: Sendable { case opened, reminder, resolved }

    let kind: Kind
    let rule: AlertRule
    let alerts: [DeviceAlert]
    let publicURL: String
    /// An account reads it, not an operator.
    let isForAccount: Bool

    /// Named in a message; of the rest their number is said.
    private static let most: Int = 20

    func title(in language: Language) -> String {
        let who: String =
            alerts.count == 1 ? alerts[0].deviceName : language.text("\(alerts.count) devices", "\(alerts.count) 台设备")
        let what: String = rule.words(in: language)
        return switch kind {
        case .opened: language.text("\(who): \(what)", "\(who)：\(what)")
        case .reminder: language.text("Still: \(who): \(what)", "仍未恢复：\(who)：\(what)")
        case .resolved: language.text("Over: \(who): \(what)", "已恢复：\(who)：\(what)")
        }
    }

    func body(in language: Language) -> String {
        var lines: [String] = alerts.prefix(Self.most).map { alert in
            let measured: String = alert.measured(in: language)
            return language.text(
                "\(alert.deviceName) (\(alert.device)): since \(alert.since)\(measured.isEmpty ? "" : ", \(measured)")",
                "\(alert.deviceName)（\(alert.device)）：自 \(alert.since) 起\(measured.isEmpty ? "" : "，\(measured)")")
        }
        if alerts.count > Self.most {
            lines.append(language.text("… and \(alerts.count - Self.most) more.", "……另有 \(alerts.count - Self.most) 台。"))
        }
        if kind != .resolved { lines += ["", next(in: language)] }
        return lines.joined(separator: "\n")
    }

    /// What can be done about it, where its reader can do that.
    private func next(in language: Language) -> String {
        guard isForAccount else {
            return language.text(
                "It ends by itself when the condition does. Acknowledge it to hear no more of it: \(publicURL)/operator/alerts, or vultus-hub alert acknowledge.",
                "条件消失后自动恢复。确认后不再提醒：\(publicURL)/operator/alerts，或 vultus-hub alert acknowledge。")
        }
        let place: String = "\(publicURL)/account/device-alerts"
        return rule.account == nil
            ? language.text("It ends by itself when the condition does. What stands open: \(place)", "条件消失后自动恢复。未恢复的告警：\(place)")
            : language.text(
                "It ends by itself when the condition does. Acknowledge it to hear no more of it: \(place)", "条件消失后自动恢复。确认后不再提醒：\(place)")
    }
}

extension Hub {
    func tellDeviceAlerts() async throws {
        let now: Timestamp = now()
        let rules: [AlertRule] = try await database.read { connection in
            try connection.rows(
                """
                SELECT * FROM alert_rule WHERE removed_ms IS NULL AND EXISTS (SELECT 1 FROM device_alert WHERE rule_id = alert_rule.id
                    AND (state = 'open' AND acknowledged_ms IS NULL OR state = 'resolved' AND is_end_told = 0)) ORDER BY id
                """, []
            ).map(AlertRule.init)
        }
        for rule in rules where rule.severity == .critical || rule.quiet?.isQuiet(at: now) != true {
            try await act(.system("alerts")) { [sealer] connection, _, now in
                // Whoever tells first moves the time on; the others find nothing to tell.
                guard let row = try connection.firstRow("SELECT * FROM alert_rule WHERE id = ?", [.text(rule.id.rawValue)]) else { return }
                try AlertTelling(connection: connection, sealer: sealer, rule: try AlertRule(row), now: now).run()
            }
        }
    }
}

/// Tells of one rule's alerts, in one transaction with the record that they were told.
private struct AlertTelling {
    let connection: any SQLConnection
    let sealer: SecretSealer
    let rule: AlertRule
    let now: Timestamp

    private static let settle: Duration = .seconds(50)
    private static let patience: Duration = .seconds(240)
    private static let pause: Duration = .seconds(600)

    func run() throws {
        let open: [DeviceAlert] = try rows("device_alert.state = 'open' AND device_alert.acknowledged_ms IS NULL")
        let alerts: [DeviceAlert] = open.filter { $0.told == nil }
        let ended: [DeviceAlert] = try rows("device_alert.state = 'resolved' AND device_alert.is_end_told = 0")
        let due: [DeviceAlert] = rule.repeatMilliseconds == 0 ? [] : open.filter { $0.isToBeTold(again: rule.repeatMilliseconds, now) }
        var hasTold: Bool = false
        if mayTell(alerts.compactMap(\.opened)) {
            try tell(.opened, alerts)
            hasTold = true
        }
        if mayTell(ended.compactMap(\.resolved)) {
            try tell(.resolved, ended)
            hasTold = true
        }
        if !due.isEmpty {
            try tell(.reminder, due)
            hasTold = true
        }
        if hasTold { try connection.execute("UPDATE alert_rule SET told_ms = ? WHERE id = ?", [.integer(now.milliseconds), .text(rule.id.rawValue)]) }
    }

    /// Those that come one after the other are told together, and no rule more often than its pause: a mass of them is one message.
    private func mayTell(_ times: [Timestamp]) -> Bool {
        guard let oldest = times.min(), let newest = times.max() else { return false }
        return (now.since(newest) >= Self.settle || now.since(oldest) >= Self.patience) && rule.told.map { now.since($0) >= Self.pause } ?? true
    }

    private func rows(_ condition: String) throws -> [DeviceAlert] {
        try connection.rows(
            DeviceAlert.select + " WHERE device_alert.rule_id = ? AND \(condition) ORDER BY device_alert.id",
            [.text(rule.id.rawValue)]
        ).map(DeviceAlert.init)
    }

    private func tell(_ kind: AlertMessage.Kind, _ alerts: [DeviceAlert]) throws {
        let url: String = try Settings(connection)[.publicURL]
        let outbox = Outbox(connection: connection, sealer: sealer, now: now)
        for recipient in rule.recipients {
            switch recipient {
            case .operators:
                let event: Event = message(kind, alerts, url, isForAccount: false)
                for row in try connection.rows(
                    "SELECT * FROM principal WHERE kind = 'operator' AND state = 'active' AND role IN ('administrator', 'support') ORDER BY id", [])
                { try outbox.mail(event, to: try Principal(row)) }
            case .owner:
                for (account, own) in Dictionary(grouping: alerts, by: \.account).sorted(by: { $0.key < $1.key }) {
                    try outbox.tell(account, message(kind, own, url, isForAccount: true), mailing: .owners)
                }
            case .account(let account):
                // Whose webhooks are the staff's tools: they are operators who read it.
                try outbox.tell(account, message(kind, alerts, url, isForAccount: false), mailing: .owners)
            }
        }
        for alert in alerts {
            try connection.execute(
                kind == .resolved
                    ? "UPDATE device_alert SET told_ms = coalesce(told_ms, ?), is_end_told = 1 WHERE id = ?"
                    : "UPDATE device_alert SET told_ms = ?, tellings = tellings + 1 WHERE id = ?", [.integer(now.milliseconds), .text(alert.id.rawValue)])
        }
    }

    private func message(_ kind: AlertMessage.Kind, _ alerts: [DeviceAlert], _ url: String, isForAccount: Bool) -> Event {
        .deviceAlert(AlertMessage(kind: kind, rule: rule, alerts: alerts, publicURL: url, isForAccount: isForAccount))
    }
}

extension DeviceAlert {
    /// After the rule's time, then after twice as long each time, 64 times as long at most.
    fileprivate func isToBeTold(again milliseconds: Int64, _ now: Timestamp) -> Bool {
        guard let told else { return false }
        return now.since(told).wholeMilliseconds >= milliseconds << min(max(tellings - 1, 0), 6)
    }
}
