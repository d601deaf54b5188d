/// What a device sends, once, to become a device of an account (`POST /edge/v1/enrol`, over verified TLS).
package struct EnrolmentRequest: Sendable, Codable {
    /// The one-time secret of the join token.
    package let secret: String
    /// PKCS#10, PEM. Its key stays on the device.
    package let certificateSigningRequest: String
    /// What people call the device; up to 100 characters.
    package let label: String
    package let agentVersion: String

    package init(secret: String, certificateSigningRequest: String, label: String, agentVersion: String) {
        self.secret = secret
        self.certificateSigningRequest = certificateSigningRequest
        self.label = label
        self.agentVersion = agentVersion
    }
}

package struct EnrolmentResponse: Sendable, Codable {
    package let device: DeviceID
    package let account: AccountID
    /// The device's certificate, PEM, signed by the hub's own authority.
    package let certificate: String
    /// Ed25519 public key that signs leases, 32 bytes.
    package let leaseKey: Base64
    package let journalEpoch: Int64
    package let hubEpoch: Int64
    package let time: Timestamp

    package init(
        device: DeviceID, account: AccountID, certificate: String, leaseKey: Base64, journalEpoch: Int64, hubEpoch: Int64, time: Timestamp
    ) {
        self.device = device
        self.account = account
        self.certificate = certificate
        self.leaseKey = leaseKey
        self.journalEpoch = journalEpoch
        self.hubEpoch = hubEpoch
        self.time = time
    }
}

/// What a device without a token sends until an operator has decided (`POST /edge/v1/waiting`, over verified TLS). The same key is the same
/// request, however often it comes; nobody but the key's holder has any use for the answer.
package struct WaitingRequest: Sendable, Codable {
    /// PKCS#10, PEM, signed by the key that is to be the device's.
    package let certificateSigningRequest: String
    /// What people call the device; up to 100 characters.
    package let label: String
    /// What the machine says it is; up to 100 characters, empty where it says nothing.
    package let model: String
    package let agentVersion: String

    package init(certificateSigningRequest: String, label: String, model: String, agentVersion: String) {
        self.certificateSigningRequest = certificateSigningRequest
        self.label = label
        self.model = model
        self.agentVersion = agentVersion
    }
}

package struct WaitingAnswer: Sendable, Codable {
    /// As the hub shows it to its operators.
    package let fingerprint: KeyFingerprint
    /// When the device is to ask again; of no meaning once it is enrolled.
    package let againMilliseconds: Int64
    /// There once an operator has approved.
    package let enrolment: EnrolmentResponse?

    package init(fingerprint: KeyFingerprint, againMilliseconds: Int64, enrolment: EnrolmentResponse?) {
        self.fingerprint = fingerprint
        self.againMilliseconds = againMilliseconds
        self.enrolment = enrolment
    }
}

/// What an operator hands to whoever sets up a device: a one-time secret and the fingerprint of the hub's
/// authority, so that the device can trust the right hub from the first byte without a file being copied.
///
/// Written `vjt_<secret>.<fingerprint>`: 22 base64url characters (128 bits) and 64 hexadecimal digits.
package struct JoinToken: Hashable, Sendable {
    package let secret: String
    /// SHA-256 of the authority's certificate (DER), lower-case hexadecimal.
    package let authorityFingerprint: String

    package init(secret: String, authorityFingerprint: String) {
        self.secret = secret
        self.authorityFingerprint = authorityFingerprint
    }

    package init?(_ text: String) {
        guard text.hasPrefix("vjt_") else { return nil }
        let parts: [Substring] = text.dropFirst(4).split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].utf8.count == 22, Base64(text: String(parts[0]))?.bytes.count == 16,
            let fingerprint = [UInt8](hexadecimal: parts[1]), fingerprint.count == 32
        else { return nil }
        self.init(secret: String(parts[0]), authorityFingerprint: fingerprint.hexadecimal)
    }

    package var text: String { "vjt_\(secret).\(authorityFingerprint)" }
}
