import FoundationEssentials
import WireModel

/// The encodings of mail that a text message needs.
package enum MIME {
    /// A header line with an encoded word has at most 76 characters (RFC 2047, 2).
    private static let widest: Int = 76

    /// `Thu, 21 Sep 2026 14:13:20 +0000` (RFC 5322, 3.3), always in UTC.
    package static func date(_ time: Timestamp) -> String {
        let seconds: Int64 = time.milliseconds / 1000 - (time.milliseconds % 1000 < 0 ? 1 : 0)
        var (days, rest) = seconds.quotientAndRemainder(dividingBy: 86_400)
        if rest < 0 { (days, rest) = (days - 1, rest + 86_400) }
        let date = CalendarDay(daysSinceEpoch: days)
        let clock: String = [rest / 3600, rest / 60 % 60, rest % 60].map { ($0 < 10 ? "0" : "") + String($0) }.joined(separator: ":")
        let names = (
            days: ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"],
            months: ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        )
        return "\(names.days[date.weekday]), \(date.day) \(names.months[Int(date.month) - 1]) \(date.year) \(clock) +0000"
    }

    /// The value of a header such as Subject: as it is, or in encoded words (RFC 2047) folded to lines.
    /// - Parameter after: bytes of its line that are taken already.
    package static func unstructured(_ text: String, after: Int) -> String {
        let isPlain: Bool = text.utf8.allSatisfy { (0x20..<0x7F).contains($0) } && !text.contains("=?") && !text.hasPrefix(" ") && !text.hasSuffix(" ")
        return isPlain && after + text.utf8.count <= widest ? text : encodedWords(text, after: after)
    }

    /// A display name: an atom, a quoted string or encoded words.
    package static func phrase(_ text: String) -> String {
        let plain: Bool = text.utf8.allSatisfy { (0x20..<0x7F).contains($0) } && !text.contains("=?") && text.utf8.count <= 60
        guard plain else { return encodedWords(text, after: "From: ".utf8.count) }
        if text.utf8.allSatisfy({ $0.isAlphanumeric || $0 == UInt8(ascii: " ") }) { return text }
        return "\"" + text.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : String($0) }.joined() + "\""
    }

    /// Each word holds whole characters (RFC 2047, 5).
    private static func encodedWords(_ text: String, after: Int) -> String {
        var words: [String] = []
        var word: [UInt8] = []
        func room() -> Int { (widest - (words.isEmpty ? after : 1) - "=?UTF-8?B??=".utf8.count) / 4 * 3 }
        for scalar in text.unicodeScalars {
            let bytes: [UInt8] = Array(String(scalar).utf8)
            if word.count + bytes.count > room() {
                words.append("=?UTF-8?B?\(Data(word).base64EncodedString())?=")
                word = []
            }
            word += bytes
        }
        words.append("=?UTF-8?B?\(Data(word).base64EncodedString())?=")
        return words.joined(separator: "\r\n ")
    }

    private static func lines(_ text: String) -> [Substring] {
        var lines: [Substring] = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" || $0 == "\r" }
        if lines.last?.isEmpty == true { lines.removeLast() }
        return lines
    }

    /// The text with CRLF line ends, one at its end.
    package static func plainBody(_ text: String) -> String { lines(text).map { $0 + "\r\n" }.joined() }

    /// The text with CRLF line ends, one at its end, in the encoding that leaves it most readable.
    package static func encodedBody(_ text: String) -> (encoding: String, body: String) {
        let lines: [Substring] = lines(text)
        let isPlain: Bool = lines.allSatisfy { line in
            // RFC 5322, 2.1.1: 998 characters; and a From at a line's start is changed by some mailboxes.
            line.utf8.count <= 990 && !line.hasPrefix("From ") && line.utf8.allSatisfy { (0x20..<0x7F).contains($0) || $0 == 9 }
        }
        if isPlain { return ("7bit", lines.map { $0 + "\r\n" }.joined()) }
        let foreign: Int = text.utf8.count { $0 >= 0x80 }
        if foreign * 6 < text.utf8.count { return ("quoted-printable", lines.map { quotedPrintable($0) + "\r\n" }.joined()) }
        let encoded: [UInt8] = Array(Data(lines.map { $0 + "\r\n" }.joined().utf8).base64EncodedString().utf8)
        let rows: [String] = stride(from: 0, to: encoded.count, by: 76).map { String(decoding: encoded[$0..<min($0 + 76, encoded.count)], as: UTF8.self) }
        return ("base64", rows.map { $0 + "\r\n" }.joined())
    }

    /// One line (RFC 2045, 6.7): rows of at most 76 characters, no blank at a row's end.
    private static func quotedPrintable(_ line: Substring) -> String {
        var rows: [String] = [""]
        let bytes: [UInt8] = Array(line.utf8)
        for (index, byte) in bytes.enumerated() {
            let isBlank: Bool = byte == 0x20 || byte == 9
            let isFrom: Bool = index == 0 && line.hasPrefix("From ")
            let isLiteral: Bool = ((0x21..<0x7F).contains(byte) && byte != UInt8(ascii: "=") && !isFrom) || (isBlank && index + 1 < bytes.count)
            let piece: String = isLiteral ? String(UnicodeScalar(byte)) : "=" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            if rows[rows.count - 1].utf8.count + piece.utf8.count > 75 { rows.append("") }
            rows[rows.count - 1] += piece
        }
        return rows.joined(separator: "=\r\n")
    }
}
