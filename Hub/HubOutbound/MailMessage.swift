import WireModel

/// One e-mail to one person. Addresses have been validated; domains are in ASCII (A-labels).
package struct MailMessage: Sendable {
    /// Names the message for ever: sent twice, it is the same message to its reader. Letters, digits, `_`, `-` and `.`.
    package let id: String
    /// `a@b` or `Name <a@b>`.
    package let from: String
    /// `a@b`.
    package let to: String
    package let subject: String
    package let text: String
    /// BCP 47, such as `en` or `zh-Hans`.
    package let language: String
    package let date: Timestamp

    package init(id: String, from: String, to: String, subject: String, text: String, language: String, date: Timestamp) {
        self.id = id
        self.from = from
        self.to = to
        self.subject = subject
        self.text = text
        self.language = language
        self.date = date
    }
}

/// Why a message was not sent. A reason never holds the message's text or a secret.
package enum MailTransportError: Error, Hashable, Sendable {
    /// Send the same message again later.
    case transient(reason: String)
    /// This message will never be taken.
    case permanent(reason: String)
}

/// A way to hand messages over.
package protocol MailTransport: Sendable {
    /// Returns when the message has been taken over for good.
    func send(_ message: MailMessage) async throws(MailTransportError)
}

extension MailMessage {
    func rendered(isForReading: Bool = false) throws(MailTransportError) -> EmailRendering {
        do {
            return try EmailRendering(self, isForReading: isForReading)
        } catch {
            switch error {
            case .forbiddenCharacter(let header): throw .permanent(reason: "\(header) has a character that no header may have")
            case .badAddress(let header): throw .permanent(reason: "\(header) is not an e-mail address")
            }
        }
    }
}
