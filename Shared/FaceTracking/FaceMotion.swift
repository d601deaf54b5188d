import FacePipeline

/// Where a face was, and where it should be: constant velocity between detections.
struct FaceMotion: Sendable {
    private(set) var box: FaceBox
    private(set) var time: ContinuousClock.Instant
    /// Pixels a second, of the box's centre.
    private(set) var velocity = ImagePoint(x: 0, y: 0)
    private(set) var hasVelocity: Bool = false
    /// Looks since the face was last found.
    var missed: Int = 0

    /// How much of a new measurement goes into the velocity.
    private static let gain: Double = 0.6
    /// Prediction stops there: a face that was not found for longer may have turned round.
    private static let horizon: Double = 0.5

    init(_ box: FaceBox, at time: ContinuousClock.Instant) {
        self.box = box
        self.time = time
    }

    /// Mean of width and height, pixels.
    var size: Double { max(1, (box.width + box.height) / 2) }

    /// Its own sizes a second.
    var speed: Double { (velocity.x * velocity.x + velocity.y * velocity.y).squareRoot() / size }

    /// Seconds since it was last found.
    func unseen(at instant: ContinuousClock.Instant) -> Double { max(0, (instant - time).seconds) }

    func predicted(at instant: ContinuousClock.Instant) -> FaceBox {
        let ahead: Double = min(Self.horizon, max(0, (instant - time).seconds))
        return FaceBox(x: box.x + velocity.x * ahead, y: box.y + velocity.y * ahead, width: box.width, height: box.height)
    }

    mutating func found(_ next: FaceBox, at instant: ContinuousClock.Instant) {
        let passed: Double = (instant - time).seconds
        if passed > 0 {
            let measured = ImagePoint(x: (next.centre.x - box.centre.x) / passed, y: (next.centre.y - box.centre.y) / passed)
            let gain: Double = hasVelocity ? Self.gain : 1
            velocity = ImagePoint(x: velocity.x + gain * (measured.x - velocity.x), y: velocity.y + gain * (measured.y - velocity.y))
            hasVelocity = true
        }
        (box, time, missed) = (next, instant, 0)
    }
}

extension Duration {
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
