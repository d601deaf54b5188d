import WireModel

/// When to speak to the hub next. Knows no clock and no network: it is told what happened, and says how long to wait.
package struct ContactPlan: Sendable {
    package enum Outcome: Sendable, Hashable {
        /// - Parameters:
        ///   - next: when the hub wants to be asked again, its jitter included; `nil`: as the device thinks fit.
        ///   - bytes: what the contact took on the wire.
        case synced(next: Duration?, bytes: Int64)
        /// - Parameter notBefore: how long the hub, or what stands before it, asked to be left alone.
        case failed(notBefore: Duration?)
        /// Not tried: the link or the budget forbids it.
        case held
    }

    /// The longest wait after failures, unless contacts are further apart anyhow.
    package static let longestWait: Duration = .seconds(15 * 60)
    /// The longest wait after the first failures: a hub that is started anew has its whole fleet back within so much, and asking once a
    /// minute is no more than it bears anyhow.
    package static let shortWait: Duration = .seconds(60)
    /// So many; then the hub is away for longer than a restart.
    package static let shortWaits: Int = 10
    /// What a hub may ask for.
    private static let hubRange: ClosedRange<Duration> = .seconds(1) ... .seconds(24 * 3_600)
    /// However small the budget: a device is not quiet for longer.
    private static let longestPace: Duration = .seconds(6 * 3_600)

    package private(set) var failures: Int = 0

    package init() {}

    /// - Parameters:
    ///   - interval: between contacts when all is well.
    ///   - isFixed: the interval was set at the device, and holds against what the hub would like.
    ///   - budget: bytes a day; contacts without news are paced so that they leave half of it to the news.
    package mutating func wait(
        after outcome: Outcome, interval: Duration, isFixed: Bool = false, budget: Int64? = nil, using random: inout some RandomNumberGenerator
    ) -> Duration {
        switch outcome {
        case .synced(let next, let bytes):
            failures = 0
            let pace: Duration = budget.map { Self.pace(bytes, budget: $0) } ?? .zero
            if !isFixed, let next { return max(min(max(next, Self.hubRange.lowerBound), Self.hubRange.upperBound), pace) }
            return max(interval * Double.random(in: 0.8...1.2, using: &random), pace)
        case .failed(let notBefore):
            failures += 1
            // Spread over as much as the wait itself: a fleet that lost its hub does not come back all at once.
            let short: Duration = max(interval, Self.shortWait)
            let base: Duration =
                failures <= Self.shortWaits
                ? min(interval * (1 << failures), short) : min(short * (1 << min(failures - Self.shortWaits, 16)), max(interval, Self.longestWait))
            let backOff: Duration = base * Double.random(in: 0.5...1, using: &random)
            guard let notBefore else { return backOff }
            return max(backOff, notBefore * Double.random(in: 1...1.25, using: &random))
        case .held:
            return interval * Double.random(in: 0.8...1.2, using: &random)
        }
    }

    private static func pace(_ bytes: Int64, budget: Int64) -> Duration {
        min(.seconds(86_400) * (Double(bytes) / Double(max(1, budget / 2))), longestPace)
    }
}
