import HubAPI
import HubAccess
import HubDomain
import RecognitionAPI
import WireModel

/// Accounts as the operator sees them: whole, with their money and what is done about them.
struct OperatorAccountPages: Sendable {
    let console: Console

    private var hub: Hub { console.hub }
    private static let support: Set<OperatorRole> = [.administrator, .support]
    private static let finance: Set<OperatorRole> = [.administrator, .finance]
    private static let one: String = "/operator/accounts/{account}"
    private static let entriesPerPage: Int = 30

    var routes: [Route] {
        [
            console.page("/operator/accounts", .everyOperator, "Every account.", list),
            console.action(
                "/operator/accounts", .operator(Self.support), "Open an account and invite its owner.",
                fields: [.required("name", .text(1...100)), .required("kind", .choices(AccountType.self)), .required("email", .email)], back: list
            ) { visit in
                let account: Account = try await hub.openAccount(
                    name: visit.sent.text("name"), kind: AccountType(rawValue: visit.sent.text("kind")) ?? .individual,
                    owner: try EmailAddress(visit.sent.text("email")), language: visit.language, by: try visit.call.actor)
                return .to("/operator/accounts/\(account.id)?done=invited")
            },
            console.page(Self.one, .everyOperator, "One account, whole.", query: ["before"], account),
            console.action(
                "\(Self.one)/measures", .operator(Self.support), "Warn, slow down, pause an API, interrupt or end.",
                fields: [.required("kind", .choices(MeasureType.self)), .required("ground", .text(1...100)), .required("statement", .text(1...2_000))],
                back: account,
                work: order),
            console.action("/operator/measures/{measure}/lift", .operator(Self.support), "End a measure before its time.", back: list) { visit in
                let measure: Measure = try await hub.lift(
                    try visit.call.id("measure"), ground: visit.say("lifted by the operator", "平台解除"), by: try visit.call.actor)
                return .to("/operator/accounts/\(measure.account)?done=lifted")
            },
            console.action(
                "\(Self.one)/money", .operator(Self.finance), "Book a payment, a credit or a refund.",
                fields: [
                    .required("kind", .choices(MoneyMove.self)), .required("amount", .text(1...20)), .required("currency", .text(3...3)),
                    .required("reason", .text(1...200)),
                ],
                back: account, work: book),
            console.action(
                "\(Self.one)/credit", .operator(Self.finance), "Set how far below zero the account's balance may go.",
                fields: [.required("limit", .text(1...20)), .required("currency", .text(3...3))], back: account
            ) { visit in
                let id: AccountID = try visit.call.id("account")
                _ = try await hub.setCredit(
                    try Money(visit.sent.text("limit"), currency: visit.sent.text("currency")), account: id.rawValue, by: try visit.call.actor)
                return .to("\(Self.one.replacing("{account}", with: id.rawValue))?done=saved")
            },
            console.action(
                "\(Self.one)/quota", .operator(Self.finance), "Set what the account may use of an API.",
                fields: [.required("api", .text(3...64)), .required("units", .text(1...12)), .required("period", .choices(UsePeriod.self))], back: account
            ) { visit in
                let id: AccountID = try visit.call.id("account")
                guard let api = APIName(rawValue: visit.sent.text("api")), let units = Int64(visit.sent.text("units")) else {
                    throw Problem(.invalidRequest, "A quota is a number of units.", detail: "/units", remedy: "Give 0 or more.")
                }
                _ = try await hub.setQuota(
                    account: id.rawValue, api: api, units: units, period: UsePeriod(rawValue: visit.sent.text("period")) ?? .month, by: try visit.call.actor)
                return .to("/operator/accounts/\(id)?done=saved")
            },
        ]
    }

    @Sendable private func order(_ visit: Visit) async throws -> Outcome {
        let id: AccountID = try visit.call.id("account")
        let kind: MeasureType = MeasureType(rawValue: visit.sent.text("kind")) ?? .warning
        let days: Int64? = Int64(visit.sent.text("days"))
        _ = try await hub.order(
            MeasureOrder(
                kind: kind, api: kind == .pauseAPI ? APIName(rawValue: visit.sent.text("api")) : nil,
                perMinute: kind == .throttle ? Int64(visit.sent.text("perMinute")) : nil, ground: visit.sent.text("ground"),
                statement: visit.sent.text("statement"), expires: days.map { hub.now().advanced(by: .seconds($0 * 86_400)) }), account: id.rawValue,
            by: try visit.call.actor)
        return .to("/operator/accounts/\(id)?done=ordered")
    }

    @Sendable private func book(_ visit: Visit) async throws -> Outcome {
        let id: AccountID = try visit.call.id("account")
        let kind: MoneyMove = MoneyMove(rawValue: visit.sent.text("kind")) ?? .topUp
        let amount = try Money(visit.sent.text("amount").filter { $0 != "-" }, currency: visit.sent.text("currency"))
        let signed = Money(millionths: kind == .refund ? -amount.millionths : amount.millionths, currency: amount.currency)
        _ = try await hub.book(
            MoneyOrder(kind: kind, amount: signed, reason: visit.sent.text("reason")), account: id.rawValue, key: visit.sent["once"], by: try visit.call.actor)
        return .to("/operator/accounts/\(id)?done=booked")
    }

