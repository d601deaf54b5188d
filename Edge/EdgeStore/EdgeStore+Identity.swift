import Crypto
import FoundationEssentials
import GRDB
import ServiceSupport
import WireModel

/// What a device needs to speak to its hub, from the moment it asks to join.
package struct JoinDraft: Sendable {
    package let hub: String
    package let authorityPEM: String
    package let key: P256.Signing.PrivateKey
    package let requestPEM: String

    package init(hub: String, authorityPEM: String, key: P256.Signing.PrivateKey, requestPEM: String) {
        self.hub = hub
        self.authorityPEM = authorityPEM
        self.key = key
        self.requestPEM = requestPEM
    }
}

/// A device that has joined.
package struct DeviceIdentity: Sendable {
    package let hub: String
    package let authorityPEM: String
    package let certificatePEM: String
    package let key: P256.Signing.PrivateKey
    package let device: DeviceID
    package let account: AccountID
    package let leaseKey: Curve25519.Signing.PublicKey
    package let journalEpoch: Int64
    package let joined: Timestamp

    /// SHA-256 of the public key (DER SubjectPublicKeyInfo), as leases name it.
    package var keyThumbprint: String { SHA256.hash(data: key.publicKey.derRepresentation).hexadecimal }
}

extension EdgeStore {
    /// The draft kept for this token, if a join was begun and not finished: sending it again gets the same
    /// certificate, so that a crash between the hub's answer and our commit costs nothing.
    package func joinDraft(tokenFingerprint: String) throws(EdgeStoreError) -> JoinDraft? {
        try read { database in
            guard
                let row = try database.row(sql: "SELECT * FROM identity WHERE device_id IS NULL AND token_fingerprint = ?", arguments: [tokenFingerprint])
            else { return nil }
            return JoinDraft(hub: row["hub_url"], authorityPEM: row["authority_pem"], key: try self.openKey(row["sealed_key"]), requestPEM: row["request_pem"])
        }
    }

    /// The identity that this very token made, if it did: a join that was cut off after its commit is taken up again.
    package func identity(madeBy tokenFingerprint: String) throws(EdgeStoreError) -> DeviceIdentity? {
        try read { database in
            let isMade: Bool = try database.value(
                Bool.self, sql: "SELECT EXISTS (SELECT 1 FROM identity WHERE device_id IS NOT NULL AND token_fingerprint = ?)", arguments: [tokenFingerprint])!
            return isMade ? try self.identity(database) : nil
        }
    }

    package func saveJoinDraft(_ draft: JoinDraft, tokenFingerprint: String) throws(EdgeStoreError) {
        try write { database in
            if let hub = try database.value(String.self, sql: "SELECT hub_url FROM identity WHERE device_id IS NOT NULL") {
                throw EdgeStoreError.alreadyJoined(hub: hub)
            }
            let sealed: [UInt8] = try Sealing.seal([UInt8](draft.key.rawRepresentation), with: self.masterKey, for: "device-key")
            try database.run(
                sql: """
                    INSERT OR REPLACE INTO identity (only, hub_url, authority_pem, sealed_key, request_pem, token_fingerprint)
                    VALUES (1, ?, ?, ?, ?, ?)
                    """,
                arguments: [draft.hub, draft.authorityPEM, Data(sealed), draft.requestPEM, tokenFingerprint])
        }
    }

    /// Completes the join with the hub's answer.
    package func finishJoin(_ answer: EnrolmentResponse) throws(EdgeStoreError) {
        let now = clock.now()
        try write { database in
            try database.run(
                sql: """
                    UPDATE identity SET device_id = ?, account_id = ?, certificate_pem = ?, lease_key = ?, journal_epoch = ?, joined_ms = ?
                    WHERE device_id IS NULL
                    """,
                arguments: [
                    answer.device.rawValue, answer.account.rawValue, answer.certificate, Data(answer.leaseKey.bytes), answer.journalEpoch,
                    now.wall.milliseconds,
                ])
            try database.execute(sql: "INSERT OR REPLACE INTO sync_state (only, hub_epoch, acknowledged_through, backed_up_through) VALUES (1, 0, 0, 0)")
            try self.save(database, Watermarks(hubEpoch: answer.hubEpoch, acknowledged: 0, backedUp: 0))
            try self.anchorClock(database, hub: answer.time, signature: nil, reading: now)
        }
        _ = try? keepIdentityCopy()
    }

    /// - Throws: `.notJoined` when there is none.
    package func identity() throws(EdgeStoreError) -> DeviceIdentity {
        try read { try self.identity($0) }
    }

    func identity(_ database: Database) throws -> DeviceIdentity {
        guard let row = try database.row(sql: "SELECT * FROM identity WHERE device_id IS NOT NULL") else { throw EdgeStoreError.notJoined }
        guard let device = DeviceID(rawValue: row["device_id"]), let account = AccountID(rawValue: row["account_id"]) else {
            throw EdgeStoreError.damaged(path: path, what: "the device's identity")
        }
        return DeviceIdentity(
            hub: row["hub_url"], authorityPEM: row["authority_pem"], certificatePEM: row["certificate_pem"], key: try openKey(row["sealed_key"]),
            device: device, account: account, leaseKey: try Curve25519.Signing.PublicKey(rawRepresentation: row["lease_key"] as Data),
            journalEpoch: row["journal_epoch"], joined: Timestamp(milliseconds: row["joined_ms"]))
    }

    private func openKey(_ sealed: Data) throws -> P256.Signing.PrivateKey {
        do {
            return try P256.Signing.PrivateKey(rawRepresentation: try Sealing.open([UInt8](sealed), with: masterKey, for: "device-key"))
        } catch {
            throw EdgeStoreError.damaged(path: path, what: "the device's key")
        }
    }
}
