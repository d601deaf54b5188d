import Crypto
import EdgeStore
import HubClient
import ServiceSupport
import SwiftASN1
import WireModel
import X509

/// Makes this machine a device of an account: key and signing request here, certificate from the hub.
///
/// Safe to repeat after a crash at any point: the key is on disk before the token leaves the device, and the hub
/// answers the same token with the same key by the same certificate.
package struct DeviceEnrolment: Sendable {
    private let store: EdgeStore

    package init(store: EdgeStore) { self.store = store }

    /// - Parameters:
    ///   - hub: `https://host[:port]`.
    ///   - token: as the operator handed it over.
    ///   - label: what people call this device.
    /// - Throws: `Problem`, `EdgeStoreError` or `HubClientError`.
    package func join(hub: String, token text: String, label: String) async throws -> DeviceIdentity {
        guard let token = JoinToken(text) else {
            throw Problem(
                .tokenMalformed, "That is not a join token.", detail: "it has \(text.utf8.count) characters",
                remedy: "Copy the whole line that `vultus-hub device token` printed; it begins with vjt_.")
        }
        let fingerprint: String = SHA256.hash(data: Array(text.utf8)).hexadecimal
        if let identity = try store.identity(madeBy: fingerprint), identity.hub == hub { return identity }
        let client = try HubClient(hub: hub)
        let draft: JoinDraft
        if let kept = try store.joinDraft(tokenFingerprint: fingerprint), kept.hub == hub {
            draft = kept
        } else {
            let authority: String = try await client.authority(fingerprint: token.authorityFingerprint)
            draft = try Self.makeDraft(hub: hub, authorityPEM: authority)
            try store.saveJoinDraft(draft, tokenFingerprint: fingerprint)
        }
        let answer: EnrolmentResponse = try await client.enrol(
            EnrolmentRequest(
                secret: token.secret, certificateSigningRequest: draft.requestPEM, label: label, agentVersion: ReleaseVersion.current),
            authorityPEM: draft.authorityPEM)
        try store.finishJoin(answer)
        return try store.identity()
    }

    private static func makeDraft(hub: String, authorityPEM: String) throws -> JoinDraft {
        let key = P256.Signing.PrivateKey()
        let name = try DistinguishedName { CommonName("vultus device") }  // the hub names the device in the certificate
        let request = try CertificateSigningRequest(
            version: .v1, subject: name, privateKey: .init(key), attributes: .init(), signatureAlgorithm: .ecdsaWithSHA256)
        return JoinDraft(hub: hub, authorityPEM: authorityPEM, key: key, requestPEM: try request.serializeAsPEM().pemString)
    }
}
