import ArgumentParser
import HubDomain
import ServiceSupport
import WireModel

struct PriceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "price", abstract: "What each API costs, from when, and how much of it a device takes along offline.",
        subcommands: [Set.self, List.self], defaultSubcommand: List.self)

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give an API a price from now on, or from a date to come.",
            discussion: """
                A price is never changed: this makes a new version, and past use stays billed at the price then in force. A dearer price of an \
                API that somebody uses needs notice (setting change-notice-days). --effective may lie in the past only where no price held: a \
                hub restored from a backup of before an API was first priced is told the price again, and bills what devices used meanwhile.

                Examples:
                  vultus-hub price set face.search --price 0.015 --currency CNY
                  vultus-hub price set face.search --price 0.015 --grace-hours 24
                  vultus-hub price set face.search --plan volume --free 1000 \\
                    --step 10000:0.012 --step 100000:0.009 --price 0.006
                A contract, which goes before every plan:
                  vultus-hub price set face.search --account "Acme Doors" --price 0.008
                """)
        @OptionGroup var options: HubOptions
        @Argument(help: "The API.") var api: APIName
        @Option(help: "Per unit, at most six decimals; with steps, of every unit after them.") var price: String
        @Option(help: "Units of a month that cost nothing.") var free: Int64 = 0
        @Option(help: "THROUGH:PRICE, a price that holds up to that unit of the month; may be repeated, ascending.") var step: [String] = []
        @Option(help: "Accounts choose among an API's plans; standard is what they have without choosing.") var plan: String = Price.standardPlan
        @Option(help: "Whose contract it is: the account's name or id.") var account: String?
        @Option(help: "ISO 4217.") var currency: String = "CNY"
        @Option(help: "First moment it holds (RFC 3339 or a date, UTC); now when left out.") var effective: Timestamp?
        @Option(help: "Units a device holds at most; small slices bound what a copied disk could spend twice.") var leaseUnits: Int64 = 1_000
        @Option(help: "How long a device may go on without contact, in days.") var leaseDays: Int64 = 30
        @Option(help: "When the lease is spent: refuse or continue-and-flag.") var whenExhausted: ExhaustionPolicy = .refuse
        @Option(help: "Units allowed beyond the lease under continue-and-flag.") var hardLimit: Int64 = 0
        @Option(help: "Hours after the lease's end in which uses go on, flagged as late.") var graceHours: Int64 = 0

        func run() async throws {
            try await options.run { hub in
                guard (1...3_650).contains(leaseDays) else {
                    throw Problem(.invalidRequest, "A lease lasts from 1 to 3650 days.", detail: "\(leaseDays)", remedy: "Give another --lease-days.")
                }
                guard (0...8_760).contains(graceHours) else {
                    throw Problem(.invalidRequest, "Grace lasts at most a year.", detail: "\(graceHours) hours", remedy: "Give --grace-hours from 0 to 8760.")
                }
                let terms = LeaseTerms(
                    units: leaseUnits, termMilliseconds: leaseDays * 86_400_000, whenExhausted: whenExhausted, hardLimit: hardLimit,
                    graceMilliseconds: graceHours * 3_600_000)
                let price: Price = try await hub.setPrice(
                    api: api, unitPrice: try Money(price, currency: currency), effective: effective, lease: terms, plan: plan, tariff: try tariff(),
                    account: account, by: options.actor)
                try options.show(price) {
                    "\($0.api)/v\($0.version)  \($0.tariff.steps.count == 1 && $0.tariff.free == 0 ? "\($0.unitPrice.text) per unit" : $0.words(in: .en)) from \($0.effective)"
                }
            }
        }

        private func tariff() throws -> Tariff {
            let last = Tariff.Step(through: nil, price: try Money(price, currency: currency).millionths)
            return try Tariff(
                free: free,
                steps: try step.map { text in
                    let parts: [Substring] = text.split(separator: ":")
                    guard parts.count == 2, let through = Int64(parts[0]) else {
                        throw Problem(.invalidRequest, "That is not a step.", detail: text, remedy: "Write it as 10000:0.012.")
                    }
                    return Tariff.Step(through: through, price: try Money(String(parts[1]), currency: currency).millionths)
                } + [last])
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "All prices, past, present and to come.")
        @OptionGroup var options: HubOptions

        func run() async throws {
            try await options.run { hub in
                try options.show(try await hub.prices()) { prices in
                    var table = TextTable(["LINE", "PLAN", "PRICE", "FROM", "LEASE", "DAYS", "GRACE", "WHEN SPENT"], alignedRight: [4, 5, 6])
                    for price in prices {
                        table.append([
                            "\(price.api)/v\(price.version)", price.account?.rawValue ?? price.plan, price.words(in: .en), "\(price.effective)",
                            "\(price.lease.units)",
                            "\(price.lease.termMilliseconds / 86_400_000)", "\((price.lease.graceMilliseconds) / 3_600_000) h",
                            price.lease.whenExhausted.rawValue,
                        ])
                    }
                    return table.isEmpty ? "No prices yet. Set one: vultus-hub price set face.search --price 0.015" : table.text
                }
            }
        }
    }
}
