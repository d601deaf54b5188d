import ArgumentParser
import HubDomain
import ServiceSupport
import WireModel

struct AdminAgreement: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "agreement", abstract: "The agreements, version by version.", subcommands: [List.self, Show.self, Publish.self],
        defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Every version of every agreement.")
        @OptionGroup var options: HubOptions

        func run() async throws {
            try await options.run { hub in
                try options.show(try await hub.agreementVersions(of: nil)) { versions in
                    var table = TextTable(["AGREEMENT", "VERSION", "TITLE", "ACCEPTED BY", "NOTICE", "EFFECTIVE", "HASH"], alignedRight: [1])
                    for one in versions {
                        table.append([
                            one.document, "\(one.number)", one.titles["en"] ?? "", one.rule.rawValue, "\(one.notice)", "\(one.effective)",
                            String(one.hash.prefix(12)) + "…",
                        ])
                    }
                    return table.text
                }
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "The text of a version: the one in force when none is named.")
        @OptionGroup var options: HubOptions
        @Argument(help: "general, face-data, or api: and an API's name.") var document: String
        @Option(help: "Its number.") var version: Int64?
        @Option(help: "en or zh.") var language: Language = .en

        func run() async throws {
            try await options.run { hub in
                let current: Int64? = try await hub.agreementsInForce().first { $0.document == document }?.number
                try options.show(try await hub.agreementText(document, number: version ?? current ?? 1, language: language)) {
                    "\($0.body)\n\n\($0.document), version \($0.number), \($0.language), SHA-256 \($0.hash)"
                }
            }
        }
    }

    struct Publish: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Publish a new version; accounts are told by notice and mail.",
            discussion: """
                Until the effective date nothing changes. After it, an explicit version refuses calls of accounts that have not accepted it once \
                the grace period (setting agreement-grace-days) is over; continued_use records acceptance with the first call.

                Example: vultus-hub admin agreement publish general --en general.en.md --zh general.zh.md --effective 2027-01-01 --rule explicit
                """)
        @OptionGroup var options: HubOptions
        @Argument(help: "general, face-data, or api: and an API's name.") var document: String
        @Option(help: "The English text, Markdown.", completion: .file()) var en: String
        @Option(help: "The Chinese text, Markdown.", completion: .file()) var zh: String
        @Option(help: "First moment it holds (RFC 3339 or a date, UTC).") var effective: Timestamp
        @Option(help: "explicit or continued_use.") var rule: AcceptanceRule

        func run() async throws {
            try await options.run { hub in
                func read(_ path: String) throws -> String {
                    guard let bytes = try PrivateFiles.read(path) else {
                        throw Problem(.fileUnreadable, "There is no such file.", detail: path, remedy: "Check the path.")
                    }
                    return String(decoding: bytes, as: UTF8.self)
                }
                let draft = AgreementDraft(document: document, rule: rule, effective: effective, texts: [.en: try read(en), .zh: try read(zh)])
                try options.show(try await hub.publish(draft, by: options.actor)) {
                    "\($0.document), version \($0.number), from \($0.effective), \($0.rule.rawValue), hash \($0.hash)"
                }
            }
        }
    }
}

struct AdminMeasure: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "measure", abstract: "Warn, throttle, pause one API, suspend, restore or end an account.",
        discussion: "Every measure states its ground, is told to the account by notice and mail, can expire, and is audited. To restore, lift it.",
        subcommands: [Order.self, Lift.self, List.self])

    struct Order: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take a measure.",
            discussion: """
                Kinds: warning, throttle (with --per-minute), pause_api (with --api), suspension, termination (for good).

                Example: vultus-hub admin measure order "Acme" suspension --ground unlawful-fraud --statement "…" --until 2026-12-24
                """)
        @OptionGroup var options: HubOptions
        @Argument(help: "The account's name or id.") var account: String
        @Argument(help: "The kind.") var kind: MeasureType
        @Option(help: "The ground: a clause or category of the agreement.") var ground: String
        @Option(help: "What the account is told.") var statement: String
        @Option(help: "The API, with pause_api.") var api: APIName?
        @Option(help: "Calls a minute, with throttle.") var perMinute: Int64?
        @Option(help: "When it ends by itself (RFC 3339 or a date, UTC).") var until: Timestamp?

        func run() async throws {
            try await options.run { hub in
                let order = MeasureOrder(kind: kind, api: api, perMinute: perMinute, ground: ground, statement: statement, expires: until)
                try options.show(try await hub.order(order, account: account, by: options.actor)) { "\($0.id)  \($0.kind.rawValue): \($0.ground)" }
            }
        }
    }

    struct Lift: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "End a measure before its time.")
        @OptionGroup var options: HubOptions
        @Argument(help: "The measure's id, mea_…") var measure: String
        @Option(help: "Why; the account is told.") var ground: String

        func run() async throws {
            try await options.run { hub in
                guard let id = MeasureID(rawValue: measure) else {
                    throw Problem(.invalidRequest, "That is not a measure's id.", remedy: "Copy it from `vultus-hub admin measure list ACCOUNT`.")
                }
                try options.show(try await hub.lift(id, ground: ground, by: options.actor)) { "\($0.id) lifted" }
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "An account's measures, newest first.")
        @OptionGroup var options: HubOptions
        @Argument(help: "The account's name or id.") var account: String

        func run() async throws {
            try await options.run { hub in
                try options.show(try await hub.measures(try await hub.account(account).id)) { measures in
                    var table = TextTable(["MEASURE", "KIND", "GROUND", "BEGINS", "ENDS"])
                    for one in measures {
                        table.append([
                            one.id.rawValue, one.kind.rawValue, one.ground, "\(one.begins)",
                            one.ended.map { "lifted \($0)" } ?? one.expires.map { "\($0)" } ?? "never",
                        ])
                    }
                    return table.isEmpty ? "No measures." : table.text
                }
            }
        }
    }
}
