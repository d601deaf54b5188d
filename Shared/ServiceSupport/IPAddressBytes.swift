import Glibc

/// The network-order bytes of a numeric address, as certificates carry them (RFC 5280 §4.2.1.6), and back.
package enum IPAddressBytes {
    /// - Returns: 4 or 16 bytes; `nil` when the text is not a numeric address.
    package static func parse(_ text: String) -> [UInt8]? {
        // A zero byte would end the text early for C.
        guard !text.utf8.contains(0) else { return nil }
        var four = in_addr()
        if inet_pton(AF_INET, text, &four) == 1 { return withUnsafeBytes(of: four) { Array($0) } }
        var six = in6_addr()
        if inet_pton(AF_INET6, text, &six) == 1 { return withUnsafeBytes(of: six) { Array($0) } }
        return nil
    }

    /// - Parameter bytes: 4, or 16, which are written as RFC 5952 says.
    package static func text(_ bytes: [UInt8]) -> String {
        var characters = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        inet_ntop(bytes.count == 4 ? AF_INET : AF_INET6, bytes, &characters, socklen_t(characters.count))
        return String(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
