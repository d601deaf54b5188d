import Crypto
import HubDomain
import ServiceSupport
import SwiftASN1
import TestKit
import WireModel
import X509

/// A device as the hub sees it: a key, a journal and the leases it was sent. Spends no more than it was granted.
final class PlayedFleetDevice {
    let id: DeviceID
    private let api: APIName
    private let key: P256.Signing.PrivateKey
    private let clock: any TimeSource
    private(set) var journal: [JournalEntry] = []
    private var lease: Lease?
    private var spent: Int64 = 0
    /// How a request reaches a hub.
    private let send: (SyncRequest) async throws -> SyncResponse
    private let leaseKey: Curve25519.Signing.PublicKey

    init(
        id: DeviceID, api: APIName, key: P256.Signing.PrivateKey, clock: any TimeSource, leaseKey: Curve25519.Signing.PublicKey,
        send: @escaping (SyncRequest) async throws -> SyncResponse
    ) {
        (self.id, self.api, self.key, self.clock, self.leaseKey, self.send) = (id, api, key, clock, leaseKey, send)
    }

    /// Units it may still use without asking.
    var rest: Int64 { max(0, (lease?.ceiling ?? 0) - spent) }

    @discardableResult
    func use(time: Timestamp? = nil) -> JournalEntry {
        let entry = JournalEntry(
            device: id, epoch: 1, seq: (journal.last?.seq ?? 0) + 1, kind: .decision, api: api, units: 1, lease: lease?.id, time: time ?? clock.now().wall,
            bootMilliseconds: 0, body: "{}", previous: journal.last?.hash ?? .genesis)
        journal.append(entry)
        spent += 1
        return entry
    }

    /// Sends these entries, or the whole journal.
    @discardableResult
    func sync(_ entries: [JournalEntry]? = nil) async throws -> SyncResponse {
        let entries: [JournalEntry] = entries ?? journal
        let head = entries.last.map { JournalHead(epoch: 1, seq: $0.seq, hash: $0.hash) } ?? JournalHead(epoch: 1, seq: 0, hash: .genesis)
        let signature: P256.Signing.ECDSASignature = try key.signature(for: head.signedBytes(device: id))
        let answer: SyncResponse = try await send(
            SyncRequest(
                agentVersion: "0", head: head, headSignature: Base64(signature.rawRepresentation), entries: entries,
                leases: [HeldLease(api: api, number: lease?.number ?? 0)], deviceTime: clock.now().wall, hubEpoch: 1))
        if let signed = answer.leases.first { lease = signed.open(with: leaseKey) }
        return answer
    }

    static func request(_ token: String, key: P256.Signing.PrivateKey) throws -> EnrolmentRequest {
        let request = try CertificateSigningRequest(
            version: .v1, subject: try DistinguishedName { CommonName("test") }, privateKey: .init(key), attributes: .init(),
            signatureAlgorithm: .ecdsaWithSHA256)
        return EnrolmentRequest(
            secret: JoinToken(token)?.secret ?? "", certificateSigningRequest: try request.serializeAsPEM().pemString, label: "test", agentVersion: "0")
    }
}

extension MeteredHubs {
    /// Joined, and without a lease yet.
    /// - Parameter number: of the hub it speaks to.
    func device(at number: Int = 0) async throws -> PlayedFleetDevice {
        let hub: Hub = hubs[number % hubs.count]
        let key = P256.Signing.PrivateKey()
        let token: IssuedToken = try await hub.issueToken(account: account.id.rawValue, lifetime: .seconds(60), by: .test)
        let answer: EnrolmentResponse = try await hub.enrol(try PlayedFleetDevice.request(token.token, key: key))
        let id: DeviceID = answer.device
        return PlayedFleetDevice(id: id, api: .compare, key: key, clock: clock, leaseKey: hub.keys.leaseKey.publicKey) {
            try await hub.receive($0, from: id)
        }
    }
}
