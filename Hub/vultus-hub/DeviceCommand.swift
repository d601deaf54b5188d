import ArgumentParser
import HubDomain
import ServiceSupport
import WireModel

struct DeviceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "device", abstract: "The terminals of the accounts.",
        subcommands: [Token.self, List.self, Revoke.self, Forks.self, Resolve.self, Unaccounted.self], defaultSubcommand: List.self)

    static func id(_ text: String) throws(Problem) -> DeviceID {
        guard let id = DeviceID(rawValue: text) else {
            throw Problem(.invalidRequest, "That is not a device's id.", detail: text, remedy: "Copy it from `vultus-hub device list`.")
        }
        return id
    }

    struct Token: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a one-time token with which a machine becomes a device of an account.",
            discussion: "Shown once, kept only as a hash. It also carries the fingerprint of this hub's authority, so the device trusts the right hub.")
        @OptionGroup var options: HubOptions
        @Argument(help: "The account's name or id.") var account: String
        @Option(help: "Minutes until it expires.") var minutes: Int64 = 30

        func run() async throws {
            try await options.run { hub in
                guard (1...10_080).contains(minutes) else {
                    throw Problem(
                        .invalidRequest, "A join token lives from a minute to a week.", detail: "\(minutes) minutes",
                        remedy: "Give --minutes between 1 and 10080.")
                }
                let issued: IssuedToken = try await hub.issueToken(account: account, lifetime: .seconds(minutes * 60), by: options.actor)
                try options.show(issued) { $0.token }
                if !options.json { Terminal.note("valid once, until \(issued.expires): vultus-edge join https://HUB:PORT --token …") }
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "All devices, with what the hub holds of them.")
        @OptionGroup var options: HubOptions

        func run() async throws {
            try await options.run { hub in
                try options.show(try await hub.devices()) { devices in
                    var table = TextTable(["DEVICE", "LABEL", "JOURNAL", "LAST CONTACT", "CLOCK", "STATE"], alignedRight: [2])
                    for device in devices {
                        table.append([
                            device.id.rawValue, device.label, "\(device.journalEntries)", device.contact.map { "\($0)" } ?? "never",
                            abs(device.clockSkewMilliseconds) > 120_000 ? "\(device.clockSkewMilliseconds / 1000) s off" : "ok",
                            device.revoked != nil ? "revoked" : device.quarantine.map { "barred: \($0.rawValue)" } ?? "in service",
                        ])
                    }
                    return table.isEmpty ? "No devices yet. Make a token: vultus-hub device token ACCOUNT" : table.text
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
