import HubAPI
import HubDomain
import RecognitionAPI
import WireModel

/// Agreements: a new version is drafted, shown beside the newest one, and only then published.
struct OperatorAgreementPages: Sendable {
    let console: Console

    private var hub: Hub { console.hub }
    private static let here: String = "/operator/agreements"
    private static let one: String = "\(here)/{document}"
    private static let publishers: Set<OperatorRole> = [.administrator]
    private static let fields: [Schema.Field] = [
        .required("rule", .choices(AcceptanceRule.self)), .required("effective", .text(10...10)), .required("text_en", .text(10...200_000)),
        .required("text_zh", .text(10...200_000)),
    ]
    /// Two texts of 200 kB, each byte escaped.
    private static let bodyLimit: Int = 1_300_000

    var routes: [Route] {
        let access: Access = .operator(Self.publishers)
        return [
            console.page(Self.here, .everyOperator, "Every agreement, with its versions.", list),
            console.page(Self.one, .everyOperator, "One agreement, and a draft of its next version.", document),
            console.action(
                "\(Self.one)/draft", access, "Show a draft beside the newest version.", fields: Self.fields, bodyLimit: Self.bodyLimit, back: document
            ) { visit in .page(try await difference(visit)) },
            console.action(
                "\(Self.one)/publish", access, "Publish a version: every account is told.", fields: Self.fields, bodyLimit: Self.bodyLimit,
                back: { try await difference($0) }
            ) { visit in
                let draft: AgreementDraft = try draft(visit)
                _ = try await hub.publish(draft, by: try visit.call.actor)
                return .to("\(Self.here)/\(draft.document)?done=published")
            },
        ]
    }

    /// Browsers send lines with CR and LF (WHATWG HTML §4.10.21.4); texts have LF.
    private static func text(_ visit: Visit, _ language: Language) -> String {
        visit.sent.text("text_\(language.rawValue)").replacing("\r\n", with: "\n")
    }

    private func draft(_ visit: Visit) throws(FieldRefusal) -> AgreementDraft {
        guard let effective = Timestamp("\(visit.sent.text("effective"))T00:00:00Z") else {
            throw FieldRefusal("effective", ("That is not a day.", "日期有误。"), ("Write it as 2026-12-01.", "请按 2026-12-01 的格式填写。"))
        }
        let texts: [Language: String] = Language.allCases.reduce(into: [:]) { $0[$1] = Self.text(visit, $1) }
        for (language, text) in texts where !text.hasPrefix("# ") {
            throw FieldRefusal(
                "text_\(language.rawValue)", ("A text begins with “# ” and its title.", "正文首行须为“# ”加标题。"),
                ("Write the title into the first line.", "请在首行填写标题。"))
        }
        return AgreementDraft(
            document: visit.call.path["document"] ?? "", rule: AcceptanceRule(rawValue: visit.sent.text("rule")) ?? .explicit, effective: effective,
            texts: texts)
    }

    static func rule(_ rule: AcceptanceRule, _ visit: Visit) -> String {
        switch rule {
        case .explicit: visit.say("accounts accept it themselves", "须由账户明示同意")
        case .continuedUse: visit.say("whoever goes on using the service after that day has accepted it", "生效后继续使用即视为同意")
        }
    }

    @Sendable private func list(_ visit: Visit) async throws -> ConsolePage {
        let now: Timestamp = hub.now()
        return ConsolePage(
            side: .staff, title: visit.say("Agreements", "协议"),
            lead: visit.say("A published version never changes: what changes is published as the next one.", "已发布的版本不可更改，变更须发布新版本。"), section: Self.here,
            blocks: [
                Block(
                    table: TableView(
                        visit.say("Versions", "版本"),
                        [
                            visit.say("Agreement", "协议"), visit.say("Version", "版本"), visit.say("In force from", "生效时间"), visit.say("Told", "公告时间"),
                            visit.say("State", "状态"),
                        ], numbers: [1],
                        rows: try await hub.agreementVersions(of: nil).sorted { ($0.document, $1.number) < ($1.document, $0.number) }.map { one in
                            [
                                .link(one.document, "\(Self.here)/\(one.document)", under: one.titles[visit.language.rawValue]), .text("\(one.number)"),
                                .text(visit.shown(one.effective)), .text(visit.shown(one.notice)),
                                one.effective > now ? .badge(visit.say("to come", "待生效"), .warm) : .badge(visit.say("published", "已发布"), .good),
                            ]
                        }, nothing: visit.say("There are none.", "暂无协议。")))
            ])
    }

