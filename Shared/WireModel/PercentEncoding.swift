extension String {
    /// The text with `%XX` undone (RFC 3986 §2.1); `nil` when an escape is cut off or the bytes are not UTF-8.
    package var percentDecoded: String? {
        var bytes: [UInt8] = []
        var rest: Substring.UTF8View = self[...].utf8
        while let byte = rest.popFirst() {
            guard byte == 0x25 else {
                bytes.append(byte)
                continue
            }
            let digits: Substring.UTF8View = rest.prefix(2)
            guard digits.count == 2, let decoded = [UInt8](hexadecimal: Substring(digits)) else { return nil }
            bytes += decoded
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}

extension String {
    /// Everything but letters, digits and `-._~` as `%XX` (RFC 3986 §2.3): fit for a value of a query.
    package var percentEncoded: String {
        utf8.map { byte in
            let isPlain: Bool =
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || "-._~".utf8.contains(byte)
            return isPlain ? String(UnicodeScalar(byte)) : "%" + [byte].hexadecimal.uppercased()
        }.joined()
    }
}
