import ArgumentParser
import HubDomain
import WireModel

/// What a device is to do, as options: of a group, or of one device otherwise than its group.
struct ConfigurationTerms: ParsableArguments {
    @Option(help: "Seconds between two contacts, before jitter: 1 to 2678400.") var contactSeconds: Int64?
    @Option(help: "Days until a result (person, score) is forgotten on the device, sent or not: 1 to 3650. Units stay.") var retentionDays: Int64?
    @Option(help: "MiB that a device's store may grow to: 64 to 16777216; results go first, billable facts never.") var storeMegabytes: Int64?
    @Option(help: "Which links may carry a sync: any, or unmetered (no mobile networks).") var links: DeviceConfiguration.Links?
    @Option(help: "Bytes up and down a day, 100000 at least; 0 for as many as needed.") var bytesPerDay: Int64?
    @Option(help: "False-match rate in place of each gallery's own: 0.001, 0.0001 or 0.00001; 0 for each gallery's own.") var targetFmr: Double?
    @Option(help: "Live sources: smallest face decided on, pixels: 20 to 2000.") var minFace: Int64?
    @Option(help: "Live sources: seconds unseen after which coming back is another passage: 2 to 3600.") var passageGap: Double?
    @Option(help: "Live sources: seconds after which who stays is decided on, and charged, again: 10 to 86400; 0 for never.") var redecideAfter: Double?
    @Option(help: "Live sources: hours for which a match can be marked as `not this person`, its templates kept sealed on the device: 0 to 168.")
    var markHours: Double?
    @Option(
        help: ArgumentHelp(
            "Live sources: what a presentation must show before a match is one: off, passive, active or model.",
            discussion: "For the devices' own galleries, and beside what each gallery of the hub's asks for itself (PATCH /v1/galleries/ID).",
            valueName: "policy"))
    var pad: PADPolicy?
    @Option(help: "Live sources: share of one core that looking may take: 0.02 to 1.") var processorShare: Double?

    func apply(to changes: inout ConfigurationOverrides) {
        changes.contactMilliseconds = contactSeconds.map { Self.product($0, 1_000) } ?? changes.contactMilliseconds
        changes.resultRetentionDays = retentionDays ?? changes.resultRetentionDays
        changes.storeBytes = storeMegabytes.map { Self.product($0, 1 << 20) } ?? changes.storeBytes
        changes.links = links ?? changes.links
        changes.bytesPerDay = bytesPerDay ?? changes.bytesPerDay
        changes.targetFalseMatchRate = targetFmr ?? changes.targetFalseMatchRate
        let watch: WatchConfiguration = WatchConfiguration(
            minimumFacePixels: minFace, passageGapMilliseconds: passageGap.map(milliseconds), redecideMilliseconds: redecideAfter.map(milliseconds),
            processorShare: processorShare, markingMilliseconds: markHours.map { milliseconds($0 * 3_600) }, pad: pad
        ).completed(by: changes.watch)
        changes.watch = watch.isEmpty ? nil : watch
    }

    private func milliseconds(_ seconds: Double) -> Int64 { Int64(max(-1, min(1e9, seconds)) * 1_000) }

    /// As far as numbers go; what is too much is refused as such.
    private static func product(_ value: Int64, _ factor: Int64) -> Int64 {
        let (product, isOver): (Int64, Bool) = value.multipliedReportingOverflow(by: factor)
        return isOver ? (value < 0 ? .min : .max) : product
    }
}
