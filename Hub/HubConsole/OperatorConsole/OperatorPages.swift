import HubAPI
import HubDomain
import RecognitionAPI
import WireModel

/// The hub at a glance, what waits for a decision, and the audit log.
struct OperatorPages: Sendable {
    let console: Console

    private var hub: Hub { console.hub }
    private static let support: Access = .operator([.administrator, .support])

    var routes: [Route] {
        [
            console.page("/operator", .everyOperator, "The hub at a glance.", overview),
            console.page("/operator/approvals", .everyOperator, "What waits for a decision.", approvals),
            console.action(
                "/operator/entitlements/{entitlement}/decision", Self.support, "Approve or refuse an application for an API.",
                fields: [.required("decision", .text(1...10)), .required("answer", .text(1...1_000))], back: approvals
            ) { visit in
                _ = try await hub.decideEntitlement(
                    try visit.call.id("entitlement"), approve: visit.sent["decision"] == "approve", units: nil, answer: visit.sent.text("answer"),
                    by: try visit.call.actor)
                return .to("/operator/approvals?done=decided")
            },
            console.action(
                "/operator/closures/{closure}/decision", Self.support, "Approve or refuse a request to close an account.",
                fields: [.required("decision", .text(1...10)), .required("answer", .text(1...1_000))], back: approvals
            ) { visit in
                _ = try await hub.decideClosure(
                    try visit.call.id("closure"), approve: visit.sent["decision"] == "approve", answer: visit.sent.text("answer"), by: try visit.call.actor)
                return .to("/operator/approvals?done=decided")
            },
            console.page("/operator/audit", .operator([.administrator, .auditor]), "The audit log.", query: ["before"], audit),
        ]
    }

    @Sendable private func overview(_ visit: Visit) async throws -> ConsolePage {
        let figures: HubFigures = try await hub.figures()
        let use: [DailyUse] = try await hub.dailyUse(nil, days: 30)
        let waiting: Int = try await hub.entitlements(waiting: true).count
        let closures: Int = try await hub.closures(nil).filter { $0.state == .requested }.count
        let reports: Int = try await hub.cases(nil).filter { $0.state == .open }.count
        let incidents: [Incident] = try await hub.incidents().filter { $0.resolved == nil }
        let today: Int64 = use.filter { $0.day == hub.lastDays(1)[0] }.reduce(0) { $0 + $1.units }
        var blocks: [Block] = incidents.map {
            .notice(.bad, $0.titles[visit.language] ?? "", link: LinkView(words: visit.say("Say what is known", "更新进展"), to: "/operator/news"))
        }
        if waiting + closures > 0 {
            blocks.append(
                .notice(
                    .warm, visit.say("\(waiting + closures) decisions are waited for", "\(waiting + closures) 项待审批"),
                    link: LinkView(words: visit.say("Approvals", "审批"), to: "/operator/approvals")))
        }
        let newcomers: Int = try await hub.waitingDevices().count
        if newcomers > 0 {
            blocks.append(
                .notice(
                    .warm, visit.say("Devices that wait to be approved: \(newcomers)", "等待批准的设备：\(newcomers)"),
                    link: LinkView(words: visit.say("Waiting devices", "等待中的设备"), to: OperatorWaitingPages.here)))
        }
        if reports > 0 {
            blocks.append(
                .notice(
                    .warm, visit.say("\(reports) reports wait for an answer", "\(reports) 条反馈待答复"),
                    link: LinkView(words: visit.say("Feedback", "反馈"), to: "/operator/feedback")))
        }
        let alerts: (open: Int64, unseen: Int64) = try await hub.openAlertCounts()
        if alerts.unseen > 0 {
            blocks.append(
                .notice(
                    .warm, visit.say("\(alerts.unseen) alerts nobody has acknowledged", "\(alerts.unseen) 条告警待确认"),
                    link: LinkView(words: visit.say("Alerts", "告警"), to: "/operator/alerts")))
        }
        if figures.forkAlarms > 0 {
            blocks.append(
                .notice(
                    .bad, visit.say("\(figures.forkAlarms) fork alarms", "\(figures.forkAlarms) 个日志分叉告警"),
                    link: LinkView(words: visit.say("Barred devices", "已隔离的设备"), to: "/operator/devices?state=quarantined")))
        }
        blocks += [
            Block(
                figures: [
                    FigureView(figure: visit.number(figures.accounts), of: visit.say("Accounts", "账户"), note: ""),
                    FigureView(figure: visit.number(figures.devices), of: visit.say("Devices in service", "在用设备"), note: ""),
                    FigureView(figure: visit.number(today), of: visit.say("Units today", "今日用量"), note: "UTC"),
                    FigureView(
                        figure: visit.number(figures.journalEntries), of: visit.say("Journal entries", "日志条目"),
                        note: visit.say("\(figures.rejectedEntries) not billed", "其中 \(figures.rejectedEntries) 条未计费")),
                ], isLive: true), .heading(visit.say("Use", "用量"), id: "use"), Block(chart: UseChart.of(use, hub.lastDays(30), visit)),
        ]
        return ConsolePage(side: .staff, title: visit.say("Overview", "概览"), section: "/operator", blocks: blocks)
    }

