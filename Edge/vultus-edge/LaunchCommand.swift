import ArgumentParser
import EdgeUpdate
import FacePipeline
import ServiceSupport
import WireModel

struct LaunchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "launch", abstract: "Run the agent, and the releases that its hub rolls out in its place: what does not work is rolled back.",
        discussion: """
            What stands behind `--` is run: by the release that is in use, or by this very program where there is none. A release that the hub \
            wants is received by the running agent, verified against the keys that are trusted here, and tried at a new start: it has to look at a \
            picture with the models and to reach the hub within --trial-seconds. If it does not, ends before, or cannot even start (three \
            times), what ran before runs again, and the hub is told why. A power cut at any moment leaves one of the two. Where a roll-out of \
            models asks for it, they first look on beside those that decide (`vultus-edge releases` shows how far that is).

            Ends with the agent, and with its exit code; let systemd start it again (deploy/vultus-edge.service). SIGTERM ends both.

            Examples:
              vultus-edge releases trust release-key.pub
              vultus-edge launch -- run --camera auto
              vultus-edge launch --data /var/lib/vultus-edge -- serve --socket /run/vultus/edge.sock
            """)

    @OptionGroup var options: EdgeOptions
    @Option(help: "In which what is tried has to say that it works.") var trialSeconds: Double = 600
    @Argument(parsing: .postTerminator, help: "The agent's command: run or serve, with its options. --data is passed on.") var command: [String]

    func run() async throws {
        try await options.run {
            guard (5...86_400).contains(trialSeconds), ["run", "serve"].contains(command.first) else {
                throw Problem(
                    .invalidRequest, "It is not clear what to launch.", detail: command.first ?? "nothing",
                    remedy: "Write the agent's command behind --, as in `vultus-edge launch -- run --camera auto`; --trial-seconds is from 5 to 86400.")
            }
            try PrivateFiles.makeDirectory(options.directory)
            let launcher = Launcher(
                folder: UpdateFolder(UpdateFolder.path(in: options.directory)), installed: ModelOptions.executable,
                arguments: command + (command.contains("--data") ? [] : ["--data", options.directory]),
                models: try? ModelOptions.parse([]).directory(), trialTime: .seconds(trialSeconds)
            ) { Terminal.note("launch: \($0)") }
            let code: Int32 = try await LaunchQueue().run(launcher)
            guard code == 0 else { throw ExitCode(code) }
        }
    }
}

/// The launcher's own thread: it waits for a process, and for nothing else.
private actor LaunchQueue {
    private let executor = BlockingExecutor(label: "vultus.launcher")

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    func run(_ launcher: sending Launcher) throws -> Int32 { try launcher.run() }
}
