import HubAPI
import HubDomain
import WireModel

/// What the account was told, and what is announced.
struct NoticePages: Sendable {
    let console: Console

    private var hub: Hub { console.hub }

    var routes: [Route] {
        [
            console.page("/account/notices", .everyMember, "What the account was told.", query: ["before"], notices),
            console.action("/account/notices/{notice}/read", .everyMember, "Mark a notice as read.", isForEnded: true, back: notices) { visit in
                _ = try await hub.readNotice(try visit.call.id("notice"), account: try visit.call.member.account)
                return .to("/account/notices")
            },
            console.action("/account/notices/incident-mail", .everyMember, "Be mailed of incidents, or no longer.", isForEnded: true, back: notices) { visit in
                try await hub.readIncidents(
                    visit.sent.all("isReading").contains("yes"), principal: try visit.call.member.principal.id, by: try visit.call.actor)
                return .to("/account/notices?done=saved")
            },
        ]
    }

    @Sendable private func notices(_ visit: Visit) async throws -> ConsolePage {
        let account: AccountID = try visit.call.member.account
        let (notices, next): ([Notice], NoticeID?) = try await hub.noticePage(account, before: visit.asked("before").flatMap(NoticeID.init(rawValue:)))
        var blocks: [Block] = AnnouncementBlocks.of(try await hub.announcementsInForce(for: account), visit)
        blocks.append(
            Block(
                table: TableView(
                    visit.say("Notices", "通知"), [visit.say("Notice", "通知"), visit.say("When", "时间"), visit.say("State", "状态")],
                    rows: notices.map { notice in
                        [
                            CellView(content: notice.title, under: notice.body, address: notice.link.flatMap(Self.page)), .text(visit.shown(notice.created)),
                            notice.read == nil
                                ? .forms([visit.button("/account/notices/\(notice.id)/read", visit.say("Mark as read", "标为已读"), of: notice.title)])
                                : .text(visit.say("read", "已读")),
                        ]
                    }, nothing: visit.say("There are none.", "暂无通知。"))))
        blocks += Block.pager(
            visit, "/account/notices", keeping: ["before"], "before", next: next?.rawValue, more: ("Earlier notices", "更早的通知"),
            first: ("The newest notices", "最近的通知"))
        let isReading: Bool = try await hub.isReadingIncidents(try visit.call.member.principal.id)
        blocks += [
            .heading(visit.say("Incidents by mail", "事件邮件"), id: "incident-mail"),
            Block(
                form: visit.form(
                    "/account/notices/incident-mail", visit.say("Save", "保存"),
                    [
                        InputView("isReading", visit.say("Mail me each word on incidents when it is written.", "事件有新进展时给我发邮件。"), .tick("yes")).with {
                            ($0.isTicked, $0.isRequired) = (isReading, false)
                        }
                    ])),
        ]
        return ConsolePage(side: .member, title: visit.say("Notices", "通知"), section: "/account/notices", blocks: blocks)
    }

    /// The page where the matter of a notice is dealt with; notices name the route of the API.
    private static func page(_ link: String) -> String? {
        let pages: [(String, String)] = [
            ("/v1/account/keys", "/account/applications#keys"), ("/v1/account/entitlements", "/account/applications"), ("/v1/account/ledger", "/account/bills"),
            ("/v1/account/galleries", "/account/people"), ("/v1/account/closure", "/account/leaving"), ("/v1/account/standing", "/account/standing"),
            ("/v1/account/webhooks", "/account/webhooks"), ("/v1/account/purchases", "/account/packs"),
            ("/v1/account/device-alerts", "/account/device-alerts"), ("/v1/agreements/", "/account/agreements"),
        ]
        if let page = pages.first(where: { link.hasPrefix($0.0) }) { return page.1 }
        return link.hasPrefix("/v1/") ? nil : link
    }
}

/// Announcements, shown on the pages that matter.
enum AnnouncementBlocks {
    static func of(_ announcements: [Announcement], _ visit: Visit) -> [Block] {
        announcements.map { announcement in
            let text: PublicText = announcement.text(in: visit.language)
            return .notice(.warm, text.title, "\(text.body) (\(visit.shown(announcement.begins)))")
        }
    }
}
