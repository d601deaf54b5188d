/// Which frames are worth a detector's run: an empty scene rarely, until something moves; people as often as they move and as the
/// share of a processor that may be spent allows.
package struct DetectionScheduler: Sendable {
    package enum Step: Sendable, Hashable {
        /// Not even decoded.
        case pass
        /// A look at tiny size: ``saw(_:at:)`` says whether to detect.
        case glance
        case detect
    }

    package enum Activity: Sendable, Hashable {
        case empty
        /// - isOpen: somebody is yet to be decided on, found again or told apart.
        /// - speed: of the fastest face, in its own sizes a second.
        case present(isOpen: Bool, speed: Double)
    }

    /// How often, and for how much.
    package struct Policy: Sendable, Hashable {
        /// Of one core, 0…1.
        package var share: Double = 0.5
        /// In an empty scene where nothing moves.
        package var idle: Duration = .seconds(1)
        package var glance: Duration = .milliseconds(150)
        /// The most often.
        package var open: Duration = .milliseconds(80)
        /// Where everybody is decided on and stands still.
        package var calm: Duration = .milliseconds(500)

        package init() {}
    }

    package var policy: Policy
    private var detected: ContinuousClock.Instant?
    private var glanced: ContinuousClock.Instant?
    private var thumbnail: [UInt8] = []
    private var reference: [UInt8] = []
    /// Detections in a row that something moving asked for and that found nobody.
    private var fruitless: Int = 0
    /// Processor time that may be spent, seconds; negative when overdrawn.
    private var balance: Double
    private var balanced: ContinuousClock.Instant?
    /// How many times longer looking took than the processor worked on it: 1 on an idle machine, more where others want it too.
    private var pressure: Double = 1

    /// Looks are at most so many times rarer for what else the machine does: a passage must still be seen.
    private static let mostPressure: Double = 4
    /// How much of one look's pressure counts: a single one that was held up changes little.
    private static let gain: Double = 0.15

    /// What may be saved up, and overdrawn, in seconds of the share.
    private static let burst: Double = 1
    /// How far a face may move between two looks, in its own sizes, for its track to be sure.
    private static let stride: Double = 0.3

    package init(policy: Policy = Policy()) {
        self.policy = policy
        balance = policy.share * Self.burst
    }

    /// What to do with a frame.
    package mutating func next(at time: ContinuousClock.Instant, _ activity: Activity) -> Step {
        accrue(at: time)
        guard balance > 0 else { return .pass }
        let waited: Duration? = detected.map { time - $0 }
        switch activity {
        case .empty:
            guard let waited, waited < policy.idle * pressure else { return .detect }
            guard glanced.map({ time - $0 >= policy.glance * pressure * (1 << min(fruitless, 3)) }) ?? true else { return .pass }
            return .glance
        case .present(let isOpen, let speed):
            let wanted: Duration = isOpen ? policy.open : max(policy.open, min(policy.calm, .seconds(Self.stride / max(speed, 1e-3))))
            return waited.map { $0 >= wanted * pressure } ?? true ? .detect : .pass
        }
    }

    /// A glance at the scene.
    /// - Parameter levels: brightness of ``SceneChange/columns`` × ``SceneChange/rows`` cells.
    /// - Returns: whether enough has changed since the last detection for another.
    package mutating func saw(_ levels: [UInt8], at time: ContinuousClock.Instant) -> Bool {
        glanced = time
        thumbnail = levels
        guard !reference.isEmpty else {
            reference = levels
            return false
        }
        let isChanged: Bool = SceneChange.isChanged(levels, from: reference)
        if !isChanged { fruitless = 0 }
        return isChanged
    }

    /// A detection was made.
    /// - Parameter found: faces.
    package mutating func looked(at time: ContinuousClock.Instant, found: Int) {
        fruitless = found > 0 ? 0 : fruitless + (glanced == time ? 1 : 0)
        // What moved and was no face is the scene from now on. Without a glance of this very frame, the next one says what it is.
        reference = glanced == time ? thumbnail : []
        detected = time
    }

    /// What decoding, detecting and embedding took.
    package mutating func spent(_ cost: Duration) {
        balance = max(-policy.share * Self.burst, balance - cost.seconds)
    }

    /// How long a look had to wait for the processor beside using it: on a busy machine looks become rarer, so that what else runs
    /// there is not made slower still.
    /// - Parameters:
    ///   - work: processor time of the look; below a millisecond nothing follows from it.
    ///   - elapsed: from its begin to its end.
    package mutating func met(work: Duration, in elapsed: Duration) {
        guard work >= .milliseconds(1) else { return }
        pressure += Self.gain * (min(Self.mostPressure, max(1, elapsed.seconds / work.seconds)) - pressure)
    }

    private mutating func accrue(at time: ContinuousClock.Instant) {
        if let balanced, time > balanced { balance = min(policy.share * Self.burst, balance + (time - balanced).seconds * policy.share) }
        balanced = max(time, balanced ?? time)
    }
}

/// Tells at tiny size whether something moved.
package enum SceneChange {
    package static let columns: Int = 32
    package static let rows: Int = 18
    /// Levels of 255 a cell must change by, beside what the whole scene did (a cloud, the camera's exposure); noise averaged over a
    /// cell of a 720p frame (1,600 pixels) stays under one.
    private static let level: Int = 10
    /// Cells.
    private static let least: Int = 2

    static func isChanged(_ levels: [UInt8], from reference: [UInt8]) -> Bool {
        guard levels.count == reference.count, !levels.isEmpty else { return true }
        let differences: [Int] = zip(levels, reference).map { Int($0) - Int($1) }
        let common: Int = differences.sorted()[differences.count / 2]
        return differences.count { abs($0 - common) > level } >= least
    }
}
