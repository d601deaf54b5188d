import HubAPI
import HubDomain
import RecognitionAPI
import WireModel

/// What is wrong with devices, and by which rules somebody is told.
struct OperatorAlertPages: Sendable {
    let console: Console

    private var hub: Hub { console.hub }
    private static let here: String = "/operator/alerts"
    private static let support: Set<OperatorRole> = [.administrator, .support]

    var routes: [Route] {
        let access: Access = .operator(Self.support)
        return [
            console.page(Self.here, .everyOperator, "What is wrong with devices.", page),
            console.action("\(Self.here)/{deviceAlert}/acknowledge", access, "Say that an alert was seen.", back: page) { visit in
                _ = try await hub.acknowledgeAlert(try visit.call.id("deviceAlert"), by: try visit.call.actor)
                return .to("\(Self.here)?done=seen")
            },
            console.action(
                "\(Self.here)/rules", access, "Add an alert rule.",
                fields: [
                    .required("condition", .choices(AlertCondition.self)), .required("level", .text(1...12)), .required("minutes", .text(1...6)),
                    .required("severity", .choices(AlertRule.Severity.self)), .required("scope", .text(1...200)), .required("repeat", .text(1...5)),
                ], back: page
            ) { visit in
                var draft = AlertRuleDraft(
                    AlertCondition(rawValue: visit.sent.text("condition")) ?? .silent, level: try Self.number(visit, "level"))
                draft.hold = .seconds(60 * min(try Self.number(visit, "minutes"), 1_000_000))
                draft.repeats = .seconds(3_600 * min(try Self.number(visit, "repeat"), 1_000_000))
                draft.severity = AlertRule.Severity(rawValue: visit.sent.text("severity")) ?? .warning
                draft.scope = visit.sent.text("scope")
                draft.recipients = visit.sent.all("recipients")
                let quiet: String = visit.sent.text("quiet")
                draft.quiet = quiet.isEmpty ? nil : quiet
                _ = try await hub.addAlertRule(draft, by: try visit.call.actor)
                return .to("\(Self.here)?done=saved")
            },
            console.action("\(Self.here)/rules/{rule}/remove", access, "Remove an alert rule.", back: page) { visit in
                try await hub.removeAlertRule(try visit.call.id("rule"), by: try visit.call.actor)
                return .to("\(Self.here)?done=changed")
            },
        ]
    }

    private static func number(_ visit: Visit, _ name: String) throws(Problem) -> Int64 {
        guard let number = Int64(visit.sent.text(name)), number >= 0 else {
            throw Problem(.invalidRequest, "That is not a number.", detail: "/\(name)", remedy: "Give a whole number.")
        }
        return number
    }

    @Sendable private func page(_ visit: Visit) async throws -> ConsolePage {
        let mayWrite: Bool = (try visit.call.staff.principal).may(Self.support)
        let rules: [AlertRule] = try await hub.alertRules()
        var blocks: [Block] = [
            .heading(visit.say("Open", "未恢复"), id: "open"),
            Block(table: table(visit.say("Open alerts", "未恢复的告警"), try await hub.deviceAlerts(), mayWrite: mayWrite, visit)),
            .heading(visit.say("Rules", "规则"), id: "rules"), Block(table: self.rules(rules, mayWrite: mayWrite, visit)),
        ]
        if mayWrite { blocks.append(Block(form: form(visit))) }
        blocks += [
            .heading(visit.say("Lately over", "最近恢复"), id: "over"),
            Block(
                table: table(
                    visit.say("Alerts lately over", "最近恢复的告警"), try await hub.deviceAlerts(states: [.resolved], limit: 50), mayWrite: false, visit)),
        ]
        return ConsolePage(
            side: .staff, title: visit.say("Alerts", "告警"),
            lead: visit.say(
                "Every device is looked at once a minute. What a rule names ends by itself; what is acknowledged is not told again. While no hub was there, no device was silent.",
                "每分钟检查一次所有设备。条件消失后自动恢复；已确认的告警不再提醒。平台停机期间不计入失联时间。"), section: Self.here, blocks: blocks)
    }

    private func table(_ caption: String, _ alerts: [DeviceAlert], mayWrite: Bool, _ visit: Visit) -> TableView {
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
                    } else if mayWrite {
                        .forms([visit.button("\(Self.here)/\(alert.id)/acknowledge", visit.say("Acknowledge", "确认"), of: alert.deviceName)])
                    } else {
                        .badge(visit.say("open", "未恢复"), .warm)
                    }
                return [
                    .link(alert.deviceName, "/operator/devices/\(alert.device)/health", under: alert.device.rawValue),
                    .text(AlertWords.condition(alert.condition, visit), under: alert.measured(in: visit.language)),
                    AlertWords.severity(alert.severity, visit), .text(visit.shown(alert.since)), state,
                ]
            }, nothing: visit.say("There are none.", "暂无告警。"))
    }

    private func rules(_ rules: [AlertRule], mayWrite: Bool, _ visit: Visit) -> TableView {
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
                    AlertWords.severity(rule.severity, visit), .text(AlertWords.scope(rule.scope, visit)),
                    .text(
                        rule.recipients.map { AlertWords.recipient($0, visit) }.joined(separator: visit.say(", ", "、")),
                        under: rule.quiet.map { visit.say("not \($0) UTC", "\($0)（UTC）免打扰") }),
                    .text(rule.repeatMilliseconds == 0 ? visit.say("never", "不提醒") : AlertWords.duration(rule.repeatMilliseconds, visit)),
                    .forms(
                        mayWrite
                            ? [visit.button("\(Self.here)/rules/\(rule.id)/remove", visit.say("Remove", "删除"), of: words, isDangerous: true)] : []),
                ]
            }, nothing: visit.say("There are none: nobody is told of anything.", "暂无规则：不会发出任何通知。"))
    }

    private func form(_ visit: Visit) -> FormView {
        visit.form(
            "\(Self.here)/rules", visit.say("Add", "添加"),
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
                InputView("scope", visit.say("Devices", "设备")).with {
                    $0.value = "all"
                    $0.hint = visit.say(
                        "all, account:ID, group:ID, device:ID or label:NAME=VALUE", "all、account:ID、group:ID、device:ID 或 label:NAME=VALUE")
                },
                InputView("recipients", visit.say("Tell the operators by mail", "邮件通知运营人员"), .tick("operators")).with {
                    ($0.isTicked, $0.isRequired, $0.suffix) = (true, false, "operators")
                },
                InputView("recipients", visit.say("Tell the device's account: notice, mail and webhooks", "通知设备所属账户（通知、邮件、Webhook）"), .tick("owner")).with {
                    ($0.isRequired, $0.suffix) = (false, "owner")
                },
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
}
