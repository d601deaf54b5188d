import ArgumentParser
import EdgeAgent
import EdgeStore
import EdgeSync
import ServiceSupport
import WireModel

struct ExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write what the hub has not acknowledged to a file: sync for a site without a network.",
        discussion: """
            The file is signed by this device. At the hub `vultus-hub device import FILE --answer ANSWER` takes it in and writes the answer, which \
            only this device can open; `vultus-edge import ANSWER` brings acknowledgements, leases and changes here. Files may be lost, repeated or \
            come late: nothing is billed twice. The answers to the last eight exports can be imported.

            Example:
              vultus-edge export /media/stick/door-7.sync
            """)

    @OptionGroup var options: EdgeOptions
    @Argument(help: "Where the file goes; made whole or not at all, readable for this user only.") var file: String

    func run() async throws {
        try await options.run {
            let isJSON: Bool = options.json
            let report: ExportReport = try FileSync(store: try options.openStore()).export(to: file) { report in
                if !isJSON, report.entries >= 5_000, report.entries % 5_000 < Int64(SyncLimits.entries) { Terminal.note("… \(report.entries) entries") }
            }
            if isJSON { return try CommandReport.json(report) }
            let what: String =
                switch report.entries {
                case 0: "no entries"
                case 1: "entry \(report.first)"
                default: "entries \(report.first) to \(report.last)"
                }
            CommandReport.line("\(report.file): \(what), \(report.bytes) bytes")
            Terminal.note("At the hub: vultus-hub device import \(report.file) --answer \(report.file).answer")
        }
    }
}

struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Take in the hub's answer to a file that was exported here.",
        discussion: """
            Importing the same answer again does nothing. An answer that was overtaken, by a sync over the network or a later file, still brings its \
            acknowledgements and leases.

            Example:
              vultus-edge import /media/stick/door-7.sync.answer
            """)

    @OptionGroup var options: EdgeOptions
    @OptionGroup var models: ModelOptions
    @Argument(help: "The file that `vultus-hub device import` wrote.") var file: String

    func run() async throws {
        try await options.run {
            let store: EdgeStore = try options.openStore()
            let isJSON: Bool = options.json
            let report: ImportReport = try await FileSync(store: store).importAnswer(file) { report in
                if !isJSON, report.messages.isMultiple(of: 20) { Terminal.note("… \(report.messages.counted("message"))") }
            }
            // What an operator asked for is carried out; the next export tells.
            _ = try await models.commands(store: store, isAgent: false).run()
            if isJSON {
                try CommandReport.json(report)
            } else if report.isRepeated {
                CommandReport.line("That answer was imported before; nothing to do.")
            } else {
                CommandReport.line(
                    "\(report.accepted.counted("entry", "entries")) accepted, \(report.duplicates) known, \(report.rejected) rejected; the hub holds \(report.acknowledgedThrough)"
                )
                for state in try store.leases() {
                    CommandReport.line("Lease for \(state.lease.api): \(state.remaining.counted("unit")) until \(state.lease.notAfter)")
                }
                for refusal in report.refusals { Terminal.note("No lease for \(refusal.api): \(refusal.code.rawValue)") }
                if report.isOvertaken { Terminal.note("The device knew newer changes already; those of this answer were left out.") }
            }
            guard report.rejected == 0 else {
                throw Problem(
                    try store.rejections().last?.code ?? .hubMisbehaved, "The hub did not bill every entry.", detail: "\(report.rejected) rejected",
                    remedy: "Show this to the operator; `vultus-edge doctor` lists the reasons.")
            }
            if let bar = try store.conditions().first(where: { $0.condition == .quarantined }) { throw bar.problem }
        }
    }
}
