/// Bars by day, stacked by series: drawn by the server as SVG, with the same figures as a table for who does not see it.
struct ChartView {
    let name: String
    let summary: String
    let bars: [BarView]
    let ticks: [TickView]
    let days: [DayView]
    let legend: [SeriesView]
    let figuresTable: TableView

    struct BarView {
        let x: String
        let y: String
        let width: String
        let height: String
        let series: Int
        let words: String
    }

    struct TickView {
        let y: String
        let textY: String
        let tick: String
    }

    struct DayView {
        let x: String
        let day: String
    }

    struct SeriesView {
        let series: Int
        let seriesName: String
    }

    /// Of the drawing, in its own units.
    private static let (width, height, left, bottom): (Double, Double, Double, Double) = (720, 220, 52, 24)

    /// - Parameters:
    ///   - days: in order, each `2026-11-28`.
    ///   - series: by name; values by day, missing ones are 0.
    init(_ name: String, summary: String, days: [String], series: [(name: String, values: [String: Int64])], table: TableView) {
        self.name = name
        self.summary = summary
        figuresTable = table
        legend = series.enumerated().map { SeriesView(series: $0.offset, seriesName: $0.element.name) }
        let most: Int64 = days.map { day in series.reduce(0) { $0 + ($1.values[day] ?? 0) } }.max() ?? 0
        let top: Int64 = Self.ceiling(most)
        let (drawn, step): (Double, Double) = (Self.height - Self.bottom - 8, (Self.width - Self.left - 12) / Double(max(days.count, 1)))
        func y(_ value: Int64) -> Double { 8 + drawn * (1 - Double(value) / Double(top)) }
        bars = days.enumerated().flatMap { index, day in
            var under: Int64 = 0
            return series.enumerated().compactMap { number, one -> BarView? in
                guard let value = one.values[day], value > 0 else { return nil }
                defer { under += value }
                return BarView(
                    x: Self.text(Self.left + step * Double(index) + step * 0.14), y: Self.text(y(under + value)), width: Self.text(step * 0.72),
                    height: Self.text(max(1, y(under) - y(under + value))), series: number, words: "\(day), \(one.name): \(value)")
            }
        }
        ticks = (0...4).filter { top * $0 % 4 == 0 }.map { part in
            let value: Int64 = top * part / 4
            return TickView(y: Self.text(y(value)), textY: Self.text(y(value) + 4), tick: CatalogueWords.grouped(value))
        }
        self.days = days.enumerated().filter { ($0.offset - days.count + 1) % 7 == 0 }.map {
            DayView(x: Self.text(Self.left + step * (Double($0.offset) + 0.5)), day: String($0.element.suffix(5)))
        }
    }

    /// The next of 1, 2, 4, 8, 10, 20, 40, … that is no less.
    private static func ceiling(_ value: Int64) -> Int64 {
        var power: Int64 = 1
        while true {
            for digit in [1, 2, 4, 8] as [Int64] where digit * power >= value { return max(4, digit * power) }
            power *= 10
        }
    }

    static func text(_ number: Double) -> String { String((number * 10).rounded() / 10) }
}
