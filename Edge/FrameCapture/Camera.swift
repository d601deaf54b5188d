import FacePipeline
import Glibc
import Synchronization

/// What happens to a camera while it is watched.
package enum CameraEvent: Hashable, Sendable {
    /// It streams: at the start, and again after whatever was in the way.
    case streaming(path: String, card: String, mode: CaptureMode)
    /// It cannot be used now; it is tried again until it can.
    case waiting(CameraFault)
    /// It gave nothing for so long, and its stream is begun anew.
    case stalled(CameraFault)
    /// It streams at another rate, for more frames came than could be looked at, or there is time for more again.
    case paced(path: String, mode: CaptureMode)
    /// Frames were lost on the way since the last such event; all of them in `counters`.
    case lossy(path: String, counters: CameraCounters)
}

/// How a camera is, for whoever asks.
package struct CameraCondition: Hashable, Sendable {
    /// As it was chosen.
    package let name: String
    /// `nil` while it does not stream.
    package var path: String?
    package var card: String?
    package var mode: CaptureMode?
    /// Frames a second over the last two seconds or more; `nil` before.
    package var rate: Double?
    package var counters = CameraCounters()
    /// Why it does not stream, while it does not.
    package var fault: CameraFault?

    package init(name: String) { self.name = name }
}

/// Nodes that cameras of this agent watch, so that two never watch the same.
package final class CameraClaims: Sendable {
    private let paths = Mutex<Set<String>>([])

    package init() {}

    var taken: Set<String> { paths.withLock { $0 } }

    func claim(_ path: String) -> Bool { paths.withLock { $0.insert(path).inserted } }
    func release(_ path: String) { paths.withLock { _ = $0.remove(path) } }
}

