import HubStorage
import WireModel

/// What somebody is to be told of devices' health. A rule is not changed: another takes its place, so that an alert always says what it was for.
package struct AlertRule: Sendable, Encodable {
    package enum Severity: String, Sendable, Codable, CaseIterable { case warning, critical }

    package let id: AlertRuleID
    /// Whose it is: it is about that account's devices alone, and nobody else is told. `nil`: the operators'.
    package let account: AccountID?
    package let condition: AlertCondition
    package let level: Int64
    /// How far back past the level a value must come.
    package let margin: Int64
    /// The condition must have held for so long.
    package let holdMilliseconds: Int64
    package let severity: Severity
    package let scope: AlertScope
    package let recipients: [AlertRecipient]
    /// Told again after so long while it stands and nobody has acknowledged it, then after twice as long; 0: once.
    package let repeatMilliseconds: Int64
    package let quiet: QuietHours?
    package let made: Timestamp
    package let removed: Timestamp?
    let told: Timestamp?

    private enum CodingKeys: String, CodingKey {
        case id, account, condition, level, margin, holdMilliseconds, severity, scope, recipients, repeatMilliseconds, quiet, made, removed
    }

    init(_ row: SQLRow) throws {
        guard let id = AlertRuleID(rawValue: try row.text("id")), let condition = AlertCondition(rawValue: try row.text("condition")),
            let severity = Severity(rawValue: try row.text("severity")), let scope = AlertScope(try row.text("scope"))
        else { throw HubStorageError.damaged }
        (self.id, self.condition, self.severity, self.scope) = (id, condition, severity, scope)
        account = try row.textOrNil("account_id").flatMap(AccountID.init(rawValue:))
        level = try row.integer("level")
        margin = try row.integer("margin")
        holdMilliseconds = try row.integer("hold_ms")
        recipients = try row.text("recipients").split(separator: " ").compactMap { AlertRecipient(String($0)) }
        repeatMilliseconds = try row.integer("repeat_ms")
        quiet = try row.textOrNil("quiet").flatMap { QuietHours($0) }
        made = try row.time("made_ms")
        removed = try row.timeOrNil("removed_ms")
        told = try row.timeOrNil("told_ms")
    }

    package func words(in language: Language) -> String {
        let level: String = "\(level)\(condition.unit == "%" || condition.unit == "/s" ? condition.unit : condition.unit.isEmpty ? "" : " " + condition.unit)"
        return switch condition {
        case .silent: language.text("no contact for \(level)", "\(self.level) 分钟未联系")
        case .camerasDown: language.text("\(self.level) camera or more not streaming", "至少 \(self.level) 个摄像头无画面")
        case .frameRateBelow: language.text("fewer frames than \(level)", "帧率低于 \(level)")
        case .diskBelow: language.text("less than \(level) free on the disk", "磁盘剩余不足 \(level)")
        case .temperatureAbove: language.text("hotter than \(level)", "温度高于 \(level)")
        case .clockOff: language.text("clock off by more than \(level)", "时钟偏差超过 \(self.level) 秒")
        case .lagAbove: language.text("entries waiting for more than \(level)", "日志积压超过 \(self.level) 秒")
        case .leaseBelow: language.text("less than \(level) of a lease left", "租约余量低于 \(level)")
        case .latencyAbove: language.text("p99 of decisions above \(level)", "识别耗时 p99 高于 \(level)")
        case .processorAbove: language.text("processor above \(level)", "处理器占用高于 \(level)")
        case .memoryAbove: language.text("memory above \(level)", "内存占用高于 \(level)")
        case .troubled: language.text("in a state that is not fresh", "设备状态异常")
        case .drifting: language.text("does not work by what is wanted", "配置未生效")
        case .updateFailed: language.text("an update failed", "软件更新失败")
        }
    }
}

