import CurlTransfer
import ServiceSupport
import WireModel

/// When mail over `smtp://` is secured by STARTTLS.
package enum StartTLSPolicy: Sendable {
    /// With a verified certificate, or nothing is sent.
    case required
    /// Where offered, with any certificate. Whoever is on the way can read the mail and the password.
    case insecure
}

/// Mail to one SMTP server, a session per message.
package actor SMTPTransport: MailTransport {
    private let executor = BlockingExecutor(label: "vultus.smtp")
    private let server: SMTPServer
    /// The policy in force.
    package nonisolated let startTLS: StartTLSPolicy
    private let trust: TransferTrust
    private let timeout: Duration
    private let transfer: CurlTransfer

    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// - Parameters:
    ///   - url: `smtp://host:25`, `smtp://user:password@host:587` or `smtps://user:password@host`; user and password percent-encoded.
    ///   - startTLS: `nil` requires it unless the host is this one (`localhost`, `127.0.0.0/8`, `::1`).
    ///   - caFile: PEM of the only authorities believed; `nil` for the system's.
    package init(url: String, startTLS: StartTLSPolicy? = nil, caFile: String? = nil, timeout: Duration = .seconds(30)) throws(Problem) {
        guard let server = SMTPServer(url) else {
            // The address itself may hold a password.
            throw Problem(.invalidRequest, "That is not the address of a mail server.", remedy: "Write it as smtp://user:password@host:587 or smtps://host.")
        }
        self.server = server
        self.startTLS = startTLS ?? (server.isLoopback ? .insecure : .required)
        let verified: TransferTrust = caFile.map { .file($0) } ?? .system
        trust = self.startTLS == .required || server.isImplicitTLS ? verified : .nothingYet
        self.timeout = timeout
        do {
            transfer = try CurlTransfer()
        } catch {
            throw Problem(.internalFault, "The network library failed.", remedy: "Run `vultus-hub doctor` and report its output.")
        }
    }

    package func send(_ message: MailMessage) async throws(MailTransportError) {
        let rendering: EmailRendering = try message.rendered()
        let submission = SMTPSubmission(
            url: server.url, credentials: server.credentials, startTLS: startTLS == .required ? .required : .whenOffered, trust: trust, timeout: timeout,
            sender: rendering.sender, recipient: rendering.recipient, message: rendering.bytes)
        do {
            try transfer.submit(submission)
        } catch {
            throw MailTransportError(error, server: server.name)
        }
    }
}

extension MailTransportError {
    /// What is wrong with the server, its certificate or our credentials says nothing about the message: it is kept.
    init(_ fault: CurlTransferError, server: String) {
        switch fault {
        case .couldNotConnect(let reason), .cut(let reason): self = .transient(reason: "\(server): \(reason)")
        case .timedOut: self = .transient(reason: "\(server): no answer in time")
        case .untrusted(let reason): self = .transient(reason: "\(server): the certificate is not trusted: \(reason)")
        case .clientCertificateRefused: self = .transient(reason: "\(server): the TLS connection was refused")
        case .refused(let reply, let reason) where reply >= 500 && !Self.credentialReplies.contains(reply):
            self = .permanent(reason: "\(server): \(reason)")
        case .refused(_, let reason), .sessionRefused(_, let reason): self = .transient(reason: "\(server): \(reason)")
        case .notOffered(let name) where name == "SMTPUTF8":
            self = .permanent(reason: "\(server): takes no addresses beyond ASCII (SMTPUTF8 is not offered)")
        case .notOffered(let name): self = .transient(reason: "\(server): \(name) is required but not offered")
        case .library(let code, let reason): self = .transient(reason: "\(server): libcurl \(code): \(reason)")
        case .badAddress: self = .transient(reason: "\(server): not an address")
        case .tooLarge, .forbiddenAddress: self = .transient(reason: "\(server): not of an SMTP session")
        }
    }

    /// RFC 4954, 6: log in first, the mechanism is too weak, the credentials are invalid, the mechanism needs encryption.
    private static let credentialReplies: Set<Int> = [530, 534, 535, 538]
}
