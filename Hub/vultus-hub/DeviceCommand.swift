import ArgumentParser
import HubDomain
import ServiceSupport
import WireModel

struct DeviceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "device", abstract: "The terminals of the accounts.",
        subcommands: [
            Token.self, Tokens.self, Withdraw.self, Waiting.self, Approve.self, Refuse.self, List.self, Show.self, Health.self, Move.self, Label.self,
            Configure.self,
            Command.self, Commands.self, Cancel.self, Revoke.self, Stolen.self,
            Import.self, Forks.self, Resolve.self, Unaccounted.self,
        ], defaultSubcommand: List.self)

    static func id(_ text: String) throws(Problem) -> DeviceID {
        guard let id = DeviceID(rawValue: text) else {
            throw Problem(.invalidRequest, "That is not a device's id.", detail: text, remedy: "Copy it from `vultus-hub device list`.")
        }
        return id
    }

    struct Token: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a one-time token with which a machine becomes a device of an account.",
            discussion: """
                For machines that nobody hands a token to, see `device waiting`.

                Shown once, kept only as a hash. It also carries the fingerprint of this hub's authority, so the device trusts the right hub.

                Example, for a device that is to join into a group:
                  vultus-hub device token "Acme Doors" --group entrance

                For a machine that takes the place of another, with its name, group, labels and settings; the old one is revoked then:
                  vultus-hub device token "Acme Doors" --replaces dev_…
                """)
        @OptionGroup var options: HubOptions
        @Argument(help: "The account's name or id.") var account: String
        @Option(help: "Minutes until it expires.") var minutes: Int64 = 30
        @Option(help: "A group of the account, by name or id, that the device joins into; otherwise none.") var group: String?
        @Option(help: "A device of the account in whose place the new one comes.") var replaces: String?

        func run() async throws {
            try await options.run { hub in
                guard (1...10_080).contains(minutes) else {
                    throw Problem(
                        .invalidRequest, "A join token lives from a minute to a week.", detail: "\(minutes) minutes",
                        remedy: "Give --minutes between 1 and 10080.")
                }
                let issued: IssuedToken = try await hub.issueToken(
                    account: account, lifetime: .seconds(minutes * 60), group: group, replacing: try replaces.map(DeviceCommand.id), by: options.actor)
                try options.show(issued) { $0.token }
                if !options.json { Terminal.note("valid once, until \(issued.expires): vultus-edge join https://HUB:PORT --token …") }
            }
        }
    }

    struct Move: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Put a device into a group of its account, or into none.",
            discussion: """
                At its next contact it takes that group's configuration and galleries, and erases those that the new group does not have.

                Examples:
                  vultus-hub device move DEVICE entrance
                  vultus-hub device move DEVICE --none
                """)
        @OptionGroup var options: HubOptions
        @Argument(help: "The device's id.") var device: String
        @Argument(help: "The group's name or id; see --none.") var group: String?
        @Flag(help: "Into no group: no galleries, standard configuration.") var none: Bool = false

        func validate() throws {
            guard (group == nil) == none else { throw ValidationError("Name a group, or say --none.") }
        }

        func run() async throws {
            try await options.run { hub in
                try options.show(try await hub.move(try DeviceCommand.id(device), to: group, by: options.actor)) {
                    "\($0.id) is in \($0.group?.rawValue ?? "no group")"
                }
            }
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take a device out of service, at once and for good.",
            discussion: "Every later request of it is refused. What it recorded before stays billed.")
        @OptionGroup var options: HubOptions
        @Argument(help: "The device's id.") var device: String

        func run() async throws {
            try await options.run { hub in
                try options.show(try await hub.revokeDevice(try DeviceCommand.id(device), by: options.actor)) { "\($0.id) revoked" }
            }
        }
    }
}