/// A rule as it is asked for.
package struct AlertRuleDraft: Sendable {
    package var condition: AlertCondition
    package var level: Int64
    /// `nil`: a tenth of the level, where that makes sense.
    package var margin: Int64?
    package var hold: Duration = .zero
    package var severity: AlertRule.Severity = .warning
    /// As ``AlertScope`` reads it.
    package var scope: String = "all"
    package var recipients: [String] = ["operators"]
    package var repeats: Duration = .seconds(86_400)
    package var quiet: String?

    package init(_ condition: AlertCondition, level: Int64) {
        self.condition = condition
        self.level = level
    }

    /// Of every hub, until its operators say otherwise.
    static let shipped: [AlertRuleDraft] = {
        var rules: [AlertRuleDraft] = [
            AlertRuleDraft(.silent, level: 15), AlertRuleDraft(.camerasDown, level: 1), AlertRuleDraft(.diskBelow, level: 256),
            AlertRuleDraft(.temperatureAbove, level: 85), AlertRuleDraft(.clockOff, level: 120),
        ]
        for index in rules.indices where rules[index].condition != .silent { rules[index].hold = .seconds(600) }
        return rules
    }()
}

extension Hub {
    private static let mostRules: Int64 = 100
    private static let mostOwnRules: Int64 = 20

    /// Those in force.
    /// - Parameter account: its own; `nil`: the operators'.
    package func alertRules(of account: AccountID? = nil) async throws -> [AlertRule] {
        let own = Self.inForce(of: account)
        return try await database.read { try $0.rows("SELECT * FROM alert_rule WHERE \(own.condition) ORDER BY id", own.values).map(AlertRule.init) }
    }

    /// As a condition that an index answers.
    private static func inForce(of account: AccountID?) -> (condition: String, values: [SQLValue]) {
        account.map { ("removed_ms IS NULL AND account_id = ?", [.text($0.rawValue)]) } ?? ("removed_ms IS NULL AND account_id IS NULL", [])
    }

    /// Everybody's.
    static func alertRules(_ connection: any SQLConnection) throws -> [AlertRule] {
        try connection.rows("SELECT * FROM alert_rule WHERE removed_ms IS NULL ORDER BY id", []).map(AlertRule.init)
    }

    /// - Parameter account: whose rule it is to be; it alone is told then, whatever the draft says. `nil`: the operators'.
    package func addAlertRule(_ draft: AlertRuleDraft, of account: AccountID? = nil, by actor: Actor) async throws -> AlertRule {
        try await act(actor) { connection, trail, now in try Self.add(draft, of: account, connection, trail, now) }
    }

