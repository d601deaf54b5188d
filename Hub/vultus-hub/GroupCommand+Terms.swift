import ArgumentParser
import HubDomain
import ServiceSupport
import WireModel

extension DeviceConfiguration.Links: ExpressibleByArgument {}

extension GroupCommand {
    struct Configure: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Change how a group's devices work; what is not named stays.",
            discussion: """
                Devices take the new configuration at their next contact. Each change counts its version up, which `group show` names.

                Example, for doors on a mobile network:
                  vultus-hub group configure entrance --bytes-per-day 2000000
                """)
        @OptionGroup var options: HubOptions
        @Argument(help: "The group's name or id.") var group: String
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
        @Option(help: "Live sources: share of one core that looking may take: 0.02 to 1.") var processorShare: Double?

        func run() async throws {
            try await options.run { hub in
                let changed: DeviceGroup = try await hub.configureDeviceGroup(group, by: options.actor) { [self] old in
                    let watch: WatchConfiguration = WatchConfiguration(
                        minimumFacePixels: minFace, passageGapMilliseconds: passageGap.map(milliseconds), redecideMilliseconds: redecideAfter.map(milliseconds),
                        processorShare: processorShare, markingMilliseconds: markHours.map { milliseconds($0 * 3_600) }
                    ).completed(by: old.watch)
                    return DeviceConfiguration(
                        version: old.version,
                        contactMilliseconds: contactSeconds.map { Self.product($0, 1_000) } ?? old.contactMilliseconds,
                        resultRetentionDays: retentionDays ?? old.resultRetentionDays,
                        storeBytes: storeMegabytes.map { Self.product($0, 1 << 20) } ?? old.storeBytes,
                        links: links ?? old.links, bytesPerDay: bytesPerDay.map { $0 == 0 ? nil : $0 } ?? old.bytesPerDay,
                        targetFalseMatchRate: targetFmr.map { $0 == 0 ? nil : $0 } ?? old.targetFalseMatchRate, watch: watch.isEmpty ? nil : watch)
                }
                try options.show(changed, GroupCommand.text)
            }
        }

        private func milliseconds(_ seconds: Double) -> Int64 { Int64(max(-1, min(1e9, seconds)) * 1_000) }

        /// As far as numbers go; what is too much is refused as such.
        private static func product(_ value: Int64, _ factor: Int64) -> Int64 {
            let (product, isOver): (Int64, Bool) = value.multipliedReportingOverflow(by: factor)
            return isOver ? (value < 0 ? .min : .max) : product
        }
    }

    struct Assign: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give a group's devices a gallery of their account, or change its term.",
            discussion: """
                The term is how long a device that has no contact goes on matching: then it matches nobody of the gallery and erases it, so that \
                who was taken out of it is gone from dark devices too. Short terms revoke sooner, long ones bridge longer outages. Galleries are \
                made by the account's applications, through the API.

                Examples:
                  vultus-hub group assign entrance staff
                  vultus-hub group assign entrance visitors --term-hours 12
                """)
        @OptionGroup var options: HubOptions
        @Argument(help: "The group's name or id.") var group: String
        @Argument(help: "The gallery's id, or its name when the account has only one of that name.") var gallery: String
        @Option(help: "Term in hours: 1 to 9600.") var termHours: Int64?
        @Option(help: "Term in days: 1 to 400; 7 when neither is given.") var termDays: Int64?

        func validate() throws {
            guard termHours == nil || termDays == nil else { throw ValidationError("Give --term-hours or --term-days, not both.") }
        }

        func run() async throws {
            try await options.run { hub in
                let term: Duration = termHours.map { .seconds(min($0, 100_000) * 3_600) } ?? .seconds(min(termDays ?? 7, 10_000) * 86_400)
                try options.show(try await hub.assign(gallery, to: group, term: term, by: options.actor), GroupCommand.text)
            }
        }
    }

    struct Unassign: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take a gallery from a group: its devices erase everybody of it at their next contact.",
            discussion: """
                A device without contact erases it when its term ends. `group erasures` shows which device has confirmed it.

                Example:
                  vultus-hub group unassign entrance visitors
                """)
        @OptionGroup var options: HubOptions
        @Argument(help: "The group's name or id.") var group: String
        @Argument(help: "The gallery's id or name.") var gallery: String

        func run() async throws {
            try await options.run { hub in
                try options.show(try await hub.unassign(gallery, from: group, by: options.actor), GroupCommand.text)
            }
        }
    }

    struct Erasures: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Who is still to be erased from which device, since when; with --all also what devices have confirmed.",
            discussion: """
                Each line is a duty: from the moment somebody was erased or withdrew consent on the hub until the device's journal says that they \
                are gone. A device that stays away ends the gallery by itself when its term has passed: it is then shown as ended by term, with \
                the latest moment that can have been. Receipts are in the audit chain: `vultus-hub admin audit`.

                Example, what is outstanding at the doors of one account:
                  vultus-hub group erasures "Acme Doors" --group entrance
                """)
        @OptionGroup var options: HubOptions
        @Argument(help: "The account's name or id; all accounts when left out.") var account: String?
        @Option(help: "Only devices of this group.") var group: String?
        @Flag(help: "Confirmed ones too.") var all: Bool = false

        func run() async throws {
            try await options.run { hub in
                try options.show(try await hub.owedErasures(account: account, group: group, isAll: all)) { owed in
                    var table = TextTable(["DEVICE", "GALLERY", "PERSON", "GROUND", "SINCE", "STATE"])
                    for one in owed {
                        let state: String =
                            switch one.state {
                            case .outstanding: "outstanding; ends by term at \(one.ends)"
                            case .endedByTerm: "ended by term at \(one.ends)"
                            case .receipted: "receipted \(one.receipt.map { "\($0)" } ?? ""), entry \(one.entry ?? "")"
                            }
                        table.append([
                            one.device.rawValue, one.gallery.rawValue, one.person?.rawValue ?? "everybody", one.ground, "\(one.due)", state,
                        ])
                    }
                    return table.isEmpty ? "Nothing is outstanding." : table.text
                }
            }
        }
    }
}
