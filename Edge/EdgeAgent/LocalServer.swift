import Glibc
import Hummingbird
import Logging
import NIOCore
import ServiceLifecycle
import WireModel

/// The device's own API for programs of this machine: loopback with a token, or a Unix socket that only this user may open.
package struct LocalServer {
    package enum Address: Sendable, Equatable {
        /// An address of the loopback interface; port 0 lets the system choose.
        case loopback(host: String, port: Int)
        case socket(path: String)

        /// Reads `127.0.0.1:port`, `[::1]:port`, `localhost:port` or `unix:path`.
        /// - Throws: `invalid_request` for any address that others could reach.
        package init(listen text: String) throws(Problem) {
            if text.hasPrefix("unix:") {
                self = .socket(path: String(text.dropFirst(5)))
                return
            }
            guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]), (0...65_535).contains(port) else {
                throw Problem(.invalidRequest, "That is not an address to listen on.", detail: text, remedy: "Write 127.0.0.1:port, or unix:path.")
            }
            let host: Substring = text[..<colon]
            switch host {
            // A name can be made to mean any address; this one is taken at its meaning.
            case "localhost": self = .loopback(host: "127.0.0.1", port: port)
            case "[::1]": self = .loopback(host: "::1", port: port)
            default:
                var address = in_addr()
                guard inet_pton(AF_INET, String(host), &address) == 1, UInt32(bigEndian: address.s_addr) >> 24 == 127 else {
                    throw Problem(
                        .invalidRequest, "The device's API listens on this machine only.", detail: text,
                        remedy: "Write 127.0.0.1:port. Whoever else needs it can come through a proxy with TLS of your choosing.")
                }
                self = .loopback(host: String(host), port: port)
            }
        }
    }

    private let backend: LocalBackend
    private let token: LocalToken?
    private let address: Address
    private let events: DecisionFeed
    private let logger: Logger

    /// - Parameters:
    ///   - token: must be sent with every call; none for a socket, whose file says who may.
    ///   - events: what those who follow decisions are told.
    package init(backend: LocalBackend, token: LocalToken?, address: Address, events: DecisionFeed, logger: Logger) {
        self.events = events
        self.backend = backend
        self.token = token
        self.address = address
        self.logger = logger
    }

    /// - Parameter onListening: told the port once it is open, or `nil` for a socket.
    package func service(onListening: @escaping @Sendable (Int?) async -> Void) -> some Service {
        let router = Router(context: LocalRequestContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: LocalProblems())
        RouteTable(backend: backend, token: token, events: DecisionEvents(feed: events)).add(to: router)
        let bound: BindAddress =
            switch address {
            case .loopback(let host, let port): .hostname(host, port: port)
            case .socket(let path): .unixDomainSocket(path: path)
            }
        return Application(
            router: router, server: .http1(configuration: .init(idleTimeout: .seconds(120))),
            configuration: ApplicationConfiguration(address: bound, serverName: nil),
            onServerRunning: { channel in await onListening(channel.localAddress?.port) }, logger: logger)
    }

    /// Readies the place of a socket: files made from now on are this user's alone, so that nobody can open the socket before its
    /// mode could be set.
    /// - Returns: the mask that was; to be put back once the socket is there.
    /// - Throws: `conflict` when somebody listens there, `invalid_request` for a path that no socket can have.
    package static func prepareSocket(_ path: String) throws(Problem) -> mode_t {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes: [UInt8] = Array(path.utf8)
        guard (1..<MemoryLayout.size(ofValue: address.sun_path)).contains(bytes.count) else {
            throw Problem(.invalidRequest, "A socket's path has 1 to 107 bytes.", detail: path, remedy: "Choose a shorter one.")
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let descriptor: CInt = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        let isTaken: Bool = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0 }
        }
        guard !isTaken else { throw Problem(.conflict, "Somebody listens on that socket.", detail: path, remedy: "Stop it, or choose another path.") }
        return umask(0o177)
    }
}
