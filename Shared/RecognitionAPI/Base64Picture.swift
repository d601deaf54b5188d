import FoundationEssentials
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
        var standard: [UInt8] = []
        standard.reserveCapacity(digits.count + 4)
        for digit in digits {
            switch digit {
            case UInt8(ascii: "-"): standard.append(UInt8(ascii: "+"))
            case UInt8(ascii: "_"): standard.append(UInt8(ascii: "/"))
            case UInt8(ascii: "\r"), UInt8(ascii: "\n"): continue
            default: standard.append(digit)
            }
        }
        while standard.last == UInt8(ascii: "="), standard.count % 4 != 0 || standard.suffix(3).allSatisfy({ $0 == UInt8(ascii: "=") }) {
            standard.removeLast()
        }
        while standard.count % 4 != 0, standard.count % 4 != 1 { standard.append(UInt8(ascii: "=")) }
        guard let data = Data(base64Encoded: Data(standard)) else { throw problem(member, "is not base64") }
        return [UInt8](data)
    }

    private static func problem(_ member: String, _ fault: String) -> Problem {
        Problem(
            .invalidRequest, "The picture's text cannot be read.", detail: "/\(member): \(fault)",
            remedy: "Send the picture's bytes as base64, or as multipart/form-data.")
    }
}
