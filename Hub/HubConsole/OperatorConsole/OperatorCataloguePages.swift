import HubAPI
import HubDomain
import RecognitionAPI
import WireModel

/// What is sold: prices and terms, changed by new versions with notice, never in place.
struct OperatorCataloguePages: Sendable {
    let console: Console

    private var hub: Hub { console.hub }
    private static let here: String = "/operator/catalogue"
    private static let sellers: Set<OperatorRole> = [.administrator, .finance]

    var routes: [Route] {
        [
            console.page(Self.here, .everyOperator, "What is sold, and what is due to change.", page),
            console.action(
                "\(Self.here)/prices", .operator(Self.sellers), "Set a price, now or from a day.",
                fields: [.required("api", .text(3...64)), .required("price", .text(1...20)), .required("currency", .text(3...3))], back: page, work: price),
            console.action(
                "\(Self.here)/terms", .operator(Self.sellers), "Give an API new terms, now or from a day.",
                fields: [.required("api", .text(3...64)), .required("calls", .text(1...9)), .required("seconds", .text(1...9))], back: page, work: terms),
        ] + products.routes
    }

    private var products: OperatorProducts { OperatorProducts(hub: hub, console: console, back: page) }

    private func api(_ visit: Visit) throws(Problem) -> APIName {
        guard let api = APIName(rawValue: visit.sent.text("api")) else {
            throw Problem(.invalidRequest, "There is no such API.", detail: "/api", remedy: "Choose one of the list.")
        }
        return api
    }

    private func day(_ visit: Visit) throws(Problem) -> Timestamp? {
        let text: String = visit.sent.text("effective")
        if text.isEmpty { return nil }
        guard let day = Timestamp("\(text)T00:00:00Z") else {
            throw Problem(.invalidRequest, "That is not a day.", detail: "/effective", remedy: "Write it as 2026-12-01.")
        }
        return day
    }

    /// What the hub refuses for its day stands at the day, in both languages.
    private func telling(_ chinese: String, _ change: () async throws -> Void) async throws {
        do { try await change() } catch let problem as Problem where problem.code == .invalidRequest && !problem.detail.hasPrefix("/") {
            throw FieldRefusal("effective", (problem.title, chinese), (problem.remedy, "不利于用户的变更须提前通知，天数见平台设置；也不能早于现行价格。"))
        }
    }

    @Sendable private func price(_ visit: Visit) async throws -> Outcome {
        let api: APIName = try api(visit)
        let plans: [PlanEntry] = try await hub.catalogueEntry(api, in: visit.language).plans
        // What devices take along stays as it was; it is set at the shell.
        let before: LeaseTerms? = plans.first { $0.plan == Price.standardPlan }?.price?.lease
        let (money, day): (Money, Timestamp?) = (try Money(visit.sent.text("price"), currency: visit.sent.text("currency")), try day(visit))
        try await telling("生效日期过早，或单价超出范围。") {
            _ = try await hub.setPrice(
                api: api, unitPrice: money, effective: day,
                lease: before ?? LeaseTerms(units: 100, termMilliseconds: 7 * 86_400_000, whenExhausted: .refuse, hardLimit: 0), by: try visit.call.actor)
        }
        return .to("\(Self.here)?done=saved")
    }

    @Sendable private func terms(_ visit: Visit) async throws -> Outcome {
        let api: APIName = try api(visit)
        func number(_ name: String) throws(Problem) -> Int64 {
            guard let number = Int64(visit.sent.text(name)) else {
                throw Problem(.invalidRequest, "That is not a number.", detail: "/\(name)", remedy: "Give digits.")
            }
            return number
        }
        let before: OfferTerms = try await hub.catalogueEntry(api, in: visit.language).offer.terms
        let trialUnits: Int64 = try number("trialUnits")
        let after = OfferTerms(
            interfaceVersion: before.interfaceVersion, frequency: .init(calls: try number("calls"), seconds: try number("seconds")),
            allowance: before.allowance,
            trial: trialUnits == 0 ? nil : .init(units: trialUnits, days: try number("trialDays"), isFree: true),
            needsApproval: visit.sent["needsApproval"] == "yes",
            isOpen: visit.sent["isOpen"] == "yes")
        let day: Timestamp? = try day(visit)
        try await telling("生效日期过早，或条款超出范围。") { _ = try await hub.setOffer(api, terms: after, effective: day, by: try visit.call.actor) }
        return .to("\(Self.here)?done=saved")
    }

