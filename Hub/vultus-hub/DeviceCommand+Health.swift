import ArgumentParser
import HubDomain
import ServiceSupport
import WireModel

extension HealthMetric: ExpressibleByArgument {
    public init?(argument: String) { self.init(name: argument) }
    public static var allValueStrings: [String] { allCases.map(\.name) }
}

extension DeviceCommand {
    struct Health: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "How a device was over time: cameras, frames, latency, decisions, disk, clock, temperature, lag, leases.",
            discussion: """
                Agents tell once a minute while they sync, and hourly in their journal, which also carries what happened without a network. Each \
                report is kept for 2 days, 5 minutes for 14 days, an hour for 90 days, a day for 2 years; a time is answered in the finest step \
                kept for so long. \(HealthMetric.merging)

                The table shows the mean, and least–greatest where they differ; --json has every point.

                Examples:
                  vultus-hub device health dev_… --hours 24
                  vultus-hub device health dev_… --metric temperature --metric latency_p99 --since 2026-11-01T00:00:00Z --json
                """)
        @OptionGroup var options: HubOptions
        @Argument(help: "The device's id.") var device: String
        @Option(name: .customLong("metric"), help: "Only this metric; may be given again.") var metrics: [HealthMetric] = []
        @Option(help: "So many hours back.") var hours: Double = 6
        @Option(help: "From this moment, instead of --hours: 2026-11-28T00:00:00Z.") var since: String?
        @Option(help: "Up to this moment; now otherwise.") var until: String?
        @Option(help: "Seconds a point: 60, 300, 3600 or 86400; as fine as is kept otherwise.") var step: Int64?

        func run() async throws {
            try await options.run { hub in
                let end: Timestamp = try until.map(Self.moment) ?? hub.now()
                guard hours > 0, hours <= 20_000, step.map({ HealthStep(rawValue: $0) != nil }) ?? true else {
                    throw Problem(.invalidRequest, "That is no time to look at.", remedy: "Give --hours up to 20000, and --step 60, 300, 3600 or 86400.")
                }
                let series: HealthSeries = try await hub.health(
                    of: try DeviceCommand.id(device), metrics: metrics,
                    since: try since.map(Self.moment) ?? end.advanced(by: .seconds(Int64(-hours * 3_600))), until: end,
                    step: step.flatMap(HealthStep.init(rawValue:)))
                try options.show(series, Self.text)
            }
        }

        private static func moment(_ text: String) throws(Problem) -> Timestamp {
            guard let time = Timestamp(text) else {
                throw Problem(.invalidRequest, "That is not a moment.", detail: text, remedy: "Write it as 2026-11-28T00:00:00Z.")
            }
            return time
        }

        private static func text(_ series: HealthSeries) -> String {
            let lines: [HealthSeries.Line] = series.lines.filter { !$0.points.isEmpty }
            guard !lines.isEmpty else { return "Nothing was reported in that time. An agent that runs tells once a minute." }
            var table = TextTable(["METRIC", "UNIT", "POINTS", "LEAST", "MEAN", "GREATEST", "LAST", "AT"], alignedRight: [2, 3, 4, 5, 6])
            for line in lines {
                let count: Double = line.points.reduce(0) { $0 + Double($1.count) }
                let mean: Double = line.points.reduce(0) { $0 + $1.mean * Double($1.count) } / max(count, 1)
                table.append([
                    line.metric, line.unit, "\(line.points.count)", HealthText.number(line.points.map(\.min).min() ?? 0), HealthText.number(mean),
                    HealthText.number(line.points.map(\.max).max() ?? 0), HealthText.number(line.points.last?.mean ?? 0),
                    line.points.last.map { "\($0.time)" } ?? "",
                ])
            }
            return table.text + "\n\(series.from) to \(series.until), \(series.stepSeconds) s a point"
        }
    }
}
