/// Tells frames that follow one another from those that come after a gap: an unplugging, a stall, a stream begun anew. Where somebody
/// stood before it, somebody else may stand after it.
///
/// It is the source that has to tell, for it sees each frame come; to a reader that is slow, the frames it was not in time for look
/// like a gap.
package struct GapWatch: Sendable {
    /// Shorter than this is no gap, nor is anything shorter than five of the intervals before.
    package static let patience: Duration = .seconds(2)

    private var last: ContinuousClock.Instant?
    private var interval: Duration?
    private var stretch: Int = 0

    package init() {}

    /// The source was closed, and is opened anew.
    package mutating func broke() {
        if last != nil { stretch += 1 }
        (last, interval) = (nil, nil)
    }

    /// A frame came.
    /// - Returns: the number of its ``Frame/stretch``.
    package mutating func came(at time: ContinuousClock.Instant) -> Int {
        defer { last = time }
        guard let last else { return stretch }
        let waited: Duration = time - last
        if let interval, waited > max(Self.patience, interval * 5) { stretch += 1 }
        interval = waited
        return stretch
    }
}
