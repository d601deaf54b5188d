/// How a device is to work, as its group's operator wants it: one document, replaced as a whole.
package struct DeviceConfiguration: Sendable, Codable, Hashable {
    /// Which links may carry a sync.
    package enum Links: String, Sendable, Codable, CaseIterable {
        case any
        /// Not over mobile networks (interfaces `wwan*`, `ppp*`, `usb*`, or those named at the device).
        case unmetered
    }

    /// Counts the changes of the group's configuration; 0 is what a device does that was never told anything.
    package let version: Int64
    /// Between two contacts, before the hub's jitter.
    package let contactMilliseconds: Int64
    /// What a decision's body tells (person, score) is forgotten on the device after so many days, sent or not; the unit stays.
    package let resultRetentionDays: Int64
    /// The store may grow to so many bytes: results go first when it has; billable facts never.
    package let storeBytes: Int64
    package let links: Links
    /// Bytes up and down a day that syncs may take; `nil`: as many as needed.
    package let bytesPerDay: Int64?
    /// In place of each gallery's own rate; one of the rates offered.
    package let targetFalseMatchRate: Double?
    /// `nil`: as the agent's standard has it.
    package let watch: WatchConfiguration?

    package static let standard = DeviceConfiguration(
        version: 0, contactMilliseconds: 30_000, resultRetentionDays: 90, storeBytes: 2 << 30, links: .any, bytesPerDay: nil, targetFalseMatchRate: nil)

    package init(
        version: Int64, contactMilliseconds: Int64, resultRetentionDays: Int64, storeBytes: Int64, links: Links, bytesPerDay: Int64?,
        targetFalseMatchRate: Double?, watch: WatchConfiguration? = nil
    ) {
        self.version = version
        self.contactMilliseconds = contactMilliseconds
        self.resultRetentionDays = resultRetentionDays
        self.storeBytes = storeBytes
        self.links = links
        self.bytesPerDay = bytesPerDay
        self.targetFalseMatchRate = targetFalseMatchRate
        self.watch = watch
    }
}
