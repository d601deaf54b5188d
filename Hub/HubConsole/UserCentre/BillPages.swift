import HubAPI
import HubDomain
import RecognitionAPI
import WireModel

/// Money: the balance, each month's statement, what came in and went out.
struct BillPages: Sendable {
    let console: Console

    private var hub: Hub { console.hub }
    private static let here: String = "/account/bills"
    private static let query: [String] = ["before", "months"]
    /// Months and entries of one page.
    private static let (monthsPerPage, entriesPerPage): (Int, Int) = (24, 50)

    var routes: [Route] {
        [
            console.page(Self.here, .everyMember, "Balance, statements and the books' entries.", query: Self.query, bills),
            console.page("\(Self.here)/{month}", .everyMember, "One month's statement.", statement),
        ]
    }

    @Sendable private func bills(_ visit: Visit) async throws -> ConsolePage {
        let account: AccountID = try visit.call.member.account
        let balances: [Balance] = try await hub.balances(account)
        let every: [CalendarMonth] = try await hub.statementMonths(account)
        let until: CalendarMonth? = visit.asked("months").flatMap { CalendarMonth($0) }
        let months: [CalendarMonth] = Array(every.filter { month in until.map { month < $0 } ?? true }.prefix(Self.monthsPerPage))
        let moreMonths: CalendarMonth? = months.last.flatMap { last in every.last.map { $0 < last } == true ? last : nil }
        // One more than is shown says whether there is another page.
        let found: [LedgerTransaction] = try await hub.ledger(
            account, before: visit.asked("before").flatMap(LedgerTransactionID.init(rawValue:)), limit: Self.entriesPerPage + 1)
        let entries: [LedgerTransaction] = Array(found.prefix(Self.entriesPerPage))
        func money(_ millionths: Int64, _ balance: Balance) -> String { Money(millionths: millionths, currency: balance.currency).text }
        var blocks: [Block] = balances.map { balance in
            Block(
                figures: [
                    FigureView(figure: money(balance.amount, balance), of: visit.say("Balance", "余额"), note: ""),
                    FigureView(
                        figure: money(balance.available, balance), of: visit.say("Free to use", "可用金额"),
                        note: visit.say("with \(money(balance.creditLimit, balance)) of credit", "含信用额度 \(money(balance.creditLimit, balance))")),
                    FigureView(figure: money(balance.held, balance), of: visit.say("Held for calls and devices", "调用与设备占用"), note: ""),
                    FigureView(figure: money(balance.due, balance), of: visit.say("Due", "待付"), note: ""),
                ])
        }
        if balances.isEmpty { blocks.append(.text(visit.say("Nothing was paid or charged yet.", "尚无收支。"))) }
        blocks += [
            .heading(visit.say("Statements", "账单"), id: "statements"),
            Block(
                table: TableView(
                    visit.say("Statements", "账单"), [visit.say("Month", "月份"), visit.say("To print and to read by programs", "打印与导出")],
                    rows: months.map { month in
                        [
                            .link("\(month)", "/account/bills/\(month)"),
                            .link("CSV", "/v1/account/statements/\(month)?format=csv"),
                        ]
                    }, nothing: visit.say("There is none yet.", "暂无账单。"))),
        ]
        blocks += Block.pager(
            visit, Self.here, keeping: Self.query, "months", next: moreMonths.map { "\($0)" }, more: ("Earlier months", "更早的月份"),
            first: ("The newest months", "最近的月份"),
            fragment: "statements")
        blocks += [.heading(visit.say("Entries", "账目"), id: "entries"), Block(table: MoneyTable.entries(entries, visit))]
        blocks += Block.pager(
            visit, Self.here, keeping: Self.query, "before", next: found.count > Self.entriesPerPage ? entries.last?.id.rawValue : nil,
            more: ("Earlier entries", "更早的账目"), first: ("The newest entries", "最近的账目"), fragment: "entries")
        return ConsolePage(side: .member, title: visit.say("Bills", "账单与余额"), section: "/account/bills", blocks: blocks)
    }

    @Sendable private func statement(_ visit: Visit) async throws -> ConsolePage {
        guard let month = CalendarMonth(visit.call.path["month"] ?? "") else {
            throw Problem(.notFound, "There is no such month.", detail: visit.call.path["month"] ?? "", remedy: "Choose one of the list.")
        }
        let statement: Statement = try await hub.statement(try visit.call.member.account, month: month, in: visit.language)
        var blocks: [Block] = []
        if statement.isOpen {
            blocks.append(.notice(.warm, visit.say("The month goes on: this is what it comes to so far.", "本月尚未结束：以下为截至目前的金额。")))
        }
        blocks += [
            Block(
                table: TableView(
                    visit.say("Uses", "用量"),
                    [visit.say("API", "接口"), visit.say("Used in", "使用月份"), visit.say("Units", "次数"), visit.say("Price", "价格"), visit.say("Amount", "金额")],
                    numbers: [2, 4],
                    rows: statement.lines.map {
                        [
                            .text($0.api.title(in: visit.language), under: $0.line), .text("\($0.monthOfUse)"), .text(visit.number($0.units)),
                            .text($0.priceText), .text($0.amount.text),
                        ]
                    }, nothing: visit.say("None this month.", "本月无用量。"))),
            Block(table: MoneyTable.entries(statement.entries, visit)), .heading(visit.say("Balance", "余额"), id: "balance"),
            Block(
                table: TableView(
                    visit.say("Balance", "余额"),
                    [
                        visit.say("Currency", "币种"), visit.say("Opening", "期初"), visit.say("Charges", "费用"), visit.say("Other", "其他"),
                        visit.say("Closing", "期末"),
                    ],
                    numbers: [1, 2, 3, 4],
                    rows: statement.totals.map {
                        [.text($0.currency), .text($0.opening.text), .text($0.charges.text), .text($0.other.text), .text($0.closing.text)]
                    }, nothing: visit.say("Nothing was paid or charged yet.", "尚无收支。"))),
            .links([(visit.say("As CSV", "CSV 格式"), "/v1/account/statements/\(month)?format=csv"), (visit.say("All statements", "全部账单"), "/account/bills")]),
        ]
        return ConsolePage(side: .member, title: visit.say("Statement \(month)", "\(month) 账单"), section: "/account/bills", blocks: blocks)
    }
}

/// Entries of the books as a table, for accounts and for the operator.
enum MoneyTable {
    static func entries(_ entries: [LedgerTransaction], _ visit: Visit) -> TableView {
        TableView(
            visit.say("Payments and other entries", "充值及其他账目"),
            [visit.say("When", "时间"), visit.say("Kind", "类别"), visit.say("Reason", "说明"), visit.say("Amount", "金额")], numbers: [3],
            rows: entries.map {
                [.text(visit.shown($0.time), under: $0.id.rawValue), .text(kind($0.kind, visit)), .text($0.reason), .text($0.amount.text)]
            }, nothing: visit.say("There are no entries.", "暂无账目。"))
    }

    static func kind(_ kind: MoneyMove, _ visit: Visit) -> String {
        switch kind {
        case .topUp: visit.say("payment", "充值")
        case .charge: visit.say("charge", "费用")
        case .purchase: visit.say("purchase", "购买")
        case .credit: visit.say("credit", "入账")
        case .compensation: visit.say("compensation", "赔偿")
        case .refund: visit.say("refund", "退款")
        case .correction: visit.say("correction", "更正")
        }
    }
}
