import ServiceSupport

/// A range of IP addresses: `10.0.0.0/8`, `2001:db8::/32`, or one address.
///
/// An IPv6 address that carries an IPv4 one (`::ffff:192.0.2.1`) is that IPv4 address, here and in `contains`: a
/// dual-stack socket shows IPv4 peers so. Hence `::/0` is every IPv6 address and no IPv4 one.
package struct AddressRange: Hashable, Sendable {
    /// 4 or 16 bytes, zero beyond the prefix.
    private let network: [UInt8]
    private let prefix: Int

    /// As every equal range is written: the first address, RFC 5952 for IPv6, no prefix for one address alone.
    package let text: String

    /// - Returns: `nil` unless this is an address, or an address and a prefix length. Bits beyond the prefix are dropped.
    package init?(_ text: String) {
        let parts: [Substring] = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard var bytes = IPAddressBytes.parse(String(parts[0])) else { return nil }
        var prefix: Int = bytes.count * 8
        if parts.count == 2 {
            guard let length = Self.prefixLength(parts[1], atMost: prefix) else { return nil }
            prefix = length
        }
        if let embedded = Self.embedded(bytes) {
            // A shorter prefix would take in IPv4 and other addresses alike, which nobody means.
            guard prefix >= 96 else { return nil }
            (bytes, prefix) = (embedded, prefix - 96)
        }
        network = Self.masked(bytes, prefix)
        self.prefix = prefix
        self.text = IPAddressBytes.text(network) + (prefix == network.count * 8 ? "" : "/\(prefix)")
    }

    /// `false` for what is no address.
    package func contains(_ address: String) -> Bool {
        guard let bytes = IPAddressBytes.parse(address) else { return false }
        let plain: [UInt8] = Self.embedded(bytes) ?? bytes
        return plain.count == network.count && Self.masked(plain, prefix) == network
    }

    private static func prefixLength(_ text: Substring, atMost most: Int) -> Int? {
        guard let length = Int(text), String(length) == text, 0...most ~= length else { return nil }
        return length
    }

    /// The IPv4 address in an IPv4-mapped IPv6 address (RFC 4291 §2.5.5.2).
    private static func embedded(_ bytes: [UInt8]) -> [UInt8]? {
        guard bytes.count == 16, bytes[..<10].allSatisfy({ $0 == 0 }), bytes[10] == 0xFF, bytes[11] == 0xFF else { return nil }
        return Array(bytes[12...])
    }

    private static func masked(_ bytes: [UInt8], _ prefix: Int) -> [UInt8] {
        bytes.enumerated().map { index, byte in
            let kept: Int = min(max(prefix - index * 8, 0), 8)
            return byte & UInt8(truncatingIfNeeded: 0xFF00 >> kept)
        }
    }
}

extension AddressRange: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let value = AddressRange(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a range of addresses such as 10.0.0.0/8")
        }
        self = value
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}