    @Sendable private func list(_ visit: Visit) async throws -> ConsolePage {
        let accounts: [Account] = try await hub.accounts()
        var blocks: [Block] = [
            Block(
                table: TableView(
                    visit.say("Accounts", "账户"),
                    [visit.say("Account", "账户"), visit.say("Kind", "类型"), visit.say("Registered", "注册时间"), visit.say("Standing", "状态")],
                    rows: accounts.reversed().map {
                        [
                            .link($0.name, "/operator/accounts/\($0.id)", under: $0.id.rawValue),
                            .text($0.kind == .individual ? visit.say("person", "个人") : visit.say("organisation", "企业")), .text(visit.shown($0.created)),
                            .badge(StandingWords.of($0.standing, visit), StandingWords.tone($0.standing)),
                        ]
                    }, nothing: visit.say("There are none yet.", "暂无账户。")))
        ]
        if (try visit.call.staff.principal).may(Self.support) {
            blocks.append(
                Block(
                    form: visit.form(
                        "/operator/accounts", visit.say("Open the account", "开设账户"),
                        [
                            InputView("name", visit.say("Name", "名称")).with { $0.most = 100 },
                            InputView(
                                "kind", visit.say("Kind", "类型"),
                                .choice([
                                    .init(option: "individual", optionName: visit.say("person", "个人")),
                                    .init(option: "enterprise", optionName: visit.say("organisation", "企业")),
                                ])), InputView("email", visit.say("The owner's mail address", "所有者邮箱"), .line("email")).with { $0.most = 254 },
                        ], about: [.invalidRequest: "email", .conflict: "email", .mailDomainRefused: "email"]
                    ).with { $0.folded = visit.say("Open an account", "开设账户") }))
        }
        return ConsolePage(side: .staff, title: visit.say("Accounts", "账户"), section: "/operator/accounts", blocks: blocks)
    }

    @Sendable private func account(_ visit: Visit) async throws -> ConsolePage {
        let id: AccountID = try visit.call.id("account")
        let view: AccountView = try await hub.view(account: id.rawValue)
        let staff: Principal = try visit.call.staff.principal
        let address: String = "/operator/accounts/\(id)"
        let entries: [LedgerTransaction] = try await hub.ledger(
            id, before: visit.asked("before").flatMap(LedgerTransactionID.init(rawValue:)), limit: Self.entriesPerPage + 1)
        var blocks: [Block] = [
            .facts([
                (visit.say("Account", "账户"), id.rawValue), (visit.say("Standing", "状态"), StandingWords.of(view.account.standing, visit)),
                (visit.say("Ground", "原因"), GroundText.text(view.account.ground, visit.language)),
                (visit.say("Registered", "注册时间"), visit.shown(view.account.created)),
            ]), Block(chart: UseChart.of(try await hub.dailyUse(id, days: 30), hub.lastDays(30), visit)),
            .heading(visit.say("Members", "成员"), id: "members"),
            Block(
                table: TableView(
                    visit.say("Members", "成员"), [visit.say("Member", "成员"), visit.say("Role", "角色"), visit.say("State", "状态")],
                    rows: view.members.map { [.text($0.email, under: $0.id), .text(MemberWords.role($0.role, visit)), MemberWords.state($0.state, visit)] },
                    nothing: visit.say("There is nobody.", "暂无成员。"))), .heading(visit.say("Agreements", "协议"), id: "agreements"),
            Block(
                table: TableView(
                    visit.say("Agreements", "协议"), [visit.say("Agreement", "协议"), visit.say("In force", "现行版本"), visit.say("Decision", "决定")], numbers: [1],
                    rows: view.agreements.map {
                        [
                            .text($0.inForce.titles[visit.language.rawValue] ?? $0.document, under: $0.document), .text("\($0.inForce.number)"),
                            AgreementPages.cell($0.decision, visit),
                        ]
                    }, nothing: "")), .heading(visit.say("Money", "资金"), id: "money"),
            Block(
                table: TableView(
                    visit.say("Balances", "余额"),
                    [visit.say("Currency", "币种"), visit.say("Balance", "余额"), visit.say("Free to use", "可用"), visit.say("Due", "待付")],
                    numbers: [1, 2, 3],
                    rows: try await hub.balances(id).map { balance in
                        [.text(balance.currency)]
                            + [balance.amount, balance.available, balance.due].map { .text(Money(millionths: $0, currency: balance.currency).text) }
                    }, nothing: visit.say("Nothing was paid or charged yet.", "尚无收支。"))),
            Block(table: MoneyTable.entries(Array(entries.prefix(Self.entriesPerPage)), visit)),
        ]
        blocks += Block.pager(
            visit, address, keeping: ["before"], "before", next: entries.count > Self.entriesPerPage ? entries[Self.entriesPerPage - 1].id.rawValue : nil,
            more: ("Earlier entries", "更早的账目"), first: ("The newest entries", "最近的账目"), fragment: "money")
        if staff.may(Self.finance) {
            blocks += [Block(form: money(visit, address)), Block(form: try await credit(visit, address, id)), Block(form: quota(visit, address))]
        }
        blocks += [
            .heading(visit.say("Measures", "措施"), id: "measures"),
            Block(
                table: StandingWords.measures(view.measures, visit) { measure in
                    visit.button("/operator/measures/\(measure.id)/lift", visit.say("Lift", "解除"), of: StandingWords.kind(measure.kind, visit))
                }),
        ]
        if staff.may(Self.support) { blocks.append(Block(form: measure(visit, address))) }
        blocks += [.heading(visit.say("History", "变更记录"), id: "history"), Block(table: StandingWords.history(view.history, visit))]
        return ConsolePage(side: .staff, title: view.account.name, section: "/operator/accounts", blocks: blocks)
    }