/// A camera that is watched whatever its cable does: found, opened, and found again where it comes back.
package final class Camera: Sendable {
    /// How a camera is to be watched.
    package struct Options: Sendable {
        package var choice: CameraChoice
        /// What it is called towards people, and by whoever tells cameras apart.
        package var name: String
        package var policy: CapturePolicy
        /// Made whenever the camera is opened, put back at the end.
        package var controls: [ControlSetting]
        /// The least time to wait for a frame before it counts as a time-out; several frame intervals where those are long.
        package var patience: Duration
        /// Time-outs in a row after which the stream is begun anew.
        package var timeoutsAllowed: Int

        package init(
            choice: CameraChoice, name: String? = nil, policy: CapturePolicy = CapturePolicy(), controls: [ControlSetting] = [],
            patience: Duration = .seconds(2),
            timeoutsAllowed: Int = 2
        ) {
            self.choice = choice
            self.name = name ?? choice.description
            self.policy = policy
            self.controls = controls
            self.patience = patience
            self.timeoutsAllowed = timeoutsAllowed
        }
    }

    /// Between two looks for a camera that is not there, or not to be had.
    private static let pause: Duration = .milliseconds(500)
    /// The end of the stream is noticed within this.
    private static let slice: Duration = .milliseconds(200)

    private let options: Options
    /// As it was chosen, and told apart from others that were chosen alike.
    package var name: String { options.name }
    private let claims: CameraClaims
    private let report: @Sendable (CameraEvent) -> Void
    private let state: Mutex<CameraCondition>
    private let life = Mutex(Life())

    private struct Life {
        var isOpen: Bool = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    /// - Parameter report: told of every event, on the camera's own thread.
    package init(_ options: Options, claims: CameraClaims = CameraClaims(), report: @escaping @Sendable (CameraEvent) -> Void = { _ in }) {
        self.options = options
        self.claims = claims
        self.report = report
        state = Mutex(CameraCondition(name: options.name))
    }

    package var condition: CameraCondition { state.withLock { $0 } }

    /// The camera as it is live: only the newest frame waits, the driver's buffer of an older one goes back at once.
    /// The stream ends when its reader does.
    package func frames() -> AsyncStream<SourceItem> {
        let (stream, continuation) = AsyncStream.makeStream(of: SourceItem.self, bufferingPolicy: .bufferingNewest(1))
        let watch = CameraWatch()
        continuation.onTermination = { _ in watch.end() }
        life.withLock { $0.isOpen = true }
        SourceThread.start { [self] in
            run(watch) { frame in
                if case .dropped = continuation.yield(.frame(frame)) { state.withLock { $0.counters.superseded += 1 } }
            }
            continuation.finish()
            let waiters: [CheckedContinuation<Void, Never>] = life.withLock { life in
                defer { life = Life() }
                return life.waiters
            }
            for waiter in waiters { waiter.resume() }
        }
        return stream
    }

    /// Returns when the camera is closed and its controls are as they were: soon after the reader of `frames` has left. To be
    /// awaited before the process ends, also by a task that was cancelled.
    package func closed() async {
        await withCheckedContinuation { waiter in
            let isClosed: Bool = life.withLock { life in
                if life.isOpen { life.waiters.append(waiter) }
                return !life.isOpen
            }
            if isClosed { waiter.resume() }
        }
    }

    /// Until the reader has enough.
    private func run(_ watch: CameraWatch, deliver: (Frame) -> Void) {
        var course = Course()
        var pace = CapturePace(wanted: options.policy.rate)
        while !watch.isEnded {
            do throws(CameraFault) {
                let camera: CameraDevice = try find(course.known)
                guard claims.claim(camera.path) else { throw .busy(path: camera.path, holders: [DeviceHolder(process: getpid(), name: "vultus-edge")]) }
                defer { claims.release(camera.path) }
                try run(camera, &course, &pace, watch, deliver: deliver)
            } catch {
                state.withLock { ($0.path, $0.mode, $0.rate) = (nil, nil, nil) }
                course.gaps.broke()
                note(error, last: &course.reported)
                if !watch.isEnded { watch.wait(Self.pause) }
            }
        }
        state.withLock { ($0.path, $0.mode, $0.rate) = (nil, nil, nil) }
    }

    /// What outlasts one opening of the camera.
    private struct Course {
        var known: (identity: CameraIdentity, path: String)?
        var reported: CameraFault?
        /// Of the controls set, what they were before this agent: a second opening finds the agent's own values.
        var before: [(id: UInt32, before: Int32)] = []
        var gaps = GapWatch()
    }

    /// Until the reader has enough. A change of pace is no gap: the stream goes on after a tenth of a second or so.
    private func run(
        _ camera: CameraDevice, _ course: inout Course, _ pace: inout CapturePace, _ watch: CameraWatch, deliver: (Frame) -> Void
    ) throws(CameraFault) {
        pace.begin()
        var isFirst: Bool = true
        while !watch.isEnded {
            let session = try CaptureSession(camera, policy: policy(pace), controls: options.controls)
            if course.before.isEmpty { course.before = session.before }
            course.known = (CameraIdentity(camera), camera.path)
            course.reported = nil
            state.withLock { ($0.path, $0.card, $0.mode, $0.fault) = (camera.path, camera.card, session.mode, nil) }
            report(isFirst ? .streaming(path: camera.path, card: camera.card, mode: session.mode) : .paced(path: camera.path, mode: session.mode))
            isFirst = false
            defer { session.end(restoring: watch.isEnded ? course.before : []) }
            try stream(session, watch, &course.gaps, deliver: deliver) {
                let counters: CameraCounters = condition.counters
                return pace.note(frames: counters.frames, superseded: counters.superseded, at: .now)
                    && policy(pace).choose(from: camera)?.interval != session.mode.interval
            }
            pace.begin()
        }
    }

    private func policy(_ pace: CapturePace) -> CapturePolicy {
        var policy: CapturePolicy = options.policy
        policy.rate = pace.rate
        return policy
    }

    private func note(_ fault: CameraFault, last: inout CameraFault?) {
        state.withLock { $0.fault = fault }
        switch fault {
        case .timedOut:
            state.withLock { $0.counters.restarts += 1 }
            report(.stalled(fault))
        case .driver where last == nil:
            state.withLock { $0.counters.restarts += 1 }
            report(.waiting(fault))
        default:
            if case .disconnected = fault, last == nil { state.withLock { $0.counters.disconnections += 1 } }
            if fault != last { report(.waiting(fault)) }
        }
        last = fault
    }

    /// The camera that was watched before, else the one that is named.
    private func find(_ known: (identity: CameraIdentity, path: String)?) throws(CameraFault) -> CameraDevice {
        let (cameras, faults) = CameraList.survey()
        if let known {
            if let camera = known.identity.find(in: cameras, taken: claims.taken) { return camera }
            // "auto" is content with another camera only at the start: a passage is not to be watched from elsewhere of a sudden.
            guard let fault = faults.first else { throw .disconnected(path: known.path) }
            throw fault
        }
        do throws(CameraFault) { return try options.choice.find(in: cameras, taken: claims.taken) } catch {
            // A camera that may not be opened is not listed: that is the reason, not that there is none.
            throw faults.first ?? error
        }
    }

    /// Until the reader has enough, or `isOver` says that another rate is better.
    private func stream(
        _ session: CaptureSession, _ watch: CameraWatch, _ gaps: inout GapWatch, deliver: (Frame) -> Void, isOver: () -> Bool
    ) throws(CameraFault) {
        let patience: Duration = max(options.patience, .seconds(5 / session.mode.interval.rate))
        var sequences = SequenceWatch()
        var meter = RateMeter()
        var last: ContinuousClock.Instant = .now
        var timeouts: Int = 0
        while !watch.isEnded {
            let arrival: CaptureSession.Arrival = try session.next(milliseconds: Int32(Self.slice / .milliseconds(1)))
            let now: ContinuousClock.Instant = .now
            switch arrival {
            case .nothing:
                guard now - last > patience else { continue }
                timeouts += 1
                last = now
                state.withLock { $0.counters.timeouts += 1 }
                if timeouts >= options.timeoutsAllowed {
                    throw .timedOut(path: session.path, seconds: patience * timeouts / .seconds(1))
                }
            case .frame(let lease, let sequence):
                let number: Int = count(session, missing: sequences.missing(before: sequence)) { $0.frames += 1 }
                let stretch: Int = gaps.came(at: now)
                deliver(Frame(lease: lease, form: session.form, name: "\(name) frame \(number)", arrived: now, stretch: stretch))
            case .damaged(let sequence): count(session, missing: sequences.missing(before: sequence)) { $0.damaged += 1 }
            case .refused(let sequence):
                count(session, missing: sequences.missing(before: sequence)) {
                    $0.frames += 1
                    $0.superseded += 1
                }
            }
            if case .nothing = arrival { continue }
            (last, timeouts) = (now, 0)
            if let rate = meter.note(now) { state.withLock { $0.rate = rate } }
            if isOver() { return }
        }
    }

    /// - Returns: the number of the frame.
    @discardableResult
    private func count(_ session: CaptureSession, missing: Int, _ change: (inout CameraCounters) -> Void) -> Int {
        let (before, after): (CameraCounters, CameraCounters) = state.withLock { condition in
            let before: CameraCounters = condition.counters
            condition.counters.lost += missing
            change(&condition.counters)
            return (before, condition.counters)
        }
        // Each time the number has doubled: what goes wrong all day does not fill a log.
        let (bad, worse): (Int, Int) = (before.lost + before.damaged, after.lost + after.damaged)
        if worse > bad, bad == 0 || bad.leadingZeroBitCount != worse.leadingZeroBitCount { report(.lossy(path: session.path, counters: after)) }
        return after.frames
    }
}

/// Tells a camera's thread that nobody reads any more.
private final class CameraWatch: Sendable {
    private let ended = Mutex(false)

    var isEnded: Bool { ended.withLock { $0 } }

    func end() { ended.withLock { $0 = true } }

    /// Waits, and no longer than until the end.
    func wait(_ duration: Duration) {
        let deadline: ContinuousClock.Instant = .now + duration
        while !isEnded, ContinuousClock.now < deadline { usleep(50_000) }
    }
}

/// Frames a second, over windows of two seconds.
private struct RateMeter {
    private var since: ContinuousClock.Instant?
    private var frames: Int = 0

    mutating func note(_ now: ContinuousClock.Instant) -> Double? {
        guard let since else {
            since = now
            return nil
        }
        frames += 1
        let elapsed: Double = (now - since) / .seconds(1)
        guard elapsed >= 2 else { return nil }
        defer { (self.since, frames) = (now, 0) }
        return (Double(frames) / elapsed * 10).rounded() / 10
    }
}
