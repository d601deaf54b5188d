import Crypto
import EdgeStore
import HubClient
import ServiceSupport
import WireModel

/// What a device that waits to be approved has to tell.
package enum WaitingNews: Sendable, Hashable {
    /// The hub has the request: an operator compares this.
    case waits(KeyFingerprint)
    /// The hub gave no answer; it is asked again.
    case unanswered(Problem)

    /// Whether somebody who was told the one is told nothing new by the other: each failure has its own words.
    func isLike(_ other: WaitingNews?) -> Bool {
        if case (.unanswered(let one), .unanswered(let former)?) = (self, other) { return one.code == former.code }
        return self == other
    }
}

extension DeviceEnrolment {
    /// Joins without a token: asks the hub again and again until an operator has decided. The key is kept, so that whoever is started again waits as
    /// the same device.
    /// - Parameters:
    ///   - hub: `https://host[:port]`.
    ///   - authority: SHA-256 of the hub's authority (DER), hexadecimal: what a join token carries as well. Nothing is sent to any other hub.
    ///   - withNewKey: asks as another device than before; the hub knows nothing of the former one then.
    ///   - patience: after which the device gives up; it may be taken up again.
    ///   - rest: waits; tests do not.
    ///   - tell: each piece of news once.
    /// - Throws: `join_refused`, `join_pending` when patience is over, `EdgeStoreError` or `HubClientError`.
    package func wait(
        hub: String, authority text: String, label: String, model: String, withNewKey: Bool = false, patience: Duration,
        rest: @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }, tell: @Sendable (WaitingNews) -> Void
    ) async throws -> DeviceIdentity {
        let authority: String = text.lowercased().filter { $0 != ":" && $0 != " " }
        guard let bytes = [UInt8](hexadecimal: authority), bytes.count == 32 else {
            throw Problem(
                .invalidRequest, "That is not the fingerprint of a hub's authority.", detail: "it has \(authority.utf8.count) characters",
                remedy: "It has 64 hexadecimal digits: `vultus-hub device waiting` and the console's page of waiting devices show it.")
        }
        let occasion: String = SHA256.hash(data: Array("waiting \(authority)".utf8)).hexadecimal
        if let identity = try store.identity(madeBy: occasion), identity.hub == hub { return identity }
        let client = try HubClient(hub: hub)
        var (waited, failures, told): (Duration, Int, WaitingNews?) = (.zero, 0, nil)
        var draft: JoinDraft?
        var random = SystemRandomNumberGenerator()
        while true {
            let (pause, news): (Duration, WaitingNews)
            do {
                let asked: JoinDraft
                if let draft { asked = draft } else { asked = try await self.draft(hub: hub, authority: authority, of: occasion, isNew: withNewKey, client) }
                draft = asked
                let answer: WaitingAnswer = try await client.wait(
                    WaitingRequest(certificateSigningRequest: asked.requestPEM, label: label, model: model, agentVersion: ReleaseVersion.current),
                    authorityPEM: asked.authorityPEM)
                if let enrolment = answer.enrolment {
                    try store.finishJoin(enrolment)
                    return try store.identity()
                }
                failures = 0
                (pause, news) = (.milliseconds(min(max(answer.againMilliseconds, 1_000), 600_000)), .waits(answer.fingerprint))
            } catch let error as HubClientError where error.isTransient {
                failures += 1
                (pause, news) = (max(.seconds(2) * (1 << min(failures, 5)), error.retryAfter ?? .zero), .unanswered(error.problem))
            }
            if !news.isLike(told) { tell(news) }
            told = news
            guard waited < patience else {
                throw Problem(
                    .joinPending, "No operator has decided yet.", detail: draft.map { "key \(Self.fingerprint(of: $0))" } ?? hub,
                    remedy: "Run the same command again: the device waits on with the same key.")
            }
            // Spread, so that a fleet that lost its hub does not come back all at once.
            let spread: Duration = min(pause * Double.random(in: 0.8...1.2, using: &random), patience - waited)
            try await rest(spread)
            waited += spread
        }
    }

    private static func fingerprint(of draft: JoinDraft) -> String {
        KeyFingerprint(thumbprint: SHA256.hash(data: draft.key.publicKey.derRepresentation).hexadecimal)?.text ?? ""
    }
}
