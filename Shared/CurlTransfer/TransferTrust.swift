/// What a TLS connection believes.
package enum TransferTrust: Sendable {
    /// The system's authorities.
    case system
    /// PEM of the only authorities believed.
    case authority([UInt8])
    /// The same, in a file.
    case file(String)
    /// Nothing is believed, so anything is accepted: for what is checked in another way, or needs no check.
    case nothingYet
}

/// A client certificate and its key, PEM.
package struct TransferCredential: Sendable {
    package let certificate: [UInt8]
    package let key: [UInt8]

    package init(certificate: [UInt8], key: [UInt8]) {
        self.certificate = certificate
        self.key = key
    }
}
