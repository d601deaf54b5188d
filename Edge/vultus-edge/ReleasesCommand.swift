import ArgumentParser
import EdgeUpdate
import ServiceSupport
import WireModel

struct ReleasesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "releases", abstract: "What runs here, what is wanted, and whose releases are believed.",
        discussion: """
            A device takes only releases that are signed by a key it was given here: by file, when it is joined, or later. The hub has no such \
            key, so that whoever gets hold of the hub cannot put programs on devices.

            `shadowing`: new models look at what this device decides on, and do not decide; when as many faces were compared as the roll-out \
            asks for, and few enough decided on otherwise, they are tried. With --json `shadow` has the figures. Only what the running agent \
            looks at is compared: with `serve`, pictures that programs send; a device that sees nobody waits.

            Examples:
              vultus-edge releases
              vultus-edge releases trust release-key.pub
              vultus-edge releases distrust 1f0c9a1b2d3e4f50
            """, subcommands: [Show.self, Trust.self, Distrust.self], defaultSubcommand: Show.self)

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "What runs here, what is wanted, and whose releases are believed.")
        @OptionGroup var options: EdgeOptions

        private struct Answer: Encodable {
            let keys: [String]
            let releases: [UpdateReport]
            let trial: Trial?
        }

        func run() async throws {
            try await options.run {
                let folder: UpdateFolder = try ReleasesCommand.folder(options)
                let answer = Answer(keys: try folder.trustedKeys().map(\.fingerprint), releases: try folder.reports(), trial: try folder.trial())
                if options.json { return try CommandReport.json(answer) }
                for report in answer.releases {
                    var line: String = "\(report.kind.rawValue.padding(8))\(report.version?.rawValue ?? "as installed")"
                    if let state = report.state { line += "; \(report.goesBack == true ? "the way back" : "the last rollout"): \(state.rawValue)" }
                    if let done = report.doneBytes, let total = report.totalBytes { line += ", \(done) of \(total) bytes" }
                    if let shadow = report.shadow {
                        line += ", \(shadow.compared) of \(shadow.faces.counted("face")) compared, \(shadow.disagreements) decided on otherwise"
                    }
                    CommandReport.line(line + (report.reason.map { " – \($0)" } ?? ""))
                }
                CommandReport.line(
                    answer.keys.isEmpty ? "No release key is trusted here: every release is refused." : "trusted keys: \(answer.keys.joined(separator: ", "))")
            }
        }
    }

    struct Trust: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Believe releases that this key has signed.")
        @OptionGroup var options: EdgeOptions
        @Argument(help: "The `.pub` file that `vultus-hub release keygen` made.") var key: String

        func run() async throws {
            try await options.run {
                let folder: UpdateFolder = try ReleasesCommand.folder(options)
                let key: ReleaseKey = try folder.trust(key)
                if options.json { return try CommandReport.json(["key": key.fingerprint]) }
                CommandReport.line("releases signed by \(key.fingerprint) are believed here")
            }
        }
    }

    struct Distrust: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Believe no further release of a key; what runs goes on running.")
        @OptionGroup var options: EdgeOptions
        @Argument(help: "The key's fingerprint.") var key: String

        func run() async throws {
            try await options.run {
                try ReleasesCommand.folder(options).distrust(key)
                if options.json { return try CommandReport.json(["key": key]) }
                CommandReport.line("releases signed by \(key) are refused from now on")
            }
        }
    }

    fileprivate static func folder(_ options: EdgeOptions) throws -> UpdateFolder {
        try PrivateFiles.makeDirectory(options.directory)
        let folder = UpdateFolder(UpdateFolder.path(in: options.directory))
        try folder.prepare()
        return folder
    }
}

extension String {
    fileprivate func padding(_ count: Int) -> String { self + String(repeating: " ", count: max(1, count - self.count)) }
}
