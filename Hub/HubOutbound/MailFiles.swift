import FoundationEssentials
import ServiceSupport
import WireModel

/// Mail for development: each message becomes a file, which a developer opens instead of a mailbox.
package struct MailFiles: MailTransport {
    private let directory: String

    /// - Parameter directory: made when it is missing, mode 0700.
    package init(directory: String) { self.directory = directory }

    /// Writes `<id>.eml`, mode 0600, in words that people can read; the same message again replaces it.
    package func send(_ message: MailMessage) async throws(MailTransportError) {
        let rendering: EmailRendering = try message.rendered(isForReading: true)
        do {
            try PrivateFiles.makeDirectory(directory)
            try PrivateFiles.write(rendering.bytes, to: "\(directory)/\(message.id).eml")
        } catch {
            throw .transient(reason: "\(error.title) \(error.detail)")
        }
    }

    /// The newest message to a mailbox; `nil` when there is none.
    package func newest(to mailbox: String) throws(Problem) -> (subject: String, text: String)? {
        let names: [String] = ((try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []).filter { $0.hasSuffix(".eml") }
        // Identifiers sort by time.
        for name in names.sorted().reversed() {
            guard let bytes = try PrivateFiles.read("\(directory)/\(name)") else { continue }
            let lines: [Substring] = String(decoding: bytes, as: UTF8.self).split(separator: "\r\n", omittingEmptySubsequences: false)
            let headers: ArraySlice<Substring> = lines.prefix { !$0.isEmpty }
            guard headers.contains("To: " + mailbox), let subject = headers.first(where: { $0.hasPrefix("Subject: ") }) else { continue }
            return (String(subject.dropFirst(9)), lines.dropFirst(headers.count + 1).joined(separator: "\n"))
        }
        return nil
    }
}
