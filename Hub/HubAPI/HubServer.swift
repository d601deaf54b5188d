import HTTPTypes
import HubAccess
import HubDomain
import Hummingbird
import HummingbirdTLS
import Logging
import NIOCore
import NIOSSL
import ServiceLifecycle
import ServiceSupport
import WireModel

/// The hub's listeners: one with TLS for devices, and optionally a plain one for metrics that stays on loopback.
package struct HubServer {
    /// A `host:port` to listen on.
    package struct Address: Sendable, Equatable {
        package let host: String
        package let port: Int

        /// Reads `host:port` or `[v6]:port`; port 0 lets the system choose.
        package init?(_ text: String) {
            guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]), (0...65_535).contains(port) else { return nil }
            let host: Substring = text[..<colon]
            let isBracketed: Bool = host.hasPrefix("[") && host.hasSuffix("]")
            guard !host.isEmpty, isBracketed || !host.contains(":") else { return nil }
            self.host = isBracketed ? String(host.dropFirst().dropLast()) : String(host)
            self.port = port
        }
    }

    private let hub: Hub
    private let logger: Logger
    private let proxies: [AddressRange]
    private let counters: RequestCounters
    private let routes: [Route]

    /// - Parameters:
    ///   - proxies: whose `X-Forwarded-For` is believed.
    ///   - recogniser: what pictures are looked at with.
    ///   - pages: what people read, made from the routes that are served.
    ///   - planted: routes beside the hub's own, with which tests show that they would notice a bad one.
    package init(
        hub: Hub, logger: Logger, proxies: [AddressRange] = [], recogniser: Recogniser = .none, pages: ([Route]) -> [Route] = { _ in [] },
        planted: [Route] = []
    ) {
        self.hub = hub
        self.logger = logger
        self.proxies = proxies
        counters = RequestCounters()
        let api: [Route] = Self.routes(hub, recogniser: recogniser, counters: counters)
        routes = api + pages(api) + planted
    }

    /// Every route there is, but for metrics: what is served, documented and tested.
    package static func routes(_ hub: Hub, recogniser: Recogniser = .none, counters: RequestCounters = RequestCounters()) -> [Route] {
        let recognition = MeteredRoutes(
            hub: hub, backend: HubRecognition(hub: hub, recogniser: recogniser), missing: recogniser.problem, caller: RecognitionCaller.init)
        let routes: [Route] =
            EdgeRoutes(hub: hub).routes + SignUpRoutes(hub: hub).routes + SessionRoutes(hub: hub, isOperator: false).routes
            + SessionRoutes(hub: hub, isOperator: true).routes + AccountRoutes(hub: hub).routes + KeyRoutes(hub: hub).routes
            + AgreementRoutes(hub: hub).routes + CatalogueRoutes(hub: hub).routes + BillingRoutes(hub: hub).routes + OperatorRoutes(hub: hub).routes
            + OperationsRoutes(hub: hub, counters: counters).routes + GalleryRoutes(hub: hub).routes + recognition.routes
            + CompreFaceRoutes(hub: hub, recogniser: recogniser).routes
            + FleetRoutes(hub: hub).routes + HealthRoutes(hub: hub).routes + FeedbackRoutes(hub: hub).routes + StatusRoutes(hub: hub).routes
            + CustomisationRoutes(hub: hub).routes
            + WebhookRoutes(hub: hub).routes + UpdateRoutes(hub: hub).routes
        let description = Route(
            .get, "/openapi.json", .open, "This interface as OpenAPI 3.1.", success: (200, nil), isDocumented: false
        ) { _ in try .json(OpenAPIDocument.make(routes, server: try await hub.setting(.publicURL))) }
        return routes + [description]
    }

    private func router(_ routes: [Route]) -> Router<HubRequestContext> {
        let router = Router(context: HubRequestContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: ProblemMiddleware(counters: counters, routes: routes))
        RouteTable(hub: hub, proxies: proxies).add(routes, to: router)
        return router
    }

    /// Devices and, unless it has a listener of its own, everything else, over TLS.
    /// - Parameters:
    ///   - names: what devices may call this hub: DNS names and addresses for its certificate.
    ///   - onListening: told the port once it is open.
    package func deviceListener(
        _ address: Address, names: [String], onListening: @escaping @Sendable (Int) async -> Void
    ) throws -> some Service {
        Application(
            router: router(routes),
            server: try .tls(.http1(configuration: .init(idleTimeout: .seconds(120))), tlsConfiguration: try tls(names: names)),
            configuration: ApplicationConfiguration(address: .hostname(address.host, port: address.port), serverName: nil),
            onServerRunning: { channel in await onListening(channel.localAddress?.port ?? address.port) }, logger: logger)
    }

    /// The API for people and programs without TLS of its own, for a reverse proxy on this machine that has the site's
    /// certificate. Devices do not come this way: their certificates end at the proxy.
    package func proxiedListener(_ address: Address, onListening: @escaping @Sendable (Int) async -> Void) -> some Service {
        let routes: [Route] = routes.filter { !$0.path.hasPrefix("/edge/") }
        return Application(
            router: router(routes), configuration: ApplicationConfiguration(address: .hostname(address.host, port: address.port), serverName: nil),
            onServerRunning: { channel in await onListening(channel.localAddress?.port ?? address.port) }, logger: logger)
    }

    /// Health, readiness and metrics without TLS, for the machine's own monitoring.
    package func metricsListener(_ address: Address, onListening: @escaping @Sendable (Int) async -> Void) -> some Service {
        let operations = OperationsRoutes(hub: hub, counters: counters)
        return Application(
            router: router(operations.routes + [operations.metricsRoute]),
            configuration: ApplicationConfiguration(address: .hostname(address.host, port: address.port), serverName: nil),
            onServerRunning: { channel in await onListening(channel.localAddress?.port ?? address.port) }, logger: logger)
    }

    private func tls(names: [String]) throws -> TLSConfiguration {
        let (certificate, key) = try hub.keys.serverCertificate(names: names, now: hub.now())
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMBytes(Array(certificate.utf8)).map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(bytes: Array(key.utf8), format: .pem)))
        configuration.minimumTLSVersion = .tlsv12
        configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(Array(hub.keys.authorityPEM.utf8)))
        // Optional, because a device that is still joining has none; what is presented must be from our authority.
        configuration.certificateVerification = .optionalVerification
        configuration.applicationProtocols = ["http/1.1"]
        return configuration
    }
}
