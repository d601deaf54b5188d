import ArgumentParser
import EdgeAgent
import EdgeStore
import EdgeSync
import FacePipeline
import FoundationEssentials
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
            imports. This device's gallery is the one there is. Every search and comparison is journaled and spends the lease, a unit a face \
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
    @Option(help: "Loopback address, host:port; port 0 lets the system choose. 127.0.0.1:8090 unless a socket is named.") var listen: String?
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
            let pool = PipelinePool(models: try models.openDirectory(), count: pipelines ?? ProcessInfo.processInfo.activeProcessorCount)
            let backend = try LocalBackend(store: store, pictures: pool)
            let token: LocalToken? = socket == nil ? try LocalToken(in: options.directory) : nil
            if let socket { try LocalServer.prepareSocket(socket) }
            defer { if let socket { PrivateFiles.remove(socket) } }
            var logger = Logger(label: "vultus-edge")
            logger.logLevel = .notice
            let isJSON: Bool = options.json
            let server = LocalServer(backend: backend, token: token, address: address, logger: logger).service { port in
                Self.announce(address, port: port, token: token, json: isJSON)
            }
            var services: [ServiceGroupConfiguration.ServiceConfiguration] = [.init(service: server)]
            services.append(.init(service: HousekeepingService(store: store, logger: logger), successTerminationBehavior: .ignore))
            if sync.isOn {
                services.append(.init(service: SyncService(store: store, policy: policy, logger: logger), successTerminationBehavior: .ignore))
            }
            do {
                try await ServiceGroup(
                    configuration: .init(
                        services: services, gracefulShutdownSignals: [.sigterm, .sigint],
                        logger: Logger(label: "vultus-edge") { _ in SwiftLogNoOpLogHandler() })
                ).run()
            } catch let error as IOError {
                throw Problem(
                    error.errnoCode == EADDRINUSE ? .conflict : .invalidRequest, "The agent cannot listen there.",
                    detail: "\(socket ?? listen ?? "127.0.0.1:8090"): \(String(cString: strerror(error.errnoCode)))",
                    remedy: "Stop what listens there, or choose another place.")
            }
        }
    }

    private struct Announcement: Encodable {
        let listening: String
        let url: String
        let token: String?
    }

    private static func announce(_ address: LocalServer.Address, port: Int?, token: LocalToken?, json: Bool) {
        let url: String =
            switch address {
            case .loopback(let host, let asked): "http://\(host.contains(":") ? "[\(host)]" : host):\(port ?? asked)"
            case .socket(let path): "unix:\(path)"
            }
        if json {
            if let text = try? JSON.text(Announcement(listening: "local", url: url, token: token?.path)) { CommandReport.line(text) }
        } else {
            CommandReport.line("listening on \(url)")
            if let token { CommandReport.line("programs send Authorization: Bearer and what is in \(token.path)") }
        }
    }
}
