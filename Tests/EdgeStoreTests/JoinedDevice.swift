import Biometrics
import Crypto
import EdgeStore
import Foundation
import GRDB
import ServiceSupport
import TestKit
import WireModel

/// A device's store on real SQLite, joined to a hub that this test speaks for.
final class JoinedDevice {
    let folder: String
    let clock = ManualClock()
    let hubKey = Curve25519.Signing.PrivateKey()
    let device: DeviceID
    private var held: EdgeStore?
    var store: EdgeStore { held! }
    private var leaseNumber: Int64 = 0

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "vultus-store-\(UUID().uuidString)").path
        let store = try EdgeStore(directory: folder, clock: clock)
        held = store
        device = DeviceID(at: clock.now().wall)
        try store.saveJoinDraft(
            JoinDraft(hub: "https://hub.invalid", authorityPEM: "authority", key: P256.Signing.PrivateKey(), requestPEM: "request"), tokenFingerprint: "token")
        try store.finishJoin(
            EnrolmentResponse(
                device: device, account: AccountID(at: clock.now().wall), certificate: "certificate", leaseKey: Base64(hubKey.publicKey.rawRepresentation),
                journalEpoch: 1, hubEpoch: 1, time: clock.now().wall))
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// The database as a backup of the disk would have it.
    func snapshot() throws -> [UInt8] {
        try DatabaseQueue(path: store.path).writeWithoutTransaction { try $0.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)") }
        return [UInt8](try Data(contentsOf: URL(filePath: store.path)))
    }

    /// The mark of how far the journal went, beside the database.
    var markFile: String { folder + "/journal-head" }
    func mark() throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(filePath: markFile))) }

    /// Puts an older image in the place of the store.
    /// - Parameter mark: as it was then, when the whole disk is put back; the newer one stays otherwise.
    func putBack(_ image: [UInt8], mark: [UInt8]? = nil) throws {
        close()
        if let mark { try Data(mark).write(to: URL(filePath: markFile)) }
        for suffix in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: folder + "/edge.sqlite" + suffix) }
        try Data(image).write(to: URL(filePath: folder + "/edge.sqlite"))
        try reopen()
    }

    /// Nobody has the store open afterwards, until ``reopen()``.
    func close() { held = nil }

    /// Opens the same folder again, as after a restart.
    func reopen() throws {
        close()
        held = try EdgeStore(directory: folder, clock: clock)
    }

    /// A contact with the hub that brings a lease.
    func grant(
        ceiling: Int64, api: APIName = .search, for duration: Duration = .seconds(86_400), policy: ExhaustionPolicy = .refuse, hardLimit: Int64 = 0,
        signer: Curve25519.Signing.PrivateKey? = nil, thumbprint: String? = nil, acknowledged: Int64 = 0, hubTime: Timestamp? = nil, grace: Duration? = nil
    ) throws {
        leaseNumber += 1
        let now: Timestamp = hubTime ?? clock.now().wall
        let identity: DeviceIdentity = try store.identity()
        let lease = Lease(
            id: LeaseID(at: now), number: leaseNumber, account: identity.account, device: device, api: api, keyThumbprint: thumbprint ?? identity.keyThumbprint,
            journalEpoch: identity.journalEpoch, hubEpoch: 1, units: ceiling, ceiling: ceiling, notBefore: now, notAfter: now.advanced(by: duration),
            whenExhausted: policy,
            hardLimit: hardLimit, graceMilliseconds: grace?.wholeMilliseconds)
        try contact(leases: [try SignedLease(lease, signedBy: signer ?? hubKey)], acknowledged: acknowledged, time: now)
    }

    /// - Parameters:
    ///   - epoch: the hub's.
    ///   - journal: the journal's, as the hub names it; the device's own otherwise.
    ///   - signer: signs the hub's time.
    func contact(
        leases: [SignedLease] = [], acknowledged: Int64 = 0, backedUp: Int64 = 0, epoch: Int64 = 1, journal: Int64? = nil, time: Timestamp? = nil,
        quarantine: ProblemCode? = nil, signer: Curve25519.Signing.PrivateKey? = nil
    ) throws {
        let (time, head): (Timestamp, JournalHead) = (time ?? clock.now().wall, try store.journalHead())
        let signature: Base64? = try signer.map {
            Base64(try $0.signature(for: SyncResponse.signedTimeBytes(device: device, head: head, time: time)))
        }
        try store.apply(
            SyncResponse(
                answers: [], journalEpoch: try journal ?? store.identity().journalEpoch, acknowledgedThrough: acknowledged, backedUpThrough: backedUp,
                leases: leases, refusals: [], hubEpoch: epoch, time: time, clockSkewMilliseconds: 0, timeSignature: signature, quarantine: quarantine),
            sent: head, wanted: APIName.onDevice)
    }

    /// Everything of the journal of now, as it would be sent.
    func entries(after seq: Int64 = 0) throws -> [JournalEntry] {
        try store.entries(after: seq, epoch: try store.identity().journalEpoch, limit: .max, bytes: .max)
    }

    /// Housekeeping until nothing is left to do.
    func housekeep() throws {
        while try store.housekeep().hasMore {}
    }

    static func decision(units: Int64 = 1, api: APIName = .search) -> DecisionDraft {
        DecisionDraft(
            api: api, units: units,
            record: DecisionRecord(
                outcome: .unknown, person: nil, score: 0.1, threshold: 0.5, falseMatchRate: 1e-5, model: "m", refusals: [], overdraft: false))
    }

    static func template(_ seed: Float = 1) throws -> Template {
        try Template(model: ModelID(rawValue: "m"), normalizing: (0..<128).map { Float($0) * seed + 1 })
    }

    /// Every byte of every file in the folder.
    func rawBytes() throws -> [UInt8] {
        try FileManager.default.contentsOfDirectory(atPath: folder).flatMap { [UInt8](try Data(contentsOf: URL(filePath: folder + "/" + $0))) }
    }
}

extension Array where Element == UInt8 {
    func contains(sequence: [UInt8]) -> Bool {
        Data(self).range(of: Data(sequence)) != nil
    }
}
