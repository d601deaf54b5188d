/// "Turn your head left, then up": asked of somebody who is about to be matched, and read from the pose that five landmarks give.
///
/// A flat print cannot answer: its nose stays between the eyes however it is tilted. A film can only by chance, once in
/// ``Prompt``'s count to the power of the steps; a mask, or a puppet made to measure, can. So that nobody turns in another's
/// place, each turn is witnessed by a template of the turned face. All time is that of the frames.
package struct HeadChallenge: Sendable {
    /// "Left" and "right" are the person's own.
    package enum Prompt: String, Sendable, Hashable, CaseIterable {
        case left, right, up
    }

    package enum Result: Sendable, Hashable {
        case passed
        case failed(Failure)
        /// Nobody answered in time, or they left.
        case notDone
    }

    package enum Failure: String, Sendable, Hashable {
        /// The head was turned otherwise than asked.
        case otherwise
        /// The face that turned is not the one that was to be matched.
        case anotherFace
    }

    /// What is asked now, so that a screen can show it.
    package struct Request: Sendable, Hashable {
        /// `nil`: look at the camera again.
        package let prompt: Prompt?
        /// From 1.
        package let step: Int
        package let steps: Int
        /// Left for this step.
        package let left: Duration
    }

    /// Degrees from where the head was at first. A face that is told apart at 20° still makes a template.
    private static let turned: Double = 18
    private static let raised: Double = 13
    /// Nearer than that it looks at the camera again.
    private static let straight: Double = 9
    /// Looks in a row that must agree: one landmark may jump.
    private static let confirmations: Int = 2
    package static let standardSteps: Int = 2
    package static let standardTerm: Duration = .seconds(6)

    private let prompts: [Prompt]
    /// For each step.
    private let term: Duration
    private var step: Int = 0
    private var isTurned: Bool = false
    private var began: ContinuousClock.Instant
    private var agreeing: Int = 0
    private var against: Int = 0
    private var hasWitness: Bool = false
    /// Degrees.
    private let yaw: Double
    private let pitch: Double
    package private(set) var result: Result?

    /// - Parameters:
    ///   - prompts: at least one: see ``draw(_:using:)``.
    ///   - yaw, pitch: of the head as it begins, as in `FaceQuality`.
    package init(_ prompts: [Prompt], yaw: Double, pitch: Double, at time: ContinuousClock.Instant, term: Duration = standardTerm) {
        precondition(!prompts.isEmpty)
        (self.prompts, self.yaw, self.pitch, self.term, began) = (prompts, yaw, pitch, term, time)
    }

    package static func draw(_ steps: Int = standardSteps, using random: inout some RandomNumberGenerator) -> [Prompt] {
        (0..<steps).map { _ in Prompt.allCases.randomElement(using: &random)! }
    }

    package func request(at time: ContinuousClock.Instant) -> Request? {
        guard result == nil else { return nil }
        return Request(prompt: isTurned ? nil : prompts[step], step: step + 1, steps: prompts.count, left: max(.zero, term - (time - began)))
    }

    /// Whether a template of the face in this pose would be of use as a witness.
    package func wantsWitness(yaw: Double, pitch: Double) -> Bool { result == nil && !isTurned && turn(yaw, pitch) == prompts[step] }

    /// Takes a look at the head.
    /// - Parameter isSame: whether a template of this look is of the one who is to be matched; `nil` without a template.
    package mutating func saw(yaw: Double, pitch: Double, isSame: Bool?, at time: ContinuousClock.Instant) {
        guard result == nil else { return }
        if isSame == false { return result = .failed(.anotherFace) }
        guard time - began < term else { return result = .notDone }
        let pose: Prompt? = turn(yaw, pitch)
        guard !isTurned else {
            agreeing = abs(yaw - self.yaw) <= Self.straight && abs(pitch - self.pitch) <= Self.straight ? agreeing + 1 : 0
            if agreeing >= Self.confirmations { next(at: time) }
            return
        }
        if let pose, pose != prompts[step] {
            (against, agreeing) = (against + 1, 0)
            if against >= Self.confirmations { result = .failed(.otherwise) }
            return
        }
        against = 0
        guard pose != nil else { return agreeing = 0 }
        agreeing += 1
        hasWitness = hasWitness || isSame == true
        guard agreeing >= Self.confirmations, hasWitness else { return }
        (isTurned, agreeing, hasWitness) = (true, 0, false)
        if step == prompts.count - 1 { result = .passed }
    }

    /// Time goes by without a look.
    package mutating func waited(until time: ContinuousClock.Instant) { if result == nil, time - began >= term { result = .notDone } }

    /// The one who was asked is gone.
    package mutating func left() { result = result ?? .notDone }

    private mutating func next(at time: ContinuousClock.Instant) { (step, isTurned, agreeing, against, began) = (step + 1, false, 0, 0, time) }

    /// `nil` for a head that is not clearly turned, or lowered. A head that turns sideways rises or sinks with it a little: the larger counts.
    private func turn(_ yaw: Double, _ pitch: Double) -> Prompt? {
        let (sideways, upwards) = ((yaw - self.yaw) / Self.turned, (pitch - self.pitch) / Self.raised)
        if abs(sideways) >= 1, abs(sideways) >= upwards { return sideways > 0 ? .left : .right }
        return upwards >= 1 ? .up : nil
    }
}
