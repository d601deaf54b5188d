import Crypto
import FoundationEssentials
import GRDB
import ServiceSupport
import WireModel

/// The device's identity beside the database, sealed under the master key, mode 0600.
struct IdentityCopy: Codable, Equatable {
    let hub: String
    let authorityPEM: String
    let certificatePEM: String
    let key: Base64
    let requestPEM: String
    let tokenFingerprint: String
    let device: DeviceID
    let account: AccountID
    let leaseKey: Base64
    var journalEpoch: Int64
    let joined: Timestamp

    private struct Envelope: Codable {
        let sealed: Base64
    }

    private static let purpose: String = "identity-copy"

    /// - Returns: `nil` when there is none, or none that opens with this key.
    static func read(_ files: StoreFiles, _ masterKey: SymmetricKey) -> IdentityCopy? {
        guard let bytes = try? PrivateFiles.read(files.identityCopy), let envelope = try? JSON.value(Envelope.self, from: bytes),
            let plain = try? Sealing.open(envelope.sealed.bytes, with: masterKey, for: purpose)
        else { return nil }
        return try? JSON.value(IdentityCopy.self, from: plain)
    }

    func write(_ files: StoreFiles, _ masterKey: SymmetricKey) throws {
        let sealed: [UInt8] = try Sealing.seal(try JSON.bytes(self), with: masterKey, for: Self.purpose)
        try PrivateFiles.write(try JSON.bytes(Envelope(sealed: Base64(sealed))), to: files.identityCopy)
    }
}

extension EdgeStore {
    func identityCopy(_ database: Database) throws -> IdentityCopy? {
        guard let row = try database.row(sql: "SELECT * FROM identity WHERE device_id IS NOT NULL") else { return nil }
        let identity: DeviceIdentity = try identity(database)
        return IdentityCopy(
            hub: identity.hub, authorityPEM: identity.authorityPEM, certificatePEM: identity.certificatePEM, key: Base64(identity.key.rawRepresentation),
            requestPEM: row["request_pem"], tokenFingerprint: row["token_fingerprint"], device: identity.device, account: identity.account,
            leaseKey: Base64(identity.leaseKey.rawRepresentation), journalEpoch: identity.journalEpoch, joined: identity.joined)
    }

    /// Brings the copy up to date. A crash before it leaves the old one, until the store is opened again.
    func keepIdentityCopy() throws {
        guard let identity = try read({ try self.identityCopy($0) }), IdentityCopy.read(files, masterKey) != identity else { return }
        try identity.write(files, masterKey)
    }

    /// In the place of what a join made.
    func restore(_ database: Database, _ copy: IdentityCopy) throws {
        try database.run(
            sql: """
                INSERT OR REPLACE INTO identity (only, hub_url, authority_pem, sealed_key, request_pem, token_fingerprint, device_id, account_id,
                    certificate_pem, lease_key, journal_epoch, joined_ms)
                VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                copy.hub, copy.authorityPEM, Data(try Sealing.seal(copy.key.bytes, with: masterKey, for: "device-key")), copy.requestPEM,
                copy.tokenFingerprint, copy.device.rawValue, copy.account.rawValue, copy.certificatePEM, Data(copy.leaseKey.bytes), copy.journalEpoch,
                copy.joined.milliseconds,
            ])
    }
}
