import Biometrics
import Crypto
import EdgeStore
import Foundation
import ServiceSupport
import TestKit
import WireModel

/// A device's store on real SQLite, joined to a hub that this test speaks for.
final class JoinedDevice {
    let folder: String
    let clock = ManualClock()
    let hubKey = Curve25519.Signing.PrivateKey()
    let device: DeviceID
    private(set) var store: EdgeStore
    private var leaseNumber: Int64 = 0

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "vultus-store-\(UUID().uuidString)").path
        store = try EdgeStore(directory: folder, clock: clock)
        device = DeviceID(at: clock.now().wall)
        try store.saveJoinDraft(
            JoinDraft(hub: "https://hub.invalid", authorityPEM: "authority", key: P256.Signing.PrivateKey(), requestPEM: "request"), tokenFingerprint: "token")
        try store.finishJoin(
            EnrolmentResponse(
                device: device, account: AccountID(at: clock.now().wall), certificate: "certificate", leaseKey: Base64(hubKey.publicKey.rawRepresentation),
                journalEpoch: 1, hubEpoch: 1, time: clock.now().wall))
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// Opens the same folder again, as after a restart.
    func reopen() throws { store = try EdgeStore(directory: folder, clock: clock) }

    /// A contact with the hub that brings a lease.
    func grant(
        ceiling: Int64, api: APIName = .search, for duration: Duration = .seconds(86_400), policy: ExhaustionPolicy = .refuse, hardLimit: Int64 = 0,
        signer: Curve25519.Signing.PrivateKey? = nil, thumbprint: String? = nil, acknowledged: Int64 = 0, hubTime: Timestamp? = nil
    ) throws {
        leaseNumber += 1
        let now: Timestamp = hubTime ?? clock.now().wall
        let identity: DeviceIdentity = try store.identity()
        let lease = Lease(
            id: LeaseID(at: now), number: leaseNumber, account: identity.account, device: device, api: api, keyThumbprint: thumbprint ?? identity.keyThumbprint,
            journalEpoch: 1, hubEpoch: 1, units: ceiling, ceiling: ceiling, notBefore: now, notAfter: now.advanced(by: duration), whenExhausted: policy,
            hardLimit: hardLimit)
        try contact(leases: [try SignedLease(lease, signedBy: signer ?? hubKey)], acknowledged: acknowledged, time: now)
    }

    func contact(leases: [SignedLease] = [], acknowledged: Int64 = 0, epoch: Int64 = 1, time: Timestamp? = nil) throws {
        try store.apply(
            SyncResponse(
                answers: [], journalEpoch: 1, acknowledgedThrough: acknowledged, backedUpThrough: 0, leases: leases, refusals: [], hubEpoch: epoch,
                time: time ?? clock.now().wall, clockSkewMilliseconds: 0),
            wanted: APIName.onDevice)
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
