import ArgumentParser
import Glibc
import HubDomain
import ServiceSupport
import WireModel

extension DeviceCommand {
    struct Import: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take in a file that a device exported, and write the answer for it.",
            discussion: """
                For sites without a network. The file counts as that many syncs: billed once, however often it is imported. The answer (leases, \
                acknowledgements, changes of galleries) can be opened by that device alone; take it back and run `vultus-edge import ANSWER`.

                Example:
                  vultus-hub device import door-7.sync --answer door-7.sync.answer
                """)
        @OptionGroup var options: HubOptions
        @Argument(help: "What `vultus-edge export` wrote.") var file: String
        @Option(help: "Where the answer goes; FILE.answer when left out.") var answer: String?

        func run() async throws {
            try await options.run { hub in
                let isShown: Bool = !options.json && isatty(STDERR_FILENO) == 1
                let report: FileIntakeReport = try await hub.importFile(file, answer: answer ?? file + ".answer", by: options.actor) { report in
                    if isShown {
                        Terminal.noteInPlace(
                            "  \((report.accepted + report.duplicates + report.rejected).counted("entry", "entries")), \(report.pages.counted("page")) of changes"
                        )
                    }
                }
                if isShown { Terminal.noteInPlace("") }
                try options.show(report) {
                    """
                    \($0.device), exported \($0.exported): \($0.accepted.counted("entry", "entries")) accepted, \($0.duplicates) known, \($0.rejected) rejected; \
                    journal held through \($0.acknowledgedThrough)
                    answer: \($0.answer), \($0.bytes) bytes
                    """
                }
            }
        }
    }
}