    private func decision(_ action: String, _ what: String, _ visit: Visit) -> FormView {
        visit.form(
            action, visit.say("Decide", "提交决定"),
            [
                InputView(
                    "decision", what,
                    .choice([
                        .init(option: "approve", optionName: visit.say("approve", "批准")), .init(option: "refuse", optionName: visit.say("refuse", "拒绝")),
                    ])),
                InputView("answer", visit.say("What the account is told", "告知账户的内容"), .lines).with { $0.most = 1_000 },
            ], about: [.invalidRequest: "answer"])
    }

    @Sendable private func approvals(_ visit: Visit) async throws -> ConsolePage {
        let names: [AccountID: String] = try await hub.accounts().reduce(into: [:]) { $0[$1.id] = $1.name }
        let waiting: [Entitlement] = try await hub.entitlements(waiting: true)
        let closures: [Closure] = try await hub.closures(nil).filter { $0.state == .requested }
        let mayDecide: Bool = (try visit.call.staff.principal).may([.administrator, .support])
        var blocks: [Block] = [.heading(visit.say("Applications for APIs", "接口申请"), id: "applications")]
        for one in waiting {
            let name: String = names[one.account] ?? one.account.rawValue
            blocks.append(
                .facts([
                    (visit.say("Account", "账户"), name), (visit.say("API", "接口"), one.api.rawValue),
                    (visit.say("Asked", "申请时间"), one.applied.map(visit.shown) ?? ""),
                    (visit.say("What for", "用途"), one.reason.isEmpty ? "–" : one.reason),
                ]))
            if mayDecide { blocks.append(Block(form: decision("/operator/entitlements/\(one.id)/decision", "\(name): \(one.api)", visit))) }
        }
        if waiting.isEmpty { blocks.append(.text(visit.say("None waits.", "暂无待审批申请。"))) }
        blocks.append(.heading(visit.say("Requests to close an account", "注销申请"), id: "closures"))
        for one in closures {
            let name: String = names[one.account] ?? one.account.rawValue
            blocks.append(
                .facts([
                    (visit.say("Account", "账户"), name), (visit.say("Asked", "申请时间"), visit.shown(one.requested)),
                    (visit.say("Why", "原因"), one.reason.isEmpty ? "–" : one.reason),
                ]))
            if mayDecide { blocks.append(Block(form: decision("/operator/closures/\(one.id)/decision", name, visit).with { $0.isDangerous = true })) }
        }
        if closures.isEmpty { blocks.append(.text(visit.say("None waits.", "暂无待处理申请。"))) }
        return ConsolePage(side: .staff, title: visit.say("Approvals", "审批"), section: "/operator/approvals", blocks: blocks)
    }

    private static let auditPage: Int = 200

    @Sendable private func audit(_ visit: Visit) async throws -> ConsolePage {
        let entries: [AuditEntry] = try await hub.auditEntries(before: visit.asked("before").flatMap(Int64.init) ?? 0, limit: Self.auditPage)
        var blocks: [Block] = [
            Block(
                table: TableView(
                    visit.say("Audit log", "审计日志"),
                    [visit.say("Place", "序号"), visit.say("When", "时间"), visit.say("Who", "操作者"), visit.say("Act", "操作"), visit.say("On", "对象")],
                    numbers: [0],
                    rows: entries.map { entry in
                        [
                            .text("\(entry.seq)"), .text(visit.shown(entry.time)),
                            .text(entry.actorKind, under: [entry.actor, entry.address].filter { !$0.isEmpty }.joined(separator: ", ")),
                            .text(entry.action), .text(entry.subject, under: entry.detail),
                        ]
                    }, nothing: visit.say("There is nothing before that.", "没有更早的记录。")))
        ]
        var onward: [(String, String)] = []
        if entries.count == Self.auditPage, let last = entries.last { onward.append((visit.say("Older acts", "更早的操作"), "/operator/audit?before=\(last.seq)")) }
        if visit.asked("before") != nil { onward.append((visit.say("The newest acts", "最近的操作"), "/operator/audit")) }
        if !onward.isEmpty { blocks.append(.links(onward)) }
        return ConsolePage(
            side: .staff, title: visit.say("Audit", "审计"),
            lead: visit.say("Each entry's hash covers the one before it.", "每条记录的哈希均包含前一条。"), section: "/operator/audit", blocks: blocks)
    }
}

extension Principal {
    func may(_ roles: Set<OperatorRole>) -> Bool { if case .operator(let role) = kind { roles.contains(role) } else { false } }
}
