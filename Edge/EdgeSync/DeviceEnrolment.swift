import Crypto
import EdgeStore
import HubClient
import ServiceSupport
import WireModel

/// Makes this machine a device of an account: key and signing request here, certificate from the hub.
///
/// Safe to repeat after a crash at any point: the key is on disk before the token leaves the device, and the hub
/// answers the same token with the same key by the same certificate.
package struct DeviceEnrolment: Sendable {
    let store: EdgeStore

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
        let draft: JoinDraft = try await draft(hub: hub, authority: token.authorityFingerprint, of: fingerprint, client)
        let answer: EnrolmentResponse = try await client.enrol(
            EnrolmentRequest(
                secret: token.secret, certificateSigningRequest: draft.requestPEM, label: label, agentVersion: ReleaseVersion.current),
            authorityPEM: draft.authorityPEM)
        try store.finishJoin(answer)
        return try store.identity()
    }

    /// The draft kept for this occasion, or a new one: its key is on disk before anything of it leaves the device.
    func draft(hub: String, authority: String, of occasion: String, isNew: Bool = false, _ client: HubClient) async throws -> JoinDraft {
        if !isNew, let kept = try store.joinDraft(tokenFingerprint: occasion), kept.hub == hub { return kept }
        let draft: JoinDraft = try Self.makeDraft(hub: hub, authorityPEM: try await client.authority(fingerprint: authority))
        try store.saveJoinDraft(draft, tokenFingerprint: occasion)
        return draft
    }

    private static func makeDraft(hub: String, authorityPEM: String) throws -> JoinDraft {
        let key = P256.Signing.PrivateKey()
        return JoinDraft(hub: hub, authorityPEM: authorityPEM, key: key, requestPEM: try SigningRequest.pem(for: key))
    }
}
