import ArgumentParser
import EdgeStore
import ServiceSupport
import WireModel

struct LeaseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lease", abstract: "The hub's permission to use an API without asking: what is held, and how to give it back.",
        discussion: """
            A lease is signed by the hub: so many units of an API, until a date. Each use spends of it, with or without a network; a sync renews it.

            Examples:
              vultus-edge lease
              vultus-edge lease return --api face.compare
            """,
        subcommands: [LeaseListCommand.self, LeaseReturnCommand.self], defaultSubcommand: LeaseListCommand.self)
}

struct LeaseListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "The leases held, and what each allows now.")

    @OptionGroup var options: EdgeOptions

    private struct Line: Encodable {
        let api: APIName
        let lease: LeaseID
        let remaining: Int64
        let spent: Int64
        let notAfter: Timestamp
        let graceMilliseconds: Int64
        let whenExhausted: ExhaustionPolicy
        let isLate: Bool
        let refusal: ProblemCode?
    }

    func run() async throws {
        try await options.run {
            let leases: [LeaseState] = try options.openStore().leases()
            let lines: [Line] = leases.map {
                Line(
                    api: $0.lease.api, lease: $0.lease.id, remaining: $0.remaining, spent: $0.spent, notAfter: $0.lease.notAfter,
                    graceMilliseconds: $0.lease.graceMilliseconds ?? 0, whenExhausted: $0.lease.whenExhausted, isLate: $0.isLate,
                    refusal: $0.ground?.problem.code)
            }
            if options.json { return try CommandReport.json(lines) }
            for lease in leases { CommandReport.line(lease.words) }
            if lines.isEmpty { CommandReport.line("none: run `vultus-edge sync` while the hub can be reached") }
        }
    }
}

struct LeaseReturnCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "return", abstract: "Give a lease back: what is left of it goes to other devices once the hub has heard of it.",
        discussion: """
            For a device that is put away, or has more than it needs. Nothing of that API is decided here until a sync brings a new lease. The \
            journal says that it was given back.
            """)

    @OptionGroup var options: EdgeOptions
    @Option(help: "The API whose lease goes back, as `face.search`; all of them otherwise.") var api: String?

    private struct Answer: Encodable {
        let returned: [String: Int64]
    }

    func run() async throws {
        try await options.run {
            let store: EdgeStore = try options.openStore()
            let held: [APIName] = try store.leases().map(\.lease.api)
            var wanted: [APIName] = held
            if let api {
                guard let name = APIName(rawValue: api), held.contains(name) else {
                    throw Problem(
                        .leaseMissing, "This device holds no lease for that API.", detail: api, remedy: "`vultus-edge lease list` names those it holds.")
                }
                wanted = [name]
            }
            var returned: [String: Int64] = [:]
            for api in wanted { returned[api.rawValue] = try store.returnLease(of: api) }
            if options.json { return try CommandReport.json(Answer(returned: returned)) }
            for (api, units) in returned.sorted(by: { $0.key < $1.key }) {
                CommandReport.line("\(api): \(units.counted("unit")) \(units == 1 ? "goes" : "go") back with the next sync")
            }
            if returned.isEmpty { CommandReport.line("This device holds no lease.") }
        }
    }
}

extension LeaseState {
    /// A line for people.
    var words: String {
        let hours: Int64 = (lease.graceMilliseconds ?? 0) / 3_600_000
        let grace: String = hours == 0 ? "" : " and \(hours) h of grace"
        let state: String =
            if let ground { Terminal.styled(ground.problem.code.rawValue, .red) } else if isLate { Terminal.styled("in its grace", .yellow) } else {
                Terminal.styled("in force", .green)
            }
        return
            "\(lease.api): \(remaining.counted("unit")) left, \(spent) spent, until \(lease.notAfter)\(grace); when spent: \(lease.whenExhausted.rawValue); \(state)"
    }
}
