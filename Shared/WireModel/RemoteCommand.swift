/// What an operator asks of one device. Delivered with the answer of a sync until the device's receipt has come, executed once.
package enum RemoteCommandKind: String, Sendable, Codable, CaseIterable {
    /// The agent ends as on SIGTERM, for its supervisor to start again; waits while none runs.
    case restart
    /// A sync at once, whatever the day's byte budget says.
    case syncNow = "sync_now"
    /// What `doctor` and `status` say, without faces, names or keys.
    case diagnostics
    /// A new certificate for the device's key.
    case rotateCertificate = "rotate_certificate"
    /// Nothing is decided until `resume`.
    case pause
    case resume
    /// Everybody is erased, what the journal still has to tell is told, then the store and its keys go.
    case wipe
}

package struct RemoteCommand: Sendable, Codable, Hashable {
    package let id: CommandID
    /// A ``RemoteCommandKind``; an agent that does not know it answers so.
    package let kind: String
    package let issued: Timestamp
    /// By the hub's time: not executed from then on.
    package let expires: Timestamp

    package init(id: CommandID, kind: String, issued: Timestamp, expires: Timestamp) {
        self.id = id
        self.kind = kind
        self.issued = issued
        self.expires = expires
    }
}

/// What became of a command.
package struct CommandReceipt: Sendable, Codable, Hashable {
    package enum Outcome: String, Sendable, Codable, CaseIterable {
        case done
        case failed
        /// Its time was over before the device heard of it, or could do it.
        case expired
        /// This agent knows no such command.
        case unknown
    }

    /// Characters of a detail: a bundle of diagnostics fits.
    package static let longestDetail: Int = 64 * 1024

    package let id: CommandID
    package let outcome: Outcome
    /// By the device's idea of the hub's time.
    package let finished: Timestamp
    package let detail: String?

    package init(id: CommandID, outcome: Outcome, finished: Timestamp, detail: String? = nil) {
        self.id = id
        self.outcome = outcome
        self.finished = finished
        self.detail = detail.map { String($0.prefix(Self.longestDetail)) }
    }
}

/// How a device really works: beside what is wanted of it, this shows what has drifted.
package struct ReportedState: Sendable, Codable, Hashable {
    /// ``JSON/mark(_:)`` of the configuration it works by.
    package let configuration: String
    package let isPaused: Bool
    /// When its certificate ends.
    package let certificateEnds: Timestamp?
    /// Of each kind; `nil` from a device that no launcher runs, whose programs come another way.
    package let updates: [UpdateReport]?

    package init(configuration: String, isPaused: Bool, certificateEnds: Timestamp?, updates: [UpdateReport]? = nil) {
        self.configuration = configuration
        self.isPaused = isPaused
        self.certificateEnds = certificateEnds
        self.updates = updates
    }
}

/// Asks for another certificate for the same key (`POST /edge/v1/certificate`): with two thirds of the old one's life over, by command, or
/// after it ended while the device was dark. Whoever signs the request has the key, and a certificate is of use to nobody else: so it needs
/// no certificate to ask for one.
package struct CertificateRequest: Sendable, Codable {
    /// PKCS#10, PEM, of the key the device joined with.
    package let certificateSigningRequest: String

    package init(certificateSigningRequest: String) { self.certificateSigningRequest = certificateSigningRequest }
}

package struct CertificateAnswer: Sendable, Codable {
    package let device: DeviceID
    /// PEM. The device's former one counts until this one is used.
    package let certificate: String

    package init(device: DeviceID, certificate: String) {
        self.device = device
        self.certificate = certificate
    }
}
