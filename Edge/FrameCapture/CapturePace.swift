/// Which rate a camera is asked for: the one wanted while its frames can be taken, and less while most are superseded before anybody
/// has looked: they cost the bus and the kernel's copying, and bring nothing.
package struct CapturePace: Sendable {
    /// Frames a second.
    package private(set) var rate: Double
    private let wanted: Double
    private var since: ContinuousClock.Instant?
    private var (frames, superseded): (Int, Int) = (0, 0)
    /// Windows in a row in which nearly every frame was taken.
    private var easy: Int = 0
    /// So many of them until the next attempt at more; twice as many after one that was too much.
    private var patience: Int = Self.leastPatience
    /// Whether the last change was an attempt at more.
    private var hasRisen: Bool = false

    private static let window: Duration = .seconds(10)
    /// Of a window's frames: from here on the rate is halved, and below here there is room for more.
    private static let (tooMany, few): (Double, Double) = (0.5, 0.1)
    /// People who walk past are not followed below it.
    private static let leastRate: Double = 5
    /// A minute at least, an hour at most.
    private static let (leastPatience, mostPatience): (Int, Int) = (6, 360)

    /// - Parameter wanted: frames a second.
    package init(wanted: Double) { (rate, self.wanted) = (wanted, wanted) }

    /// Takes what was counted so far.
    /// - Parameters:
    ///   - frames: that came, since the camera was opened or at any time before.
    ///   - superseded: of them, not looked at because a newer one came first.
    /// - Returns: whether ``rate`` has changed.
    package mutating func note(frames: Int, superseded: Int, at time: ContinuousClock.Instant) -> Bool {
        guard let since else {
            (self.since, self.frames, self.superseded) = (time, frames, superseded)
            return false
        }
        guard time - since >= Self.window else { return false }
        let share: Double = Double(superseded - self.superseded) / Double(max(1, frames - self.frames))
        (self.since, self.frames, self.superseded) = (time, frames, superseded)
        let before: Double = rate
        if share > Self.tooMany {
            if hasRisen { patience = min(Self.mostPatience, patience * 2) }
            (easy, hasRisen) = (0, false)
            rate = max(min(wanted, Self.leastRate), rate / 2)
        } else if share < Self.few, rate < wanted {
            easy += 1
            guard easy >= patience else { return false }
            (easy, hasRisen) = (0, true)
            rate = min(wanted, rate * 2)
        }
        return rate != before
    }

    /// Another stream begins: what was counted of the last one is no window of it.
    package mutating func begin() { since = nil }
}
