import WireModel

/// Pictures that travel in JSON.
enum Base64Picture {
    /// Reads standard base64 (RFC 4648 §4) or base64url (§5), padded or not, line breaks allowed; or a `data:` URL (RFC 2397) of it.
    /// - Throws: `invalid_request`.
    static func decode(_ text: String, member: String) throws(Problem) -> [UInt8] {
        var digits: Substring.UTF8View = text[...].utf8
        if text.utf8.starts(with: "data:".utf8) {
            // The media type is short; a text without a comma is not searched to its end.
            guard let comma = digits.prefix(200).firstIndex(of: UInt8(ascii: ",")), digits[..<comma].suffix(7).elementsEqual(";base64".utf8) else {
                throw problem(member, "is a data: URL that is not base64")
            }
            digits = digits[digits.index(after: comma)...]
        }
        guard let bytes = bytes(digits) else { throw problem(member, "is not base64") }
        return bytes
    }

    /// By hand, because the standard decoder takes padding in the middle, and neither the URL's alphabet nor missing padding.
    private static func bytes(_ digits: Substring.UTF8View) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(digits.count / 4 * 3 + 3)
        var group: UInt32 = 0
        var count: Int = 0
        var padding: Int = 0
        for digit in digits {
            let value: UInt8 = values[Int(digit)]
            if value < 64, padding == 0 {
                group = group << 6 | UInt32(value)
                count += 1
                if count % 4 == 0 {
                    bytes.append(UInt8(truncatingIfNeeded: group >> 16))
                    bytes.append(UInt8(truncatingIfNeeded: group >> 8))
                    bytes.append(UInt8(truncatingIfNeeded: group))
                }
            } else if digit == UInt8(ascii: "=") {
                padding += 1
            } else if digit != UInt8(ascii: "\r"), digit != UInt8(ascii: "\n") {
                return nil
            }
        }
        let rest: Int = count % 4
        guard rest != 1, padding == 0 || rest > 0 && rest + padding == 4 else { return nil }
        if rest >= 2 { bytes.append(UInt8(truncatingIfNeeded: group >> (rest == 2 ? 4 : 10))) }
        if rest == 3 { bytes.append(UInt8(truncatingIfNeeded: group >> 2)) }
        return bytes
    }

    /// Of each byte as a digit; 255 for those that are none.
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: .max, count: 256)
        for (value, digit) in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8.enumerated() { values[Int(digit)] = UInt8(value) }
        (values[Int(UInt8(ascii: "-"))], values[Int(UInt8(ascii: "_"))]) = (62, 63)
        return values
    }()

    private static func problem(_ member: String, _ fault: String) -> Problem {
        Problem(
            .invalidRequest, "The picture's text cannot be read.", detail: "/\(member): \(fault)",
            remedy: "Send the picture's bytes as base64, or as multipart/form-data.")
    }
}
