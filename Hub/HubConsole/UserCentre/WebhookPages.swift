import HubAPI
import HubDomain
import RecognitionAPI
import WireModel

/// Where an account's notices and results are sent, and what became of each message.
struct WebhookPages: Sendable {
    let console: Console

    private var hub: Hub { console.hub }
    private static let here: String = "/account/webhooks"
    private static let one: String = "\(here)/{webhook}"
    private static let live: String = "/account/live/webhooks"
    private static let makers: Set<MemberRole> = [.owner, .admin, .developer]
    /// As many as the domain gives at once.
    private static let perPage: Int = 200

    var routes: [Route] {
        let access: Access = .member(Self.makers)
        let settings: [Schema.Field] = [
            .required("url", .text(9...2_000)), .optional("about", .text(0...200)), .required("topics", .choices(WebhookTopic.self)),
        ]
        return [
            console.page(Self.here, .everyMember, "The account's webhooks.", list),
            console.action(Self.here, access, "Make a webhook; its secret is shown once.", fields: settings, back: list) { visit in
                let issued: IssuedWebhook = try await hub.makeWebhook(
                    try Self.settings(visit), account: try visit.call.member.account, by: try visit.call.actor)
                return .page(shown(issued, visit))
            },
            console.page(Self.one, .everyMember, "One webhook and its deliveries.", query: ["before"], webhook),
            console.live("\(Self.live)/{webhook}", .everyMember, "What became of messages, as it comes.", newest),
            act("settings", "Change a webhook.", fields: settings, done: "changed") { visit, id, account in
                let settings: WebhookSettings = try Self.settings(visit)
                _ = try await hub.changeWebhook(id, settings: { _ in settings }, isActive: nil, account: account, by: try visit.call.actor)
            },
            act("state", "Switch a webhook off or on.", fields: [.required("active", .text(2...3))], done: "changed") { visit, id, account in
                _ = try await hub.changeWebhook(
                    id, settings: nil, isActive: visit.sent["active"] == "yes", account: account, by: try visit.call.actor)
            },
            act("ping", "Send a message that says nothing.", done: "pinged") { _, id, account in _ = try await hub.pingWebhook(id, account: account) },
            act("deliveries/{delivery}/replay", "Send a message again.", done: "replayed") { visit, id, account in
                _ = try await hub.replayDelivery(try visit.call.id("delivery"), of: id, account: account, by: try visit.call.actor)
            },
            console.action(
                "\(Self.one)/rotate", access, "Make a new secret; messages are signed with both for the overlap.", fields: [.required("overlap", .text(1...7))],
                back: webhook
            ) { visit in
                guard let hours = Int64(visit.sent.text("overlap")), (0...720).contains(hours) else {
                    throw FieldRefusal("overlap", ("Both secrets hold for up to 30 days.", "新旧密钥最多可同时有效 30 天。"), ("Choose one of the list.", "请从列表中选择。"))
                }
                let issued: IssuedWebhook = try await hub.rotateWebhook(
                    try visit.call.id("webhook"), overlap: .seconds(hours * 3_600), account: try visit.call.member.account, by: try visit.call.actor)
                return .page(shown(issued, visit))
            },
            console.action(
                "\(Self.one)/delete", access, "Remove a webhook with its log and what was still to be sent.", fields: [.required("sure", .text(1...3))],
                isForEnded: true, back: webhook
            ) { visit in
                let id: WebhookID = try visit.call.id("webhook")
                guard visit.sent["sure"] == "yes" else {
                    throw FieldRefusal("sure", ("Its log and what waits go with it.", "投递日志与待发送的消息将一并删除。"), ("Tick that this is meant.", "请勾选确认。"))
                }
                try await hub.removeWebhook(id, account: try visit.call.member.account, by: try visit.call.actor)
                return .to("\(Self.here)?done=deleted")
            },
        ]
    }

    private func act(
        _ path: String, _ summary: String, fields: [Schema.Field] = [], done: String,
        work: @escaping @Sendable (Visit, WebhookID, AccountID) async throws -> Void
    ) -> Route {
        console.action("\(Self.one)/\(path)", .member(Self.makers), summary, fields: fields, back: webhook) { visit in
            let id: WebhookID = try visit.call.id("webhook")
            try await work(visit, id, try visit.call.member.account)
            return .to("\(Self.here)/\(id)?done=\(done)")
        }
    }

    private static func settings(_ visit: Visit) throws(FieldRefusal) -> WebhookSettings {
        let topics: [WebhookTopic] = visit.sent.all("topics").compactMap(WebhookTopic.init(rawValue:))
        guard !topics.isEmpty else {
            throw FieldRefusal("topics", ("It is to be sent something.", "请选择至少一类消息。"), ("Tick one at least.", "请至少勾选一项。"))
        }
        return WebhookSettings(url: FleetWords.trimmed(visit.sent.text("url")), about: visit.sent.text("about"), topics: topics)
    }