    private func money(_ visit: Visit, _ address: String) -> FormView {
        var form: FormView = visit.form(
            "\(address)/money", visit.say("Book", "入账"),
            [
                InputView(
                    "kind", visit.say("Kind", "类别"),
                    .choice([MoneyMove.topUp, .credit, .refund].map { .init(option: $0.rawValue, optionName: MoneyTable.kind($0, visit)) })),
                InputView("amount", visit.say("Amount", "金额")).with {
                    $0.most = 20
                    $0.hint = visit.say("Digits with at most six decimals.", "最多六位小数。")
                }, InputView("currency", visit.say("Currency", "币种")).with { ($0.value, $0.most) = ("CNY", 3) },
                InputView("reason", visit.say("Reason, which the account reads", "说明（账户可见）")).with { $0.most = 200 },
            ], about: [.invalidRequest: "amount", .balanceExhausted: "amount"])
        // One page, one booking, however often it is sent.
        form.hidden = [.init(hiddenName: "once", hiddenValue: LedgerTransactionID(at: hub.now()).rawValue)]
        form.folded = visit.say("Book a payment, a credit or a refund", "充值、入账或退款")
        return form
    }

    private func credit(_ visit: Visit, _ address: String, _ account: AccountID) async throws -> FormView {
        let present: Balance? = try await hub.balances(account).first
        return visit.form(
            "\(address)/credit", visit.say("Set the credit limit", "设置信用额度"),
            [
                InputView("limit", visit.say("How far below zero the balance may go", "余额可透支额度")).with {
                    ($0.most, $0.value) = (
                        20, present.map { String(Money(millionths: $0.creditLimit, currency: $0.currency).text.prefix { $0 != " " }) } ?? "0"
                    )
                    $0.hint = visit.say("0 for none; at most six decimals.", "0 为不允许透支，最多六位小数。")
                }, InputView("currency", visit.say("Currency", "币种")).with { ($0.value, $0.most) = (present?.currency ?? "CNY", 3) },
            ], about: [.invalidRequest: "limit"]
        ).with { $0.folded = visit.say("Set a credit limit", "设置信用额度") }
    }

    private func quota(_ visit: Visit, _ address: String) -> FormView {
        visit.form(
            "\(address)/quota", visit.say("Set the quota", "设置配额"),
            [
                InputView("api", visit.say("API", "接口"), .choice(APIName.all.map { .init(option: $0.rawValue, optionName: $0.title(in: visit.language)) })),
                InputView("units", visit.say("Units", "次数"), .line("number")).with { $0.most = 12 },
                InputView(
                    "period", visit.say("Counted by", "周期"),
                    .choice(UsePeriod.allCases.map { .init(option: $0.rawValue, optionName: UseChart.period($0, visit)) })),
            ], about: [.conflict: "units"]
        ).with { $0.folded = visit.say("Set a quota", "设置配额") }
    }

    private func measure(_ visit: Visit, _ address: String) -> FormView {
        visit.form(
            "\(address)/measures", visit.say("Put it in force", "执行"),
            [
                InputView(
                    "kind", visit.say("Measure", "措施"),
                    .choice(MeasureType.allCases.map { .init(option: $0.rawValue, optionName: StandingWords.kind($0, visit)) })),
                InputView(
                    "api", visit.say("The API, where one is paused", "停用的接口"),
                    .choice(APIName.all.map { .init(option: $0.rawValue, optionName: $0.title(in: visit.language)) })
                )
                .with { $0.isRequired = false },
                InputView("perMinute", visit.say("Calls a minute, where it is slowed down", "限速：每分钟次数"), .line("number")).with {
                    ($0.isRequired, $0.most) = (false, 6)
                },
                InputView("days", visit.say("For how many days", "天数"), .line("number")).with {
                    ($0.isRequired, $0.most) = (false, 4)
                    $0.hint = visit.say("Empty: until it is lifted.", "留空则直至解除。")
                }, InputView("ground", visit.say("Ground", "依据")).with { $0.most = 100 },
                InputView("statement", visit.say("What the account is told", "告知账户的内容"), .lines).with { $0.most = 2_000 },
            ]
        ).with { ($0.isDangerous, $0.folded) = (true, visit.say("Take a measure", "采取措施")) }
    }
}
