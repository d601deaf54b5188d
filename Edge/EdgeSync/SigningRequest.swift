import Crypto
import SwiftASN1
import X509

/// What a device asks the hub's authority for a certificate with.
package enum SigningRequest {
    /// - Returns: PKCS#10, PEM, signed by the key. The hub names the device in the certificate, whatever this says.
    package static func pem(for key: P256.Signing.PrivateKey) throws -> String {
        try CertificateSigningRequest(
            version: .v1, subject: try DistinguishedName { CommonName("vultus device") }, privateKey: .init(key), attributes: .init(),
            signatureAlgorithm: .ecdsaWithSHA256
        ).serializeAsPEM().pemString
    }
}
