import ArgumentParser
import EdgeStore
import ServiceSupport
import WireModel

struct LeaseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lease", abstract: "The hub's permission to use an API without asking: what is held, and how to give it back.",
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
        let isLate: Bool
        let refusal: ProblemCode?
    }

    func run() async throws {
        try await options.run {
            let lines: [Line] = try options.openStore().leases().map {
                Line(
                    api: $0.lease.api, lease: $0.lease.id, remaining: $0.remaining, spent: $0.spent, notAfter: $0.lease.notAfter,
                    graceMilliseconds: $0.lease.graceMilliseconds ?? 0, isLate: $0.isLate, refusal: $0.ground?.problem.code)
            }
            if options.json { return try CommandReport.json(lines) }
            for line in lines {
                let state: String = line.refusal?.rawValue ?? (line.isLate ? "in its grace" : "in force")
                CommandReport.line("\(line.api): \(line.remaining) units left, \(line.spent) spent, until \(line.notAfter); \(state)")
            }
            if lines.isEmpty { CommandReport.line("none: run `vultus-edge sync` while the hub can be reached") }
        }
    }
}

struct LeaseReturnCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "return", abstract: "Give a lease back: what is left of it goes to other devices once the hub has heard of it.",
        discussion: "Nothing of that API is decided here until a sync brings a new lease. The journal says that it was given back.")

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
                CommandReport.line("\(api): \(units) units go back with the next sync")
            }
            if returned.isEmpty { CommandReport.line("This device holds no lease.") }
        }
    }
}
