import ArgumentParser
import HubDomain
import ServiceSupport
import WireModel

extension DeviceCommand {
    struct Forks: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Devices that are barred until somebody has looked, with what speaks against them.",
            discussion: """
                Two different entries at one place of a journal mean that a disk was copied, or that an old image of it was put back. The first \
                that came is in the books; what came after it is listed here and is not billed. Such a device gets no leases and nothing more of \
                it is taken in; other devices go on.

                `journal_rolled_back`: the device itself says that the hub holds more of its journal than it has left. Nothing contradicts \
                anything yet; what is listed is the last entry it has. It has stopped, and stays so until it has a new journal.

                What to do: find out who has the machine. Then
                  vultus-hub device resolve DEVICE --keep --reason …
                when the machine that goes on is the one whose entries the hub holds;
                  vultus-hub device resolve DEVICE --new-epoch --reason …
                when an old image of it was put back: it begins a new journal;
                  vultus-hub device revoke DEVICE
                when nobody knows: it is out of service, and is joined anew.
                """)
        @OptionGroup var options: HubOptions

        func run() async throws {
            try await options.run { hub in
                try options.show(try await hub.forks()) { forks in
                    let blocks: [String] = forks.map { fork in
                        var table = TextTable(["PLACE", "WHAT CAME", "UNITS", "DEVICE TIME", "RAISED"], alignedRight: [2])
                        for one in fork.evidence {
                            table.append([
                                "\(one.epoch)/\(one.seq)", [one.kind?.rawValue ?? "head", one.api?.rawValue].compactMap(\.self).joined(separator: " "),
                                "\(one.units)", one.time.map { "\($0)" } ?? "", "\(one.raised)",
                            ])
                        }
                        return """
                            \(fork.device)  \(fork.label)  \(fork.code.rawValue) since \(fork.since); the hub holds \(fork.journalEntries.counted("entry", "entries")) of journal \
                            \(fork.journalEpoch)
                            """ + (table.isEmpty ? "" : "\n" + table.text)
                    }
                    return blocks.isEmpty ? "No device is barred." : blocks.joined(separator: "\n\n")
                }
            }
        }
    }

    struct Resolve: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let a barred device go on.",
            discussion: """
                --keep goes on with the journal the hub holds; a copy that wrote something else is found again at its next sync.
                --new-epoch begins a new journal, for whoever comes first. What the old one's leases still allow stays reserved until they end.

                Example:
                  vultus-hub device resolve DEVICE --keep --reason "The copied disk is wiped"
                """)
        @OptionGroup var options: HubOptions
        @Argument(help: "The device's id.") var device: String
        @Flag(help: "Begin a new journal.") var newEpoch: Bool = false
        @Flag(help: "Go on with the journal the hub holds.") var keep: Bool = false
        @Option(help: "What was found; kept in the audit chain.") var reason: String

        func validate() throws {
            guard newEpoch != keep else { throw ValidationError("Give --new-epoch or --keep.") }
        }

        func run() async throws {
            try await options.run { hub in
                let device: Device = try await hub.resolveFork(
                    try DeviceCommand.id(device), newEpoch ? .newEpoch : .keep, reason: reason, by: options.actor)
                try options.show(device) { "\($0.id) goes on with journal \($0.journalEpoch) after entry \($0.journalEntries)" }
            }
        }
    }

    struct Unaccounted: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Units that devices spent and nobody was billed for: lost with a damaged store, or without a price.",
            discussion: """
                Lost units count as spent in the device's lease. Charge or forgive them with `vultus-hub billing`.

                `not_for_sale`: uses of an API that this hub, restored from a backup, had no price for then; JOURNAL is the last entry of them. Set the \
                price again with the date it held from (`vultus-hub price set … --effective DATE`): at its next sync the device is billed for them, once.
                """)
        @OptionGroup var options: HubOptions

        func run() async throws {
            try await options.run { hub in
                try options.show(try await hub.unaccountedUses()) { uses in
                    var table = TextTable(["DEVICE", "ACCOUNT", "JOURNAL", "API", "UNITS", "GROUND", "NOTED"], alignedRight: [4])
                    for use in uses {
                        table.append([
                            use.device.rawValue, use.account.rawValue, "\(use.epoch)/\(use.seq)", use.api.rawValue, "\(use.units)", use.ground, "\(use.noted)",
                        ])
                    }
                    return table.isEmpty ? "Every unit is accounted for." : table.text
                }
            }
        }
    }
}
