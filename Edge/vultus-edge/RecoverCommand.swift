import ArgumentParser
import EdgeStore
import ServiceSupport
import WireModel

struct RecoverCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recover", abstract: "Check the store in full; when it is damaged, set it aside and carry what reads and proves into a new one.",
        discussion: """
            A store that SQLite or the journal's end shows to be damaged is recovered whenever it is opened; this finds damage anywhere. No other \
            process may have the store open. The old files stay, named edge.sqlite.damaged-…; what is sealed in them opens no more. The next sync \
            tells the hub what is missing and brings a new journal; nothing that is missing is billed.

            Example: vultus-edge recover && vultus-edge sync
            """)

    @OptionGroup var options: EdgeOptions

    private struct Answer: Encodable {
        let isSound: Bool
        let fault: String?
        let report: DamageReport?
    }

    func run() async throws {
        try await options.run {
            guard EdgeStore.exists(in: options.directory) else {
                throw Problem(.notFound, "There is no store.", detail: options.directory, remedy: "Name its directory with --data.")
            }
            // To open a damaged store is to recover it: that counts as found by this command too.
            let before: Int? = try? EdgeStore(directory: options.directory, recovers: false).damageReports().count
            let fault: String? = try check()
            let reports: [DamageReport] = try options.openStore().damageReports()
            let report: DamageReport? = before == nil || reports.count > before! || fault != nil ? reports.first : nil
            if options.json { return try CommandReport.json(Answer(isSound: report == nil, fault: fault, report: report)) }
            guard let report else { return CommandReport.line("The store is sound.") }
            CommandReport.line(StatusCommand.words(report))
        }
    }

    private func check() throws -> String? {
        let store: EdgeStore = try options.openStore()
        let fault: String? = try store.fullFault()
        if let fault { try store.suspect(fault) }
        return fault
    }
}
