import Glibc
import WireModel

/// What time it is, twice over: the wall clock, which people set, and the time since start, which nobody can.
package struct ClockReading: Hashable, Sendable, Codable {
    package let wall: Timestamp
    /// Milliseconds since the system started, suspend included (`CLOCK_BOOTTIME`).
    package let bootMilliseconds: Int64
    /// Names this start of the system; readings of different starts cannot be subtracted.
    package let bootID: String

    package init(wall: Timestamp, bootMilliseconds: Int64, bootID: String) {
        self.wall = wall
        self.bootMilliseconds = bootMilliseconds
        self.bootID = bootID
    }
}

/// A source of time, injected wherever time decides anything.
package protocol TimeSource: Sendable {
    func now() -> ClockReading
}

package struct SystemClock: TimeSource {
    private let bootID: String

    package init() {
        bootID = Self.readBootID()
    }

    package func now() -> ClockReading {
        ClockReading(wall: Timestamp(milliseconds: Self.milliseconds(CLOCK_REALTIME)), bootMilliseconds: Self.milliseconds(CLOCK_BOOTTIME), bootID: bootID)
    }

    private static func milliseconds(_ clock: clockid_t) -> Int64 {
        var value = timespec()
        clock_gettime(clock, &value)
        return Int64(value.tv_sec) * 1000 + Int64(value.tv_nsec) / 1_000_000
    }

    /// Linux gives each start a random identifier (`random(4)`).
    private static func readBootID() -> String {
        guard let file = fopen("/proc/sys/kernel/random/boot_id", "re") else { return "unknown" }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 64)
        guard fgets(&line, CInt(line.count), file) != nil else { return "unknown" }
        let bytes: [UInt8] = line.prefix { $0 != 0 && $0 != 10 }.map { UInt8(bitPattern: $0) }
        return String(decoding: bytes, as: UTF8.self)
    }
}
