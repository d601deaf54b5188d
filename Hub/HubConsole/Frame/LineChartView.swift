import HubDomain
import WireModel

/// Values over time: a line of means in a band from the least to the greatest, drawn by the server as SVG, with the same figures as a table
/// for who does not see it. Where nothing was told for a while, the line is broken.
struct LineChartView {
    /// One line: its points, each a moment and least, mean and greatest.
    struct Series {
        let name: String
        let points: [(time: Timestamp, least: Double, mean: Double, greatest: Double)]
    }

    let lineName: String
    let lineSummary: String
    let gridLines: [GridView]
    let moments: [MomentView]
    let curves: [CurveView]
    let curveNames: [NameView]
    let figuresTable: TableView

    struct GridView {
        let gridY: String
        let gridTextY: String
        let gridText: String
    }

    struct MomentView {
        let momentX: String
        let momentText: String
    }

    struct CurveView {
        let curve: Int
        /// Of a polygon; empty where there is no band.
        let band: String
        /// Of a polyline.
        let line: String
    }

    struct NameView {
        let named: Int
        let curveName: String
    }

    /// Of the drawing, in its own units.
    private static let (width, height, left, bottom, top): (Double, Double, Double, Double, Double) = (480, 190, 52, 24, 10)
    /// Rows of the table, at most.
    private static let mostRows: Int = 48

    /// - Parameters:
    ///   - range: what the time axis shows.
    ///   - step: between two points; what is further apart is not joined.
    ///   - fromZero: whether the value axis begins at 0 at least.
    ///   - figure: a value as people read it.
    init(
        _ name: String, summary: String, series: [Series], range: (from: Timestamp, until: Timestamp), step: Duration, fromZero: Bool = true,
        when: String, nothing: String, figure: @escaping (Double) -> String
    ) {
        lineName = name
        lineSummary = summary
        curveNames = series.count > 1 ? series.enumerated().map { NameView(named: $0.offset, curveName: $0.element.name) } : []
        let all: [(time: Timestamp, least: Double, mean: Double, greatest: Double)] = series.flatMap(\.points)
        let axis = ValueAxis(least: all.map(\.least).min() ?? 0, greatest: all.map(\.greatest).max() ?? 1, fromZero: fromZero)
        let (drawn, span): (Double, Double) = (Self.height - Self.bottom - Self.top, Double(max(1, range.until.milliseconds - range.from.milliseconds)))
        func x(_ time: Timestamp) -> Double {
            Self.left + (Self.width - Self.left - 8) * min(max(Double(time.milliseconds - range.from.milliseconds) / span, 0), 1)
        }
        func y(_ value: Double) -> Double { Self.top + drawn * (1 - (value - axis.least) / (axis.greatest - axis.least)) }
        func place(_ time: Timestamp, _ value: Double) -> String { "\(ChartView.text(x(time))),\(ChartView.text(y(value)))" }
        gridLines = axis.ticks.map {
            GridView(gridY: ChartView.text(y($0)), gridTextY: ChartView.text(y($0) + 4), gridText: figure($0))
        }
        moments = TimeAxis.ticks(range).filter { x($0.time) < Self.width - 18 }.map { MomentView(momentX: ChartView.text(x($0.time)), momentText: $0.text) }
        curves = series.enumerated().flatMap { index, one in
            Self.runs(one.points, step: step).map { run in
                let hasBand: Bool = run.contains { $0.greatest > $0.least }
                let band: String =
                    hasBand
                    ? (run.map { place($0.time, $0.greatest) } + run.reversed().map { place($0.time, $0.least) }).joined(separator: " ") : ""
                // A single point is a short dash: a line of no length is not drawn.
                let line: [String] =
                    run.count == 1
                    ? [place(run[0].time, run[0].mean), place(run[0].time.advanced(by: step), run[0].mean)] : run.map { place($0.time, $0.mean) }
                return CurveView(curve: index, band: band, line: line.joined(separator: " "))
            }
        }
        figuresTable = Self.table(name, series, when: when, nothing: nothing, figure: figure)
    }

