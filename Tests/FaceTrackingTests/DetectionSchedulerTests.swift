import Testing

@testable import FaceTracking

@Suite("Which frames are looked at")
struct DetectionSchedulerTests {
    private struct Run {
        var scheduler = DetectionScheduler()
        var detections: Int = 0
        var glances: Int = 0
        private let start: ContinuousClock.Instant = .now

        /// - Parameters:
        ///   - levels: of the scene, by seconds.
        ///   - cost: of a detection.
        ///   - load: how many times longer a detection takes than the processor works on it.
        mutating func play(
            _ activity: DetectionScheduler.Activity, from begin: Double = 0, to end: Double, rate: Double = 15, cost: Duration = .milliseconds(10),
            load: Double = 1, levels: (Double) -> [UInt8] = { _ in [UInt8](repeating: 90, count: 576) }
        ) {
            for number in Int(begin * rate)..<Int(end * rate) {
                let second: Double = Double(number) / rate
                let time: ContinuousClock.Instant = start + .seconds(second)
                var step: DetectionScheduler.Step = scheduler.next(at: time, activity)
                if step == .glance {
                    glances += 1
                    if scheduler.saw(levels(second), at: time) { step = .detect }
                }
                guard step == .detect else { continue }
                detections += 1
                scheduler.looked(at: time, found: activity == .empty ? 0 : 1)
                scheduler.spent(cost)
                scheduler.met(work: cost, in: cost * load)
            }
        }
    }

    @Test("an empty scene is looked at about once a second")
    func empty() {
        var run = Run()
        run.play(.empty, to: 60)
        #expect((55...65).contains(run.detections))
    }

    @Test("what moves in an empty scene is looked at within a glance; brightness of the whole scene is no movement")
    func waking() {
        var run = Run()
        run.play(.empty, to: 10.3)
        let before: Int = run.detections
        run.play(.empty, from: 10.3, to: 10.6) { _ in [UInt8](repeating: 130, count: 576) }
        #expect(run.detections == before)
        run.play(.empty, from: 10.6, to: 10.95) { _ in
            var levels = [UInt8](repeating: 90, count: 576)
            for cell in 100..<104 { levels[cell] = 140 }
            return levels
        }
        #expect(run.detections > before)
    }

    @Test("a tree that moves all day does not cost a detection at each glance")
    func tree() {
        var run = Run()
        run.play(.empty, to: 60) { second in (0..<576).map { UInt8(60 + ($0 * 7 + Int(second * 5) * 31) % 120) } }
        #expect(run.detections < 130)
    }

    @Test("who is yet to be decided on is looked at most, who moves fast more than who stands")
    func present() {
        func detections(_ activity: DetectionScheduler.Activity) -> Int {
            var run = Run()
            run.play(activity, to: 20, rate: 30)
            return run.detections
        }
        let (open, fast, calm) = (
            detections(.present(isOpen: true, speed: 0)), detections(.present(isOpen: false, speed: 3)), detections(.present(isOpen: false, speed: 0))
        )
        #expect(open > fast && fast > 2 * calm && (38...44).contains(calm))
    }

    @Test("on a busy machine looks are rarer, up to a limit, and as many as before when it is idle again")
    func load() {
        func detections(_ load: Double, after busy: Double = 1) -> Int {
            var run = Run()
            run.play(.present(isOpen: true, speed: 0), to: 20, rate: 60, load: busy)
            run.detections = 0
            run.play(.present(isOpen: true, speed: 0), from: 20, to: 40, rate: 60, load: load)
            return run.detections
        }
        let idle: Int = detections(1)
        #expect((Double(detections(2)) / Double(idle) - 0.5).magnitude < 0.1)
        #expect((Double(detections(50)) / Double(idle) - 0.25).magnitude < 0.05)
        #expect(Double(detections(1, after: 50)) / Double(idle) > 0.9)
    }

    @Test("no more than the share of a core is spent, however much is going on", arguments: [0.05, 0.2])
    func budget(share: Double) {
        var policy = DetectionScheduler.Policy()
        policy.share = share
        var run = Run(scheduler: DetectionScheduler(policy: policy))
        run.play(.present(isOpen: true, speed: 5), to: 60, rate: 30, cost: .milliseconds(40))
        let spent: Double = Double(run.detections) * 0.04
        #expect(spent <= 60 * share + 2 * share + 0.04 && spent >= 60 * share * 0.8)
    }
}
