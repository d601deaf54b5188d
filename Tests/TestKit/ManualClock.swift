import ServiceSupport
import Synchronization
import WireModel

/// A clock that goes when it is told to.
package final class ManualClock: TimeSource {
    private let reading: Mutex<ClockReading>

    package init(wall: Timestamp = Timestamp(milliseconds: 1_790_000_000_000)) {
        reading = Mutex(ClockReading(wall: wall, bootMilliseconds: 1_000_000, bootID: "first"))
    }

    /// From another clock's reading on.
    package init(_ reading: ClockReading) { self.reading = Mutex(reading) }

    /// From the present on: for what a TLS library judges by the real time too.
    package static func startingNow() -> ManualClock { ManualClock(wall: SystemClock().now().wall) }

    package func now() -> ClockReading { reading.withLock { $0 } }

    /// Time passes: both clocks go on.
    package func advance(by duration: Duration) {
        shift(wall: duration, boot: duration)
    }

    /// Somebody sets the wall clock; the time since start goes its own way.
    package func shift(wall: Duration, boot: Duration = .zero) {
        reading.withLock {
            $0 = ClockReading(
                wall: $0.wall.advanced(by: wall), bootMilliseconds: $0.bootMilliseconds + boot.wholeMilliseconds, bootID: $0.bootID)
        }
    }

    /// The device starts anew: the time since start begins again.
    package func restart() {
        reading.withLock { $0 = ClockReading(wall: $0.wall, bootMilliseconds: 10_000, bootID: $0.bootID + "+") }
    }
}

/// A clock that goes as the system's does, and is wrong.
package struct ShiftedClock: TimeSource {
    private let system = SystemClock()
    private let shift: Duration

    package init(by shift: Duration) { self.shift = shift }

    package func now() -> ClockReading {
        let reading: ClockReading = system.now()
        return ClockReading(wall: reading.wall.advanced(by: shift), bootMilliseconds: reading.bootMilliseconds, bootID: reading.bootID)
    }
}
