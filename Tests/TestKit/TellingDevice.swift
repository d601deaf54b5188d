import Crypto
import HubDomain
import WireModel

/// A device that does nothing but tell how far it is with releases of agents.
package struct TellingDevice: Sendable {
    package let id: DeviceID
    private let hub: Hub
    private let key: P256.Signing.PrivateKey

    package init(_ label: String, of account: Account, group: String? = nil, at hub: Hub) async throws {
        let keys = try DeviceKeys()
        let token: IssuedToken = try await hub.issueToken(account: account.id.rawValue, lifetime: .seconds(60), group: group, by: .test)
        id = try await hub.enrol(
            EnrolmentRequest(
                secret: JoinToken(token.token)?.secret ?? "", certificateSigningRequest: keys.request, label: label, agentVersion: "0.1")
        ).device
        (self.hub, key) = (hub, keys.key)
    }

    /// - Parameters:
    ///   - kind: of what it tells.
    ///   - version: what it runs.
    ///   - shadow: what models that look on have compared; `nil` before.
    /// - Returns: what the hub wants it to run.
    @discardableResult
    package func tell(
        _ state: UpdateState? = nil, _ kind: ReleaseKind = .agent, of rollout: RolloutID? = nil, runs version: String? = nil, because reason: String? = nil,
        goesBack: Bool? = nil, shadow: ShadowProgress? = nil
    ) async throws -> [WantedRelease] {
        let report = UpdateReport(
            kind: kind, platform: Platform.current, version: version.flatMap(ReleaseNumber.init(rawValue:)), rollout: rollout, state: state, reason: reason,
            goesBack: goesBack, shadow: shadow, canShadow: kind == .models ? true : nil)
        let head = JournalHead(epoch: 1, seq: 0, hash: .genesis)
        return try await hub.receive(
            SyncRequest(
                agentVersion: "0.1", head: head, headSignature: Base64(try key.signature(for: head.signedBytes(device: id)).rawRepresentation), entries: [],
                leases: [], deviceTime: hub.now(), hubEpoch: 1,
                reported: ReportedState(configuration: "", isPaused: false, certificateEnds: nil, updates: [report])), from: id
        ).releases ?? []
    }
}
