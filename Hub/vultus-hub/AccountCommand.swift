import ArgumentParser
import HubDomain
import ServiceSupport
import WireModel

struct AccountCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "account", abstract: "Who uses the service and is billed for it.", subcommands: [Create.self, List.self], defaultSubcommand: List.self)

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Open an account.")
        @OptionGroup var options: HubOptions
        @Argument(help: "Its name, unique on this hub.") var name: String
        @Option(help: "individual or enterprise.") var kind: AccountType = .individual

        func run() async throws {
            try await options.run { hub in
                try options.show(try await hub.createAccount(name: name, kind: kind)) { "\($0.id)  \($0.name) (\($0.kind.rawValue), \($0.standing.rawValue))" }
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "All accounts.")
        @OptionGroup var options: HubOptions

        func run() async throws {
            try await options.run { hub in
                try options.show(try await hub.accounts()) { accounts in
                    var table = TextTable(["ACCOUNT", "NAME", "KIND", "STANDING", "SINCE"])
                    for account in accounts {
                        table.append([account.id.rawValue, account.name, account.kind.rawValue, account.standing.rawValue, "\(account.created)"])
                    }
                    return table.isEmpty ? "No accounts yet. Open one: vultus-hub account create NAME" : table.text
                }
            }
        }
    }
}
