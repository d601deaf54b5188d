import ArgumentParser
import HubDomain
import ServiceSupport
import WireModel

struct UsageCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "usage", abstract: "What an account's devices and applications used, as the metering records have it.")

    @OptionGroup var options: HubOptions
    @Argument(help: "The account's name or id.") var account: String

    func run() async throws {
        try await options.run { hub in
            try options.show(try await hub.usage(account: account)) { usage in
                var table = TextTable(["DEVICE OR APPLICATION", "LABEL", "API", "UNITS", "RECORDS", "LAST USE"], alignedRight: [3, 4])
                for use in usage {
                    table.append([
                        use.device?.rawValue ?? use.application?.rawValue ?? "", use.label, use.api.rawValue, "\(use.units)", "\(use.entries)", "\(use.last)",
                    ])
                }
                return table.isEmpty ? "Nothing used yet." : table.text
            }
        }
    }
}
