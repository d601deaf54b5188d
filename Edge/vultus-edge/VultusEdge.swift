import ArgumentParser
import ServiceSupport

@main
struct VultusEdge: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vultus-edge",
        abstract: "Face recognition on this device: with or without a network, journaled and metered.",
        discussion: """
            Faces and templates stay on this device. What goes to the hub is the journal: which decision, when, at which \
            score and threshold. Without a network the device works on under the lease the hub gave it.

            From nothing to a decision:
              vultus-edge join https://hub.example.com:8443 --token vjt_…
              vultus-edge enrol "Ada" ada-1.jpg ada-2.jpg
              vultus-edge identify door.jpg
              vultus-edge run --camera auto
              vultus-edge serve                        for programs of this machine, over HTTP
              vultus-edge launch -- run --camera auto  with updates that the hub rolls out
              vultus-edge export stick.sync            where there is no network at all
              vultus-edge doctor                       when something does not work

            Exit codes: 0 done; 1 compare: not the same person; 64 wrong usage; 65 the picture or face cannot be used; \
            66 no such file or person; 69 hub not reached; 70 internal; 73 disk full; 74 store damaged or unavailable, or a camera that fails; 75 busy, try again; \
            76 the hub disagrees; 77 not permitted (token, certificate, lease); 78 models missing or altered, or a newer store. \
            With --json, errors are one JSON object on standard error with a stable `code`.
            """,
        version: "vultus-edge \(ReleaseVersion.current)",
        subcommands: [
            JoinCommand.self, EnrolCommand.self, PersonsCommand.self, IdentifyCommand.self, CompareCommand.self, CamerasCommand.self, RunCommand.self,
            ServeCommand.self, LaunchCommand.self, ReleasesCommand.self,
            SyncCommand.self, ExportCommand.self, ImportCommand.self, LeaseCommand.self, RecoverCommand.self,
            StatusCommand.self, DoctorCommand.self, BenchCommand.self,
        ])
}
