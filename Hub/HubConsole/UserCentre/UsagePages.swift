import HubAPI
import HubDomain
import WireModel

/// What was used: by day, and call by call.
struct UsagePages: Sendable {
    let console: Console

    private var hub: Hub { console.hub }

    var routes: [Route] { [console.page("/account/usage", .everyMember, "What was used, by day and call by call.", usage)] }

    @Sendable private func usage(_ visit: Visit) async throws -> ConsolePage {
        let account: AccountID = try visit.call.member.account
        let use: [DailyUse] = try await hub.dailyUse(account, days: 30)
        let records: [MeteringRecord] = try await hub.meteringRecords(account, api: nil, before: nil, limit: 50)
        let quotas: [Quota] = try await hub.quotas(account: account.rawValue)
        let names: [ApplicationID: String] = try await hub.applications(account).reduce(into: [:]) { $0[$1.id] = $1.name }
        return ConsolePage(
            side: .member, title: visit.say("Usage", "用量"), section: "/account/usage",
            blocks: [
                Block(chart: UseChart.of(use, hub.lastDays(30), visit)), .heading(visit.say("Quotas", "配额"), id: "quotas"),
                Block(
                    table: TableView(
                        visit.say("Quotas", "配额"),
                        [
                            visit.say("API", "接口"), visit.say("Used", "已用"), visit.say("Reserved", "预留"), visit.say("Quota", "配额"),
                            visit.say("Counted by", "周期"),
                        ],
                        numbers: [1, 2, 3],
                        rows: quotas.map {
                            [
                                .text($0.api.title(in: visit.language), under: $0.api.rawValue), .text(visit.number($0.settled)),
                                .text(visit.number($0.reserved)),
                                .text(visit.number($0.units)), .text(UseChart.period($0.period, visit)),
                            ]
                        }, nothing: visit.say("No quota is set: use is as it is paid for.", "未设置配额：按付费使用。"))),
                .heading(visit.say("The last uses", "最近用量"), id: "records"),
                Block(
                    table: TableView(
                        visit.say("Metering records", "计量记录"),
                        [
                            visit.say("When", "时间"), visit.say("API", "接口"), visit.say("By", "来源"), visit.say("State", "状态"), visit.say("Units", "计量"),
                            visit.say("Amount", "金额"),
                        ], numbers: [4, 5],
                        rows: records.map { record in
                            [
                                .text(visit.shown(record.used), under: record.id), .text(record.api.rawValue),
                                .text(record.application.flatMap { names[$0] } ?? record.device?.rawValue ?? ""), UseChart.state(record, visit),
                                .text(visit.number(record.units)),
                                .text(record.amount == 0 ? "0" : Money(millionths: record.amount, currency: record.currency).text),
                            ]
                        }, nothing: visit.say("Nothing was used yet.", "暂无用量。"))),
            ])
    }
}

/// The chart of daily use, for accounts and for the operator.
enum UseChart {
    static func of(_ use: [DailyUse], _ days: [String], _ visit: Visit) -> ChartView {
        let apis: [APIName] = Set(use.map(\.api)).sorted()
        let total: Int64 = use.reduce(0) { $0 + $1.units }
        let table = TableView(
            visit.say("Units by day and API", "每日各接口用量"), [visit.say("Day", "日期")] + apis.map { $0.title(in: visit.language) },
            numbers: Set(1..<apis.count + 1),
            rows: days.reversed().filter { day in use.contains { $0.day == day } }.map { day in
                [.text(day)] + apis.map { api in .text(visit.number(use.first { $0.day == day && $0.api == api }?.units ?? 0)) }
            }, nothing: visit.say("Nothing was used in these days.", "该期间暂无用量。"))
        return ChartView(
            visit.say("Units by day", "每日用量"),
            summary: visit.say(
                "\(visit.number(total)) units in the last \(days.count) days, by day (UTC)", "近 \(days.count) 天共 \(visit.number(total)) 次，按日统计（UTC）"),
            days: days,
            series: apis.map { api in
                (api.title(in: visit.language), use.filter { $0.api == api }.reduce(into: [:]) { $0[$1.day] = $1.units })
            }, table: table)
    }

    static func period(_ period: UsePeriod, _ visit: Visit) -> String {
        switch period {
        case .total: visit.say("in all", "总计")
        case .month: visit.say("month", "每月")
        case .day: visit.say("day", "每日")
        }
    }

    static func state(_ record: MeteringRecord, _ visit: Visit) -> CellView {
        switch record.state {
        case .claimed: .badge(visit.say("under way", "进行中"), .warm)
        case .settled: .badge(record.isTrial ? visit.say("trial", "试用") : visit.say("counted", "已计量"), .good)
        case .released: .badge(visit.say("failed, costs nothing", "失败，不计费"), .plain)
        }
    }
}
