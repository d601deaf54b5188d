import FoundationEssentials

/// Bytes that travel in JSON as unpadded base64url (RFC 4648 §5).
package struct Base64: Hashable, Sendable, Codable {
    package let bytes: [UInt8]

    package init(_ bytes: some Sequence<UInt8>) { self.bytes = Array(bytes) }

    package init?(text: String) {
        var standard: String = text.replacing("-", with: "+").replacing("_", with: "/")
        standard += String(repeating: "=", count: (4 - standard.utf8.count % 4) % 4)
        guard let data = Data(base64Encoded: standard) else { return nil }
        bytes = [UInt8](data)
    }

    package var text: String {
        Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let value = Base64(text: try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not base64url")
        }
        self = value
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}

extension Sequence<UInt8> {
    /// Lower-case hexadecimal, two digits a byte.
    package var hexadecimal: String {
        var text: String = ""
        for byte in self {
            text += byte < 16 ? "0" + String(byte, radix: 16) : String(byte, radix: 16)
        }
        return text
    }
}

extension [UInt8] {
    /// - Returns: `nil` unless the text is an even number of hexadecimal digits.
    package init?(hexadecimal text: some StringProtocol) {
        let digits: [UInt8] = Array(text.utf8)
        guard digits.count.isMultiple(of: 2) else { return nil }
        self = []
        reserveCapacity(digits.count / 2)
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let byte = UInt8(String(decoding: digits[index...index + 1], as: UTF8.self), radix: 16) else { return nil }
            append(byte)
        }
    }
}

/// Builds the exact bytes that get hashed or signed: every variable part carries its length, so that no two
/// different values can give the same bytes.
package struct CanonicalBytes {
    package private(set) var bytes: [UInt8] = []

    /// - Parameter domain: names what is being hashed, so that a signature over one kind never fits another.
    package init(domain: String) { append(domain) }

    package mutating func append(_ value: Int64) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }

    package mutating func append(_ text: String) { append(Array(text.utf8)) }

    package mutating func append(_ part: [UInt8]) {
        append(Int64(part.count))
        bytes.append(contentsOf: part)
    }
}
