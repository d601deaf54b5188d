import ArgumentParser
import Glibc
import HubAPI
import HubAccess
import HubConsole
import HubDomain
import HubJobs
import HubOutbound
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
            Makes the hub first when the directory holds none. Devices speak to /edge/v1 and programs to /v1 (described in \
            /openapi.json) on the TLS listener, whose certificate is by the hub's own authority. For browsers, put a reverse proxy with the \
            site's certificate in front of --web. /healthz and /readyz answer everywhere, /metrics (Prometheus) on its own plain listener only.

            Mail goes to the files of DIR/mail until --smtp names a server; user and password may also come in $VULTUS_HUB_SMTP.

            Example: vultus-hub serve --listen 0.0.0.0:8443 --name hub.example.com --web 127.0.0.1:8080 --proxy 127.0.0.1 --smtp smtp://mail:587
            """)

    @OptionGroup var options: HubOptions

    @Option(help: "Address for devices, host:port; port 0 lets the system choose.")
    var listen: String = "127.0.0.1:8443"

    @Option(help: "A name or address under which devices reach this hub; repeat for more. Loopback and the host's name are always there.")
    var name: [String] = []

    @Option(help: "Address for people and programs behind a reverse proxy on this machine, host:port, without TLS; off when left out.")
    var web: String?

    @Option(help: "A proxy whose X-Forwarded-For is believed: an address or range; repeat for more.")
    var proxy: [String] = []

    @Option(help: "Mail server: smtp://user:password@host:587 or smtps://host. STARTTLS is required unless the host is this machine.")
    var smtp: String?

    @Option(help: ArgumentHelp("PEM of the authority of the mail server's certificate; the system's otherwise.", valueName: "file"))
    var smtpAuthority: String?

    @Flag(help: "Webhooks may point into private networks. Whoever may name one can then reach these.")
    var privateWebhooks: Bool = false

    @Option(help: ArgumentHelp("PEM of the only authority that webhooks' certificates may be of; the system's otherwise.", valueName: "file"))
    var webhookAuthority: String?

    @Option(help: "Address for health and metrics without TLS, host:port, or `off`.")
    var metrics: String = "127.0.0.1:9464"

    @Option(
        help: ArgumentHelp(
            "The models' directory; without models everything but recognition is served.",
            discussion: "Otherwise $VULTUS_MODELS, ../share/vultus/models beside the program, /usr/share/vultus/models, or .models above it.",
            valueName: "dir"))
    var models: String?

    @Option(help: "Pictures that are looked at side by side; otherwise one for each processor.")
    var pipelines: Int?

    func validate() throws {
        guard pipelines.map({ (1...256).contains($0) }) ?? true else { throw ValidationError("--pipelines is from 1 to 256.") }
    }

    func run() async throws {
        try await options.run(mayMake: true) { hub in
            var logger = Logger(label: "vultus-hub")
            logger.logLevel = .notice
            let proxies: [AddressRange] = try proxy.map { text in
                guard let range = AddressRange(text) else {
                    throw Problem(.invalidRequest, "That is not a proxy's address.", detail: text, remedy: "Write 127.0.0.1 or 10.0.0.0/8.")
                }
                return range
            }
            if !options.json, try await hub.setting(.publicURL) == Setting.publicURL.standard {
                Terminal.note(
                    "public-url is not set: links in mails begin with \(Setting.publicURL.standard); vultus-hub admin setting set public-url https://…")
            }
            let recogniser: Recogniser = openRecogniser()
            if case .missing(let problem) = recogniser {
                // Named and not there is a mistake; not named is a hub that recognises nothing.
                if models != nil { throw problem }
                if !options.json { Terminal.note("no models: recognition answers \(problem.code.rawValue), everything else is served; see --models") }
            }
            let server = HubServer(
                hub: hub, logger: logger, proxies: proxies, recogniser: recogniser, pages: { HubPages.routes(hub, serving: $0) })
            let address: HubServer.Address = try Self.address(listen)
            let isJSON: Bool = options.json
            let devices = try server.deviceListener(address, names: Self.ownNames + name) { port in
                Self.announce("devices", "https://\(Self.shown(address.host)):\(port)", json: isJSON)
            }
            var services: [ServiceGroupConfiguration.ServiceConfiguration] = [.init(service: devices)]
            let webhooks = try HTTPSWebhooks(allowPrivateAddresses: privateWebhooks, caFile: webhookAuthority)
            services.append(.init(service: HubJobs(hub: hub, mail: try mailTransport(), webhooks: webhooks, logger: logger)))
            if let web {
                let plain: HubServer.Address = try Self.address(web)
                services.append(
                    .init(
                        service: server.proxiedListener(plain) { port in
                            Self.announce("web", "http://\(Self.shown(plain.host)):\(port)", json: isJSON)
                        }))
            }
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
                    detail: "\(listen), \(web ?? "no --web") or \(metrics): \(String(cString: strerror(error.errnoCode)))",
                    remedy: "Stop what listens there, or choose another --listen or --metrics address.")
            }
        }
    }

    private func openRecogniser() -> Recogniser {
        let processors: Int = max(1, sysconf(CInt(_SC_NPROCESSORS_ONLN)))
        let environment: [String: String] = getenv("VULTUS_MODELS").map { ["VULTUS_MODELS": String(cString: $0)] } ?? [:]
        return Recogniser.open(models, environment: environment, executablePath: Self.executable, pipelines: pipelines ?? processors)
    }

    /// The running program, as the kernel names it.
    private static var executable: String {
        var buffer = [CChar](repeating: 0, count: 4_096)
        let count: Int = readlink("/proc/self/exe", &buffer, buffer.count - 1)
        guard count > 0 else { return CommandLine.arguments[0] }
        return String(decoding: buffer[0..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private func mailTransport() throws -> any MailTransport {
        let url: String? = smtp ?? getenv("VULTUS_HUB_SMTP").map { String(cString: $0) }
        guard let url, !url.isEmpty else { return MailFiles(directory: options.directory + "/mail") }
        return try SMTPTransport(url: url, caFile: smtpAuthority)
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