    // MARK: Words

    private static func topic(_ topic: WebhookTopic, _ visit: Visit) -> String {
        switch topic {
        case .notice: visit.say("notices", "账户通知")
        case .variantResult: visit.say("results in the account's own form", "定制格式的识别结果")
        }
    }

    private static func kind(_ kind: String, _ visit: Visit) -> String {
        kind == "ping" ? visit.say("ping", "测试") : WebhookTopic(rawValue: kind).map { topic($0, visit) } ?? kind
    }

    private static func state(_ webhook: Webhook, _ visit: Visit) -> CellView {
        var cell: CellView =
            webhook.state == .active ? .badge(visit.say("on", "已启用"), .good) : .badge(visit.say("off", "已停用"), webhook.ground == .switchedOff ? .plain : .bad)
        cell.under = webhook.ground.map { ground($0, visit) }
        return cell
    }

    private static func ground(_ ground: WebhookGround, _ visit: Visit) -> String {
        switch ground {
        case .unreachable: visit.say("deliveries to it failed for three days", "连续三天投递失败")
        case .gone: visit.say("it answered that it is gone (410)", "对方返回 410（已不存在）")
        case .switchedOff: visit.say("switched off by the account", "由账户停用")
        }
    }

    private static func outcome(_ delivery: WebhookDelivery, isActive: Bool, _ visit: Visit) -> CellView {
        let answer: String? =
            delivery.status.map { visit.say("it answered \($0)", "对方返回 \($0)") } ?? delivery.fault.map { fault($0, visit) }
        switch delivery.state {
        case .delivered:
            var cell: CellView = .badge(visit.say("taken", "已送达"), .good)
            cell.under = answer
            return cell
        case .failed:
            var cell: CellView = .badge(visit.say("failed", "失败"), .bad)
            cell.under = answer
            return cell
        case .queued where !isActive:
            var cell: CellView = .badge(visit.say("waits: it is off", "等待启用"), .plain)
            cell.under = answer
            return cell
        case .queued:
            var cell: CellView = .badge(delivery.attempts == 0 ? visit.say("waits", "等待发送") : visit.say("is tried again", "将重试"), .warm)
            let next: String? =
                delivery.attempts == 0 ? nil : delivery.next.map { visit.say("next \(visit.shown($0))", "下次 \(visit.shown($0))") }
            let parts: [String] = [answer, next].compactMap(\.self)
            cell.under = parts.isEmpty ? nil : parts.joined(separator: visit.say(", ", "，"))
            return cell
        }
    }

    /// What the transport calls a failure, in words where there are any.
    private static func fault(_ fault: String, _ visit: Visit) -> String {
        switch fault {
        case "no connection": visit.say("no connection", "无法连接")
        case "no answer in time": visit.say("no answer in time", "响应超时")
        case "the certificate is not trusted": visit.say("its certificate is not trusted", "证书不受信任")
        case "the host has no public address": visit.say("its host has no public address", "主机没有公网地址")
        case "the connection was cut": visit.say("the connection was cut", "连接中断")
        case "switched off": visit.say("switched off meanwhile", "期间已停用")
        default: fault
        }
    }

    // MARK: Pages

    private func shown(_ issued: IssuedWebhook, _ visit: Visit) -> ConsolePage {
        var blocks: [Block] = [
            Block(
                secret: SecretView(
                    name: visit.say("Secret of \(issued.webhook.url)", "\(issued.webhook.url) 的密钥"), value: issued.secret, copy: visit.say("Copy", "复制"),
                    copied: visit.say("Copied", "已复制")))
        ]
        if let until = issued.webhook.overlapUntil {
            blocks.append(
                .notice(
                    .plain, visit.say("Until \(visit.shown(until)) messages are signed with the old secret too.", "\(visit.shown(until)) 之前，消息同时使用旧密钥签名。")))
        }
        blocks += [
            .text(
                visit.say(
                    "Each message carries webhook-id, webhook-timestamp and webhook-signature, as Standard Webhooks 1.0 says; its libraries check them with this secret. The id stays the same when a message comes again.",
                    "每条消息均按 Standard Webhooks 1.0 携带 webhook-id、webhook-timestamp 与 webhook-signature，可用其各语言库和此密钥校验。重复投递时 id 不变。")),
            .links([(visit.say("The webhook", "查看此 Webhook"), "\(Self.here)/\(issued.webhook.id)"), (visit.say("All webhooks", "全部 Webhook"), Self.here)]),
        ]
        return ConsolePage(
            side: .member, title: visit.say("The webhook's secret", "Webhook 密钥"),
            lead: visit.say("It is shown this once. Keep it where your receiver finds it and nobody else does.", "密钥仅显示这一次，请妥善保存，仅供您的接收程序使用。"),
            section: Self.here, blocks: blocks)
    }

