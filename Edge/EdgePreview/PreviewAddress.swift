import EdgeAgent
import Glibc
import WireModel

/// Where the preview is served.
package struct PreviewAddress: Sendable, Equatable {
    package static let standard: String = "127.0.0.1:8091"

    package let host: String
    /// 0 lets the system choose.
    package let port: Int

    /// Reads `127.0.0.1:port`, `[::1]:port` or `localhost:port`; any other numeric address where `isOpen` says so.
    /// - Throws: `invalid_request`.
    package init(_ text: String, isOpen: Bool) throws(Problem) {
        do throws(Problem) {
            guard case .loopback(let host, let port) = try LocalServer.Address(listen: text) else { throw Self.unusable(text) }
            (self.host, self.port) = (host, port)
        } catch {
            guard let (host, port) = Self.numeric(text) else { throw Self.unusable(text) }
            guard isOpen else {
                throw Problem(
                    .invalidRequest, "The preview shows faces and names, so it is served to this machine only.", detail: text,
                    remedy: """
                        Leave the address away and come through `ssh -L 8091:127.0.0.1:8091 DEVICE`, or through a proxy with TLS; --preview-unencrypted \
                        serves it to the network all the same.
                        """)
            }
            (self.host, self.port) = (host, port)
        }
    }

    /// Whether a text has the form of an address: what has not may be a folder's name.
    package static func looksLikeOne(_ text: String) -> Bool { text == "localhost" || text.hasPrefix("localhost:") || numeric(text) != nil }

    private static func numeric(_ text: String) -> (host: String, port: Int)? {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]), (0...65_535).contains(port) else { return nil }
        let host = String(text[..<colon])
        var (four, six) = (in_addr(), in6_addr())
        if inet_pton(AF_INET, host, &four) == 1 { return (host, port) }
        guard host.hasPrefix("["), host.hasSuffix("]") else { return nil }
        let inner = String(host.dropFirst().dropLast())
        return inet_pton(AF_INET6, inner, &six) == 1 ? (inner, port) : nil
    }

    private static func unusable(_ text: String) -> Problem {
        Problem(.invalidRequest, "That is not an address to serve the preview on.", detail: text, remedy: "Write --preview, or --preview=127.0.0.1:PORT.")
    }

    func url(port: Int) -> String { "http://\(host.contains(":") ? "[\(host)]" : host):\(port)/" }
}
