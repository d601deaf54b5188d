import ArgumentParser
import HubAccess
import HubDomain
import ServiceSupport
import WireModel

struct AdminAccount: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "account", abstract: "Who uses the service and is billed for it.",
        subcommands: [Open.self, Invite.self, Activate.self, ClearSecondFactor.self, List.self, Show.self, Templates.self, Export.self, Audit.self],
        defaultSubcommand: List.self)

    static func line(_ account: Account) -> String {
        "\(account.id)  \(account.name) (\(account.kind.rawValue), \(account.standing.rawValue): \(account.ground))"
    }

    struct Open: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Open an account and invite its owner by mail.",
            discussion: "It is pending until the owner has proven the mailbox, accepted the agreement and, for an enterprise, proven the domain.")
        @OptionGroup var options: HubOptions
        @Argument(help: "Its name, unique on this hub.") var name: String
        @Option(help: "The owner's mailbox; an enterprise's must be on its own domain.") var email: String
        @Option(help: "individual or enterprise.") var kind: AccountType = .individual
        @Option(help: "What the account is written to in: en or zh.") var language: Language = .en

        func run() async throws {
            try await options.run { hub in
                let account: Account = try await hub.openAccount(
                    name: name, kind: kind, owner: try EmailAddress(email), language: language, by: options.actor)
                try options.show(account, AdminAccount.line)
                if !options.json { Terminal.note("an invitation is queued for the owner; without a mail server: vultus-hub admin mail show \(email)") }
            }
        }
    }

    struct Invite: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Invite an owner to an account that has none who can be reached.",
            discussion: """
                For accounts that were opened before there were members, invitations whose mail never arrived, and owners whose mailbox is dead: \
                once its term is over, the new owner takes their place.
                """)
        @OptionGroup var options: HubOptions
        @Argument(help: "The account's name or id.") var account: String
        @Option(help: "The owner's mailbox; an enterprise's must be on its own domain.") var email: String
        @Option(help: "What the owner is written to in: en or zh.") var language: Language = .en

        func run() async throws {
            try await options.run { hub in
                let member: Member = try await hub.inviteOwner(try EmailAddress(email), to: account, language: language, by: options.actor)
                try options.show(member) { "\($0.id)  \($0.email)  \($0.role.rawValue), \($0.state.rawValue)" }
                if !options.json { Terminal.note("an invitation is queued; without a mail server: vultus-hub admin mail show \(email)") }
            }
        }
    }

    struct Activate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Accept an invitation at the shell, for the person who holds the mailed token.",
            discussion: """
                Reads the password from standard input, one line. --accept records that this person accepts every agreement in force, in the \
                account's language: the record says that it was typed in at the shell. Read them first: vultus-hub admin agreement show general
                """)
        @OptionGroup var options: HubOptions
        @Argument(help: "The token of the invitation.") var token: String
        @Flag(help: "The person accepts the agreements in force.") var accept: Bool = false
        @Option(help: "The language the agreements were read in: en or zh.") var language: Language = .en

        func run() async throws {
            try await options.run { hub in
                guard let password = Terminal.readSecret("Password") else {
                    throw Problem(.invalidRequest, "No password came on standard input.", remedy: "Pipe it in, or type it and press return.")
                }
                let accepted: [AcceptedText] =
                    accept
                    ? try await hub.agreementsInForce().compactMap { version in
                        version.textHashes[language.rawValue].map { AcceptedText(document: version.document, number: version.number, hash: $0) }
                    } : []
                let account: Account = try await hub.acceptInvitation(
                    token: token, password: password, accepted: accepted, manner: .shell, address: "", by: options.actor)
                try options.show(account, AdminAccount.line)
            }
        }
    }

    struct Templates: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say whether an account's terms let its keys read the numbers of templates.",
            discussion: "They stay in the hub unless this is allowed and a key was made with the scope templates:read.")
        @OptionGroup var options: HubOptions
        @Argument(help: "The account's name or id.") var account: String
        @Flag(help: "What its terms say.") var terms: Terms

        enum Terms: String, EnumerableFlag { case allow, withhold }

        func run() async throws {
            try await options.run { hub in
                try options.show(try await hub.setTemplates(allowed: terms == .allow, account: account, by: options.actor), AdminAccount.line)
            }
        }
    }

    struct ClearSecondFactor: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "clear-second-factor", abstract: "Switch somebody's second factor off: authenticator and recovery codes are lost.",
            discussion: "Be sure who asks. Ends their sessions, tells them by mail, is audited; the password stays.")
        @OptionGroup var options: HubOptions
        @Argument(help: "The member's or operator's id: admin account show, admin operator list.") var id: String

        func run() async throws {
            try await options.run { hub in
                try await hub.clearSecondFactor(of: id, by: options.actor)
                try options.show(["cleared": id]) { _ in "\(id): the password alone signs in now" }
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "All accounts.")
        @OptionGroup var options: HubOptions

        func run() async throws {
            try await options.run { hub in
                try options.show(try await hub.accounts()) { accounts in
                    var table = TextTable(["ACCOUNT", "NAME", "KIND", "STANDING", "GROUND", "SINCE"])
                    for account in accounts {
                        table.append([
                            account.id.rawValue, account.name, account.kind.rawValue, account.standing.rawValue, account.ground, "\(account.since)",
                        ])
                    }
                    return table.isEmpty ? "No accounts yet. Open one: vultus-hub admin account open NAME --email OWNER" : table.text
                }
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "One account: conditions, members, agreements, measures, standing.")
        @OptionGroup var options: HubOptions
        @Argument(help: "The account's name or id.") var account: String

        func run() async throws {
            try await options.run { hub in
                try options.show(try await hub.view(account: account), Self.text)
            }
        }

        private static func text(_ view: AccountView) -> String {
            func mark(_ isMet: Bool, _ what: String) -> String { "  \(isMet ? Terminal.styled("✓", .green) : Terminal.styled("✗", .yellow)) \(what)" }
            var lines: [String] = [AdminAccount.line(view.account), "", "Conditions of registration"]
            lines.append(mark(view.registration.emailProven, "an owner's mailbox is proven"))
            if let isProven = view.registration.domainProven { lines.append(mark(isProven, "the domain is proven")) }
            lines.append(mark(view.registration.agreementAccepted, "the service agreement was accepted"))
            lines.append("\nMembers")
            for member in view.members {
                lines.append(
                    "  \(member.id)  \(member.email)  \(member.role.rawValue), \(member.state.rawValue)\(member.hasSecondFactor ? ", two factors" : "")")
            }
            lines.append("\nAgreements in force")
            for status in view.agreements {
                lines.append(
                    mark(status.decision == .accepted, "\(status.document), version \(status.inForce.number): \(status.decision?.rawValue ?? "undecided")"))
            }
            lines.append("\nMeasures")
            for measure in view.measures {
                let end: String = measure.ended.map { "lifted \($0)" } ?? measure.expires.map { "until \($0)" } ?? "in force"
                lines.append("  \(measure.id)  \(measure.kind.rawValue): \(measure.ground), \(end)")
            }
            if view.measures.isEmpty { lines.append("  none") }
            lines.append("\nStanding")
            for change in view.history { lines.append("  \(change.time)  \(change.before.rawValue) → \(change.after.rawValue): \(change.ground)") }
            return lines.joined(separator: "\n")
        }
    }

    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Everything the hub holds of an account, as JSON.")
        @OptionGroup var options: HubOptions
        @Argument(help: "The account's name or id.") var account: String

        func run() async throws {
            try await options.run { hub in
                try CommandReport.json(try await hub.export(try await hub.account(account).id, by: options.actor))
            }
        }
    }

    struct Audit: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Audited acts that concern an account, newest first.")
        @OptionGroup var options: HubOptions
        @Argument(help: "The account's name or id.") var account: String
        @Option(help: "At most this many.") var limit: Int = 100

        func run() async throws {
            try await options.run { hub in
                try options.show(try await hub.auditEntries(account: try await hub.account(account).id, limit: limit), AdminAudit.table)
            }
        }
    }
}
