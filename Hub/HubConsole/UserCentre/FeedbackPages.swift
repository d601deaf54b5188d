import HubAPI
import HubDomain
import RecognitionAPI
import WireModel

/// Opinions and reports, from the account to the answer; the operator sees the same on their side.
struct FeedbackPages: Sendable {
    let console: Console

    private var hub: Hub { console.hub }

    var routes: [Route] {
        let (mine, all): (Console.Making, Console.Making) = ({ try await list($0, isOperator: false) }, { try await list($0, isOperator: true) })
        let (one, any): (Console.Making, Console.Making) = ({ try await thread($0, isOperator: false) }, { try await thread($0, isOperator: true) })
        let message: [Schema.Field] = [.required("body", .text(1...10_000)), .optional("closes", .text(0...3))]
        return [
            console.page("/account/feedback", .everyMember, "What the account reported.", query: ["before"], mine),
            console.action(
                "/account/feedback", .everyMember, "Send an opinion or a report.",
                fields: [.required("kind", .text(1...40)), .required("subject", .text(1...200)), .required("body", .text(1...10_000))], isForEnded: true,
                back: mine
            ) { visit in
                let parts: [Substring] = visit.sent.text("kind").split(separator: " ")
                let draft = FeedbackDraft(
                    kind: parts.first.flatMap { FeedbackCase.Kind(rawValue: String($0)) } ?? .opinion, category: parts.count == 2 ? String(parts[1]) : nil,
                    subject: visit.sent.text("subject"), body: visit.sent.text("body"))
                let opened: FeedbackCase = try await hub.openCase(draft, account: try visit.call.member.account, by: try visit.call.actor)
                let key: String = visit.sent.text("key").filter { !$0.isWhitespace }
                if !key.isEmpty { try await hub.freezeFoundKey(key, address: visit.call.address) }
                return .to("/account/feedback/\(opened.id)?done=reported")
            },
            console.page("/account/feedback/{feedback}", .everyMember, "One report and what was written.", one),
            console.action("/account/feedback/{feedback}", .everyMember, "Write on.", fields: message, isForEnded: true, back: one) { visit in
                let id: FeedbackID = try visit.call.id("feedback")
                _ = try await hub.write(
                    visit.sent.text("body"), to: id, account: try visit.call.member.account, closes: visit.sent["closes"] == "yes", by: try visit.call.actor)
                return .to("/account/feedback/\(id)?done=reported")
            },
            console.page("/operator/feedback", .everyOperator, "Every account's reports.", query: ["before"], all),
            console.page("/operator/feedback/{feedback}", .everyOperator, "One report and what was written.", any),
            console.action(
                "/operator/feedback/{feedback}", .operator([.administrator, .support]), "Answer; the account is told.", fields: message, back: any
            ) { visit in
                let id: FeedbackID = try visit.call.id("feedback")
                _ = try await hub.write(visit.sent.text("body"), to: id, account: nil, closes: visit.sent["closes"] == "yes", by: try visit.call.actor)
                return .to("/operator/feedback/\(id)?done=reported")
            },
        ]
    }

    private func kind(_ kind: FeedbackCase.Kind, _ visit: Visit) -> String {
        switch kind {
        case .opinion: visit.say("opinion or suggestion", "意见或建议")
        case .security: visit.say("a security weakness or leaked key", "安全漏洞或密钥泄露")
        case .unlawful: visit.say("unlawful use", "违法使用")
        case .compensation: visit.say("a claim for compensation", "赔偿请求")
        }
    }

    private static let categories: [String: (String, String)] = [
        "unlawful-state": ("security of the state", "危害国家安全"), "unlawful-violence": ("violence or terror", "暴力恐怖"),
        "unlawful-hatred": ("hatred or discrimination", "仇恨歧视"), "unlawful-vice": ("obscenity, gambling, drugs", "淫秽、赌博、毒品"),
        "unlawful-fraud": ("fraud or forged identity", "诈骗与伪造身份"), "unlawful-person": ("against a person", "侵害他人人身权益"),
        "unlawful-privacy": ("privacy", "侵害隐私与个人信息"), "unlawful-attack": ("attacks on systems", "攻击网络与系统"), "unlawful-other": ("other", "其他违法行为"),
    ]

    private func state(_ state: FeedbackCase.State, _ visit: Visit) -> CellView {
        switch state {
        case .open: .badge(visit.say("waits for the operator", "等待平台答复"), .warm)
        case .answered: .badge(visit.say("answered", "已答复"), .good)
        case .closed: .badge(visit.say("closed", "已关闭"), .plain)
        }
    }

