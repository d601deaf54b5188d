import HubAPI
import HubDomain
import RecognitionAPI
import WireModel

/// What is told to everybody: announcements, and the public record of incidents.
struct OperatorNewsPages: Sendable {
    let console: Console

    private var hub: Hub { console.hub }
    private static let here: String = "/operator/news"
    private static let support: Set<OperatorRole> = [.administrator, .support]

    var routes: [Route] {
        let access: Access = .operator(Self.support)
        let both: [Schema.Field] = [
            .required("title_en", .text(1...200)), .required("title_zh", .text(1...200)), .required("text_en", .text(1...5_000)),
            .required("text_zh", .text(1...5_000)),
        ]
        return [
            console.page(Self.here, .everyOperator, "Announcements and the status page.", page),
            console.action("\(Self.here)/announcements", access, "Announce something.", fields: both + [.required("audience", .text(1...64))], back: page) {
                visit in
                let texts: [Language: PublicText] = Language.allCases.reduce(into: [:]) {
                    $0[$1] = PublicText(title: visit.sent.text("title_\($1.rawValue)"), body: visit.sent.text("text_\($1.rawValue)"))
                }
                let day: String = visit.sent.text("begins")
                _ = try await hub.announce(
                    texts, to: visit.sent.text("audience"), begins: day.isEmpty ? nil : Timestamp("\(day)T00:00:00Z"),
                    ends: Int64(visit.sent.text("days")).map { (Timestamp("\(day)T00:00:00Z") ?? hub.now()).advanced(by: .seconds($0 * 86_400)) },
                    by: try visit.call.actor)
                return .to("\(Self.here)?done=published")
            },
            console.action("\(Self.here)/announcements/{announcement}/withdraw", access, "Withdraw an announcement.", back: page) { visit in
                try await hub.withdrawAnnouncement(try visit.call.id("announcement"), by: try visit.call.actor)
                return .to("\(Self.here)?done=withdrawn")
            },
            console.action(
                "\(Self.here)/incidents", access, "Put an incident on the public record.",
                fields: both + [.required("kind", .choices(Incident.Kind.self)), .required("impact", .choices(Incident.Impact.self))], back: page
            ) { visit in
                _ = try await hub.openIncident(
                    Incident.Kind(rawValue: visit.sent.text("kind")) ?? .fault, impact: Incident.Impact(rawValue: visit.sent.text("impact")) ?? .none,
                    titles: texts(visit, "title"), texts: texts(visit, "text"), by: try visit.call.actor)
                return .to("\(Self.here)?done=published")
            },
            console.action(
                "\(Self.here)/incidents/{incident}", access, "Say what is known now.",
                fields: [.required("state", .choices(Incident.State.self)), .required("text_en", .text(1...5_000)), .required("text_zh", .text(1...5_000))],
                back: page
            ) { visit in
                _ = try await hub.updateIncident(
                    try visit.call.id("incident"), state: Incident.State(rawValue: visit.sent.text("state")) ?? .investigating, texts: texts(visit, "text"),
                    by: try visit.call.actor)
                return .to("\(Self.here)?done=published")
            },
        ]
    }

    private func texts(_ visit: Visit, _ name: String) -> [Language: String] {
        Language.allCases.reduce(into: [:]) { $0[$1] = visit.sent.text("\(name)_\($1.rawValue)") }
    }

    private func words(_ visit: Visit, withTitles: Bool) -> [InputView] {
        (withTitles
            ? [
                InputView("title_en", visit.say("Title in English", "英文标题")).with { $0.most = 200 },
                InputView("title_zh", visit.say("Title in Chinese", "中文标题")).with { $0.most = 200 },
            ] : []) + [
                InputView("text_en", visit.say("Text in English", "英文内容"), .lines).with { $0.most = 5_000 },
                InputView("text_zh", visit.say("Text in Chinese", "中文内容"), .lines).with { $0.most = 5_000 },
            ]
    }

