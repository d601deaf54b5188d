import Biometrics
import FaceTracking
import PresentationAttack

@testable import FacePipeline

/// Somebody who walks through a film of boxes.
struct Walker {
    let name: String
    /// By seconds: centre and size of the face in pixels; `nil` while it is not to be seen.
    let place: (Double) -> (x: Double, y: Double, size: Double)?
    /// By seconds.
    var quality: (Double) -> FaceQuality = { _ in Film.good }
    /// By seconds: whose face it looks like; its own unless said otherwise.
    var looks: ((Double) -> String)?
}

/// Plays boxes to a tracker as a pipeline would, with a gallery of whoever is enrolled, and journals what is due.
struct Film {
    static let good = FaceQuality(
        interEyeDistance: 60, boxSide: 120, detectionScore: 0.9, sharpness: 0.1, yaw: 0, pitch: 0, roll: 0, brightness: 0.5, blackShare: 0, whiteShare: 0,
        outsideShare: 0)
    static let threshold = ComparisonScore(rawValue: 0.472)
    static let model = ModelID(rawValue: "m")

    var tracker: FaceTracker<String>
    var scheduler: DetectionScheduler?
    let enrolled: [String]
    private(set) var decided: [Verdict<String>] = []
    private(set) var returned: [Verdict<String>] = []
    private(set) var left: [String?] = []
    /// What was asked of tracks, in order; `straight` for looking at the camera again.
    private(set) var asked: [String] = []
    /// What a presentation must show before a match is one.
    var presentation: PresentationRequirements = []
    private(set) var looks: Int = 0
    private(set) var templates: Int = 0
    /// By seconds: whether the journal refuses.
    var refuses: (Double) -> Bool = { _ in false }
    /// Whether ``Walker``s hide each other: of two nearer than a face, the later in the list is not found.
    var hides: Bool = false
    private let start: ContinuousClock.Instant = .now

    init(
        _ policy: TrackingPolicy = TrackingPolicy(), enrolled: [String] = [], scheduler: DetectionScheduler? = nil,
        prompts: @escaping @Sendable () -> [HeadChallenge.Prompt] = { [.left] }
    ) {
        (tracker, self.enrolled, self.scheduler) = (FaceTracker(policy: policy, prompts: prompts), enrolled, scheduler)
    }

    /// `match NAME`, `unknown` and `undecided`, in the order in which they were journaled.
    var outcomes: [String] { decided.map { Self.text($0.outcome) } }

    static func text(_ outcome: Verdict<String>.Outcome) -> String {
        switch outcome {
        case .match(let name): "match \(name)"
        case .unknown: "unknown"
        case .undecided: "undecided"
        case .unproven: "unproven"
        }
    }

    /// - Parameter rate: frames a second.
    mutating func play(_ walkers: [Walker], from begin: Double = 0, to end: Double, rate: Double = 10) throws {
        for number in Int(begin * rate)..<Int(end * rate) { try show(walkers, at: Double(number) / rate) }
    }

    mutating func finish(at second: Double) { handle(tracker.end(at: start + .seconds(second)), at: second) }

    private mutating func show(_ walkers: [Walker], at second: Double) throws {
        let time: ContinuousClock.Instant = start + .seconds(second)
        if let step = scheduler?.next(at: time, tracker.activity), step != .detect { return }
        looks += 1
        var seen: [(walker: Walker, sight: FaceSight)] = []
        for walker in walkers {
            guard let place = walker.place(second) else { continue }
            let sight: FaceSight = Self.sight(place.x, place.y, place.size)
            if hides, seen.contains(where: { $0.sight.box.centre.distance(to: sight.box.centre) < place.size * 0.7 }) { continue }
            seen.append((walker, sight))
        }
        let chosen: Set<Int> = tracker.look(seen.map(\.sight), width: 1280, height: 720, at: time)
        var readings: [Int: FaceReading<String>] = [:]
        for (face, one) in seen.enumerated() {
            let quality: FaceQuality = one.walker.quality(second)
            guard chosen.contains(face), tracker.wantsTemplate(of: face, quality) else {
                readings[face] = FaceReading(quality: quality)
                continue
            }
            templates += 1
            let template: Template = try Self.template(one.walker.looks?(second) ?? one.walker.name, noise: UInt64(second * 1_000))
            readings[face] = FaceReading(quality: quality, template: template, vote: try vote(template))
        }
        handle(tracker.finish(readings), at: second)
        scheduler?.looked(at: time, found: seen.count)
    }

    private mutating func handle(_ news: [TrackNews<String>], at second: Double) {
        for one in news {
            switch one {
            case .due(let verdict) where refuses(second): tracker.postpone(verdict)
            case .due(let verdict):
                decided.append(verdict)
                tracker.settle(verdict, entry: Int64(decided.count))
            case .returned(let verdict, _): returned.append(verdict)
            case .asked(_, let request): asked.append(request.prompt?.rawValue ?? "straight")
            case .left(_, let zone): left.append(zone)
            }
        }
    }

    private func vote(_ template: Template) throws -> Vote<String> {
        let best = try enrolled.map { ($0, try Self.template($0).score(against: template)) }.max { $0.1 < $1.1 }
        return Vote(best: best?.0, score: best?.1, threshold: Self.threshold, falseMatchRate: 1e-5, presentation: presentation)
    }

    static func sight(_ x: Double, _ y: Double, _ size: Double) -> FaceSight {
        func point(_ right: Double, _ down: Double) -> ImagePoint { ImagePoint(x: x + right * size, y: y + down * size) }
        return FaceSight(
            box: FaceBox(x: x - size / 2, y: y - size / 2, width: size, height: size),
            landmarks: FaceLandmarks(
                rightEye: point(-0.2, -0.1), leftEye: point(0.2, -0.1), nose: point(0, 0.05), rightMouth: point(-0.15, 0.2), leftMouth: point(0.15, 0.2)))
    }

    /// A direction that is a person's own, and as far from it (cosine about 0.9) as another picture of them.
    static func template(_ name: String, noise: UInt64? = nil) throws -> Template {
        var person = Xorshift(seed: name.utf8.reduce(14_695_981_039_346_656_037) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 })
        var values: [Float] = (0..<128).map { _ in person.value() }
        if let noise {
            var shot = Xorshift(seed: noise &* 0x9E37_79B9_7F4A_7C15 &+ 1)
            values = values.map { $0 + 0.5 * shot.value() }
        }
        return try Template(model: model, normalizing: values)
    }
}

/// Small and the same everywhere.
private struct Xorshift {
    private var state: UInt64

    init(seed: UInt64) { state = seed | 1 }

    /// About −1…1.
    mutating func value() -> Float {
        for _ in 0..<3 {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
        }
        return Float(Int64(bitPattern: state) >> 40) / Float(1 << 23)
    }
}
