import Crypto
import HubStorage
import WireModel

/// Who a certificate belongs to, and how a device gets its next one.
extension Hub {
    /// Who a verified client certificate belongs to. Asked on every request, because a resumed TLS session keeps the identity it began with.
    /// The first use of a new certificate ends the former one.
    /// - Throws: `certificate_refused` for a certificate this hub does not know, `device_revoked` for one it took back, `device_stolen`, which
    ///   makes the device erase itself.
    package func device(certificateSerial serial: String) async throws -> DeviceID {
        let row: SQLRow? = try await database.read {
            try $0.firstRow(
                "SELECT id, revoked_ms, stolen_ms, certificate_serial FROM device WHERE certificate_serial = ? OR next_certificate_serial = ?",
                [.text(serial), .text(serial)])
        }
        guard let row, let id = DeviceID(rawValue: try row.text("id")) else {
            throw Problem(.certificateRefused, "The hub does not know this certificate.", remedy: "Join again with a new token.")
        }
        if let problem = try Self.outOfService(row) { throw problem }
        if try row.text("certificate_serial") != serial {
            try await database.write { connection in
                try connection.execute(
                    """
                    UPDATE device SET certificate_pem = next_certificate_pem, certificate_serial = next_certificate_serial,
                        certificate_ms = next_certificate_ms, next_certificate_pem = NULL, next_certificate_serial = NULL, next_certificate_ms = NULL
                    WHERE id = ? AND next_certificate_serial = ?
                    """, [.text(id.rawValue), .text(serial)])
            }
        }
        return id
    }

    /// - Parameter row: with `id`, `revoked_ms` and `stolen_ms`.
    static func outOfService(_ row: SQLRow) throws -> Problem? {
        if try row.integerOrNil("stolen_ms") != nil {
            return Problem(
                .deviceStolen, "This device was reported stolen: it erases itself.", detail: try row.text("id"),
                remedy: "If it was found again, ask the operator for a new join token.")
        }
        guard try row.integerOrNil("revoked_ms") != nil else { return nil }
        return Problem(
            .deviceRevoked, "This device was taken out of service.", detail: try row.text("id"), remedy: "Ask the operator; a new token makes it a new device.")
    }

    /// A certificate for a key that a device of this hub has: a new one when half the life of the newest is over or an operator has asked for
    /// it, otherwise the newest again. The former one counts until the new one is used, so that an answer may be lost.
    package func renewCertificate(_ request: CertificateRequest) async throws -> CertificateAnswer {
        let key: P256.Signing.PublicKey = try Self.publicKey(of: request.certificateSigningRequest)
        let now: Timestamp = now()
        let thumbprint: String = SHA256.hash(data: key.derRepresentation).hexadecimal
        return try await database.write { connection in
            guard let row = try connection.firstRow("SELECT * FROM device WHERE key_thumbprint = ? ORDER BY id DESC LIMIT 1", [.text(thumbprint)]),
                let id = DeviceID(rawValue: try row.text("id"))
            else { throw Problem(.certificateRefused, "No device of this hub has that key.", remedy: "Join with a new token.") }
            if let problem = try Self.outOfService(row) { throw problem }
            let next: String? = try row.textOrNil("next_certificate_pem")
            let issued: Int64 = try row.integerOrNil("next_certificate_ms") ?? row.integerOrNil("certificate_ms") ?? row.integer("created_ms")
            let isWanted: Bool = try row.integerOrNil("rotate_ms").map { $0 > issued } ?? false
            guard isWanted || now.milliseconds - issued >= HubKeys.deviceLifetimeMilliseconds / 2 else {
                return CertificateAnswer(device: id, certificate: try next ?? row.text("certificate_pem"))
            }
            let made = try keys.deviceCertificate(for: key, device: id, now: now)
            try connection.execute(
                "UPDATE device SET next_certificate_pem = ?, next_certificate_serial = ?, next_certificate_ms = ? WHERE id = ?",
                [.text(made.pem), .text(made.serial), .integer(now.milliseconds), .text(id.rawValue)])
            try AuditTrail(connection: connection, actor: Actor(.device, id.rawValue), now: now)
                .record(.deviceCertificate, account: try Device(row).account, subject: id.rawValue, ["serial": made.serial])
            return CertificateAnswer(device: id, certificate: made.pem)
        }
    }
}
