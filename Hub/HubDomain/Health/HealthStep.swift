import WireModel

/// How finely, and for how long, a device's health is kept: at most 9,803 points a device, about 2 MB.
package enum HealthStep: Int64, Sendable, CaseIterable {
    /// Each report; of several in a minute, what they come to.
    case minute = 60
    case fiveMinutes = 300
    case hour = 3_600
    case day = 86_400

    package var term: Duration {
        switch self {
        case .minute: .seconds(2 * 86_400)
        case .fiveMinutes: .seconds(14 * 86_400)
        case .hour: .seconds(90 * 86_400)
        case .day: .seconds(731 * 86_400)
        }
    }

    package var length: Duration { .seconds(rawValue) }

    /// Steps that are made of reports later.
    static let coarser: [HealthStep] = [.fiveMinutes, .hour, .day]

    /// The beginning of the point that a moment is in.
    func begin(_ time: Timestamp) -> Timestamp {
        let step: Int64 = rawValue * 1_000
        return Timestamp(milliseconds: (time.milliseconds / step) * step)
    }

    /// The finest that is kept for as long as is asked for, with no more points than a chart shows.
    static func fitting(from since: Timestamp, until end: Timestamp, now: Timestamp, most: Int64 = 800) -> HealthStep {
        allCases.first { step in now.since(since) <= step.term && end.since(since).wholeMilliseconds / (step.rawValue * 1_000) <= most } ?? .day
    }
}
