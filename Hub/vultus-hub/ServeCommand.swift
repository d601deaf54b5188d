import ArgumentParser
import Glibc
import HubAPI
import HubDomain
import Logging
import NIOCore
import ServiceLifecycle
import ServiceSupport
import UnixSignals
import WireModel

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Serve devices over TLS until told to stop (SIGTERM or SIGINT).",
        discussion: """
            Makes the hub first when the directory holds none. Devices speak to /edge/v1; /healthz and /readyz answer on both \
            listeners, /metrics (Prometheus) on the plain one only, which should stay on loopback.

            Example: vultus-hub serve --listen 0.0.0.0:8443 --name hub.example.com --metrics 127.0.0.1:9464
            """)

    @OptionGroup var options: HubOptions

    @Option(help: "Address for devices, host:port; port 0 lets the system choose.")
    var listen: String = "127.0.0.1:8443"

    @Option(help: "A name or address under which devices reach this hub; repeat for more. Loopback and the host's name are always there.")
    var name: [String] = []

    @Option(help: "Address for health and metrics without TLS, host:port, or `off`.")
    var metrics: String = "127.0.0.1:9464"

    func run() async throws {
        try await options.run(mayMake: true) { hub in
            var logger = Logger(label: "vultus-hub")
            logger.logLevel = .notice
            let server = HubServer(hub: hub, logger: logger)
            let address: HubServer.Address = try Self.address(listen)
            let isJSON: Bool = options.json
            let devices = try server.deviceListener(address, names: Self.ownNames + name) { port in
                Self.announce("devices", "https://\(Self.shown(address.host)):\(port)", json: isJSON)
            }
            var services: [ServiceGroupConfiguration.ServiceConfiguration] = [.init(service: devices)]
            if metrics != "off" {
                let plain: HubServer.Address = try Self.address(metrics)
                services.append(
                    .init(
                        service: server.metricsListener(plain) { port in
                            Self.announce("metrics", "http://\(Self.shown(plain.host)):\(port)/metrics", json: isJSON)
                        }))
            }
            do {
                try await ServiceGroup(configuration: .init(services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)).run()
            } catch let error as IOError {
                throw Problem(
                    error.errnoCode == EADDRINUSE ? .conflict : .invalidRequest, "The hub cannot listen on that address.",
                    detail: "\(listen) or \(metrics): \(String(cString: strerror(error.errnoCode)))",
                    remedy: "Stop what listens there, or choose another --listen or --metrics address.")
            }
        }
    }

    private static let ownNames: [String] = {
        var buffer = [CChar](repeating: 0, count: 256)
        gethostname(&buffer, 255)
        let host = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return ["localhost", "127.0.0.1", "::1"] + (host.isEmpty || host == "localhost" ? [] : [host])
    }()

    private static func address(_ text: String) throws(Problem) -> HubServer.Address {
        guard let address = HubServer.Address(text) else {
            throw Problem(.invalidRequest, "That is not an address to listen on.", detail: text, remedy: "Write host:port, such as 0.0.0.0:8443 or [::]:8443.")
        }
        return address
    }

    private static func shown(_ host: String) -> String { host.contains(":") ? "[\(host)]" : host }

    private static func announce(_ what: String, _ url: String, json: Bool) {
        CommandReport.line(json ? "{\"listening\":\"\(what)\",\"url\":\"\(url)\"}" : "listening for \(what) on \(url)")
    }
}
