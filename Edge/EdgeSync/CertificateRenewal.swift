import Crypto
import EdgeStore
import HubClient
import ServiceSupport
import SwiftASN1
import WireModel
import X509

/// Gets a device its next certificate, for the key it has: leases, journal heads and sealed answers name that key, and it never leaves the
/// device.
struct CertificateRenewal {
    /// An attempt that failed is made again after so long; until the end of the certificate there is time.
    private static let pause: Duration = .seconds(3_600)
    private var read: (pem: String, term: CertificateTerm?)?
    private var attempt: ContinuousClock.Instant?

    /// Whether two thirds of the present one's life are over, by the device's idea of the hub's time, and it is worth an attempt.
    mutating func isDue(_ store: EdgeStore) throws -> Bool {
        let pem: String = try store.identity().certificatePEM
        if read?.pem != pem { read = (pem, CertificateTerm(pem)) }
        guard let term = read?.term, try store.trustedTime() >= term.renewal, attempt.map({ ContinuousClock.now - $0 >= Self.pause }) ?? true else {
            return false
        }
        attempt = .now
        return true
    }

    /// - Returns: whether the device has another certificate now.
    static func renew(_ store: EdgeStore, _ link: any HubLink) async throws -> Bool {
        let identity: DeviceIdentity = try store.identity()
        guard let answer = try await link.renewCertificate(CertificateRequest(certificateSigningRequest: try SigningRequest.pem(for: identity.key))) else {
            return false
        }
        guard answer.device == identity.device, answer.certificate != identity.certificatePEM else { return false }
        guard let certificate = try? Certificate(pemEncoded: answer.certificate), certificate.publicKey == .init(identity.key.publicKey) else {
            throw HubClientError.misbehaved(hub: identity.hub, status: 200, what: "a certificate of another key")
        }
        try store.install(certificatePEM: answer.certificate)
        return true
    }
}
