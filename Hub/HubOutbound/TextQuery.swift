import CResolver
import CurlTransfer

/// A query for TXT records. Raw resolver memory stops here.
struct TextQuery: Sendable {
    private static let attempts: CInt = 2

    /// `nil` for the system's.
    private let server: (address: String, port: UInt16)?
    private let seconds: CInt

    /// - Returns: `nil` when `server` is not an IP address with or without a port.
    init?(server: String?, timeout: Duration) {
        seconds = CInt(max(1, min(60, timeout.components.seconds)))
        guard let server else {
            self.server = nil
            return
        }
        var address: Substring = server[...]
        var port: UInt16? = 53
        let isBracketed: Bool = server.hasPrefix("[")
        if let colon = server.lastIndex(of: ":"), isBracketed ? server[..<colon].hasSuffix("]") : !server[..<colon].contains(":") {
            address = server[..<colon]
            port = UInt16(server[server.index(after: colon)...])
        }
        if isBracketed { address = address.hasSuffix("]") ? address.dropFirst().dropLast() : "" }
        guard let port, port > 0, InternetAddress(String(address)) != nil else { return nil }
        self.server = (String(address), port)
    }

    /// Blocks for up to twice the timeout per server.
    func run(_ name: String) throws(DomainResolverError) -> [String] {
        var written: CInt = 0
        let records: [UInt8] = [UInt8](unsafeUninitializedCapacity: Int(VULTUS_RESOLVER_CAPACITY)) { buffer, count in
            written = vultus_resolver_texts(name, server?.address, server?.port ?? 0, seconds, Self.attempts, buffer.baseAddress!)
            count = Int(max(0, written))
        }
        switch written {
        case 0...: return Self.split(records)
        case CInt(VULTUS_RESOLVER_BAD_NAME): throw .badName
        case CInt(VULTUS_RESOLVER_TRY_AGAIN): throw .transient(reason: "no DNS server answered, or none could say")
        case CInt(VULTUS_RESOLVER_REFUSED): throw .transient(reason: "the DNS server refused, or its answer is malformed")
        default: throw .transient(reason: "the resolver could not start")
        }
    }

    private static func split(_ records: [UInt8]) -> [String] {
        var texts: [String] = []
        var at: Int = 0
        while at + 2 <= records.count {
            let end: Int = at + 2 + Int(records[at]) << 8 + Int(records[at + 1])
            texts.append(String(decoding: records[(at + 2)..<end], as: UTF8.self))
            at = end
        }
        return texts
    }
}