    private func newest(_ visit: Visit) async throws -> AgreementVersion {
        let document: String = visit.call.path["document"] ?? ""
        guard let newest = try await hub.agreementVersions(of: document).max(by: { $0.number < $1.number }) else {
            throw Problem(.notFound, "There is no such agreement.", detail: document, remedy: "See the list of agreements.")
        }
        return newest
    }

    @Sendable private func document(_ visit: Visit) async throws -> ConsolePage {
        let newest: AgreementVersion = try await newest(visit)
        var blocks: [Block] = [
            .facts([
                (visit.say("Newest version", "最新版本"), "\(newest.number)"), (visit.say("In force from", "生效时间"), visit.shown(newest.effective)),
                (visit.say("How it binds", "约束方式"), Self.rule(newest.rule, visit)), (visit.say("Hash", "哈希"), newest.hash),
            ])
        ]
        if (try visit.call.staff.principal).may(Self.publishers) {
            var texts: [InputView] = []
            for language in Language.allCases {
                let text: AgreementText = try await hub.agreementText(newest.document, number: newest.number, language: language)
                texts.append(
                    InputView(
                        "text_\(language.rawValue)", language == .en ? visit.say("Text in English", "英文内容") : visit.say("Text in Chinese", "中文内容"), .lines
                    ).with {
                        ($0.most, $0.value, $0.isTall) = (200_000, text.body, true)
                        $0.hint = visit.say("Markdown; the first line is “# ” and the title.", "Markdown 格式，首行为“# ”加标题。")
                    })
            }
            blocks += [
                .heading(visit.say("The next version", "下一版本"), id: "draft"),
                Block(
                    form: visit.form(
                        "\(Self.here)/\(newest.document)/draft", visit.say("Show what changes", "查看差异"),
                        [
                            InputView("effective", visit.say("In force from the day (UTC)", "生效日期（UTC）"), .line("date")).with {
                                ($0.most, $0.value) = (10, String(visit.shown(max(hub.now(), newest.effective).advanced(by: .seconds(31 * 86_400))).prefix(10)))
                            },
                            InputView(
                                "rule", visit.say("How it binds", "约束方式"),
                                .choice(
                                    AcceptanceRule.allCases.map { .init(option: $0.rawValue, optionName: Self.rule($0, visit), isChosen: $0 == newest.rule) })),
                        ] + texts)),
            ]
        }
        blocks.append(.links([(visit.say("All agreements", "全部协议"), Self.here)]))
        return ConsolePage(side: .staff, title: newest.titles[visit.language.rawValue] ?? newest.document, section: Self.here, blocks: blocks)
    }

    private func difference(_ visit: Visit) async throws -> ConsolePage {
        let (newest, draft): (AgreementVersion, AgreementDraft) = (try await newest(visit), try draft(visit))
        var blocks: [Block] = [
            .facts([
                (visit.say("In force from", "生效时间"), visit.shown(draft.effective)), (visit.say("How it binds", "约束方式"), Self.rule(draft.rule, visit)),
            ])
        ]
        var changes: Int = 0
        for language in Language.allCases {
            let old: AgreementText = try await hub.agreementText(newest.document, number: newest.number, language: language)
            let lines: [LineView] = TextDifference.lines(
                from: old.body, to: draft.texts[language] ?? "", added: visit.say("added", "新增"), removed: visit.say("removed", "删除"))
            changes += lines.count
            blocks.append(
                .heading(language == .en ? visit.say("What changes in English", "英文差异") : visit.say("What changes in Chinese", "中文差异"), id: language.rawValue))
            blocks.append(lines.isEmpty ? .text(visit.say("Nothing.", "无差异。")) : Block(difference: lines))
        }
        if changes == 0 {
            blocks.append(.notice(.warm, visit.say("Neither text changes: there is nothing to publish.", "两种语言均无差异，无需发布。")))
        } else {
            var form: FormView = visit.form("\(Self.here)/\(newest.document)/publish", visit.say("Publish it; every account is told", "发布并通知所有账户"))
            form.hidden = (Self.fields.map(\.name)).map { .init(hiddenName: $0, hiddenValue: visit.sent.text($0)) }
            blocks.append(Block(form: form))
        }
        blocks.append(.links([(visit.say("Back to the draft as it was published last", "返回最新版本"), "\(Self.here)/\(newest.document)")]))
        return ConsolePage(
            side: .staff, title: visit.say("Version \(newest.number + 1), not published yet", "第 \(newest.number + 1) 版（尚未发布）"), section: Self.here,
            blocks: blocks)
    }
}
