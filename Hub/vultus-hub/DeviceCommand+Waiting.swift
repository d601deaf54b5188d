import ArgumentParser
import HubDomain
import ServiceSupport
import WireModel

/// Devices without a token: they wait until somebody has compared their key.
extension DeviceCommand {
    struct Waiting: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Devices without a token that wait to be approved.",
            discussion: """
                KEY is the fingerprint of the device's key, as the device itself shows it: compare them before you approve. All the rest is the \
                device's own word. A device that has not asked for an hour is not among them; `admin setting set waiting-devices 0` lets none wait.

                Example, at the device and then here:
                  vultus-edge join https://hub.example:8443 --wait --authority …
                  vultus-hub device waiting
                  vultus-hub device approve 7KQD-9M2X-… --account "Acme Doors" --group entrance
                """)
        @OptionGroup var options: HubOptions
        @Flag(help: "Those that were refused within a week instead.") var refused: Bool = false

        private struct Answer: Encodable {
            /// SHA-256 of the hub's authority: what devices are told as --authority.
            let authority: String
            let waiting: [WaitingDevice]
        }

        func run() async throws {
            try await options.run { hub in
                let answer = Answer(authority: hub.authorityFingerprint, waiting: try await hub.waitingDevices(refused: refused))
                let address: String = try await hub.setting(.publicURL)
                try options.show(answer) { answer in
                    var table = TextTable(["KEY", "NAME", "MODEL", "AGENT", "ADDRESS", refused ? "REFUSED" : "SINCE"])
                    for one in answer.waiting {
                        table.append([one.fingerprint.text, one.label, one.model, one.agentVersion, one.address, "\(one.refused ?? one.created)"])
                    }
                    guard table.isEmpty else { return table.text }
                    return refused
                        ? "None was refused."
                        : "No device waits. At a device: vultus-edge join \(address) --wait --authority \(answer.authority)"
                }
            }
        }
    }

    struct Approve: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a device of one that waits, once its key was compared.",
            discussion: """
                The device has its certificate at its next question, within seconds or a minute.

                Example:
                  vultus-hub device approve 7KQD-9M2X-4T0A-B3CE-F1GH --account "Acme Doors" --group entrance --label site=north
                """)
        @OptionGroup var options: HubOptions
        @Argument(help: "The whole fingerprint of its key, or its id (wai_…).") var device: String
        @Option(help: "The account's name or id.") var account: String
        @Option(help: "A group of the account, by name or id; otherwise none.") var group: String?
        @Option(help: "What people call it, in place of what it calls itself.") var name: String?
        @Option(name: .customLong("label"), help: "NAME=VALUE; may be given again.") var labels: [String] = []
        @Option(help: "A device of the account in whose place it comes; that one is revoked.") var replaces: String?

        func run() async throws {
            try await options.run { hub in
                var approval = JoinApproval(account: account, group: group, name: name, replaces: try replaces.map(DeviceCommand.id))
                for label in labels {
                    let parts: [Substring] = label.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                    guard parts.count == 2 else { throw Problem(.invalidRequest, "That is no label.", detail: label, remedy: "Write NAME=VALUE.") }
                    approval.labels[String(parts[0])] = String(parts[1])
                }
                try options.show(try await hub.approveWaiting(device, approval, by: options.actor), Show.text)
            }
        }
    }

    struct Refuse: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Refuse a device that waits: it is told so, and its key stays refused for a week.",
            discussion: "Example:\n  vultus-hub device refuse 7KQD-9M2X-4T0A-B3CE-F1GH --reason \"not ours\"")
        @OptionGroup var options: HubOptions
        @Argument(help: "The whole fingerprint of its key, or its id (wai_…).") var device: String
        @Option(help: "What the device is told.") var reason: String = ""

        func run() async throws {
            try await options.run { hub in
                try options.show(try await hub.refuseWaiting(device, reason: reason, by: options.actor)) { "\($0.fingerprint) is refused" }
            }
        }
    }

    struct Tokens: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Join tokens of the last month, with what became of them.", discussion: "Example:\n  vultus-hub device tokens")
        @OptionGroup var options: HubOptions

        func run() async throws {
            try await options.run { hub in
                let now: Timestamp = hub.now()
                try options.show(try await hub.joinTokens()) { tokens in
                    var table = TextTable(["TOKEN", "ACCOUNT", "MADE", "ENDS", "BECAME"])
                    for token in tokens {
                        table.append([
                            token.id.rawValue, token.account.rawValue, "\(token.created)", "\(token.expires)",
                            token.usedBy?.rawValue ?? (token.expires <= now ? "expired" : "open"),
                        ])
                    }
                    return table.isEmpty ? "No tokens. Make one: vultus-hub device token ACCOUNT" : table.text
                }
            }
        }
    }

    struct Withdraw: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "withdraw-token", abstract: "Withdraw a join token that was not used.",
            discussion: "Example:\n  vultus-hub device withdraw-token tok_…")
        @OptionGroup var options: HubOptions
        @Argument(help: "The token's id, as `device tokens` shows it.") var token: String

        func run() async throws {
            try await options.run { hub in
                guard let id = TokenID(rawValue: token) else {
                    throw Problem(.invalidRequest, "That is not a token's id.", detail: token, remedy: "Copy it from `vultus-hub device tokens`.")
                }
                try options.show(try await hub.withdrawToken(id, by: options.actor)) { "\($0.id) is withdrawn" }
            }
        }
    }
}
