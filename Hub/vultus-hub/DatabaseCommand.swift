import ArgumentParser
import Glibc
import HubDomain
import HubStorage
import ServiceSupport
import WireModel

struct DatabaseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "database", abstract: "Back up, restore, verify, and move between SQLite and PostgreSQL.",
        discussion: """
            From one box to several hubs:
              vultus-hub database copy --to postgres://vultus@db/vultus
              vultus-hub serve --database postgres://vultus@db/vultus       on every machine, each with a copy of the keys directory

            After a loss:
              vultus-hub database restore backup-2026-11-25.sqlite --data DIR   with the keys directory put back into DIR first
            """,
        subcommands: [Copy.self, Backup.self, Restore.self, Verify.self, Check.self])

    private static func tables(_ tables: [TableSummary]) -> String {
        var table = TextTable(["TABLE", "ROWS", "SHA-256"], alignedRight: [1])
        for one in tables where one.rows > 0 { table.append([one.name, "\(one.rows)", String(one.sha256.prefix(16)) + "…"]) }
        return table.text
    }

    private static func endProgress(_ options: HubOptions) {
        if !options.json, isatty(STDERR_FILENO) == 1 { Terminal.noteInPlace("") }
    }

    struct Copy: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Copy this hub's database into another, empty one, and compare every table's count and hash.",
            discussion: """
                Stop the hub first: what it takes in after the copy began is not in the copy. The keys stay in the directory. From then on use only \
                one of the two: the audit chain's anchors notice when both go on.
                """)
        @OptionGroup var options: HubOptions
        @Option(help: "Where to: postgres://… or the path of a new SQLite file.") var to: String

        func run() async throws {
            try await options.report {
                let target: DatabaseLocation = try HubOptions.location(to)
                let copied: [TableSummary] = try await Hub.copyDatabase(
                    directory: options.directory, from: try options.location, to: target, by: options.actor, progress: options.progress)
                DatabaseCommand.endProgress(options)
                try options.show(copied) {
                    "\(DatabaseCommand.tables($0))\nequal on both sides; serve from it with --database \(target.redacted), and from now on from it alone"
                }
            }
        }
    }

    struct Backup: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Copy the database into a new SQLite file, from one consistent view, while the hub serves.",
            discussion: "Writes FILE and FILE.json, its manifest. Keys are not in it: back up the keys directory once, apart.")
        @OptionGroup var options: HubOptions
        @Argument(help: "The file to make.", completion: .file()) var file: String

        func run() async throws {
            try await options.run { hub in
                let manifest: BackupManifest = try await hub.backUp(to: file, by: options.actor, progress: options.progress)
                DatabaseCommand.endProgress(options)
                try options.show(manifest) { "\($0.rows) rows in \($0.tables.count) tables, epoch \($0.hubEpoch), audit entry \($0.auditSeq): \(file)" }
            }
        }
    }

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Read a backup whole and hold it against its manifest.")
        @OptionGroup var options: HubOptions
        @Argument(help: "The backup.", completion: .file()) var file: String

        func run() async throws {
            try await options.report {
                try options.show(try await Hub.checkBackup(file)) { "\($0.rows) rows of \($0.created), as its manifest says" }
            }
        }
    }

    struct Restore: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make an empty database from a backup, under a new hub epoch.",
            discussion: """
                Devices see the new epoch and send again what the backup does not hold. Sessions and mailed tokens do not come back. The keys \
                directory must be the one of the hub that was backed up.
                """)
        @OptionGroup var options: HubOptions
        @Argument(help: "The backup.", completion: .file()) var file: String

        func run() async throws {
            try await options.report {
                let manifest: BackupManifest = try await Hub.restore(
                    from: file, directory: options.directory, database: try options.location, by: options.actor, progress: options.progress)
                DatabaseCommand.endProgress(options)
                try options.show(manifest) { "\($0.rows) rows of \($0.created) restored, under a new hub epoch" }
            }
        }
    }

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Read everything and check it: engine, audit chain and anchors, agreements, journal hashes, ledger.",
            discussion: "Exits with 74 when anything is not as it must be.")
        @OptionGroup var options: HubOptions

        func run() async throws {
            try await options.run { hub in
                let checks: [HubCheck] = try await hub.verify()
                try options.show(checks) { checks in
                    checks.map { check in
                        let mark: String = check.faults.isEmpty ? Terminal.styled("✓", .green) : Terminal.styled("✗", .red)
                        return (["\(mark) \(check.name): \(check.looked) looked at"] + check.faults.map { "    \($0)" }).joined(separator: "\n")
                    }.joined(separator: "\n")
                }
                if checks.contains(where: { !$0.faults.isEmpty }) { throw ExitCode(ProblemCode.auditBroken.exitCode) }
            }
        }
    }
}
