import ArgumentParser
import HubAccess
import HubDomain
import ServiceSupport
import WireModel

struct AdminOperator: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "operator", abstract: "The provider's staff.", subcommands: [Invite.self, Accept.self, List.self, Role.self, Remove.self],
        defaultSubcommand: List.self)

    struct Invite: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Invite an operator by mail.")
        @OptionGroup var options: HubOptions
        @Argument(help: "The mailbox.") var email: String
        @Option(help: "administrator, support, finance or auditor.") var role: OperatorRole = .support
        @Option(help: "en or zh.") var language: Language = .en

        func run() async throws {
            try await options.run { hub in
                try options.show(try await hub.inviteOperator(try EmailAddress(email), role: role, language: language, by: options.actor)) {
                    "\($0.id)  \($0.email) (\($0.role.rawValue), \($0.state.rawValue))"
                }
            }
        }
    }

    struct Accept: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Accept an operator's invitation at the shell.", discussion: "Reads the password from standard input, one line.")
        @OptionGroup var options: HubOptions
        @Argument(help: "The token of the invitation.") var token: String

        func run() async throws {
            try await options.run { hub in
                guard let password = Terminal.readSecret("Password") else {
                    throw Problem(.invalidRequest, "No password came on standard input.", remedy: "Pipe it in, or type it and press return.")
                }
                try options.show(try await hub.acceptOperatorInvitation(token: token, password: password, address: "")) { "\($0.id)  \($0.role.rawValue)" }
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "All operators.")
        @OptionGroup var options: HubOptions

        func run() async throws {
            try await options.run { hub in
                try options.show(try await hub.operators()) { operators in
                    var table = TextTable(["OPERATOR", "MAILBOX", "ROLE", "STATE", "TWO FACTORS", "LAST SIGN-IN"])
                    for one in operators {
                        table.append([
                            one.id, one.email, one.role.rawValue, one.state.rawValue, one.hasSecondFactor ? "yes" : "no",
                            one.lastSignIn.map { "\($0)" } ?? "never",
                        ])
                    }
                    return table.isEmpty ? "No operators yet. Invite one: vultus-hub admin operator invite MAILBOX --role administrator" : table.text
                }
            }
        }
    }

    struct Role: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Give an operator another role.")
        @OptionGroup var options: HubOptions
        @Argument(help: "The operator's id.") var id: String
        @Option(help: "administrator, support, finance or auditor.") var role: OperatorRole

        func run() async throws {
            try await options.run { hub in
                try await hub.setOperator(id, role: role, by: options.actor)
                try options.show(["id": id, "role": role.rawValue]) { _ in "\(id)  \(role.rawValue)" }
            }
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Take an operator out; ends their sessions.")
        @OptionGroup var options: HubOptions
        @Argument(help: "The operator's id.") var id: String

        func run() async throws {
            try await options.run { hub in
                try await hub.setOperator(id, role: nil, by: options.actor)
                try options.show(["id": id, "state": "removed"]) { _ in "\(id)  removed" }
            }
        }
    }
}

struct AdminKey: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key", abstract: "Keys of the API.", subcommands: [List.self, Freeze.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "An account's keys; never a key itself.")
        @OptionGroup var options: HubOptions
        @Argument(help: "The account's name or id.") var account: String

        func run() async throws {
            try await options.run { hub in
                try options.show(try await hub.apiKeys(try await hub.account(account).id)) { keys in
                    var table = TextTable(["KEY", "NAME", "HINT", "APIS", "LAST USE", "STATE"])
                    for key in keys {
                        table.append([
                            key.id.rawValue, key.name, key.hint, key.apis.isEmpty ? "all" : key.apis.map(\.rawValue).joined(separator: ","),
                            key.lastUsed.map { "\($0)" } ?? "never",
                            key.frozen.map { "frozen \($0): \(key.frozenGround ?? "")" } ?? key.expires.map { "until \($0)" } ?? "in use",
                        ])
                    }
                    return table.isEmpty ? "No keys yet. The account makes them in the user centre." : table.text
                }
            }
        }
    }

    struct Freeze: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Freeze a key at once and for good.")
        @OptionGroup var options: HubOptions
        @Argument(help: "The key's id, key_…") var key: String
        @Option(help: "Why; the account is told.") var ground: String

        func run() async throws {
            try await options.run { hub in
                guard let id = APIKeyID(rawValue: key) else {
                    throw Problem(.invalidRequest, "That is not a key's id.", remedy: "Copy it from `vultus-hub admin key list ACCOUNT`.")
                }
                try options.show(try await hub.freezeKey(id, ground: ground, account: nil, by: options.actor)) { "\($0.id) frozen: \($0.frozenGround ?? "")" }
            }
        }
    }
}

struct AdminClosure: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "closure", abstract: "Requests to close an account.", subcommands: [List.self, Decide.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "All requests, newest first.")
        @OptionGroup var options: HubOptions

        func run() async throws {
            try await options.run { hub in
                try options.show(try await hub.closures(nil)) { closures in
                    var table = TextTable(["REQUEST", "ACCOUNT", "STATE", "REQUESTED", "REASON"])
                    for one in closures { table.append([one.id.rawValue, one.account.rawValue, one.state.rawValue, "\(one.requested)", one.reason]) }
                    return table.isEmpty ? "No requests." : table.text
                }
            }
        }
    }

    enum Verdict: String, EnumerableFlag {
        case approve, refuse
    }

    struct Decide: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Approve or refuse a request.", discussion: "Approval ends the account, freezes its keys and revokes its devices.")
        @OptionGroup var options: HubOptions
        @Argument(help: "The request's id, clo_…") var request: String
        @Flag(help: "Grant the request, or not.") var verdict: Verdict
        @Option(help: "What the account is told.") var answer: String

        func run() async throws {
            try await options.run { hub in
                guard let id = ClosureID(rawValue: request) else {
                    throw Problem(.invalidRequest, "That is not a request's id.", remedy: "Copy it from `vultus-hub admin closure list`.")
                }
                try options.show(try await hub.decideClosure(id, approve: verdict == .approve, answer: answer, by: options.actor)) {
                    "\($0.id) \($0.state.rawValue)"
                }
            }
        }
    }
}
