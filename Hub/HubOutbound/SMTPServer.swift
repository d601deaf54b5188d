import CurlTransfer
import FoundationEssentials

/// A mail server as a URL names it.
struct SMTPServer: Sendable {
    let credentials: (user: String, password: String)?
    let isImplicitTLS: Bool
    let host: String
    /// `host:port`, for messages.
    let name: String

    /// The URL without its credentials.
    var url: String { (isImplicitTLS ? "smtps://" : "smtp://") + name }

    /// Whether mail to it leaves this machine.
    var isLoopback: Bool {
        if host.lowercased() == "localhost" { return true }
        guard let address = InternetAddress(host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host) else { return false }
        return address.bytes.count == 4 ? address.bytes[0] == 127 : address.bytes == InternetAddress("::1")!.bytes
    }

    /// - Returns: `nil` unless it is `smtp[s]://[user:password@]host[:port]`.
    init?(_ text: String) {
        guard let parts = URLComponents(string: text), parts.scheme == "smtp" || parts.scheme == "smtps", let host = parts.host, !host.isEmpty,
            parts.path.isEmpty || parts.path == "/", parts.query == nil, parts.fragment == nil,
            host.utf8.allSatisfy({ $0.isAlphanumeric || "-._[]:".utf8.contains($0) }), (1...65_535).contains(parts.port ?? 1)
        else { return nil }
        isImplicitTLS = parts.scheme == "smtps"
        self.host = host
        name = "\(host):\(parts.port ?? (isImplicitTLS ? 465 : 25))"
        switch (parts.user, parts.password) {
        case (nil, nil): credentials = nil
        case (.some(let user), .some(let password)) where !user.isEmpty: credentials = (user, password)
        default: return nil
        }
    }
}
