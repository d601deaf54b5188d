import Crypto
import FoundationEssentials
import HubAccess
import HubStorage
import SwiftASN1
import WireModel
import X509

/// A device's first row.
struct NewDevice {
    let id: DeviceID
    let account: AccountID
    let label: String
    let key: P256.Signing.PublicKey
    let certificate: (pem: String, serial: String)
    let agentVersion: String
    /// Null for none.
    let group: SQLValue

    func insert(_ connection: any SQLConnection, now: Timestamp) throws {
        try connection.execute(
            """
            INSERT INTO device (id, account_id, label, public_key, key_thumbprint, certificate_pem, certificate_serial, journal_epoch,
                created_ms, agent_version, clock_skew_ms, head_seq, head_hash, group_id)
            VALUES (?, ?, ?, ?, ?, ?, ?, 1, ?, ?, 0, 0, ?, ?)
            """,
            [
                .text(id.rawValue), .text(account.rawValue), .text(label), .blob([UInt8](key.rawRepresentation)), .text(Self.thumbprint(of: key)),
                .text(certificate.pem), .text(certificate.serial), .integer(now.milliseconds), .text(agentVersion), .blob(EntryHash.genesis.bytes), group,
            ])
    }

    /// SHA-256 of the key (DER SubjectPublicKeyInfo), lower-case hexadecimal.
    static func thumbprint(of key: P256.Signing.PublicKey) -> String { SHA256.hash(data: key.derRepresentation).hexadecimal }
}

extension Hub {
    /// Makes a device of whoever holds a join token. The same token with the same key gets the same answer again, so
    /// that a device that lost the answer can ask once more; another key is refused.
    package func enrol(_ request: EnrolmentRequest) async throws -> EnrolmentResponse {
        let key: P256.Signing.PublicKey = try Self.publicKey(of: request.certificateSigningRequest)
        guard (1...100).contains(request.label.count), request.agentVersion.utf8.count <= 40 else {
            throw Problem(.invalidRequest, "A device's label has 1 to 100 characters.", remedy: "Choose a shorter label.")
        }
        let now: Timestamp = now()
        let device = DeviceID(at: now)
        let certificate = try keys.deviceCertificate(for: key, device: device, now: now)
        let leaseKey = Base64(keys.leaseKey.publicKey.rawRepresentation)
        return try await database.write { connection in
            let thumbprint: String = NewDevice.thumbprint(of: key)
            let (account, group, replaced): (Account, SQLValue, DeviceID?)
            switch try Self.redeem(connection, secret: request.secret, thumbprint: thumbprint, device: device, now: now) {
            case .again(let known):
                return try Self.answer(connection, device: known, leaseKey: leaseKey, now: now)
            case .first(let owner, let target, let old):
                (account, group, replaced) = (owner, target, old)
            }
            try NewDevice(
                id: device, account: account.id, label: request.label, key: key, certificate: certificate, agentVersion: request.agentVersion, group: group
            ).insert(connection, now: now)
            let actor = Actor(.device, device.rawValue)
            let trail = AuditTrail(connection: connection, actor: actor, now: now)
            try trail.record(.deviceEnrol, account: account.id, subject: device.rawValue)
            if let replaced { try DeviceRetirement(connection: connection, trail: trail, now: now, actor: actor).replace(replaced, by: device) }
            return try Self.answer(connection, device: device, leaseKey: leaseKey, now: now)
        }
    }

    private enum Redemption {
        case first(Account, group: SQLValue, replaces: DeviceID?)
        case again(DeviceID)
    }

    private static func redeem(
        _ connection: any SQLConnection, secret: String, thumbprint: String, device: DeviceID, now: Timestamp
    ) throws -> Redemption {
        guard let row = try connection.firstRow("SELECT * FROM join_token WHERE secret_hash = ?", [.text(SecretToken.hash(secret))]) else {
            throw Problem(.tokenUnknown, "The hub knows no such join token.", remedy: "Check the token, or ask the operator for a new one.")
        }
        if let user = try row.textOrNil("used_by") {
            guard try row.textOrNil("used_key") == thumbprint, let known = DeviceID(rawValue: user) else {
                throw Problem(.tokenUsed, "That join token was used already.", remedy: "A token makes one device: ask the operator for another.")
            }
            return .again(known)
        }
        let expires = Timestamp(milliseconds: try row.integer("expires_ms"))
        guard now < expires else {
            throw Problem(.tokenExpired, "That join token has expired.", detail: "it ended \(expires)", remedy: "Ask the operator for a new one.")
        }
        let owner: Account = try account(connection, try row.text("account_id"))
        try requireActive(owner)
        try connection.execute(
            "UPDATE join_token SET used_by = ?, used_key = ? WHERE id = ?", [.text(device.rawValue), .text(thumbprint), .text(try row.text("id"))])
        return .first(owner, group: SQLValue(try row.textOrNil("group_id")), replaces: try row.textOrNil("replaces").flatMap(DeviceID.init(rawValue:)))
    }

    static func answer(_ connection: any SQLConnection, device: DeviceID, leaseKey: Base64, now: Timestamp) throws -> EnrolmentResponse {
        let row: SQLRow = try connection.rows("SELECT * FROM device WHERE id = ?", [.text(device.rawValue)])[0]
        return EnrolmentResponse(
            device: device, account: try Device(row).account, certificate: try row.text("certificate_pem"), leaseKey: leaseKey,
            journalEpoch: try row.integer("journal_epoch"), hubEpoch: try epoch(connection), time: now)
    }

    static func publicKey(of request: String) throws(Problem) -> P256.Signing.PublicKey {
        guard request.utf8.count <= 8_192, let parsed = try? CertificateSigningRequest(pemEncoded: request),
            parsed.publicKey.isValidSignature(parsed.signature, for: parsed), let key = P256.Signing.PublicKey(parsed.publicKey)
        else {
            throw Problem(
                .invalidRequest, "The certificate signing request is not usable.", remedy: "Send a PKCS#10 request in PEM with a P-256 key, signed by that key."
            )
        }
        return key
    }
}
