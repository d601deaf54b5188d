import ArgumentParser
import HubDomain
import ServiceSupport
import WireModel

extension DeviceConfiguration.Links: ExpressibleByArgument {}
extension PADPolicy: ExpressibleByArgument {}

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
        @OptionGroup var terms: ConfigurationTerms

        func run() async throws {
            try await options.run { hub in
                let terms: ConfigurationTerms = terms
                let changed: DeviceGroup = try await hub.configureDeviceGroup(group, by: options.actor) { old in
                    var changes = ConfigurationOverrides()
                    terms.apply(to: &changes)
                    return changes.over(old)
                }
                try options.show(changed, GroupCommand.text)
            }
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
