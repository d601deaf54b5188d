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
