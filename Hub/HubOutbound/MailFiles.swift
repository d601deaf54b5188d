import ServiceSupport
import WireModel

/// Mail for development: each message becomes a file, which a developer opens instead of a mailbox.
package struct MailFiles: MailTransport {
    private let directory: String

    /// - Parameter directory: made when it is missing, mode 0700.
    package init(directory: String) { self.directory = directory }

    /// Writes `<id>.eml`, mode 0600; the same message again replaces it.
    package func send(_ message: MailMessage) async throws(MailTransportError) {
        let rendering: EmailRendering = try message.rendered()
        do {
            try PrivateFiles.makeDirectory(directory)
            try PrivateFiles.write(rendering.bytes, to: "\(directory)/\(message.id).eml")
        } catch {
            throw .transient(reason: "\(error.title) \(error.detail)")
        }
    }
}
