import HubAPI
import HubDomain
import RecognitionAPI
import WireModel

/// Alerts about devices and the rules they are by, as either side's page has them: the operators', and an account's own.
struct AlertBlocks {
    let visit: Visit
    /// Of the page.
    let here: String
    /// Of the devices' pages.
    let devices: String
    let isStaff: Bool
    let mayWrite: Bool
    /// Of devices, to choose from; empty: they are typed.
    let scopes: [InputView.OptionView]

    func table(_ caption: String, _ alerts: [DeviceAlert]) -> TableView {
        TableView(
            caption,
            [
                visit.say("Device", "设备"), visit.say("What", "内容"), visit.say("Severity", "级别"), visit.say("Since", "自"), visit.say("State", "状态"),
            ],
            rows: alerts.map { alert in
                let state: CellView =
                    if let resolved = alert.resolved {
                        .text(visit.say("over", "已恢复"), under: visit.shown(resolved))
                    } else if let seen = alert.acknowledged {
                        .text(visit.say("seen", "已确认"), under: visit.shown(seen))
                    } else if mayWrite, alert.isOwn != isStaff {
                        .forms([visit.button("\(here)/\(alert.id)/acknowledge", visit.say("Acknowledge", "确认"), of: alert.deviceName)])
                    } else {
                        .badge(visit.say("open", "未恢复"), .warm)
                    }
                return [
                    .link(alert.deviceName, "\(devices)/\(alert.device)/health", under: alert.device.rawValue),
                    .text(AlertWords.condition(alert.condition, visit), under: alert.measured(in: visit.language)),
                    AlertWords.severity(alert.severity, visit), .text(visit.shown(alert.since)), state,
                ]
            }, nothing: visit.say("There are none.", "暂无告警。"))
    }

    func rules(_ rules: [AlertRule]) -> TableView {
        TableView(
            visit.say("Rules", "规则"),
            [
                visit.say("Condition", "条件"), visit.say("Severity", "级别"), visit.say("Devices", "设备"), visit.say("Told", "通知对象"),
                visit.say("Again after", "再次提醒"), "",
            ],
            rows: rules.map { rule in
                let words: String = rule.words(in: visit.language)
                return [
                    .text(
                        words,
                        under: rule.holdMilliseconds == 0
                            ? nil
                            : visit.say(
                                "for \(AlertWords.duration(rule.holdMilliseconds, visit))", "持续 \(AlertWords.duration(rule.holdMilliseconds, visit))")),
                    AlertWords.severity(rule.severity, visit),
                    .text(scopes.first { $0.option == rule.scope.description }?.optionName ?? AlertWords.scope(rule.scope, visit)),
                    .text(
                        isStaff
                            ? rule.recipients.map { AlertWords.recipient($0, visit) }.joined(separator: visit.say(", ", "、"))
                            : visit.say("notice, mail, webhook", "通知、邮件、Webhook"),
                        under: rule.quiet.map { visit.say("not \($0) UTC", "\($0)（UTC）免打扰") }),
                    .text(rule.repeatMilliseconds == 0 ? visit.say("never", "不提醒") : AlertWords.duration(rule.repeatMilliseconds, visit)),
                    .forms(
                        mayWrite
                            ? [visit.button("\(here)/rules/\(rule.id)/remove", visit.say("Remove", "删除"), of: words, isDangerous: true)] : []),
                ]
            },
            nothing: isStaff
                ? visit.say("There are none: nobody is told of anything.", "暂无规则：不会发出任何通知。")
                : visit.say("You have none: you hear what the operator's rules tell you.", "暂无自有规则：仅会收到运营方规则的通知。"))
    }