    static func add(
        _ draft: AlertRuleDraft, of account: AccountID? = nil, _ connection: any SQLConnection, _ trail: AuditTrail, _ now: Timestamp
    ) throws -> AlertRule {
        let levels: ClosedRange<Int64> = draft.condition.levels
        guard levels.contains(draft.level), (draft.margin ?? 0) >= 0, (draft.margin ?? 0) <= levels.upperBound else {
            throw fault("/level", "A level of \(draft.condition.rawValue) is \(levels.lowerBound) to \(levels.upperBound) \(draft.condition.unit).")
        }
        guard draft.hold >= .zero, draft.hold <= .seconds(30 * 86_400), draft.repeats >= .zero, draft.repeats <= .seconds(90 * 86_400) else {
            throw fault("/hold", "A condition holds for up to 30 days, and is told again within 90.")
        }
        guard let scope = AlertScope(draft.scope), try exists(scope, of: account, connection) else {
            throw fault("/scope", "A scope is all, \(account == nil ? "account:ID, " : "")group:ID, device:ID or label:NAME=VALUE, of what is there.")
        }
        let recipients: [AlertRecipient] =
            account != nil
            ? [.owner]
            : try draft.recipients.map { text in
                guard let recipient = AlertRecipient(text) else { throw fault("/recipients", "Told are operators, owner, or an account by its id.") }
                if case .account(let id) = recipient { _ = try Self.account(connection, id) }
                return recipient
            }
        let quiet: QuietHours? = try draft.quiet.map { text in
            guard let hours = QuietHours(text) else { throw fault("/quiet", "Quiet hours are written 22:00-06:30, UTC.") }
            return hours
        }
        let own = inForce(of: account)
        let count: Int64 = try connection.rows("SELECT count(*) AS n FROM alert_rule WHERE \(own.condition)", own.values)[0].integer("n")
        let most: Int64 = account == nil ? mostRules : mostOwnRules
        guard count < most else { throw Problem(.conflict, "There are \(most) alert rules already.", remedy: "Remove one that is not needed.") }
        let row: SQLRow = try connection.rows(
            """
            INSERT INTO alert_rule (id, condition, level, margin, hold_ms, severity, scope, recipients, repeat_ms, quiet, made_ms, account_id)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING *
            """,
            [
                .text(AlertRuleID(at: now).rawValue), .text(draft.condition.rawValue), .integer(draft.level),
                .integer(draft.margin ?? draft.condition.standardMargin(draft.level)), .integer(draft.hold.wholeMilliseconds), .text(draft.severity.rawValue),
                .text(scope.description), .text(recipients.map(\.description).joined(separator: " ")), .integer(draft.repeats.wholeMilliseconds),
                SQLValue(quiet?.description), .integer(now.milliseconds), SQLValue(account?.rawValue),
            ])[0]
        let rule = try AlertRule(row)
        try trail.record(
            .alertRuleAdd, account: account, subject: rule.id.rawValue,
            ["condition": rule.condition.rawValue, "level": "\(rule.level)", "scope": rule.scope.description, "severity": rule.severity.rawValue])
        return rule
    }

    /// What stands by it is over with it, and nobody is told.
    /// - Parameter account: whose it must be; `nil`: the operators'.
    package func removeAlertRule(_ id: AlertRuleID, of account: AccountID? = nil, by actor: Actor) async throws {
        try await act(actor) { connection, trail, now in
            let time: SQLValue = .integer(now.milliseconds)
            let own = Self.inForce(of: account)
            let count: Int = try connection.execute(
                "UPDATE alert_rule SET removed_ms = ? WHERE id = ? AND \(own.condition)", [time, .text(id.rawValue)] + own.values)
            guard count == 1 else { throw Problem.nothing("alert rule in force", id.rawValue) }
            try connection.execute("DELETE FROM device_alert WHERE rule_id = ? AND state = 'pending'", [.text(id.rawValue)])
            try connection.execute(
                "UPDATE device_alert SET state = 'resolved', resolved_ms = ?, is_end_told = 1 WHERE rule_id = ? AND resolved_ms IS NULL",
                [time, .text(id.rawValue)])
            try trail.record(.alertRuleRemove, account: account, subject: id.rawValue)
        }
    }

    private static func fault(_ place: String, _ remedy: String) -> Problem {
        Problem(.invalidRequest, "That is no alert rule.", detail: place, remedy: remedy)
    }

    /// - Parameter account: of what is its own; `nil`: of all there is.
    private static func exists(_ scope: AlertScope, of account: AccountID?, _ connection: any SQLConnection) throws -> Bool {
        func isThere(_ table: String, _ id: String) throws -> Bool {
            try connection.firstRow(
                "SELECT id FROM \(table) WHERE id = ? AND (? = '' OR account_id = ?)",
                [.text(id), .text(account?.rawValue ?? ""), .text(account?.rawValue ?? "")]) != nil
        }
        return switch scope {
        case .all, .label: true
        case .account(let id): try account == nil && connection.firstRow("SELECT id FROM account WHERE id = ?", [.text(id.rawValue)]) != nil
        case .group(let id): try isThere("device_group", id.rawValue)
        case .device(let id): try isThere("device", id.rawValue)
        }
    }
}
