import EdgeAgent
import Glibc
import Logging
import NIOCore
import ServiceLifecycle
import ServiceSupport
import WireModel

/// The device's own API where `serve` and `run` have it: token or socket, announced once it is open.
struct LocalListener: Sendable {
    let address: LocalServer.Address
    let directory: String
    let json: Bool
    let logger: Logger

    /// - Throws: `conflict`, `store_damaged`; see `LocalServer.prepareSocket` and `LocalToken`.
    func service(_ backend: LocalBackend, _ events: DecisionFeed) throws(Problem) -> some Service {
        var (token, mask): (LocalToken?, mode_t?)
        if case .socket(let path) = address { mask = try LocalServer.prepareSocket(path) } else { token = try LocalToken(in: directory) }
        let (shownToken, formerMask): (LocalToken?, mode_t?) = (token, mask)
        return LocalServer(backend: backend, token: token, address: address, events: events, logger: logger).service { [self] port in
            // The socket is there, this user's alone: other files are made as ever.
            if let formerMask { umask(formerMask) }
            announce(port, shownToken)
        }
    }

    /// What it means that something could not be listened on.
    static func problem(_ error: IOError, place: String) -> Problem {
        Problem(
            error.errnoCode == EADDRINUSE ? .conflict : .invalidRequest, "The agent cannot listen there.",
            detail: "\(place): \(String(cString: strerror(error.errnoCode)))", remedy: "Stop what listens there, or choose another place.")
    }

    private struct Announcement: Encodable {
        let listening: String
        let url: String
        let token: String?
    }

    private func announce(_ port: Int?, _ token: LocalToken?) {
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