    func form() -> FormView {
        visit.form(
            "\(here)/rules", visit.say("Add", "添加"),
            [
                InputView(
                    "condition", visit.say("Condition", "条件"),
                    .choice(AlertCondition.allCases.map { .init(option: $0.rawValue, optionName: AlertWords.choice($0, visit)) })),
                InputView("level", visit.say("Level", "阈值"), .line("number")).with {
                    $0.most = 12
                    $0.hint = visit.say("A whole number in the condition's unit; 1 where it has none.", "整数，单位见条件；无单位时填 1。")
                },
                InputView("minutes", visit.say("Held for (minutes)", "持续（分钟）"), .line("number")).with { ($0.most, $0.value) = (6, "0") },
                InputView(
                    "severity", visit.say("Severity", "级别"),
                    .choice([
                        .init(option: "warning", optionName: visit.say("warning", "警告")), .init(option: "critical", optionName: visit.say("critical", "严重")),
                    ])),
                scope,
            ] + told + [
                InputView("repeat", visit.say("Again after (hours)", "再次提醒（小时）"), .line("number")).with {
                    ($0.most, $0.value) = (5, "24")
                    $0.hint = visit.say("Then twice as long each time; 0: once.", "之后每次间隔加倍；0 表示只提醒一次。")
                },
                InputView("quiet", visit.say("Quiet hours (UTC)", "免打扰时段（UTC）")).with {
                    ($0.isRequired, $0.most) = (false, 11)
                    $0.hint = visit.say("22:00-06:30; only what is critical is told in them.", "22:00-06:30；期间仅通知严重告警。")
                },
            ]
        ).with { $0.folded = visit.say("A new rule", "新规则") }
    }

    private var scope: InputView {
        if !scopes.isEmpty { return InputView("scope", visit.say("Devices", "设备"), .choice(scopes)) }
        return InputView("scope", visit.say("Devices", "设备")).with {
            $0.value = "all"
            $0.hint = visit.say("all, account:ID, group:ID, device:ID or label:NAME=VALUE", "all、account:ID、group:ID、device:ID 或 label:NAME=VALUE")
        }
    }

    /// An account's own rules tell the account alone.
    private var told: [InputView] {
        guard isStaff else { return [] }
        return [
            InputView("recipients", visit.say("Tell the operators by mail", "邮件通知运营人员"), .tick("operators")).with {
                ($0.isTicked, $0.isRequired, $0.suffix) = (true, false, "operators")
            },
            InputView("recipients", visit.say("Tell the device's account: notice, mail and webhooks", "通知设备所属账户（通知、邮件、Webhook）"), .tick("owner")).with {
                ($0.isRequired, $0.suffix) = (false, "owner")
            },
        ]
    }

    /// What the form sends.
    static let fields: [Schema.Field] = [
        .required("condition", .choices(AlertCondition.self)), .required("level", .text(1...12)), .required("minutes", .text(1...6)),
        .required("severity", .choices(AlertRule.Severity.self)), .required("scope", .text(1...200)), .required("repeat", .text(1...5)),
    ]

    /// - Throws: at the field that is wrong.
    static func draft(_ visit: Visit) throws(FieldRefusal) -> AlertRuleDraft {
        var draft = AlertRuleDraft(AlertCondition(rawValue: visit.sent.text("condition")) ?? .silent, level: try number(visit, "level"))
        let (levels, unit): (ClosedRange<Int64>, String) = (draft.condition.levels, draft.condition.unit)
        guard levels.contains(draft.level) else {
            let minutes: Bool = draft.condition == .silent
            throw FieldRefusal(
                "level", ("That is no level of this condition.", "阈值超出该条件的范围。"),
                (
                    "Give \(levels.lowerBound) to \(levels.upperBound)\(unit.isEmpty ? "" : " " + unit).",
                    "请填写 \(levels.lowerBound) 至 \(levels.upperBound)\(minutes ? " 分钟" : unit.isEmpty ? "" : " " + unit)。"
                ))
        }
        draft.hold = .seconds(60 * min(try number(visit, "minutes"), 1_000_000))
        draft.repeats = .seconds(3_600 * min(try number(visit, "repeat"), 1_000_000))
        draft.severity = AlertRule.Severity(rawValue: visit.sent.text("severity")) ?? .warning
        draft.scope = visit.sent.text("scope")
        draft.recipients = visit.sent.all("recipients")
        let quiet: String = visit.sent.text("quiet")
        guard quiet.isEmpty || QuietHours(quiet) != nil else {
            throw FieldRefusal("quiet", ("Those are no quiet hours.", "免打扰时段格式有误。"), ("Write them as 22:00-06:30, UTC.", "请按 22:00-06:30（UTC）填写。"))
        }
        draft.quiet = quiet.isEmpty ? nil : quiet
        return draft
    }

    private static func number(_ visit: Visit, _ name: String) throws(FieldRefusal) -> Int64 {
        guard let number = Int64(visit.sent.text(name)), number >= 0 else {
            throw FieldRefusal(name, ("That is not a number.", "不是有效的数字。"), ("Give a whole number.", "请填写整数。"))
        }
        return number
    }
}
