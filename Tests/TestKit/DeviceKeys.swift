import Crypto
import HubAccess
import HubDomain
import ServiceSupport
import SwiftASN1
import WireModel
import X509

/// A device as far as the hub knows one before its first sync: a key and a name.
package struct DeviceKeys: Sendable {
    package let key: P256.Signing.PrivateKey
    package let request: String

    package init() throws {
        key = P256.Signing.PrivateKey()
        request = try CertificateSigningRequest(
            version: .v1, subject: try DistinguishedName { CommonName("test") }, privateKey: .init(key), attributes: .init(),
            signatureAlgorithm: .ecdsaWithSHA256
        ).serializeAsPEM().pemString
    }

    package var fingerprint: KeyFingerprint? { KeyFingerprint(thumbprint: SHA256.hash(data: key.publicKey.derRepresentation).hexadecimal) }

    package func waiting(_ label: String = "door", model: String = "Test board") -> WaitingRequest {
        WaitingRequest(certificateSigningRequest: request, label: label, model: model, agentVersion: "0.1")
    }
}

extension Hub {
    /// A device of an account, joined with a token; it never speaks.
    package func quietDevice(_ label: String, account: Account, group: String? = nil, version: String = "0.1") async throws -> DeviceID {
        let token: IssuedToken = try await issueToken(account: account.id.rawValue, lifetime: .seconds(60), group: group, by: .test)
        let keys = try DeviceKeys()
        return try await enrol(
            EnrolmentRequest(
                secret: JoinToken(token.token)?.secret ?? "", certificateSigningRequest: keys.request, label: label, agentVersion: version)
        ).device
    }
}
