import ArgumentParser
import EdgeAgent
import EdgeStore
import EdgeSync
import ServiceSupport
import WireModel

struct SyncCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sync", abstract: "Bring hub and device up to date: journal up; acknowledgements, leases and changes down.",
        discussion: """
            Safe to cut off and to repeat: what the hub acknowledged is not sent again, and what it gets twice it bills once. Exit code 76: the hub \
            did not bill every entry, or has set this device apart.
            """)

    @OptionGroup var options: EdgeOptions
    @OptionGroup var models: ModelOptions
    @Option(help: "Seconds to wait for one answer.") var timeout: Int = 30

    func run() async throws {
        try await options.run {
            guard (1...600).contains(timeout) else {
                throw Problem(.invalidRequest, "The time-out lasts from 1 to 600 seconds.", remedy: "Give another --timeout.")
            }
            let store: EdgeStore = try options.openStore()
            let isJSON: Bool = options.json
            let sync = try HubSync(store: store, timeout: .seconds(timeout))
            let commands: RemoteCommandExecutor = models.commands(store: store, isAgent: false)
            var report: SyncReport = try await sync.run { report in
                if !isJSON, report.roundTrips > 1 || report.acknowledgedThrough < report.head {
                    Terminal.note("… \(report.acknowledgedThrough) of \(report.head) entries acknowledged")
                }
            }
            // What an operator asked for is carried out and told; a `restart` waits for the agent.
            if try await commands.run().isNews { report = try await sync.run() }
            if isJSON {
                try CommandReport.json(report)
            } else {
                CommandReport.line(
                    "\(report.sent.counted("entry", "entries")) sent: \(report.accepted) accepted, \(report.duplicates) known, \(report.rejected) rejected; the hub holds \(report.acknowledgedThrough) of \(report.head)"
                )
                if report.changes > 0 {
                    CommandReport.line("\(report.changes.counted("change")) of the hub's applied, \(report.erased.counted("person")) erased")
                }
                for gallery in report.differing {
                    Terminal.note("The gallery \(gallery) is not what the hub says, even given anew; the next sync tries again")
                }
                for state in try store.leases() {
                    CommandReport.line("Lease for \(state.lease.api): \(state.remaining.counted("unit")) until \(state.lease.notAfter)")
                }
                for refusal in report.refusals { Terminal.note("No lease for \(refusal.api): \(refusal.code.rawValue)") }
                for state in try store.conditions() where state.condition != .quarantined {
                    Terminal.note("\(state.problem.title)\n  next: \(state.problem.remedy)")
                }
            }
            if abs(report.clockSkewMilliseconds) > SyncLimits.clockTolerance {
                Terminal.note(
                    "The device's clock is \(report.clockSkewMilliseconds / 1000) s off the hub's; uses are dated by the hub's. Set the clock: timedatectl set-ntp true"
                )
            }
            guard report.rejected == 0 else {
                let code: ProblemCode = try store.rejections().last?.code ?? .hubMisbehaved
                throw Problem(
                    code, "The hub did not bill every entry.", detail: "\(report.rejected) rejected",
                    remedy: "Show this to the operator; `vultus-edge doctor` lists the reasons.")
            }
            if let bar = try store.conditions().first(where: { $0.condition == .quarantined }) { throw bar.problem }
        }
    }
}
