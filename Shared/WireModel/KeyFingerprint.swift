/// A key's fingerprint as two people compare it, one at the device and one at the hub.
///
/// The first 100 bits of the SHA-256 of the public key (DER SubjectPublicKeyInfo) as five groups of four characters of Crockford's Base32, which has
/// no I, L, O and U: `7KQD-9M2X-…`. Another key with the same fingerprint takes about 2^100 tries.
package struct KeyFingerprint: Sendable, Hashable, Codable, CustomStringConvertible {
    package let text: String

    private static let alphabet: [Character] = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
    private static let (groups, perGroup): (Int, Int) = (5, 4)

    /// - Parameter thumbprint: SHA-256 in hexadecimal, as leases name a key.
    /// - Returns: `nil` for what is none.
    package init?(thumbprint: String) {
        guard let bytes = [UInt8](hexadecimal: thumbprint), bytes.count == 32 else { return nil }
        var characters: [Character] = []
        var (window, bits): (UInt32, Int) = (0, 0)
        for byte in bytes {
            (window, bits) = (window << 8 | UInt32(byte), bits + 8)
            while bits >= 5 {
                bits -= 5
                characters.append(Self.alphabet[Int(window >> UInt32(bits) & 31)])
            }
        }
        self.init(characters)
    }

    /// Reads what somebody typed: case and what stands between the groups do not count; O is 0, I and L are 1.
    package init?(typed: String) {
        let read: [Character] = typed.uppercased().filter { !"-: ".contains($0) }.map { $0 == "O" ? "0" : "IL".contains($0) ? "1" : $0 }
        guard read.count == Self.groups * Self.perGroup, read.allSatisfy(Self.alphabet.contains) else { return nil }
        self.init(read)
    }

    private init(_ characters: [Character]) {
        text = (0..<Self.groups).map { String(characters[$0 * Self.perGroup..<($0 + 1) * Self.perGroup]) }.joined(separator: "-")
    }

    package var description: String { text }

    package init(from decoder: any Decoder) throws {
        let text: String = try decoder.singleValueContainer().decode(String.self)
        guard let read = KeyFingerprint(typed: text) else {
            throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: "no fingerprint"))
        }
        self = read
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}
