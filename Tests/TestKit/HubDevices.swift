import Crypto
import HubDomain
import SwiftASN1
import WireModel
import X509

extension Hub {
    /// A device that has joined and has not synced.
    package func enrolTestDevice(_ label: String = "test", of account: Account) async throws -> DeviceID {
        let token: IssuedToken = try await issueToken(account: account.id.rawValue, lifetime: .seconds(600), by: .test)
        let request = try CertificateSigningRequest(
            version: .v1, subject: try DistinguishedName { CommonName("test") }, privateKey: .init(P256.Signing.PrivateKey()), attributes: .init(),
            signatureAlgorithm: .ecdsaWithSHA256)
        return try await enrol(
            EnrolmentRequest(
                secret: JoinToken(token.token)?.secret ?? "", certificateSigningRequest: try request.serializeAsPEM().pemString, label: label,
                agentVersion: "0")
        ).device
    }
}
