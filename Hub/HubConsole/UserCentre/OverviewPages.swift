import HubAPI
import HubDomain
import WireModel

/// Where an account stands, and the way from signing up to the first call.
struct OverviewPages: Sendable {
    let console: Console

    private var hub: Hub { console.hub }

    var routes: [Route] { [console.page("/account", .everyMember, "The account at a glance.", overview)] }

    @Sendable private func overview(_ visit: Visit) async throws -> ConsolePage {
        let member = try visit.call.member
        let account: Account = try await hub.account(member.account.rawValue)
        let steps: [StepView] = try await checklist(visit, account)
        let isComplete: Bool = steps.allSatisfy(\.isDone)
        var blocks: [Block] = []
        if account.standing != .active {
            blocks.append(
                .notice(
                    account.standing == .pending ? .warm : .bad,
                    visit.say("The account's standing: \(StandingWords.of(account.standing, visit))", "账户状态：\(StandingWords.of(account.standing, visit))"),
                    GroundText.text(account.ground, visit.language), link: LinkView(words: visit.say("Why", "原因"), to: "/account/standing")))
        }
        blocks += AnnouncementBlocks.of(try await hub.announcementsInForce(for: account.id), visit)
        let use: [DailyUse] = try await hub.dailyUse(account.id, days: 30)
        let balances: [Balance] = try await hub.balances(account.id)
        let figures = Block(
            figures: [
                FigureView(
                    figure: visit.number(use.filter { $0.day == hub.lastDays(1)[0] }.reduce(0) { $0 + $1.units }), of: visit.say("Units today", "今日用量"),
                    note: "UTC"),
                FigureView(figure: visit.number(use.reduce(0) { $0 + $1.units }), of: visit.say("Units in 30 days", "近 30 天用量"), note: ""),
                FigureView(
                    figure: balances.first.map { Money(millionths: $0.amount, currency: $0.currency).text } ?? "0", of: visit.say("Balance", "余额"),
                    note: credit(balances.first, visit)),
            ])
        let guide: [Block] = [.heading(visit.say("From here to a first call", "从注册到第一次调用"), id: "guide"), Block(checklist: steps)]
        blocks += isComplete ? [figures] + guide : guide + [figures]
        return ConsolePage(side: .member, title: account.name, section: "/account", blocks: blocks)
    }

    private func credit(_ balance: Balance?, _ visit: Visit) -> String {
        guard let balance, balance.creditLimit > 0 else { return "" }
        let credit: String = Money(millionths: balance.creditLimit, currency: balance.currency).text
        return visit.say("credit \(credit)", "信用额度 \(credit)")
    }

    private struct Task {
        let name: (String, String)
        let about: (String, String)
        let isDone: Bool
        let link: (english: String, chinese: String, address: String)?
    }

    private func checklist(_ visit: Visit, _ account: Account) async throws -> [StepView] {
        let registration: HubDomain.Registration = try await hub.registration(account)
        let agreements: [AgreementStatus] = try await hub.agreementStatus(account.id)
        let isUndecided: Bool = agreements.contains { !$0.document.hasPrefix("api:") && $0.decision == nil }
        let entitlements: [Entitlement] = try await hub.entitlements(account.id)
        let records: [MeteringRecord] = try await hub.meteringRecords(account.id, api: nil, before: nil, limit: 1)
        let applications: [Application] = try await hub.applications(account.id)
        var tasks: [Task] = [
            Task(
                name: ("Confirm the mail address", "确认邮箱"), about: ("The link in the mail that you got does it.", "打开邮件中的链接即可。"),
                isDone: registration.emailProven, link: ("Confirm", "确认", "/confirm"))
        ]
        if let isProven = registration.domainProven {
            let proof: DomainProof = try await hub.domainProof(account.id)
            tasks.append(
                Task(
                    name: ("Prove the domain \(proof.domain)", "证明域名 \(proof.domain)"),
                    about: (
                        "Publish the TXT record “\(proof.challenge)” at \(proof.recordName); it is looked for every hour.",
                        "在 \(proof.recordName) 发布 TXT 记录“\(proof.challenge)”；系统每小时检查一次。"
                    ), isDone: isProven, link: nil))
        }
        tasks += [
            Task(
                name: ("Decide on the agreements", "确认协议"), about: ("Calls are bound by them: read them, then accept.", "调用受协议约束：请阅读后接受。"),
                isDone: registration.agreementAccepted && !isUndecided, link: ("Agreements", "查看协议", "/account/agreements")),
            Task(
                name: ("Make an application", "创建应用"), about: ("Your own program, as it is called here. Keys and rights belong to one.", "即您的程序；密钥与权限均属于某个应用。"),
                isDone: applications.contains { $0.archived == nil }, link: ("Make one", "创建", "/account/applications")),
            Task(
                name: ("Apply for an API", "申请接口"), about: ("A trial, where there is one, begins at once.", "提供试用的接口可立即试用。"),
                isDone: entitlements.contains { [.trial, .active].contains($0.state) }, link: ("Apply", "申请", "/account/applications")),
            Task(
                name: ("Make a key", "创建密钥"), about: ("It is shown once; your program sends it with every call.", "密钥仅显示一次；程序每次调用时发送。"),
                isDone: try await !hub.apiKeys(account.id).isEmpty, link: ("Make a key", "创建密钥", "/account/applications")),
            Task(
                name: ("Make the first call", "完成第一次调用"), about: ("Here on a picture, or from your program.", "可在此上传图片试用，或从程序调用。"), isDone: !records.isEmpty,
                link: ("Try it here", "在线试用", "/account/try")),
        ]
        let next: Int? = tasks.firstIndex { !$0.isDone }
        return tasks.enumerated().map { index, task in
            StepView(
                step: visit.say(task.name.0, task.name.1), about: visit.say(task.about.0, task.about.1), isDone: task.isDone, isNext: index == next,
                state: task.isDone ? visit.say("done", "已完成") : index == next ? visit.say("next", "下一步") : "",
                here: task.isDone ? nil : task.link.map { LinkView(words: visit.say($0.english, $0.chinese), to: $0.address) })
        }
    }
}
