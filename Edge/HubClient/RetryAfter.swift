import WireModel

/// How long a hub, or what stands before it, asks to be left alone (RFC 9110 §10.2.3).
struct RetryAfter {
    let duration: Duration

    /// What is longer is not believed: a wrong header must not keep a device from its hub for ever.
    static let longest: Duration = .seconds(24 * 3_600)

    /// - Parameters:
    ///   - text: seconds, or a date as RFC 9110 §5.6.7 prefers it: `Wed, 25 Nov 2026 17:09:17 GMT`.
    ///   - date: the answer's `Date`: what a date is measured against, because the device's own clock may be wrong.
    init?(_ text: String, answeredAt date: String?) {
        if !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
            duration = Int64(text).map { min(.seconds($0), Self.longest) } ?? Self.longest
            return
        }
        guard let end = Self.time(text), let begin = date.flatMap(Self.time) else { return nil }
        duration = min(max(end.since(begin), .zero), Self.longest)
    }

    private static let months: [Substring] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    private static func time(_ text: String) -> Timestamp? {
        let parts: [Substring] = text.split(separator: " ")
        guard parts.count == 6, parts[5] == "GMT", let month = months.firstIndex(of: parts[2]) else { return nil }
        let number: String = month < 9 ? "0\(month + 1)" : "\(month + 1)"
        return Timestamp("\(parts[3])-\(number)-\(parts[1])T\(parts[4])Z")
    }
}
