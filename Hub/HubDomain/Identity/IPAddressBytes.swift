import Glibc

/// The network-order bytes of a numeric address, as certificates carry them (RFC 5280 §4.2.1.6).
enum IPAddressBytes {
    /// - Returns: 4 or 16 bytes; `nil` when the text is not a numeric address.
    static func parse(_ text: String) -> [UInt8]? {
        var four = in_addr()
        if inet_pton(AF_INET, text, &four) == 1 { return withUnsafeBytes(of: four) { Array($0) } }
        var six = in6_addr()
        if inet_pton(AF_INET6, text, &six) == 1 { return withUnsafeBytes(of: six) { Array($0) } }
        return nil
    }
}