    @Sendable private func page(_ visit: Visit) async throws -> ConsolePage {
        let mayWrite: Bool = (try visit.call.staff.principal).may(Self.support)
        let now: Timestamp = hub.now()
        var blocks: [Block] = [.heading(visit.say("Incidents", "事件"), id: "incidents")]
        let incidents: [Incident] = try await hub.incidents()
        blocks += IncidentBlocks.of(incidents.filter { $0.resolved == nil }, visit)
        if mayWrite {
            for incident in incidents where incident.resolved == nil {
                blocks.append(
                    Block(
                        form: visit.form(
                            "\(Self.here)/incidents/\(incident.id)", visit.say("Publish", "发布"),
                            [
                                InputView(
                                    "state",
                                    visit.say("What is known of “\(incident.titles[visit.language] ?? "")”", "“\(incident.titles[visit.language] ?? "")”的进展"),
                                    .choice(Incident.State.allCases.map { .init(option: $0.rawValue, optionName: IncidentBlocks.state($0, visit)) }))
                            ] + words(visit, withTitles: false))))
            }
            blocks.append(
                Block(
                    form: visit.form(
                        "\(Self.here)/incidents", visit.say("Publish", "发布"),
                        [
                            InputView(
                                "kind", visit.say("Kind", "类型"),
                                .choice(Incident.Kind.allCases.map { .init(option: $0.rawValue, optionName: IncidentBlocks.kind($0, visit)) })),
                            InputView(
                                "impact", visit.say("Impact", "影响"),
                                .choice(Incident.Impact.allCases.map { .init(option: $0.rawValue, optionName: IncidentBlocks.impact($0, visit)) })),
                        ] + words(visit, withTitles: true)
                    ).with { $0.folded = visit.say("A new incident", "新事件") }))
        }
        let audiences: [InputView.OptionView] =
            [
                .init(option: Announcement.everybody, optionName: visit.say("everybody", "所有人")),
                .init(option: Announcement.accounts, optionName: visit.say("accounts", "全部账户")),
                .init(option: Announcement.devices, optionName: visit.say("every device's screen", "所有设备屏幕")),
            ]
            + (try await hub.deviceGroups(account: nil)).map { group in
                .init(option: group.id.rawValue, optionName: visit.say("the screens of the group \(group.name)", "设备组“\(group.name)”的屏幕"))
            } + APIName.all.map { .init(option: $0.rawValue, optionName: visit.say("who uses \($0)", "使用 \($0) 的账户")) }
        blocks += [
            .heading(visit.say("Announcements", "公告"), id: "announcements"),
            Block(
                table: TableView(
                    visit.say("Announcements", "公告"),
                    [visit.say("Announcement", "公告"), visit.say("Audience", "对象"), visit.say("From", "自"), visit.say("State", "状态"), ""],
                    rows: try await hub.announcements().map { one in
                        let isOver: Bool = one.withdrawn != nil || (one.ends.map { $0 <= now } ?? false)
                        return [
                            .text(one.text(in: visit.language).title, under: one.text(in: visit.language).body),
                            .text(audiences.first { $0.option == one.audience }?.optionName ?? one.audience),
                            .text(visit.shown(one.begins)),
                            one.withdrawn != nil
                                ? .badge(visit.say("withdrawn", "已撤回"), .plain)
                                : isOver
                                    ? .badge(visit.say("over", "已结束"), .plain)
                                    : one.begins > now ? .badge(visit.say("to come", "待发布"), .warm) : .badge(visit.say("stands", "已发布"), .good),
                            .forms(
                                mayWrite && !isOver
                                    ? [
                                        visit.button(
                                            "\(Self.here)/announcements/\(one.id)/withdraw", visit.say("Withdraw", "撤回"),
                                            of: one.text(in: visit.language).title,
                                            isDangerous: true)
                                    ] : []),
                        ]
                    }, nothing: visit.say("There are none.", "暂无公告。"))),
        ]
        if mayWrite {
            blocks.append(
                Block(
                    form: visit.form(
                        "\(Self.here)/announcements", visit.say("Announce", "发布公告"),
                        [InputView("audience", visit.say("Audience", "对象"), .choice(audiences))] + words(visit, withTitles: true) + [
                            InputView("begins", visit.say("From the day (UTC)", "自（UTC）"), .line("date")).with {
                                ($0.isRequired, $0.most) = (false, 10)
                                $0.hint = visit.say("Empty: now.", "留空为立即发布。")
                            }, InputView("days", visit.say("For how many days", "天数"), .line("number")).with { ($0.isRequired, $0.most) = (false, 4) },
                        ]
                    ).with { $0.folded = visit.say("A new announcement", "新公告") }))
        }
        return ConsolePage(side: .staff, title: visit.say("News and status", "公告与状态"), section: Self.here, blocks: blocks)
    }
}
