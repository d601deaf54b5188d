import ArgumentParser
import Biometrics
import EdgeAgent
import EdgeStore
import EdgeSync
import FrameCapture
import Glibc
import Logging
import NIOCore
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
            decided on already; nothing is charged), asked or left; `track`; `face` with outcome, person, score, threshold, box, quality and journal \
            entry, as for a picture; `votes` and `agreeing` shots; `latencyMilliseconds` from the first good frame to the decision. With --pad, `face.pad` says what was found of the \
            presentation, and `asked` events carry `challenge`: `prompt` (left, right, up, straight), `step`, `steps`, `milliseconds` left.

            People can look on: --preview serves a page to browsers of this machine, --view draws in the terminal. Programs can act: --listen serves \
            the device's API with the decisions as a stream, --on-decision starts a program at each. Whoever looks or listens, and however slowly, \
            recognition does not wait.

            Examples:
              vultus-edge run --camera auto --preview
              vultus-edge run --camera auto --view
              vultus-edge run --camera auto --on-decision /usr/local/bin/open-door --listen unix:/run/vultus/edge.sock
              vultus-edge run --camera usb-0000:00:14.0-2 --size 1280x720 --rate 15 --control "power_line_frequency=50 Hz"
              vultus-edge run /var/spool/camera
              vultus-edge run inbox/ --once --json
              vultus-edge run --camera auto --pad active --json
              camera-program | vultus-edge run - --min-face 60 --zone "door:exit:0,0:0.2,0:0.2,1:0,1"
            """)

    @OptionGroup var options: EdgeOptions
    @OptionGroup var models: ModelOptions
    @OptionGroup var threshold: ThresholdOptions
    @Flag(help: "Handle what is there, then end.") var once: Bool = false
    @Option(help: "Seconds between looks at the source.") var poll: Double = 0.5
    @Option(
        help: ArgumentHelp(
            "With `-`: a recording of so many frames a second. Each frame is taken, at its own time, as fast as may be.", valueName: "rate"))
    var recorded: Double?
    @OptionGroup(title: "Live sources") var watch: WatchOptions
    @OptionGroup(title: "Looking on and acting") var onlook: OnlookOptions
    @OptionGroup(title: "Cameras") var cameras: CameraOptions
    @OptionGroup var sync: SyncOptions
    @Argument(help: "Folders and files, or `-`.") var sources: [String] = []

    mutating func validate() throws { if let source = onlook.giveBack() { sources.insert(source, at: 0) } }

    func run() async throws {
        try await options.run {
            guard (0.05...3_600).contains(poll) else {
                throw Problem(
                    .invalidRequest, "That interval cannot be kept.", remedy: "Give --poll from 0.05 to 3600.")
            }
            guard sources == ["-"] || !sources.contains("-") else {
                throw Problem(.invalidRequest, "Standard input cannot be watched beside files.", remedy: "Run one agent for each.")
            }
            guard recorded.map({ sources == ["-"] && (0.1...240).contains($0) }) ?? true else {
                throw Problem(.invalidRequest, "That is no recording.", remedy: "Give --recorded 0.1 to 240 frames a second, with `-` as the source.")
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
            let isDrawn: Bool = onlook.view
            let watched: [Camera] = try cameras.cameras { if !isDrawn { cameraPrinter.show($0, $1) } }
            try onlook.check(json: options.json)
            let store: EdgeStore = try options.openStore()
            _ = try store.identity()
            let shown: [String] =
                watched.isEmpty
                ? [sources == ["-"] ? RecognitionService.standardInput : RecognitionService.pictures] : watched.map(\.condition.name)
            let onlookers = try Onlookers(onlook, store: store, directory: options.directory, json: options.json, sources: shown)
            let recogniser: Recogniser = try models.recogniser(store: store)
            if let manifest = watch.padModel { try await recogniser.usePresentationModel(manifest) }
            let rule: DecisionRule = try threshold.rule(for: recogniser.model, standard: .identificationDefault)
            let printer = DecisionPrinter(store: store, json: options.json)
            let roads: [RecognitionService.Source] =
                watched.isEmpty
                ? [sources == ["-"] ? .stream(descriptor: STDIN_FILENO, recorded: recorded) : .pictures(paths: sources, interval: .seconds(poll), once: once)]
                : watched.map { .camera($0) }
            let recognitions: [RecognitionService] = roads.map { source in
                RecognitionService(recogniser: recogniser, rule: rule, source: source, watching: watching, feed: onlookers.feed) { event in
                    await onlookers.tell(event)
                    if isDrawn { return }
                    switch event {
                    case .decided(let name, let result): printer.show(name, result)
                    case .failed(let name, let problem): printer.show(name, problem)
                    case .passage(let name, let passage): printer.show(name, passage)
                    }
                }
            }
            var logger = Logger(label: "vultus-edge")
            logger.logLevel = isDrawn ? .critical : .notice
            var services: [ServiceGroupConfiguration.ServiceConfiguration] = recognitions.map {
                .init(service: $0, successTerminationBehavior: .gracefullyShutdownGroup, failureTerminationBehavior: .cancelGroup)
            }
            if !watched.isEmpty {
                services.append(
                    .init(service: CameraReportService(cameras: watched, directory: options.directory), successTerminationBehavior: .ignore))
            }
            let health = AgentHealth(store: store, latencies: recogniser.latencies, cameras: watched, model: recogniser.model.rawValue)
            let housekeeping = HousekeepingService(store: store, logger: logger, health: health)
            services.append(.init(service: housekeeping, successTerminationBehavior: .ignore))
            services += models.launched(store, sync, policy, recogniser, logger)
            if sync.isOn {
                services.append(
                    .init(
                        service: SyncService(
                            store: store, policy: policy, commands: models.commands(store: store, isAgent: true), restart: { kill(getpid(), SIGTERM) },
                            health: health, logger: logger), successTerminationBehavior: .ignore))
            }
            services += try onlookers.services(cameras: watched, models: models, logger: logger)
            do {
                try await ServiceGroup(
                    configuration: .init(
                        services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: Logger(label: "vultus-edge") { _ in SwiftLogNoOpLogHandler() }
                    )
                ).run()
                await onlookers.end()
            } catch {
                await onlookers.end()
                guard let error = error as? IOError else { throw error }
                throw LocalListener.problem(error, place: [onlook.listen, onlook.preview].compactMap { $0 }.joined(separator: " or "))
            }
        }
    }
}
