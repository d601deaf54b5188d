import ArgumentParser
import HubDomain
import ServiceSupport
import WireModel

struct QuotaCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quota", abstract: "How much of an API an account may use in all.", subcommands: [Set.self, List.self])

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Set the quota, use so far included.", discussion: "It cannot go below what is used plus what devices hold in leases.")
        @OptionGroup var options: HubOptions
        @Argument(help: "The account's name or id.") var account: String
        @Argument(help: "The API.") var api: APIName
        @Option(help: "Units in a period.") var units: Int64
        @Option(help: "In what they count: total, month or day (UTC).") var period: UsePeriod = .total

        func run() async throws {
            try await options.run { hub in
                try options.show([try await hub.setQuota(account: account, api: api, units: units, period: period, by: options.actor)], QuotaCommand.table)
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "An account's quotas: granted, used, in the hands of devices, free.")
        @OptionGroup var options: HubOptions
        @Argument(help: "The account's name or id.") var account: String

        func run() async throws {
            try await options.run { hub in
                try options.show(try await hub.quotas(account: account), QuotaCommand.table)
            }
        }
    }

    private static func table(_ quotas: [Quota]) -> String {
        var table = TextTable(["API", "QUOTA", "PERIOD", "USED", "RESERVED", "FREE"], alignedRight: [1, 3, 4, 5])
        for quota in quotas {
            table.append([
                quota.api.rawValue, "\(quota.units)", quota.period.rawValue, "\(quota.settled)", "\(quota.reserved)",
                "\(quota.units - quota.settled - quota.reserved)",
            ])
        }
        return table.isEmpty ? "No quota yet. Set one: vultus-hub quota set ACCOUNT face.search --units 1000" : table.text
    }
}