    private static func fields(_ webhook: Webhook?, _ visit: Visit) -> [InputView] {
        [
            InputView("url", visit.say("Address", "地址"), .line("url")).with {
                ($0.most, $0.value) = (2_000, webhook?.url ?? "")
                $0.hint = visit.say("https only; private addresses are refused.", "仅支持 https，不支持内网地址。")
            },
            InputView("about", visit.say("What it is for", "用途")).with { ($0.isRequired, $0.value) = (false, webhook?.about ?? "") },
        ]
            + WebhookTopic.allCases.map { one in
                InputView("topics", visit.say("Send \(topic(one, visit))", "发送\(topic(one, visit))"), .tick(one.rawValue)).with {
                    ($0.isRequired, $0.suffix) = (false, one.rawValue.replacing(".", with: "-"))
                    $0.isTicked = webhook.map { $0.topics.contains(one) } ?? (one == .notice)
                }
            }
    }

    @Sendable private func list(_ visit: Visit) async throws -> ConsolePage {
        let webhooks: [Webhook] = try await hub.webhooks(try visit.call.member.account)
        var blocks: [Block] = [
            Block(
                table: TableView(
                    visit.say("Webhooks", "Webhook"),
                    [visit.say("Address", "地址"), visit.say("Sent", "消息类型"), visit.say("State", "状态"), visit.say("Last taken", "最近送达")],
                    rows: webhooks.map { webhook in
                        [
                            .link(webhook.url, "\(Self.here)/\(webhook.id)", under: webhook.about.isEmpty ? nil : webhook.about),
                            .text(webhook.topics.map { Self.topic($0, visit) }.joined(separator: visit.say(", ", "、"))), Self.state(webhook, visit),
                            .text(webhook.lastDelivered.map(visit.shown) ?? visit.say("never", "从未")),
                        ]
                    }, nothing: visit.say("There is none yet.", "暂无 Webhook。")))
        ]
        if visit.may(Self.makers) {
            blocks.append(
                Block(
                    form: visit.form(
                        Self.here, visit.say("Add the webhook", "添加 Webhook"), Self.fields(nil, visit), about: [.invalidRequest: "url", .conflict: "url"]
                    ).with { $0.folded = webhooks.isEmpty ? nil : visit.say("A new webhook", "新建 Webhook") }))
        }
        return ConsolePage(
            side: .member, title: visit.say("Webhooks", "Webhook"),
            lead: visit.say(
                "The hub posts to an address of yours what happens, signed, and tries for three days.", "平台会将事件签名后发送到您的地址，失败时重试三天。"), section: Self.here,
            blocks: blocks)
    }

    /// The newest deliveries, which change while somebody looks.
    @Sendable private func newest(_ visit: Visit) async throws -> [Block] {
        let (id, account): (WebhookID, AccountID) = (try visit.call.id("webhook"), try visit.call.member.account)
        return [Block(table: table(try await hub.deliveries(of: id, before: nil, account: account), of: try await hub.webhook(id, account: account), visit))]
    }

    private func table(_ deliveries: [WebhookDelivery], of webhook: Webhook, _ visit: Visit) -> TableView {
        let mayMake: Bool = visit.may(Self.makers)
        return TableView(
            visit.say("Deliveries", "投递记录"),
            [
                visit.say("Message", "消息"), visit.say("Made", "产生时间"), visit.say("Attempts", "尝试次数"), visit.say("Outcome", "结果"),
                visit.say("Taken", "送达时间"), "",
            ], numbers: [2],
            rows: deliveries.map { one in
                [
                    .text(Self.kind(one.kind, visit), under: one.message), .text(visit.shown(one.created)), .text("\(one.attempts)"),
                    Self.outcome(one, isActive: webhook.state == .active, visit),
                    .text(one.delivered.map(visit.shown) ?? "–"),
                    .forms(
                        mayMake && one.isReplayable && one.state != .queued
                            ? [visit.button("\(Self.here)/\(webhook.id)/deliveries/\(one.id)/replay", visit.say("Send again", "重新发送"), of: one.message)] : []),
                ]
            }, nothing: visit.say("Nothing was sent yet.", "暂无投递。"))
    }