    @Sendable private func page(_ visit: Visit) async throws -> ConsolePage {
        let entries: [CatalogueEntry] = try await hub.catalogue(in: visit.language)
        let words = CatalogueWords(language: visit.language)
        let apis: [InputView.OptionView] = entries.map { .init(option: $0.api.rawValue, optionName: $0.title) }
        var blocks: [Block] = [
            Block(
                table: TableView(
                    visit.say("Catalogue", "目录"),
                    [visit.say("API", "接口"), visit.say("Price", "价格"), visit.say("Terms", "条款"), visit.say("Due to change", "待生效变更")],
                    rows: entries.map { entry in
                        let changes: [ChangeView] = words.changes(entry)
                        return [
                            .link(entry.title, "/docs/\(entry.api)", under: entry.api.rawValue),
                            .text(
                                entry.plans.compactMap { plan in plan.price.map { "\(plan.plan): \($0.words(in: visit.language))" } }.joined(separator: "; "),
                                under: entry.plans.isEmpty ? visit.say("not on sale yet", "尚未开售") : nil),
                            .text(
                                words.frequency(entry.offer.terms),
                                under: visit.say(
                                    "trial: \(words.trial(entry.offer.terms)) · approval: \(words.approval(entry.offer.terms))",
                                    "试用：\(words.trial(entry.offer.terms)) · 审批：\(words.approval(entry.offer.terms))")),
                            .text(changes.map { "\($0.day): \($0.lines.joined(separator: "; "))" }.joined(separator: " · ")),
                        ]
                    }, nothing: ""))
        ]
        let mayWrite: Bool = (try visit.call.staff.principal).may(Self.sellers)
        blocks += try await products.blocks(entries, mayWrite: mayWrite, visit)
        if mayWrite {
            let effective = InputView("effective", visit.say("From the day (UTC)", "生效日期（UTC）"), .line("date")).with {
                ($0.isRequired, $0.most) = (false, 10)
                $0.hint = visit.say("Empty: now. What is to users' disadvantage needs notice.", "留空为立即生效。对用户不利的变更须提前公告。")
            }
            blocks += [
                .heading(visit.say("A new price", "新价格"), id: "price"),
                Block(
                    form: visit.form(
                        "\(Self.here)/prices", visit.say("Set the price", "设置价格"),
                        [
                            InputView("api", visit.say("API", "接口"), .choice(apis)),
                            InputView("price", visit.say("Price per unit", "单价")).with { $0.most = 20 },
                            InputView("currency", visit.say("Currency", "币种")).with { ($0.value, $0.most) = ("CNY", 3) }, effective,
                        ], about: [.invalidRequest: "price", .conflict: "currency"])), .heading(visit.say("New terms", "新条款"), id: "terms"),
                Block(
                    form: visit.form(
                        "\(Self.here)/terms", visit.say("Set the terms", "设置条款"),
                        [
                            InputView("api", visit.say("API", "接口"), .choice(apis)),
                            InputView("calls", visit.say("Calls of one application …", "每个应用的调用次数"), .line("number")).with { ($0.value, $0.most) = ("600", 9) },
                            InputView("seconds", visit.say("… in so many seconds", "每多少秒"), .line("number")).with { ($0.value, $0.most) = ("60", 9) },
                            InputView("trialUnits", visit.say("Units of a free trial; 0 for none", "免费试用次数（0 为无）"), .line("number")).with {
                                ($0.value, $0.most) = ("0", 9)
                            },
                            InputView("trialDays", visit.say("Days of a trial", "试用天数"), .line("number")).with { ($0.value, $0.most) = ("30", 4) },
                            InputView("needsApproval", visit.say("Regular use after approval", "正式使用需审批"), .tick("yes")).with { $0.isRequired = false },
                            InputView("isOpen", visit.say("Applications are taken", "接受申请"), .tick("yes")).with {
                                ($0.isRequired, $0.isTicked) = (false, true)
                            },
                            effective,
                        ], about: [.invalidRequest: "effective"])),
            ]
        }
        return ConsolePage(side: .staff, title: visit.say("Catalogue and prices", "目录与价格"), section: Self.here, blocks: blocks)
    }
}
