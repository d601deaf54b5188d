import Crypto

/// A SHA-256 value, 32 bytes: an entry's in the journal's chain, or a text's.
package struct EntryHash: Hashable, Sendable, Codable {
    package let bytes: [UInt8]

    /// What the first entry of an epoch names as its predecessor.
    package static let genesis = EntryHash(checked: [UInt8](repeating: 0, count: 32))

    package init?(_ bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        self.bytes = bytes
    }

    init(checked bytes: [UInt8]) { self.bytes = bytes }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let bytes = [UInt8](hexadecimal: try container.decode(String.self)), let hash = EntryHash(bytes) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not 64 hexadecimal digits")
        }
        self = hash
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(bytes.hexadecimal)
    }

    /// The hash of a text's bytes.
    package init(of text: String) { self.init(checked: Array(SHA256.hash(data: Array(text.utf8)))) }
}
