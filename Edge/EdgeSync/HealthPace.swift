import EdgeStore
import ServiceSupport
import WireModel

/// How often a sync tells how the device is: once a minute, rarely where bytes are counted. In between the journal's own reports, one an
/// hour and one for each change of state, say what there was.
package struct HealthPace: Sendable {
    private static let interval: Int64 = 55_000
    private static let sparing: Int64 = 900_000

    private var told: (milliseconds: Int64, boot: String)?

    package init() {}

    package func isDue(_ now: ClockReading, _ configuration: DeviceConfiguration) -> Bool {
        guard let told, told.boot == now.bootID else { return true }
        return now.bootMilliseconds - told.milliseconds >= (configuration.bytesPerDay == nil ? Self.interval : Self.sparing)
    }

    /// The hub has it.
    package mutating func note(_ now: ClockReading) { told = (now.bootMilliseconds, now.bootID) }
}
