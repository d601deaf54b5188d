import ArgumentParser
import HubDomain
import ServiceSupport
import WireModel

struct CatalogueCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "catalogue", abstract: "What is sold: each API's terms, plans, packs; and who has applied for what.",
        subcommands: [Show.self, Terms.self, Pack.self, Applications.self, Decide.self], defaultSubcommand: Show.self)

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Every API as accounts see it now, and what is due to change.")
        @OptionGroup var options: HubOptions

        func run() async throws {
            try await options.run { hub in
                try options.show(try await hub.catalogue(in: .en)) { entries in
                    var table = TextTable(["API", "PLAN", "PRICE", "FREQUENCY", "TRIAL", "APPROVAL", "TO COME"])
                    for entry in entries {
                        let terms: OfferTerms = entry.offer.terms
                        let trial: String = terms.trial.map { "\($0.units) in \($0.days) days\($0.isFree ? "" : ", paid")" } ?? "none"
                        for plan in entry.plans.isEmpty ? [nil] : entry.plans.map(Optional.some) {
                            let next: String = plan?.pricesToCome.first.map { "\($0.words(in: .en)) from \($0.effective)" } ?? ""
                            table.append([
                                entry.api.rawValue, plan?.plan ?? "-", plan?.price?.words(in: .en) ?? "no price yet",
                                "\(terms.frequency.calls) in \(terms.frequency.seconds) s",
                                trial, terms.needsApproval ? "needed" : "no", next,
                            ])
                        }
                    }
                    return table.text
                }
            }
        }
    }

    struct Terms: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give an API new terms, from now on or from a date to come.",
            discussion: """
                What is left out stays as it is. Lesser terms need notice (setting change-notice-days), and those who use the API are told.

                Example: vultus-hub catalogue terms face.search --trial-units 100 --trial-days 14 --needs-approval --calls 600 --seconds 60
                """)
        @OptionGroup var options: HubOptions
        @Argument(help: "The API.") var api: APIName
        @Option(help: "Calls of one application …") var calls: Int64?
        @Option(help: "… in so many seconds.") var seconds: Int64?
        @Option(help: "Units of a trial; 0 for none.") var trialUnits: Int64?
        @Option(help: "Days of a trial.") var trialDays: Int64?
        @Flag(inversion: .prefixedNo, help: "Whether trial use is charged.") var paidTrial: Bool?
        @Flag(inversion: .prefixedNo, help: "Whether an operator decides on applications.") var needsApproval: Bool?
        @Flag(inversion: .prefixedNo, help: "Whether applications are taken.") var open: Bool?
        @Option(help: "Uses an account may have; -1 for no limit.") var allowance: Int64?
        @Option(help: "In what the allowance counts: total, month or day.") var period: UsePeriod?
        @Option(help: "First moment they hold (RFC 3339 or a date, UTC); now when left out.") var effective: Timestamp?

        func run() async throws {
            try await options.run { hub in
                let before: OfferTerms = try await hub.catalogueEntry(api, in: .en).offer.terms
                let units: Int64 = trialUnits ?? before.trial?.units ?? 0
                let allowed: Int64 = allowance ?? before.allowance?.units ?? -1
                let terms = OfferTerms(
                    interfaceVersion: before.interfaceVersion,
                    frequency: .init(calls: calls ?? before.frequency.calls, seconds: seconds ?? before.frequency.seconds),
                    allowance: allowed < 0 ? nil : .init(units: allowed, period: period ?? before.allowance?.period ?? .month),
                    trial: units == 0
                        ? nil : .init(units: units, days: trialDays ?? before.trial?.days ?? 30, isFree: paidTrial.map { !$0 } ?? before.trial?.isFree ?? true),
                    needsApproval: needsApproval ?? before.needsApproval, isOpen: open ?? before.isOpen)
                let offer: Offer = try await hub.setOffer(api, terms: terms, effective: effective, by: options.actor)
                try options.show(offer) { "\($0.api), terms \($0.version), in force from \($0.effective)" }
            }
        }
    }

    struct Pack: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Offer a pack of units, or more frequency for a time.",
            discussion: "Example: vultus-hub catalogue pack face.search \"10,000 searches\" --units 10000 --price 99 --days 365")
        @OptionGroup var options: HubOptions
        @Argument(help: "The API.") var api: APIName
        @Argument(help: "What accounts see.") var name: String
        @Option(help: "Units; or calls on top of the API's frequency.") var units: Int64
        @Option(help: "At most six decimals.") var price: String
        @Option(help: "ISO 4217.") var currency: String = "CNY"
        @Option(help: "How long it lasts from the purchase on.") var days: Int64 = 365
        @Flag(help: "More frequency instead of units.") var frequency: Bool = false

        func run() async throws {
            try await options.run { hub in
                let draft = ProductDraft(
                    api: api, kind: frequency ? .frequency : .pack, name: name, units: units, validDays: days, price: try Money(price, currency: currency))
                try options.show(try await hub.addProduct(draft, by: options.actor)) { "\($0.id)  \($0.name)  \($0.price.text)" }
            }
        }
    }

    struct Applications: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Applications for APIs that wait for a decision; with --all, every one.")
        @OptionGroup var options: HubOptions
        @Flag(help: "Those decided too.") var all: Bool = false

        func run() async throws {
            try await options.run { hub in
                try options.show(try await hub.entitlements(waiting: !all)) { items in
                    var table = TextTable(["ENTITLEMENT", "ACCOUNT", "API", "STATE", "APPLIED", "REASON"])
                    for item in items {
                        table.append([
                            item.id.rawValue, item.account.rawValue, item.api.rawValue, item.state.rawValue, item.applied.map { "\($0)" } ?? "", item.reason,
                        ])
                    }
                    return table.isEmpty ? "Nothing waits for a decision." : table.text
                }
            }
        }
    }

    struct Decide: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Approve or refuse an application for an API.")
        @OptionGroup var options: HubOptions
        @Argument(help: "The entitlement's id.") var entitlement: String
        @Flag(inversion: .prefixedNo, help: "Approve, or refuse with --no-approve.") var approve: Bool
        @Option(help: "What the account is told.") var answer: String
        @Option(help: "The most it may use in all.") var units: Int64?

        func run() async throws {
            try await options.run { hub in
                guard let id = EntitlementID(rawValue: entitlement) else {
                    throw Problem(.notFound, "There is no such entitlement.", detail: entitlement, remedy: "See `vultus-hub catalogue applications`.")
                }
                let decided: Entitlement = try await hub.decideEntitlement(id, approve: approve, units: units, answer: answer, by: options.actor)
                try options.show(decided) { "\($0.id)  \($0.api)  \($0.state.rawValue)" }
            }
        }
    }
}
