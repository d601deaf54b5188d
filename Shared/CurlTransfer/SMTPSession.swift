/// What goes out and comes back in one SMTP session.
final class SMTPSession {
    /// The server takes no addresses beyond ASCII, and this message has one.
    private(set) var lacksUTF8: Bool = false
    /// The enhanced status code (RFC 3463) of the last reply, with a blank before it, or nothing. The rest of a reply's text is
    /// the server's own and may quote the message.
    private(set) var status: String = ""

    private let message: [UInt8]
    private var sent: Int = 0
    private let needsUTF8: Bool
    private var isSecure: Bool
    private var greetings: Int = 0
    private var awaitsCapabilities: Bool = false
    private var capabilities: Set<String> = []

    init(_ submission: SMTPSubmission) {
        message = submission.message
        isSecure = submission.url.hasPrefix("smtps:")
        needsUTF8 = !(submission.sender + submission.recipient).utf8.allSatisfy { $0 < 0x80 }
    }

    var hasSentMessage: Bool { sent == message.count }

    func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        let count: Int = min(buffer.count, message.count - sent)
        buffer.copyBytes(from: message[sent..<sent + count])
        sent += count
        return count
    }

    /// Takes one line of a reply.
    /// - Returns: whether to go on.
    func heard(_ line: UnsafeRawBufferPointer) -> Bool {
        let text: Substring = String(decoding: line, as: UTF8.self).prefix { $0 != "\r\n" && $0 != "\n" && $0 != "\r" }
        let code: Substring = text.prefix(3)
        let isLast: Bool = text.dropFirst(3).first != "-"
        let words: [Substring] = text.dropFirst(4).split(separator: " ")
        // 221 answers the QUIT that follows a refusal.
        if code != "221" { status = Self.enhancedStatus(words.first) }
        // 220 is the greeting, and then the consent to STARTTLS; after each the client asks for the capabilities.
        if code == "220", isLast {
            greetings += 1
            if greetings > 1 { isSecure = true }
            awaitsCapabilities = true
            capabilities = []
        } else if code == "250", awaitsCapabilities {
            if let word = words.first { capabilities.insert(word.uppercased()) }
            if isLast {
                awaitsCapabilities = false
                // libcurl 7.88 sends such an address whether or not the server can read it.
                lacksUTF8 = needsUTF8 && !capabilities.contains("SMTPUTF8") && (isSecure || !capabilities.contains("STARTTLS"))
            }
        }
        return !lacksUTF8
    }

    private static func enhancedStatus(_ word: Substring?) -> String {
        guard let word, word.utf8.count <= 11 else { return "" }
        let parts: [Substring] = word.split(separator: ".", omittingEmptySubsequences: false)
        let isStatus: Bool = parts.count == 3 && parts.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy { (48...57).contains($0) } }
        return isStatus ? " " + word : ""
    }
}