    @Sendable private func webhook(_ visit: Visit) async throws -> ConsolePage {
        let (id, account): (WebhookID, AccountID) = (try visit.call.id("webhook"), try visit.call.member.account)
        let webhook: Webhook = try await hub.webhook(id, account: account)
        let mayMake: Bool = visit.may(Self.makers)
        let before: WebhookDeliveryID? = visit.asked("before").flatMap(WebhookDeliveryID.init(rawValue:))
        let deliveries: [WebhookDelivery] = try await hub.deliveries(of: id, before: before, account: account)
        let isActive: Bool = webhook.state == .active
        var blocks: [Block] = []
        if let ground = webhook.ground, !isActive {
            blocks.append(
                .notice(
                    ground == .switchedOff ? .plain : .bad,
                    ground == .switchedOff
                        ? visit.say("It is switched off.", "已停用。")
                        : visit.say("It is off: \(Self.ground(ground, visit)).", "已停用：\(Self.ground(ground, visit))。"),
                    visit.say(
                        "What happens meanwhile is not sent to it. What already waited goes out once it is on again, for three days.",
                        "停用期间的新事件不会发送；此前等待发送的消息在三天内启用后仍会发送。")))
        }
        if mayMake {
            let state: FormView = visit.button(
                "\(Self.here)/\(id)/state", isActive ? visit.say("Switch it off", "停用") : visit.say("Switch it on", "启用"), of: webhook.url,
                hidden: ["active": isActive ? "no" : "yes"])
            blocks.append(
                Block(buttons: (isActive ? [visit.button("\(Self.here)/\(id)/ping", visit.say("Send a ping", "发送测试消息"), of: webhook.url)] : []) + [state]))
        }
        blocks.append(
            .facts([
                (visit.say("Address", "地址"), webhook.url), (visit.say("What it is for", "用途"), webhook.about.isEmpty ? "–" : webhook.about),
                (visit.say("Sent", "消息类型"), webhook.topics.map { Self.topic($0, visit) }.joined(separator: visit.say(", ", "、"))),
                (visit.say("Made", "创建时间"), visit.shown(webhook.created)),
                (visit.say("Last taken", "最近送达"), webhook.lastDelivered.map(visit.shown) ?? visit.say("never", "从未")),
                (
                    visit.say("Secret", "密钥"),
                    webhook.overlapUntil.map {
                        visit.say("two hold until \(visit.shown($0)), the one before too", "新旧密钥均有效至 \(visit.shown($0))")
                    } ?? visit.say("one, shown when it was made", "一个，仅在创建时显示")
                ),
            ]))
        blocks.append(.heading(visit.say("Deliveries", "投递记录"), id: "deliveries"))
        let shown: [Block] = [Block(table: table(deliveries, of: webhook, visit))]
        blocks += before == nil ? Block.live("\(Self.live)/\(id)", shown) : shown
        blocks += Block.pager(
            visit, "\(Self.here)/\(id)", keeping: ["before"], "before", next: deliveries.count == Self.perPage ? deliveries.last?.id.rawValue : nil,
            more: ("Earlier deliveries", "更早的投递"), first: ("The newest deliveries", "最近的投递"), fragment: "deliveries")
        if mayMake { blocks += forms(webhook, visit) }
        blocks.append(.links([(visit.say("All webhooks", "全部 Webhook"), Self.here)]))
        return ConsolePage(
            side: .member, title: webhook.about.isEmpty ? visit.say("Webhook", "Webhook") : webhook.about, section: Self.here, blocks: blocks)
    }

    private func forms(_ webhook: Webhook, _ visit: Visit) -> [Block] {
        let address: String = "\(Self.here)/\(webhook.id)"
        return [
            .heading(visit.say("Settings", "设置"), id: "settings"),
            Block(
                form: visit.form("\(address)/settings", visit.say("Save", "保存"), Self.fields(webhook, visit), about: [.invalidRequest: "url"]).with {
                    $0.folded = visit.say("Address, purpose and messages", "地址、用途与消息类型")
                }),
            Block(
                form: visit.form(
                    "\(address)/rotate", visit.say("Make a new secret", "生成新密钥"),
                    [
                        InputView(
                            "overlap", visit.say("The old secret holds on for", "旧密钥继续有效"),
                            .choice([
                                .init(option: "24", optionName: visit.say("a day", "1 天")), .init(option: "168", optionName: visit.say("a week", "1 周")),
                                .init(option: "1", optionName: visit.say("an hour", "1 小时")),
                                .init(option: "0", optionName: visit.say("not at all: it was given away", "立即失效（密钥已泄露）")),
                            ])
                        ).with {
                            $0.hint = visit.say(
                                "Messages are signed with both for so long, so that none is refused while you change over.", "期间消息同时使用新旧密钥签名，切换时不会有消息被拒收。")
                        }
                    ]
                ).with { $0.folded = visit.say("Another secret", "更换密钥") }),
            Block(
                form: visit.form(
                    "\(address)/delete", visit.say("Delete the webhook", "删除 Webhook"),
                    [
                        InputView(
                            "sure", visit.say("Delete it, with its log and what is still to be sent", "删除此 Webhook、投递日志及待发送的消息"), .tick("yes"))
                    ]
                ).with { ($0.isDangerous, $0.folded) = (true, visit.say("Delete it", "删除")) }),
        ]
    }
}
