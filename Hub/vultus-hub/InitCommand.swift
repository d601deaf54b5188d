import ArgumentParser
import HubDomain
import ServiceSupport

struct InitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init", abstract: "Make a hub in a directory: its database, certificate authority and lease key.",
        discussion: "Does nothing to a hub that is there already. Back up the `keys` folder: devices trust only the authority they joined under.")

    @OptionGroup var options: HubOptions

    private struct Answer: Encodable {
        let directory: String
        let authorityFingerprint: String
    }

    func run() async throws {
        try await options.run(mayMake: true) { hub in
            try options.show(Answer(directory: options.directory, authorityFingerprint: hub.keys.fingerprint)) {
                "Hub in \($0.directory)\nAuthority \($0.authorityFingerprint) (SHA-256)"
            }
        }
    }
}
