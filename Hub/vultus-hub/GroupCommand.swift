import ArgumentParser
import HubDomain
import ServiceSupport
import WireModel

struct GroupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "group", abstract: "Groups of devices: how they work, which galleries they are given, and what they still have to erase.",
        discussion: """
            A device in no group has no galleries and works by the standard configuration. From nothing to faces at a door:
              vultus-hub group make "Acme Doors" entrance
              vultus-hub group assign entrance staff --term-days 7
              vultus-hub device token "Acme Doors" --group entrance
            The device that joins with that token is in the group.

            Only persons whose consent says so (`onDevices`) are sent to devices. When consent ends or is withdrawn, a person is erased \
            from every device at its next contact; a device that stays away longer than a gallery's term matches nobody of it any more.
            """,
        subcommands: [Make.self, List.self, Show.self, Configure.self, Assign.self, Unassign.self, Erasures.self, Delete.self],
        defaultSubcommand: List.self)

    struct Make: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a group: no galleries yet, the standard configuration.",
            discussion: """
                Example:
                  vultus-hub group make "Acme Doors" entrance
                """)
        @OptionGroup var options: HubOptions
        @Argument(help: "The account's name or id.") var account: String
        @Argument(help: "The group's name, unique in the account.") var name: String

        func run() async throws {
            try await options.run { hub in
                try options.show(try await hub.makeDeviceGroup(name, account: account, by: options.actor), GroupCommand.text)
                if !options.json { Terminal.note("give it a gallery: vultus-hub group assign \(name) GALLERY") }
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "All groups, or those of one account.")
        @OptionGroup var options: HubOptions
        @Argument(help: "The account's name or id; all accounts when left out.") var account: String?

        func run() async throws {
            try await options.run { hub in
                try options.show(try await hub.deviceGroups(account: account)) { groups in
                    var table = TextTable(["GROUP", "NAME", "ACCOUNT", "DEVICES", "GALLERIES", "CONFIGURATION"], alignedRight: [3, 4, 5])
                    for group in groups {
                        table.append([
                            group.id.rawValue, group.name, group.account.rawValue, "\(group.devices)", "\(group.galleries.count)",
                            "\(group.configuration.version)",
                        ])
                    }
                    return table.isEmpty ? "No groups yet. Make one: vultus-hub group make ACCOUNT NAME" : table.text
                }
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "A group's configuration and galleries.",
            discussion: """
                Example:
                  vultus-hub group show entrance
                """)
        @OptionGroup var options: HubOptions
        @Argument(help: "The group's name or id.") var group: String

        func run() async throws {
            try await options.run { hub in try options.show(try await hub.deviceGroup(group), GroupCommand.text) }
        }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Delete a group that has no devices any more.", discussion: "Tokens that would have led into it lead into no group.")
        @OptionGroup var options: HubOptions
        @Argument(help: "The group's name or id.") var group: String

        func run() async throws {
            try await options.run { hub in
                let found: DeviceGroup = try await hub.deviceGroup(group)
                try await hub.deleteDeviceGroup(found.id.rawValue, by: options.actor)
                try options.show(found) { "\($0.id) deleted" }
            }
        }
    }

    static func text(_ group: DeviceGroup) -> String {
        let wanted: DeviceConfiguration = group.configuration
        var lines: [String] = [
            "\(group.id)  \(group.name)  (\(group.account), \(group.devices.counted("device")))",
            "configuration \(wanted.version): contact every \(wanted.contactMilliseconds / 1_000) s, results kept \(wanted.resultRetentionDays.counted("day")), "
                + "store up to \(wanted.storeBytes >> 20) MiB, links \(wanted.links.rawValue), "
                + (wanted.bytesPerDay.map { "\($0) bytes a day" } ?? "no byte budget")
                + (wanted.targetFalseMatchRate.map { ", false-match rate \($0)" } ?? "") + (wanted.watch.map(Self.words) ?? ""),
        ]
        for gallery in group.galleries {
            lines.append("gallery \(gallery.gallery)  \(gallery.name)  term \(Self.words(milliseconds: gallery.termMilliseconds))")
        }
        return lines.joined(separator: "\n")
    }

    private static func words(_ watch: WatchConfiguration) -> String {
        var words: [String] = []
        if let pixels = watch.minimumFacePixels { words.append("faces from \(pixels) pixels") }
        if let gap = watch.passageGapMilliseconds { words.append("passages end after \(Double(gap) / 1_000) s") }
        if let term = watch.redecideMilliseconds { words.append(term == 0 ? "never decided again" : "decided again after \(Double(term) / 1_000) s") }
        if let time = watch.markingMilliseconds { words.append("matches marked within \(Double(time) / 3_600_000) h") }
        if let pad = watch.pad { words.append("presentations: \(pad.rawValue)") }
        if let share = watch.processorShare { words.append("\(share) of a core") }
        return words.map { ", " + $0 }.joined()
    }

    private static func words(milliseconds: Int64) -> String {
        let hours: Int64 = milliseconds / 3_600_000
        return hours % 24 == 0 ? "\(hours / 24) d" : "\(hours) h"
    }
}
