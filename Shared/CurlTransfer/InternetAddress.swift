import ServiceSupport

/// An IPv4 or IPv6 address.
package struct InternetAddress: Hashable, Sendable {
    /// Network order: 4 or 16; any other count is no address.
    package let bytes: [UInt8]

    package init(bytes: [UInt8]) { self.bytes = bytes }

    /// Parses `192.0.2.1` or `2001:db8::1`.
    package init?(_ text: String) {
        guard let bytes = IPAddressBytes.parse(text) else { return nil }
        self.bytes = bytes
    }

    /// Whether a server on the open network can have this address: a global unicast one, in none of the ranges for special use
    /// of the IANA registries (RFC 6890), and where it carries an IPv4 address inside, that one too.
    package var isPublicAddress: Bool {
        switch bytes.count {
        case 4:
            return !Self.special.contains { $0.contains(bytes) }
        case 16:
            if let inner = embedded { return inner.isPublicAddress }
            return Self.globalUnicast.contains(bytes) && !Self.special.contains { $0.contains(bytes) }
        default:
            return false
        }
    }

    /// The IPv4 address that an IPv6 one stands for: mapped (RFC 4291), NAT64 (RFC 6052), 6to4 (RFC 3056).
    private var embedded: InternetAddress? {
        if Self.mapped.contains(bytes) || Self.nat64.contains(bytes) { return InternetAddress(bytes: Array(bytes[12...])) }
        if Self.sixToFour.contains(bytes) { return InternetAddress(bytes: Array(bytes[2..<6])) }
        return nil
    }

    private static let mapped = Prefix("::ffff:0:0", 96)
    private static let nat64 = Prefix("64:ff9b::", 96)
    private static let sixToFour = Prefix("2002::", 16)
    private static let globalUnicast = Prefix("2000::", 3)

    private static let special: [Prefix] = [
        Prefix("0.0.0.0", 8),  // this network
        Prefix("10.0.0.0", 8), Prefix("172.16.0.0", 12), Prefix("192.168.0.0", 16),  // private
        Prefix("100.64.0.0", 10),  // carrier-grade NAT
        Prefix("127.0.0.0", 8),  // loopback
        Prefix("169.254.0.0", 16),  // link-local, and the clouds' metadata services
        Prefix("192.0.0.0", 24),  // protocol assignments
        Prefix("192.0.2.0", 24), Prefix("198.51.100.0", 24), Prefix("203.0.113.0", 24),  // documentation
        Prefix("192.88.99.0", 24),  // 6to4 relays, deprecated
        Prefix("198.18.0.0", 15),  // benchmarks
        Prefix("224.0.0.0", 4),  // multicast
        Prefix("240.0.0.0", 4),  // reserved, broadcast
        Prefix("2001::", 23),  // protocol assignments, Teredo and ORCHID among them
        Prefix("2001:db8::", 32), Prefix("3fff::", 20),  // documentation
    ]
}

extension InternetAddress: CustomStringConvertible {
    package var description: String {
        bytes.count == 4 || bytes.count == 16 ? IPAddressBytes.text(bytes) : "not an IP address"
    }
}

/// A range of addresses of one family.
private struct Prefix {
    private let start: [UInt8]
    private let bits: Int

    init(_ start: String, _ bits: Int) {
        self.start = InternetAddress(start)!.bytes
        self.bits = bits
    }

    func contains(_ address: [UInt8]) -> Bool {
        guard address.count == start.count else { return false }
        let (whole, rest) = bits.quotientAndRemainder(dividingBy: 8)
        guard address[..<whole] == start[..<whole] else { return false }
        return rest == 0 || (address[whole] ^ start[whole]) >> (8 - rest) == 0
    }
}
