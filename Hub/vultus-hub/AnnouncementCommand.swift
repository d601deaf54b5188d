import ArgumentParser
import HubDomain
import ServiceSupport
import WireModel

struct AnnouncementCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "announcement", abstract: "What the operator says: to everybody, to accounts, or on devices' screens.",
        subcommands: [Make.self, List.self, Withdraw.self], defaultSubcommand: List.self)

    private struct Line: Encodable {
        let id: AnnouncementID
        let audience: String
        let titles: [String: String]
        let begins: Timestamp
        let ends: Timestamp?
        let withdrawn: Timestamp?

        init(_ one: Announcement) {
            (id, audience, begins, ends, withdrawn) = (one.id, one.audience, one.begins, one.ends, one.withdrawn)
            titles = one.texts.reduce(into: [:]) { $0[$1.key.rawValue] = $1.value.title }
        }
    }

    struct Make: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Announce something, now or from a time to come.",
            discussion: """
                AUDIENCE: everybody; accounts; an API, for those who use it; devices, or a group's or an account's id: their screens. Accounts are told \
                and mailed when it begins. Devices hear of it up to seven days ahead, show it from its beginning to its end, whether or not they reach \
                the hub then, and mail nobody.

                Example:
                  vultus-hub announcement make devices --title "Fire drill" --text "At noon." --title-zh 消防演习 --text-zh 中午。 --hours 4
                """)
        @OptionGroup var options: HubOptions
        @Argument(help: "See above.") var audience: String
        @Option(help: "In English.") var title: String
        @Option(help: "In English.") var text: String
        @Option(help: "In Chinese.") var titleZh: String
        @Option(help: "In Chinese.") var textZh: String
        @Option(help: "When it begins, 2026-11-28T00:00:00Z; now otherwise.") var begins: String?
        @Option(help: "For so many hours; until it is withdrawn otherwise.") var hours: Double?

        func run() async throws {
            try await options.run { hub in
                let begins: Timestamp? = try begins.map { text in
                    guard let time = Timestamp(text) else {
                        throw Problem(.invalidRequest, "That is not a moment.", detail: text, remedy: "Write it as 2026-11-28T00:00:00Z.")
                    }
                    return time
                }
                guard hours.map({ $0 > 0 && $0 <= 100_000 }) ?? true else {
                    throw Problem(.invalidRequest, "That is no time to stand for.", remedy: "Give --hours above 0.")
                }
                let ends: Timestamp? = hours.map { (begins ?? hub.now()).advanced(by: .milliseconds(Int64($0 * 3_600_000))) }
                let made: Announcement = try await hub.announce(
                    [.en: PublicText(title: title, body: text), .zh: PublicText(title: titleZh, body: textZh)], to: audience, begins: begins, ends: ends,
                    by: options.actor)
                try options.show(Line(made)) { "\($0.id): \($0.audience), from \($0.begins)" }
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Every one there was and will be, newest first.")
        @OptionGroup var options: HubOptions

        func run() async throws {
            try await options.run { hub in
                try options.show(try await hub.announcements().map(Line.init)) { lines in
                    var table = TextTable(["ANNOUNCEMENT", "AUDIENCE", "TITLE", "FROM", "UNTIL"])
                    for line in lines {
                        table.append([
                            line.id.rawValue, line.audience, line.titles["en"] ?? "", "\(line.begins)",
                            line.withdrawn.map { "withdrawn \($0)" } ?? line.ends.map { "\($0)" } ?? "further notice",
                        ])
                    }
                    return table.isEmpty ? "Nothing was announced yet: vultus-hub announcement make --help" : table.text
                }
            }
        }
    }

    struct Withdraw: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take an announcement back; devices at their next contact.", discussion: "Example:\n  vultus-hub announcement withdraw ann_…")
        @OptionGroup var options: HubOptions
        @Argument(help: "The announcement's id.") var announcement: String

        func run() async throws {
            try await options.run { hub in
                guard let id = AnnouncementID(rawValue: announcement) else {
                    throw Problem(
                        .invalidRequest, "That is not an announcement's id.", detail: announcement, remedy: "Copy it from `vultus-hub announcement list`.")
                }
                try await hub.withdrawAnnouncement(id, by: options.actor)
                try options.show(["withdrawn": announcement]) { _ in "\(announcement) is withdrawn" }
            }
        }
    }
}
