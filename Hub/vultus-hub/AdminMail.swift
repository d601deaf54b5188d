import ArgumentParser
import HubAccess
import HubDomain
import HubOutbound
import ServiceSupport
import WireModel

struct AdminMail: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mail", abstract: "The outbox.", subcommands: [List.self, Show.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "The newest mails and what became of them; never what they say.")
        @OptionGroup var options: HubOptions

        func run() async throws {
            try await options.run { hub in
                try options.show(try await hub.outbox()) { mails in
                    var table = TextTable(["MAIL", "TO", "PURPOSE", "STATE", "TRIES", "CREATED", "FAULT"], alignedRight: [4])
                    for mail in mails {
                        table.append([mail.id.rawValue, mail.mailbox, mail.purpose, mail.state, "\(mail.attempts)", "\(mail.created)", mail.fault ?? ""])
                    }
                    return table.isEmpty ? "No mails." : table.text
                }
            }
        }
    }

    private struct Content: Encodable {
        let subject: String
        let text: String
        let token: String?
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "The newest mail to a mailbox, for a hub without a mail server.",
            discussion: """
                From the queue, or from the files of DIR/mail, where a hub that serves without --smtp puts them. It may hold a token, so looking into \
                the queue is audited. A mail that went to a mail server cannot be shown.
                """)
        @OptionGroup var options: HubOptions
        @Argument(help: "The mailbox.") var email: String
        @Flag(help: "Only the token in it.") var token: Bool = false

        func run() async throws {
            try await options.run { hub in
                let mail: (subject: String, text: String) = try await newest(to: try EmailAddress(email).mailbox, hub)
                let found: String? = mail.text.split(whereSeparator: \.isNewline).map(String.init).first { $0.hasPrefix("vmt_") }
                if token, found == nil { throw Problem(.notFound, "That mail holds no token.", remedy: "Leave --token out to read it.") }
                try options.show(Content(subject: mail.subject, text: mail.text, token: found)) { content in
                    token ? content.token ?? "" : "\(content.subject)\n\n\(content.text)"
                }
            }
        }

        private func newest(to mailbox: String, _ hub: Hub) async throws -> (subject: String, text: String) {
            do { return try await hub.queuedMail(to: mailbox, by: options.actor) } catch let problem as Problem where problem.code == .notFound {
                guard let delivered = try MailFiles(directory: options.directory + "/mail").newest(to: mailbox) else { throw problem }
                return delivered
            }
        }
    }
}

struct AdminMailDomain: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mail-domain", abstract: "Which mail domains an enterprise cannot register under.", subcommands: [Look.self, Set.self])

    struct Look: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "show", abstract: "What a domain counts as: ordinary, public or disposable.")
        @OptionGroup var options: HubOptions
        @Argument(help: "The domain.") var domain: String

        func run() async throws {
            try await options.run { hub in
                let name: String = MailDomainList.parse(domain).first ?? domain
                let kind: MailDomainKind = try await hub.mailDomainKind(of: name)
                try options.show(["domain": name, "kind": kind.rawValue]) { _ in "\(name): \(kind.rawValue)" }
            }
        }
    }

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add domains to the list, or take them off it with `ordinary`.",
            discussion: "Example: vultus-hub admin mail-domain set disposable --file disposable.txt    one domain a line, # for comments")
        @OptionGroup var options: HubOptions
        @Argument(help: "ordinary, public or disposable.") var kind: MailDomainKind
        @Argument(help: "Domains.") var domains: [String] = []
        @Option(help: "A file with one domain a line.", completion: .file()) var file: String?

        func run() async throws {
            try await options.run { hub in
                var text: String = domains.joined(separator: "\n")
                if let file {
                    guard let bytes = try PrivateFiles.read(file) else {
                        throw Problem(.fileUnreadable, "There is no such file.", detail: file, remedy: "Check the path.")
                    }
                    text += "\n" + String(decoding: bytes, as: UTF8.self)
                }
                let parsed: Swift.Set<String> = MailDomainList.parse(text)
                guard !parsed.isEmpty else { throw Problem(.invalidRequest, "No domain was named.", remedy: "Name domains, or a --file of them.") }
                let count: Int = try await hub.setMailDomains(parsed, kind: kind, by: options.actor)
                try options.show(["set": count]) { _ in "\(count) domains are \(kind.rawValue) now" }
            }
        }
    }
}

struct AdminDomain: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "domain", abstract: "An enterprise's domain: how it is proven; --check to look now, --vouch where the hub cannot look.")
    @OptionGroup var options: HubOptions
    @Argument(help: "The account's name or id.") var account: String
    @Flag(help: "Look for the proof now.") var check: Bool = false
    @Option(help: ArgumentHelp("Take it as proven: how you know. For hubs that reach no DNS; audited.", valueName: "ground")) var vouch: String?

    func run() async throws {
        try await options.run { hub in
            let id: AccountID = try await hub.account(account).id
            if let vouch { _ = try await hub.vouchForDomain(id, ground: vouch, by: options.actor) }
            let proof: DomainProof = check ? try await hub.checkDomain(id, by: options.actor) : try await hub.domainProof(id)
            try options.show(proof) { proof in
                let state: String =
                    proof.proven.map { "proven \($0) by \(proof.method ?? ""), due again \(proof.due.map { "\($0)" } ?? "never")" } ?? "not proven"
                return "\(proof.domain): \(state)\n  TXT \(proof.recordName)  \(proof.challenge)\n  or \(proof.fileURL)"
            }
        }
    }
}

struct AdminSetting: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "setting", abstract: "What holds for the whole hub.", subcommands: [List.self, Set.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Every setting, its value and what it means.")
        @OptionGroup var options: HubOptions

        func run() async throws {
            try await options.run { hub in
                var values: [String: String] = [:]
                for setting in Setting.allCases { values[setting.rawValue] = try await hub.setting(setting) }
                try options.show(values) { values in
                    var table = TextTable(["SETTING", "VALUE", "MEANING"])
                    for setting in Setting.allCases { table.append([setting.rawValue, values[setting.rawValue] ?? "", setting.help]) }
                    return table.text
                }
            }
        }
    }

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Set one.")
        @OptionGroup var options: HubOptions
        @Argument(help: "Its name.") var name: Setting
        @Argument(help: "Its value.") var value: String

        func run() async throws {
            try await options.run { hub in
                try await hub.set(name, to: value, by: options.actor)
                try options.show([name.rawValue: value]) { _ in "\(name.rawValue) is \(value)" }
            }
        }
    }
}