    private static func runs(
        _ points: [(time: Timestamp, least: Double, mean: Double, greatest: Double)], step: Duration
    ) -> [[(time: Timestamp, least: Double, mean: Double, greatest: Double)]] {
        var runs: [[(time: Timestamp, least: Double, mean: Double, greatest: Double)]] = []
        for point in points {
            if let last = runs.last?.last, point.time.since(last.time) <= step * 3 { runs[runs.count - 1].append(point) } else { runs.append([point]) }
        }
        return runs
    }

    /// Newest first; neighbours are put together where there are many: least, mean and greatest of each row.
    private static func table(_ name: String, _ series: [Series], when: String, nothing: String, figure: (Double) -> String) -> TableView {
        let times: [Timestamp] = Set(series.flatMap { $0.points.map(\.time) }).sorted(by: >)
        let many: Int = max(1, (times.count + mostRows - 1) / mostRows)
        let rows: [[CellView]] = stride(from: 0, to: times.count, by: many).map { start in
            let group: ArraySlice<Timestamp> = times[start..<min(start + many, times.count)]
            let (newest, oldest): (Timestamp, Timestamp) = (group.first!, group.last!)
            return [.text(CatalogueWords.shown(oldest))]
                + series.map { one in
                    let here = one.points.filter { $0.time >= oldest && $0.time <= newest }
                    guard let least = here.map(\.least).min(), let greatest = here.map(\.greatest).max() else { return .text("–") }
                    let mean: Double = here.reduce(0) { $0 + $1.mean } / Double(here.count)
                    return .text(figure(least) == figure(greatest) ? figure(mean) : "\(figure(mean)) (\(figure(least)) – \(figure(greatest)))")
                }
        }
        return TableView(name, [when] + series.map(\.name), numbers: Set(1..<series.count + 1), rows: rows, nothing: nothing)
    }
}

/// Round values from a little below the least to a little above the greatest.
struct ValueAxis {
    let least: Double
    let greatest: Double
    let ticks: [Double]

    init(least: Double, greatest: Double, fromZero: Bool) {
        let (low, high): (Double, Double) = (fromZero ? min(0, least) : least, fromZero ? max(0, greatest) : greatest)
        let wanted: Double = max(high - low, abs(high) * 0.02, 0.001) / 4
        var power: Double = 1
        while power > wanted { power /= 10 }
        while power * 10 <= wanted { power *= 10 }
        let step: Double = ([1, 2, 5, 10] as [Double]).map { $0 * power }.first { $0 >= wanted * 0.999 } ?? power * 10
        let (first, last): (Double, Double) = ((low / step).rounded(.down), (high / step).rounded(.up))
        let end: Double = last > first ? last : first + 1
        self.least = first * step
        self.greatest = end * step
        ticks = (0...Int(end - first)).map { (first + Double($0)) * step }
    }
}

/// Round moments, UTC.
enum TimeAxis {
    static func ticks(_ range: (from: Timestamp, until: Timestamp)) -> [(time: Timestamp, text: String)] {
        let span: Int64 = range.until.milliseconds - range.from.milliseconds
        let hour: Int64 = 3_600_000
        let steps: [Int64] = [hour / 6, hour / 2, hour, 2 * hour, 6 * hour, 12 * hour, 24 * hour, 48 * hour, 168 * hour, 720 * hour, 2_160 * hour]
        let step: Int64 = steps.first { span / $0 <= 6 } ?? 4_320 * hour
        var (ticks, time): ([(time: Timestamp, text: String)], Int64) = ([], (range.from.milliseconds / step + 1) * step)
        while time < range.until.milliseconds {
            let moment = Timestamp(milliseconds: time)
            let text: String = moment.description
            ticks.append((moment, step < 12 * hour ? String(text.dropFirst(11).prefix(5)) : String(text.dropFirst(5).prefix(5))))
            time += step
        }
        return ticks
    }
}
