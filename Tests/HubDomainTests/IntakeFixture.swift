import Crypto
import Foundation
import HubDomain
import ServiceSupport
import SwiftASN1
import TestKit
import WireModel
import X509

/// A hub on real SQLite with one account, and devices that this test plays.
final class IntakeFixture {
    let folder: String
    let clock = ManualClock()
    private let database: TestDatabase
    let hub: Hub
    let account: Account

    init(quota: Int64 = 1_000, leaseUnits: Int64 = 100, policy: ExhaustionPolicy = .refuse, hardLimit: Int64 = 0) async throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "vultus-hub-\(UUID().uuidString)").path
        database = try TestDatabase()
        hub = try await Hub.open(directory: folder, database: database.location, mayMake: true, clock: clock, passwords: .quick)
        account = try await hub.openTestAccount()
        _ = try await hub.setPrice(
            api: .search, unitPrice: Money(millionths: 15_000, currency: "CNY"), effective: nil,
            lease: LeaseTerms(units: leaseUnits, termMilliseconds: 86_400_000, whenExhausted: policy, hardLimit: hardLimit), by: .test)
        _ = try await hub.setQuota(account: "Acme", api: .search, units: quota, by: .test)
        _ = try await hub.setCredit(Money(millionths: 1_000_000_000, currency: "CNY"), account: "Acme", by: .test)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func device() async throws -> PlayedDevice {
        let key = P256.Signing.PrivateKey()
        let token: IssuedToken = try await hub.issueToken(account: "Acme", lifetime: .seconds(60), by: .test)
        let answer: EnrolmentResponse = try await hub.enrol(try Self.request(token, key: key))
        return PlayedDevice(hub: hub, clock: clock, key: key, id: answer.device)
    }

    static func request(_ token: IssuedToken, key: P256.Signing.PrivateKey) throws -> EnrolmentRequest {
        let request = try CertificateSigningRequest(
            version: .v1, subject: try DistinguishedName { CommonName("test") }, privateKey: .init(key), attributes: .init(),
            signatureAlgorithm: .ecdsaWithSHA256)
        return EnrolmentRequest(
            secret: JoinToken(token.token)!.secret, certificateSigningRequest: try request.serializeAsPEM().pemString, label: "test", agentVersion: "0")
    }

    func units() async throws -> Int64 {
        try await hub.invoice(account: "Acme", from: Timestamp(milliseconds: 0), to: hub.now().advanced(by: .seconds(1))).lines.reduce(0) { $0 + $1.units }
    }
}

/// A device as the hub sees it: a key, a journal and the leases it was sent. Plays an honest device unless told otherwise.
final class PlayedDevice {
    let hub: Hub
    let clock: ManualClock
    let key: P256.Signing.PrivateKey
    let id: DeviceID
    private(set) var journal: [JournalEntry] = []
    private(set) var lease: Lease?
    var deviceTime: Timestamp?
    /// What the hub said of this clock.
    var heardSkew: Int64?
    /// Told with every sync, and the mark of the announcements held.
    var health: HealthRecord?
    var announcements: String?
    var reported: ReportedState?

    init(hub: Hub, clock: ManualClock, key: P256.Signing.PrivateKey, id: DeviceID) {
        self.hub = hub
        self.clock = clock
        self.key = key
        self.id = id
    }

    /// The same device, whose hub was moved or brought up to date.
    func meeting(_ hub: Hub) -> PlayedDevice {
        let device = PlayedDevice(hub: hub, clock: clock, key: key, id: id)
        (device.journal, device.lease) = (journal, lease)
        return device
    }

    @discardableResult
    func use(units: Int64 = 1, body: String = "{}", time: Timestamp? = nil) -> JournalEntry {
        let entry = next(units: units, body: body, time: time)
        journal.append(entry)
        return entry
    }

    func next(units: Int64 = 1, body: String = "{}", time: Timestamp? = nil, after: JournalEntry? = nil, seq: Int64? = nil) -> JournalEntry {
        let last: JournalEntry? = after ?? journal.last
        return JournalEntry(
            device: id, epoch: 1, seq: seq ?? (last?.seq ?? 0) + 1, kind: .decision, api: .search, units: units, lease: lease?.id,
            time: time ?? clock.now().wall,
            bootMilliseconds: 0, body: body, previous: last?.hash ?? .genesis)
    }

    /// As an agent that was without a network wrote it down.
    func note(_ health: HealthRecord, time: Timestamp) throws {
        let last: JournalEntry? = journal.last
        journal.append(
            JournalEntry(
                device: id, epoch: 1, seq: (last?.seq ?? 0) + 1, kind: .health, api: nil, units: 0, lease: nil, time: time, bootMilliseconds: 0,
                body: try JSON.text(health), previous: last?.hash ?? .genesis))
    }

    @discardableResult
    func sync(_ entries: [JournalEntry]? = nil, signer: P256.Signing.PrivateKey? = nil) async throws -> SyncResponse {
        let entries: [JournalEntry] = entries ?? journal
        let head = entries.last.map { JournalHead(epoch: 1, seq: $0.seq, hash: $0.hash) } ?? JournalHead(epoch: 1, seq: 0, hash: .genesis)
        let signature = try (signer ?? key).signature(for: head.signedBytes(device: id))
        var answer: SyncResponse = try await send(head, signature, entries)
        if answer.isClockUnconfirmed == true {
            heardSkew = answer.clockSkewMilliseconds
            answer = try await send(head, signature, entries)
        }
        if let signed = answer.leases.first { lease = signed.open(with: hub.keys.leaseKey.publicKey) }
        return answer
    }

    private func send(_ head: JournalHead, _ signature: P256.Signing.ECDSASignature, _ entries: [JournalEntry]) async throws -> SyncResponse {
        try await hub.receive(
            SyncRequest(
                agentVersion: "0", head: head, headSignature: Base64(signature.rawRepresentation), entries: entries,
                leases: [HeldLease(api: .search, number: lease?.number ?? 0)], deviceTime: deviceTime ?? clock.now().wall,
                clockSkewMilliseconds: heardSkew, hubEpoch: 1, reported: reported, health: health, announcements: announcements),
            from: id)
    }
}
