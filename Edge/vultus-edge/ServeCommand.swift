import ArgumentParser
import Biometrics
import EdgeAgent
import EdgeStore
import EdgeSync
import FacePipeline
import FoundationEssentials
import FrameCapture
import Glibc
import Logging
import NIOCore
import RecognitionAPI
import ServiceLifecycle
import ServiceSupport
import UnixSignals
import WireModel

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Serve the recognition API to programs of this machine, until told to stop (SIGTERM or SIGINT).",
        discussion: """
            The routes and shapes are the hub's own (/openapi.json describes them): detect, quality, compare, search, persons, templates and \
            imports. GET /v1/events follows the decisions of this process as server-sent events (`run --listen` serves those of cameras). \
            This device's gallery is the one there is. Every search and comparison is journaled and spends the lease, a unit a face \
            decided; everything else costs nothing. Only this machine is listened to: on a loopback address, where every call carries the token of \
            DIR/local-token, or on a Unix socket that only this user may open.

            Examples:
              vultus-edge serve --listen 127.0.0.1:8090
              curl -H "Authorization: Bearer $(cat DIR/local-token)" --data-binary @door.jpg -H "Content-Type: image/jpeg" \
            http://127.0.0.1:8090/v1/detect
              vultus-edge serve --socket /run/vultus/edge.sock
            """)

    @OptionGroup var options: EdgeOptions
    @OptionGroup var models: ModelOptions
    @Option(help: "Loopback address, host:port, or unix:path; port 0 lets the system choose. 127.0.0.1:8090 unless a socket is named.")
    var listen: String?
    @Option(help: ArgumentHelp("A Unix socket in place of an address.", valueName: "path")) var socket: String?
    @Option(help: "Pictures looked at side by side; as many as processors unless you say otherwise.") var pipelines: Int?
    @OptionGroup var sync: SyncOptions

    func run() async throws {
        try await options.run {
            guard listen == nil || socket == nil, (1...64).contains(pipelines ?? 1) else {
                throw Problem(
                    .invalidRequest, "Those options do not go together.",
                    remedy: "Give --listen or --socket, and --pipelines from 1 to 64.")
            }
            let policy: SyncPolicy = try sync.policy()
            let address: LocalServer.Address = try socket.map { .socket(path: $0) } ?? LocalServer.Address(listen: listen ?? "127.0.0.1:8090")
            let store: EdgeStore = try options.openStore()
            let (shadow, events): (ShadowInbox, DecisionFeed) = (ShadowInbox(), DecisionFeed())
            let found: ModelDirectory = try models.openDirectory()
            let rule = try DecisionRule(model: found.embedderModel, target: .identificationDefault)
            let pool = PipelinePool(models: found, count: pipelines ?? ProcessInfo.processInfo.activeProcessorCount) { bytes, picture in
                shadow.offer(Frame(bytes: bytes, name: "picture", fingerprint: nil), picture, quality: .identification, rule: rule)
            }
            let backend = try LocalBackend(store: store, pictures: pool, events: events, shadow: shadow)
            defer { if case .socket(let path) = address { PrivateFiles.remove(path) } }
            var logger = Logger(label: "vultus-edge")
            logger.logLevel = .notice
            let listener = LocalListener(address: address, directory: options.directory, json: options.json, logger: logger)
            let server = try listener.service(backend, events)
            var services: [ServiceGroupConfiguration.ServiceConfiguration] = [.init(service: server)]
            let health = AgentHealth(store: store)
            services.append(.init(service: HousekeepingService(store: store, logger: logger, health: health), successTerminationBehavior: .ignore))
            services += models.launched(store, sync, policy, backend.recogniser, logger)
            if sync.isOn {
                services.append(
                    .init(
                        service: SyncService(
                            store: store, policy: policy, commands: models.commands(store: store, isAgent: true), restart: { kill(getpid(), SIGTERM) },
                            health: health, logger: logger), successTerminationBehavior: .ignore))
            }
            do {
                try await ServiceGroup(
                    configuration: .init(
                        services: services, gracefulShutdownSignals: [.sigterm, .sigint],
                        logger: Logger(label: "vultus-edge") { _ in SwiftLogNoOpLogHandler() })
                ).run()
            } catch let error as IOError {
                throw LocalListener.problem(error, place: socket ?? listen ?? "127.0.0.1:8090")
            }
        }
    }
}
