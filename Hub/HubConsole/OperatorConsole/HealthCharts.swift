import HubAPI
import HubDomain
import WireModel

/// The health of one device, for whatever page shows a device: what is wrong with it now, and charts of what it told.
///
/// `blocks += try await HealthCharts.blocks(of: device, account: nil, visit)` is all that a page needs. Its time is chosen by links to the
/// same page with `?from=`.
enum HealthCharts {
    /// How far back a page looks.
    enum Span: String, CaseIterable {
        case hours = "6h"
        case days = "2d"
        case weeks = "14d"
        case quarter = "90d"
        case years = "2y"

        var length: Duration {
            switch self {
            case .hours: .seconds(6 * 3_600)
            case .days: .seconds(48 * 3_600)
            case .weeks: .seconds(14 * 86_400)
            case .quarter: .seconds(90 * 86_400)
            case .years: .seconds(730 * 86_400)
            }
        }

        func words(_ visit: Visit) -> String {
            switch self {
            case .hours: visit.say("6 hours", "6 小时")
            case .days: visit.say("2 days", "2 天")
            case .weeks: visit.say("14 days", "14 天")
            case .quarter: visit.say("90 days", "90 天")
            case .years: visit.say("2 years", "2 年")
            }
        }
    }

    /// - Parameter account: whose device it must be; `nil` for an operator.
    /// - Throws: `not_found`.
    static func blocks(of device: DeviceID, account: AccountID?, _ visit: Visit) async throws -> [Block] {
        let span: Span = visit.call.query["from"].flatMap(Span.init(rawValue:)) ?? .hours
        let now: Timestamp = visit.hub.now()
        // A step shorter than its term: else the finest would always be left out.
        let series: HealthSeries = try await visit.hub.health(
            of: device, account: account, since: now.advanced(by: .zero - span.length + .seconds(60)), until: now)
        let alerts: [DeviceAlert] = try await visit.hub.deviceAlerts(account: account, device: device)
        var blocks: [Block] = [.heading(visit.say("Health", "健康状况"), id: "health")]
        blocks += alerts.map { alert in
            .notice(
                alert.severity == .critical ? .bad : .warm, AlertWords.condition(alert.condition, visit),
                [alert.measured(in: visit.language), visit.say("since \(visit.shown(alert.since))", "自 \(visit.shown(alert.since)) 起")].filter { !$0.isEmpty }
                    .joined(separator: visit.say(", ", "，")))
        }
        blocks.append(
            .links(
                Span.allCases.map {
                    (
                        $0 == span ? visit.say("\($0.words(visit)) (shown)", "\($0.words(visit))（当前）") : $0.words(visit),
                        "\(visit.path)?from=\($0.rawValue)#health"
                    )
                }))
        let charts: [LineChartView] = charts(series, visit)
        blocks.append(
            charts.isEmpty
                ? .text(visit.say("Nothing was told in this time. An agent that runs tells once a minute.", "该时段无上报数据。运行中的终端每分钟上报一次。"))
                : Block(lineCharts: charts))
        return blocks
    }

    /// One chart of each kind of which something was told.
    static func charts(_ series: HealthSeries, _ visit: Visit) -> [LineChartView] {
        [
            chart(series, visit, visit.say("Frames a second", "帧率"), [(.frameRate, visit.say("slowest camera", "最慢的摄像头"))]) { figure($0) },
            chart(
                series, visit, visit.say("From good frame to decision", "识别耗时"),
                [(.latencyMedian, visit.say("median", "中位数")), (.latencyP99, "p99")]
            ) { "\(figure($0)) ms" },
            chart(
                series, visit, visit.say("Decisions", "识别次数"),
                [(.matched, visit.say("matched", "匹配")), (.unknown, visit.say("unknown", "陌生人")), (.undecided, visit.say("undecided", "未定"))]
            ) { figure($0) },
            chart(series, visit, visit.say("Temperature", "温度"), [(.temperature, visit.say("hottest zone", "最热区域"))], fromZero: false) { "\(figure($0)) °C" },
            chart(
                series, visit, visit.say("Processor and memory", "处理器与内存"),
                [(.processor, visit.say("processor", "处理器")), (.memory, visit.say("memory", "内存"))]
            ) { "\(figure($0 * 100)) %" },
            chart(series, visit, visit.say("Disk free", "磁盘剩余"), [(.diskFree, visit.say("free", "剩余"))], scale: 0x1p-30) { "\(figure($0)) GiB" },
            chart(series, visit, visit.say("Oldest entry waiting for the hub", "日志积压时间"), [(.lag, visit.say("age", "时长"))]) { seconds($0) },
            chart(series, visit, visit.say("Lease left", "租约余量"), [(.leaseLeft, visit.say("left", "剩余"))]) { "\(figure($0 * 100)) %" },
            chart(series, visit, visit.say("Clock, from the hub's", "时钟偏差"), [(.clockOffset, visit.say("offset", "偏差"))]) { seconds($0 / 1_000) },
        ].compactMap { $0 }
    }

    private static func chart(
        _ series: HealthSeries, _ visit: Visit, _ name: String, _ metrics: [(HealthMetric, String)], fromZero: Bool = true,
        scale: Double = 1, _ shown: @escaping (Double) -> String
    ) -> LineChartView? {
        let lines: [LineChartView.Series] = metrics.compactMap { metric, words in
            let points: [HealthSeries.Point] = series[metric]
            guard !points.isEmpty else { return nil }
            return LineChartView.Series(
                name: words,
                points: points.map { point in
                    // Of what is counted, all that happened in the point's time.
                    let sum: Double = point.mean * Double(point.count)
                    return metric.isSummed ? (point.time, sum, sum, sum) : (point.time, point.min * scale, point.mean * scale, point.max * scale)
                })
        }
        guard let first = lines.first, let last = first.points.last else { return nil }
        let now: String = lines.map { "\(lines.count > 1 ? $0.name + " " : "")\(shown($0.points.last?.mean ?? last.mean))" }.joined(
            separator: visit.say(", ", "，"))
        return LineChartView(
            name, summary: visit.say("last: \(now)", "最近：\(now)"), series: lines, range: (series.from, series.until), step: .seconds(series.stepSeconds),
            fromZero: fromZero, when: visit.say("From (UTC)", "起始时间（UTC）"), nothing: "", figure: shown)
    }

    private static func figure(_ value: Double) -> String {
        let size: Double = abs(value)
        let factor: Double = size >= 100 ? 1 : size >= 10 ? 10 : 100
        let rounded: Double = (value * factor).rounded() / factor
        return rounded == rounded.rounded() ? CatalogueWords.grouped(Int64(rounded)) : "\(rounded)"
    }

    private static func seconds(_ value: Double) -> String {
        let size: Double = abs(value)
        return size >= 172_800
            ? "\(figure(value / 86_400)) d" : size >= 7_200 ? "\(figure(value / 3_600)) h" : size >= 120 ? "\(figure(value / 60)) min" : "\(figure(value)) s"
    }
}
