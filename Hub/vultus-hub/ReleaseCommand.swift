import ArgumentParser
import Crypto
import HubDomain
import ReleaseFiles
import ServiceSupport
import WireModel

extension ReleaseKind: ExpressibleByArgument {}
extension ReleaseNumber: ExpressibleByArgument {
    public init?(argument: String) { self.init(rawValue: argument) }
}

struct ReleaseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "release", abstract: "Releases of programs and models for devices: signed away from the hub, given out by it.",
        discussion: """
            Who signs decides what devices run, so the key that signs is not the hub's: make it and keep it where no network is. Devices believe \
            the keys that they were given (`vultus-edge join --release-key`, or `vultus-edge releases trust`), and nothing else.

            From a folder to devices:
              vultus-hub release keygen release-key                       once; hand release-key.pub to devices and to the hub's operator
              vultus-hub release sign build/ --key release-key --kind agent --version 1.2.0 --platform linux-x86_64
              vultus-hub release publish build/ --key release-key.pub     on the hub
              vultus-hub rollout start 1.2.0 --stage "label:ring=canary" --stage 10% --stage 100%

            A release of an agent has bin/vultus-edge; one of models has the models' manifest.json.
            """, subcommands: [KeyGen.self, Sign.self, Publish.self, List.self, Show.self, Withdraw.self], defaultSubcommand: List.self)

    struct KeyGen: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "keygen", abstract: "Make a key that signs releases: FILE, which stays secret, and FILE.pub.",
            discussion: "Needs no hub and no network. Keep FILE where nobody else can read it, and a copy elsewhere.")
        @Flag(help: "Answer in JSON, errors too.") var json: Bool = false
        @Argument(help: "Where the secret half goes; it must not exist.") var file: String

        func run() async throws {
            try ReleaseCommand.report(json) {
                guard try !PrivateFiles.exists(file) else {
                    throw Problem(.conflict, "That file is there already.", detail: file, remedy: "Name another; a key that signed releases is still needed.")
                }
                let secret = Curve25519.Signing.PrivateKey()
                try ReleaseKeyFile.write(secret, to: file)
                let key: ReleaseKey = try ReleaseKeyFile.publicKey(file + ".pub")
                if json { return try CommandReport.json(["key": key.fingerprint, "secret": file, "public": file + ".pub"]) }
                CommandReport.line("key \(key.fingerprint): \(file) signs and stays secret; \(file).pub goes to devices")
            }
        }
    }

    struct Sign: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write a folder's signed manifest, release.json.",
            discussion: """
                Needs no hub and no network. Every file of the folder becomes part of the release, by size and SHA-256.

                Examples:
                  vultus-hub release sign build/ --key release-key --kind agent --version 1.2.0
                  vultus-hub release sign models/ --key release-key --kind models --version 2.0.0 --platform any --minimum 1.0.0
                """)
        @Flag(help: "Answer in JSON, errors too.") var json: Bool = false
        @Option(help: "The secret half of the key.") var key: String
        @Option(help: "agent or models.") var kind: ReleaseKind
        @Option(help: "Three numbers, as 1.2.0.") var version: ReleaseNumber
        @Option(help: "linux-x86_64, linux-aarch64, or any (models). This machine's when left out.") var platform: String = Platform.current
        @Option(help: "Devices must have this version, or a later one, first.") var minimum: ReleaseNumber?
        @Flag(help: "Devices with a later version may go back to this one.") var allowDowngrade: Bool = false
        @Option(help: "Days in which devices may begin with it.") var days: Int64 = 180
        @Argument(help: "The release's folder.") var folder: String

        func run() async throws {
            try ReleaseCommand.report(json) {
                guard (1...3_650).contains(days) else { throw Problem(.invalidRequest, "A release lasts 1 to 3650 days.", remedy: "Give another --days.") }
                let now: Timestamp = SystemClock().now().wall
                let manifest = ReleaseManifest(
                    kind: kind, version: version, platform: platform, files: try ReleaseFolder.files(in: folder), minimumVersion: minimum,
                    allowsDowngrade: allowDowngrade, created: now, expires: now.advanced(by: .seconds(days * 86_400)))
                try manifest.check()
                let signed = try SignedRelease(manifest, signedBy: try ReleaseKeyFile.secret(key))
                try PrivateFiles.write(try JSON.bytes(signed, pretty: true), to: folder + "/" + ReleaseLimit.manifestName, mode: 0o644)
                if json { return try CommandReport.json(manifest) }
                CommandReport.line(
                    "\(signed.id)  \(kind.rawValue) \(version) for \(platform): \(manifest.files.count.counted("file")), \(manifest.bytes) bytes, until \(manifest.expires)"
                )
            }
        }
    }

    struct Publish: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take a signed folder into the hub, so that it can be rolled out.",
            discussion: "Nothing is given to any device before `vultus-hub rollout start`. Safe to cut off and to repeat.")
        @OptionGroup var options: HubOptions
        @Option(help: "A public key, `.pub`, that must have signed it; may be given again.") var key: [String]
        @Argument(help: "The release's folder.") var folder: String

        func run() async throws {
            let keys: [String] = key
            try await options.run { hub in
                let progress = options.progress
                let release: Release = try await hub.publishRelease(
                    folder, trusting: try keys.map { try ReleaseKeyFile.publicKey($0) }, by: options.actor
                ) { progress("release", Int($0 >> 20)) }
                try options.show(release) { "\($0.id)  \($0.title): \($0.bytes) bytes, signed by \($0.signer)" }
                if !options.json { Terminal.note("roll it out: vultus-hub rollout start \(release.version) --stage 10% --stage 100%") }
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Releases, newest first.")
        @OptionGroup var options: HubOptions

        func run() async throws {
            try await options.run { hub in
                try options.show(try await hub.releases()) { releases in
                    var table = TextTable(["RELEASE", "KIND", "VERSION", "PLATFORM", "BYTES", "SIGNED BY", "UNTIL", "STATE"], alignedRight: [4])
                    for release in releases {
                        table.append([
                            release.id.rawValue, release.kind.rawValue, "\(release.version)", release.platform, "\(release.bytes)", release.signer,
                            "\(release.expires)", release.withdrawn == nil ? "published" : "withdrawn",
                        ])
                    }
                    return table.isEmpty ? "No releases yet: vultus-hub release publish FOLDER --key KEY.pub" : table.text
                }
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "One release's manifest, as it was signed.")
        @OptionGroup var options: HubOptions
        @Argument(help: "Its id, or its version.") var release: String

        func run() async throws {
            try await options.run { hub in
                let release: Release = try await hub.release(release)
                try options.show(try release.manifest) { manifest in
                    var lines: [String] = [
                        "\(release.id)  \(release.title), signed by \(release.signer), until \(release.expires)",
                        manifest.minimumVersion.map { "needs \($0) or later first" } ?? "may follow any version",
                        manifest.allowsDowngrade ? "later versions may go back to it" : "no version goes back to it",
                    ]
                    lines += manifest.files.map { "\($0.sha256)  \($0.bytes)  \($0.path)\($0.isExecutable ? " *" : "")" }
                    return lines.joined(separator: "\n")
                }
            }
        }
    }

    struct Withdraw: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give a release to nobody any more, and remove its files; its roll-outs are cancelled.",
            discussion: "Devices that have it keep it; to send them back first: vultus-hub rollout return ROLLOUT.")
        @OptionGroup var options: HubOptions
        @Argument(help: "Its id, or its version.") var release: String

        func run() async throws {
            try await options.run { hub in
                try options.show(try await hub.withdrawRelease(release, by: options.actor)) { "\($0.id)  \($0.title) is withdrawn" }
            }
        }
    }

    /// Of what is done without a hub.
    fileprivate static func report(_ json: Bool, _ body: () throws -> Void) throws {
        do { try body() } catch { throw ExitCode(CommandReport.failure(error, json: json)) }
    }
}
