import HubAPI
import HubDomain
import WireModel

/// What everybody may read: is it up, what is announced, which agreements there are.
struct PublicPages: Sendable {
    let console: Console

    private var hub: Hub { console.hub }

    var routes: [Route] {
        [
            console.page("/status", .open, "Whether the service runs, and incidents.", status),
            console.page("/announcements", .open, "What is announced.", announcements),
            console.page("/agreements", .open, "The agreements in force, and every version.", agreements),
        ]
    }

    @Sendable private func status(_ visit: Visit) async throws -> ConsolePage {
        let incidents: [Incident] = try await hub.incidents()
        let open: [Incident] = incidents.filter { $0.resolved == nil }
        var blocks: [Block] = [
            open.contains { $0.impact == .outage }
                ? .notice(.bad, visit.say("The service is interrupted", "服务中断"))
                : open.isEmpty
                    ? .notice(.good, visit.say("Everything runs", "服务正常"), visit.say("Asked at \(visit.shown(hub.now())).", "查询时间：\(visit.shown(hub.now()))。"))
                    : .notice(.warm, visit.say("There is an incident under way", "存在进行中的事件"))
        ]
        blocks += AnnouncementBlocks.of(try await hub.announcementsInForce(for: nil), visit)
        if !open.isEmpty { blocks.append(.heading(visit.say("Under way", "进行中"), id: "open")) }
        blocks += IncidentBlocks.of(open, visit)
        blocks.append(.heading(visit.say("Over", "历史事件"), id: "over"))
        let over: [Incident] = incidents.filter { $0.resolved != nil }
        blocks += over.isEmpty ? [.text(visit.say("None on record.", "暂无记录。"))] : IncidentBlocks.of(over, visit)
        blocks.append(.links([("JSON", "/v1/status"), (visit.say("Announcements", "公告"), "/announcements")]))
        return ConsolePage(side: .visitor, title: visit.say("Status", "服务状态"), blocks: blocks)
    }

    @Sendable private func announcements(_ visit: Visit) async throws -> ConsolePage {
        let all: [Announcement] = try await hub.announcementsInForce(for: nil)
        return ConsolePage(
            side: .visitor, title: visit.say("Announcements", "公告"),
            blocks: all.isEmpty ? [.text(visit.say("Nothing is announced.", "暂无公告。"))] : AnnouncementBlocks.of(all, visit))
    }

    @Sendable private func agreements(_ visit: Visit) async throws -> ConsolePage {
        let versions: [AgreementVersion] = try await hub.agreementVersions(of: nil)
        let now: Timestamp = hub.now()
        let inForce: Set<AgreementVersionID> = Set(try await hub.agreementsInForce().map(\.id))
        return ConsolePage(
            side: .visitor, title: visit.say("Agreements", "协议"),
            blocks: [
                Block(
                    table: TableView(
                        visit.say("Agreements", "协议"),
                        [visit.say("Agreement", "协议"), visit.say("Version", "版本"), visit.say("In force from", "生效时间"), visit.say("State", "状态")], numbers: [1],
                        rows: versions.map { version in
                            [
                                .link(
                                    version.titles[visit.language.rawValue] ?? version.document,
                                    "/docs/agreements/\(version.document)/\(version.number)?language=\(visit.language.rawValue)", under: version.document),
                                .text("\(version.number)"), .text(visit.shown(version.effective)),
                                inForce.contains(version.id)
                                    ? .badge(visit.say("in force", "现行"), .good)
                                    : version.effective > now ? .badge(visit.say("announced", "已公告"), .warm) : .badge(visit.say("superseded", "已被取代"), .plain),
                            ]
                        }, nothing: visit.say("There are none.", "暂无协议。")))
            ])
    }
}

/// Incidents with their updates, newest first.
enum IncidentBlocks {
    static func of(_ incidents: [Incident], _ visit: Visit) -> [Block] {
        incidents.flatMap { incident -> [Block] in
            [
                .heading(incident.titles[visit.language] ?? "", id: incident.id.rawValue),
                .facts([
                    (visit.say("Kind", "类型"), kind(incident.kind, visit)), (visit.say("Impact", "影响"), impact(incident.impact, visit)),
                    (visit.say("From", "开始"), visit.shown(incident.begins)),
                    (visit.say("Until", "结束"), incident.resolved.map(visit.shown) ?? visit.say("it goes on", "进行中")),
                ]),
            ]
                + incident.updates.map { update in
                    .notice(
                        update.state == .resolved ? .good : .plain, "\(state(update.state, visit)), \(visit.shown(update.written))",
                        update.texts[visit.language] ?? "")
                }
        }
    }

    static func kind(_ kind: Incident.Kind, _ visit: Visit) -> String {
        switch kind {
        case .fault: visit.say("fault", "故障")
        case .attack: visit.say("attack", "攻击")
        case .forceMajeure: visit.say("force majeure", "不可抗力")
        case .maintenance: visit.say("maintenance", "维护")
        }
    }

    static func impact(_ impact: Incident.Impact, _ visit: Visit) -> String {
        switch impact {
        case .none: visit.say("none", "无影响")
        case .degraded: visit.say("slower or in part", "性能下降或部分不可用")
        case .outage: visit.say("interrupted", "服务中断")
        }
    }

    static func state(_ state: Incident.State, _ visit: Visit) -> String {
        switch state {
        case .investigating: visit.say("Being looked into", "调查中")
        case .identified: visit.say("Cause found", "已定位原因")
        case .monitoring: visit.say("Mended, being watched", "已修复，观察中")
        case .resolved: visit.say("Over", "已解决")
        }
    }
}
