import FrameCapture
import Testing

@Suite("A camera's rate follows what can be looked at")
struct CapturePaceTests {
    private struct Run {
        var pace: CapturePace
        private var second: Double = 0
        private var (frames, superseded): (Double, Double) = (0, 0)
        private let start: ContinuousClock.Instant = .now

        init(wanted: Double) { pace = CapturePace(wanted: wanted) }

        /// - Parameter capacity: frames a second that are looked at.
        /// - Returns: the rates it changed to.
        mutating func play(seconds: Int, capacity: Double) -> [Double] {
            var changes: [Double] = []
            for _ in 0..<seconds {
                second += 1
                frames += pace.rate
                superseded += max(0, pace.rate - capacity)
                guard pace.note(frames: Int(frames), superseded: Int(superseded), at: start + .seconds(second)) else { continue }
                changes.append(pace.rate)
                pace.begin()
            }
            return changes
        }
    }

    @Test("stays as wanted while most frames are taken")
    func steady() {
        var run = Run(wanted: 15)
        #expect(run.play(seconds: 600, capacity: 9).isEmpty && run.pace.rate == 15)
    }

    @Test("halves while most are superseded, and not below what following people needs")
    func slow() {
        var run = Run(wanted: 30)
        #expect(run.play(seconds: 120, capacity: 1) == [15, 7.5, 5])
        var few = Run(wanted: 2)
        #expect(few.play(seconds: 120, capacity: 0.1).isEmpty)
    }

    @Test("comes back when there is time again, and tries more and more seldom where that is too much")
    func again() {
        var run = Run(wanted: 20)
        #expect(run.play(seconds: 60, capacity: 6) == [10])
        #expect(run.play(seconds: 180, capacity: 50) == [20])
        // Ten are taken well, twenty are not: each attempt is taken back, and the next comes later.
        let hour: Int = run.play(seconds: 3_600, capacity: 9.5).count { $0 == 20 }
        #expect((3...8).contains(hour) && run.pace.rate >= 10)
    }
}