    private func list(_ visit: Visit, isOperator: Bool) async throws -> ConsolePage {
        let here: String = isOperator ? "/operator/feedback" : "/account/feedback"
        let (cases, next): ([FeedbackCase], String?) = try await hub.casePage(
            isOperator ? nil : try visit.call.member.account, before: visit.asked("before"))
        let names: [AccountID: String] = isOperator ? try await hub.accounts().reduce(into: [:]) { $0[$1.id] = $1.name } : [:]
        var blocks: [Block] = []
        if !isOperator {
            let contact: String = try await hub.setting(.contact)
            if !contact.isEmpty { blocks.append(.facts([(visit.say("Reach the operator", "联系平台"), contact)])) }
        }
        blocks.append(
            Block(
                table: TableView(
                    visit.say("Reports", "反馈"),
                    [visit.say("Subject", "主题"), visit.say("Kind", "类型")] + (isOperator ? [visit.say("Account", "账户")] : [])
                        + [visit.say("Changed", "更新时间"), visit.say("State", "状态")],
                    rows: cases.map { one in
                        [.link(one.subject, "\(here)/\(one.id)"), .text(kind(one.kind, visit), under: one.category)]
                            + (isOperator ? [.link(names[one.account] ?? one.account.rawValue, "/operator/accounts/\(one.account)")] : [])
                            + [.text(visit.shown(one.changed)), state(one.state, visit)]
                    }, nothing: visit.say("There are none.", "暂无反馈。"))))
        blocks += Block.pager(
            visit, here, keeping: ["before"], "before", next: next, more: ("Earlier reports", "更早的反馈"), first: ("The newest reports", "最近的反馈"))
        if !isOperator {
            var options: [InputView.OptionView] = []
            for one in FeedbackCase.Kind.allCases {
                if one == .unlawful {
                    options += FeedbackCase.categories.map { category in
                        let words: (String, String) = Self.categories[category] ?? (category, category)
                        return .init(option: "unlawful \(category)", optionName: "\(kind(one, visit)): \(visit.say(words.0, words.1))")
                    }
                } else {
                    options.append(.init(option: one.rawValue, optionName: kind(one, visit)))
                }
            }
            blocks += [
                .heading(visit.say("Write to the operator", "联系平台"), id: "new"),
                Block(
                    form: visit.form(
                        here, visit.say("Send", "发送"),
                        [
                            InputView("kind", visit.say("What it is about", "类型"), .choice(options)),
                            InputView("subject", visit.say("Subject", "主题")).with { $0.most = 200 },
                            InputView("body", visit.say("What you want to say", "内容"), .lines).with { $0.most = 10_000 },
                            InputView("key", visit.say("A leaked key to freeze at once", "需立即冻结的泄露密钥")).with {
                                ($0.isRequired, $0.autocomplete, $0.most) = (false, "off", 120)
                                $0.hint = visit.say("It need not be yours.", "不限于您自己的密钥。")
                            },
                        ], about: [.keyMalformed: "key", .keyUnknown: "key"])),
            ]
        }
        return ConsolePage(
            side: isOperator ? .staff : .member, title: visit.say("Feedback and reports", "反馈与举报"), section: here, blocks: blocks)
    }

    private func thread(_ visit: Visit, isOperator: Bool) async throws -> ConsolePage {
        let here: String = isOperator ? "/operator/feedback" : "/account/feedback"
        let id: FeedbackID = try visit.call.id("feedback")
        let (found, messages): (FeedbackCase, [FeedbackMessage]) = try await hub.feedbackCase(id, account: isOperator ? nil : try visit.call.member.account)
        var blocks: [Block] = [
            .facts(
                [(visit.say("Kind", "类型"), kind(found.kind, visit)), (visit.say("State", "状态"), state(found.state, visit).content)]
                    + (isOperator ? [(visit.say("Account", "账户"), try await hub.account(found.account.rawValue).name)] : []))
        ]
        blocks += messages.map { message in
            .notice(
                message.isOperator ? .good : .plain,
                (message.isOperator ? visit.say("The operator", "平台") : visit.say("The account", "账户")) + ", " + visit.shown(message.written), message.body)
        }
        let mayWrite: Bool = isOperator ? (try visit.call.staff.principal).may([.administrator, .support]) : true
        if mayWrite {
            blocks.append(
                Block(
                    form: visit.form(
                        "\(here)/\(id)", isOperator ? visit.say("Answer", "答复") : visit.say("Write on", "回复"),
                        [
                            InputView("body", visit.say("Message", "内容"), .lines).with { $0.most = 10_000 },
                            InputView("closes", visit.say("Nothing more is to be done", "无需进一步处理"), .tick("yes")).with { $0.isRequired = false },
                        ])))
        }
        blocks.append(.links([(visit.say("All reports", "全部反馈"), here)]))
        return ConsolePage(side: isOperator ? .staff : .member, title: found.subject, section: here, blocks: blocks)
    }
}
