import WireModel

/// What cannot be put into a message.
package enum EmailRenderingError: Error, Hashable, Sendable {
    /// A line break or another control character: somebody tries to write headers of their own.
    case forbiddenCharacter(header: String)
    case badAddress(header: String)
}

/// A message as bytes (RFC 5322 and 2045), and its envelope.
package struct EmailRendering: Sendable {
    package let bytes: [UInt8]
    /// The bare address of `from`.
    package let sender: String
    package let recipient: String

    /// - Parameter isForReading: subject and text as they are, in UTF-8 (RFC 6532), for files that people look into; servers
    ///   of old get everything in ASCII.
    package init(_ message: MailMessage, isForReading: Bool = false) throws(EmailRenderingError) {
        for (header, value) in [("Message-ID", message.id), ("From", message.from), ("To", message.to), ("Subject", message.subject)] {
            guard !value.unicodeScalars.contains(where: { $0.properties.generalCategory == .control || $0 == "\u{2028}" || $0 == "\u{2029}" }) else {
                throw .forbiddenCharacter(header: header)
            }
        }
        guard Self.isName(message.id) else { throw .forbiddenCharacter(header: "Message-ID") }
        guard !message.language.isEmpty, message.language.utf8.allSatisfy({ $0.isAlphanumeric || $0 == UInt8(ascii: "-") }) else {
            throw .forbiddenCharacter(header: "Content-Language")
        }
        let (name, sender) = try Self.mailbox(message.from)
        guard Self.isAddress(message.to) else { throw .badAddress(header: "To") }
        self.sender = sender
        recipient = message.to
        let domain: Substring = sender[sender.lastIndex(of: "@")!...]
        let (encoding, body): (String, String) = isForReading ? ("8bit", MIME.plainBody(message.text)) : MIME.encodedBody(message.text)
        let lines: [String] = [
            "Date: \(MIME.date(message.date))",
            "From: \(name.isEmpty ? sender : "\(MIME.phrase(name))\r\n <\(sender)>")",
            "To: \(recipient)",
            "Subject: \(isForReading ? message.subject : MIME.unstructured(message.subject, after: "Subject: ".utf8.count))",
            "Message-ID: <\(message.id)\(domain)>",
            "Auto-Submitted: auto-generated",
            "MIME-Version: 1.0",
            "Content-Type: text/plain; charset=UTF-8",
            "Content-Transfer-Encoding: \(encoding)",
            "Content-Language: \(message.language)",
        ]
        bytes = Array((lines.joined(separator: "\r\n") + "\r\n\r\n" + body).utf8)
    }

    /// Whether it may name a message, and a file: no path leads out of it.
    static func isName(_ id: String) -> Bool {
        !id.isEmpty && id.utf8.count <= 128 && !id.hasPrefix(".") && !id.hasSuffix(".") && !id.contains("..")
            && id.utf8.allSatisfy { $0.isAlphanumeric || "_-.".utf8.contains($0) }
    }

    private static func mailbox(_ text: String) throws(EmailRenderingError) -> (name: String, address: String) {
        guard text.hasSuffix(">"), let open = text.lastIndex(of: "<") else {
            guard isAddress(text) else { throw .badAddress(header: "From") }
            return ("", text)
        }
        var name: Substring = text[..<open]
        while name.last == " " { name.removeLast() }
        while name.first == " " { name.removeFirst() }
        if name.count >= 2, name.first == "\"", name.last == "\"" { name = name.dropFirst().dropLast() }
        let address = String(text[text.index(after: open)...].dropLast())
        guard isAddress(address) else { throw .badAddress(header: "From") }
        return (String(name), address)
    }

    /// What keeps an address from being two, or a command: the rest was validated where it came in. Beyond ASCII only before
    /// the `@` (RFC 6531).
    private static func isAddress(_ text: String) -> Bool {
        guard let at = text.lastIndex(of: "@"), at != text.startIndex, text.utf8.count <= 254 else { return false }
        let domain: Substring = text[text.index(after: at)...]
        return !domain.isEmpty && domain.utf8.allSatisfy { $0.isAlphanumeric || "-.".utf8.contains($0) }
            && !text[..<at].unicodeScalars.contains { "<>()[]\\,;:\"@".unicodeScalars.contains($0) || $0.properties.isWhitespace }
    }
}

extension UInt8 {
    /// An ASCII letter or digit.
    var isAlphanumeric: Bool {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"): true
        default: false
        }
    }
}
