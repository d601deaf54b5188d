import WireModel

/// One message to one endpoint.
package struct WebhookPost: Sendable {
    package let url: String
    /// `Name: value`.
    package let headers: [String]
    package let body: [UInt8]

    package init(url: String, headers: [String], body: [UInt8]) {
        self.url = url
        self.headers = headers
        self.body = body
    }
}

/// What the endpoint said.
package struct WebhookReply: Sendable, Hashable {
    package let status: Int
    /// Seconds that it asks to be left alone, where it says so in seconds.
    package let retryAfter: Int64?

    package init(status: Int, retryAfter: Int64?) {
        self.status = status
        self.retryAfter = retryAfter
    }
}

/// Why there was no answer. In words that tell nothing of the hub's network: whoever names the endpoint reads them.
package enum WebhookTransportError: String, Error, Sendable, CaseIterable {
    case noConnection = "no connection"
    case timedOut = "no answer in time"
    case untrusted = "the certificate is not trusted"
    case forbiddenAddress = "the host has no public address"
    case answerTooLarge = "the answer is too large"
    case badAddress = "not an https address"
    case cut = "the connection was cut"
}

/// Carries messages to endpoints that accounts name. An implementation sends to https only, follows no redirect, and reads no
/// more of the answer than it needs.
package protocol WebhookTransport: Sendable {
    func post(_ message: WebhookPost) async throws(WebhookTransportError) -> WebhookReply
}

/// The address of an endpoint, as far as it can be judged without asking anybody.
package enum WebhookAddress {
    /// - Returns: what is wrong with it; `nil` when nothing is.
    package static func fault(in url: String) -> String? {
        guard (9...2_000).contains(url.utf8.count), url.utf8.allSatisfy({ (0x21...0x7E).contains($0) && !"\"<>\\^`{|}".utf8.contains($0) }) else {
            return "an address has up to 2000 characters of ASCII and no blanks; others are percent-encoded, and a host is in Punycode"
        }
        guard url.hasPrefix("https://") else { return "it begins with https://" }
        guard !url.contains("#") else { return "it has no fragment (#)" }
        let authority: Substring = url.dropFirst(8).prefix { $0 != "/" && $0 != "?" }
        guard !authority.contains("@") else { return "it holds no user name or password" }
        let isBracketed: Bool = authority.hasPrefix("[")
        let host: Substring = isBracketed ? authority.prefix { $0 != "]" }.dropFirst() : authority.prefix { $0 != ":" }
        let rest: Substring = authority.dropFirst(host.count + (isBracketed ? 2 : 0))
        guard !host.isEmpty, !isBracketed || authority.contains("]"), host.utf8.allSatisfy({ isOfHost($0) || (isBracketed && $0 == 0x3A) }) else {
            return "it names a host"
        }
        guard rest.isEmpty || (rest.first == ":" && UInt16(rest.dropFirst()).map { $0 > 0 } ?? false) else { return "its port is from 1 to 65535" }
        return nil
    }

    private static func isOfHost(_ byte: UInt8) -> Bool {
        (0x61...0x7A).contains(byte) || (0x41...0x5A).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x2D || byte == 0x2E || byte == 0x5F
    }
}
