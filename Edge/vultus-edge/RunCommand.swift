import ArgumentParser
import Biometrics
import EdgeAgent
import EdgeStore
import EdgeSync
import FrameCapture
import Glibc
import Logging
import RecognitionAPI
import ServiceLifecycle
import ServiceSupport
import UnixSignals
import WireModel

struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Watch a source, decide on every picture that comes, and keep in step with the hub.",
        discussion: """
            Sources: cameras, folders and files (a picture is taken once it has stopped growing, and again when it changes), or `-` for a \
            stream of JPEGs on standard input. Of a camera and of a stream always the newest picture is taken. A camera that is unplugged is \
            found again, at whatever node. A picture that was decided on is remembered with its decision, \
            so that a run cut off by a power failure goes on where it was and nothing is charged twice. Recognition never waits for the hub. \
            Stop with SIGTERM or Ctrl-C.

            A stream is live: faces are followed from frame to frame, and whoever passes is decided on once, by vote of their best shots, and \
            charged once; so is who comes back before the passage's end, or stays. Not every frame is looked at. (`vultus-edge identify -` decides \
            on every face of every frame.) With --json each line has `source` and `passage`: `kind` is decided, returned (a passage that was \
            decided on already; nothing is charged) or left; `track`; `face` with outcome, person, score, threshold, box, quality and journal \
            entry, as for a picture; `votes` and `agreeing` shots; `latencyMilliseconds` from the first good frame to the decision.

            Examples:
              vultus-edge run --camera auto
              vultus-edge run --camera usb-0000:00:14.0-2 --size 1280x720 --rate 15 --control "power_line_frequency=50 Hz"
              vultus-edge run /var/spool/camera
              vultus-edge run inbox/ --once --json
              camera-program | vultus-edge run - --min-face 60 --zone "door:exit:0,0:0.2,0:0.2,1:0,1"
            """)

    @OptionGroup var options: EdgeOptions
    @OptionGroup var models: ModelOptions
    @OptionGroup var threshold: ThresholdOptions
    @Flag(help: "Handle what is there, then end.") var once: Bool = false
    @Option(help: "Seconds between looks at the source.") var poll: Double = 0.5
    @OptionGroup(title: "Live sources") var watch: WatchOptions
    @OptionGroup(title: "Cameras") var cameras: CameraOptions
    @OptionGroup var sync: SyncOptions
    @Argument(help: "Folders and files, or `-`.") var sources: [String] = []

    func run() async throws {
        try await options.run {
            guard (0.05...3_600).contains(poll) else {
                throw Problem(
                    .invalidRequest, "That interval cannot be kept.", remedy: "Give --poll from 0.05 to 3600.")
            }
            guard sources == ["-"] || !sources.contains("-") else {
                throw Problem(.invalidRequest, "Standard input cannot be watched beside files.", remedy: "Run one agent for each.")
            }
            for path in sources where path != "-" && access(path, R_OK) != 0 {
                throw Problem(
                    .fileUnreadable, "There is no such source, or it cannot be read.", detail: "\(path): \(String(cString: strerror(errno)))",
                    remedy: "Check the path and its permissions.")
            }
            guard sources.isEmpty != cameras.isEmpty, !once || cameras.isEmpty else {
                throw Problem(
                    .invalidRequest, "It is not clear what to watch.",
                    remedy: "Name cameras (--camera), or folders and files, or `-`; a camera does not end, so --once is not for it.")
            }
            let policy: SyncPolicy = try sync.policy()
            let watching: WatchSettings = try watch.settings()
            let cameraPrinter = CameraPrinter(json: options.json)
            let watched: [Camera] = try cameras.cameras { cameraPrinter.show($0, $1) }
            let store: EdgeStore = try options.openStore()
            _ = try store.identity()
            let recogniser: Recogniser = try models.recogniser(store: store)
            let rule: DecisionRule = try threshold.rule(for: recogniser.model, standard: .identificationDefault)
            let printer = DecisionPrinter(store: store, json: options.json)
            let roads: [RecognitionService.Source] =
                watched.isEmpty
                ? [sources == ["-"] ? .stream(descriptor: STDIN_FILENO) : .pictures(paths: sources, interval: .seconds(poll), once: once)]
                : watched.map { .camera($0) }
            let recognitions: [RecognitionService] = roads.map { source in
                RecognitionService(recogniser: recogniser, rule: rule, source: source, watching: watching) { event in
                    switch event {
                    case .decided(let name, let result): printer.show(name, result)
                    case .failed(let name, let problem): printer.show(name, problem)
                    case .passage(let name, let passage): printer.show(name, passage)
                    }
                }
            }
            let logger = Logger(label: "vultus-edge")
            var services: [ServiceGroupConfiguration.ServiceConfiguration] = recognitions.map {
                .init(service: $0, successTerminationBehavior: .gracefullyShutdownGroup, failureTerminationBehavior: .cancelGroup)
            }
            if !watched.isEmpty {
                services.append(
                    .init(service: CameraReportService(cameras: watched, directory: options.directory), successTerminationBehavior: .ignore))
            }
            let housekeeping = HousekeepingService(store: store, logger: logger, latencies: recogniser.latencies)
            services.append(.init(service: housekeeping, successTerminationBehavior: .ignore))
            if sync.isOn {
                services.append(.init(service: SyncService(store: store, policy: policy, logger: logger), successTerminationBehavior: .ignore))
            }
            try await ServiceGroup(
                configuration: .init(
                    services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: Logger(label: "vultus-edge") { _ in SwiftLogNoOpLogHandler() })
            ).run()
        }
    }
}
