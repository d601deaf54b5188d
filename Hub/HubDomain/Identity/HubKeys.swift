import Crypto
import FoundationEssentials
import ServiceSupport
import SwiftASN1
import WireModel
import X509

/// The hub's own keys, kept in files under its data directory, outside the database: the certificate authority that
/// devices trust, and the key that signs leases.
package struct HubKeys: Sendable {
    package let authority: Certificate
    package let authorityPEM: String
    package let leaseKey: Curve25519.Signing.PrivateKey
    /// Seals what must be readable again but not from a stolen database: mail not yet sent, TOTP secrets. 32 bytes.
    package let sealingKey: [UInt8]
    /// Signs the anchors of the audit chain.
    package let auditKey: Curve25519.Signing.PrivateKey
    private let authorityKey: P256.Signing.PrivateKey

    /// SHA-256 of the authority's certificate (DER), hexadecimal: what join tokens carry.
    package let fingerprint: String

    /// Certificates begin this long before now, so that a device whose clock is behind by days can still connect.
    static let backdating: TimeInterval = 7 * 86_400
    private static let authorityLifetime: TimeInterval = 20 * 365 * 86_400
    /// Long enough for a terminal that is dark for a year; revocation is checked on every request all the same.
    private static let deviceLifetime: TimeInterval = 825 * 86_400
    static let deviceLifetimeMilliseconds: Int64 = 825 * 86_400_000
    /// Made anew at each start of the hub.
    private static let serverLifetime: TimeInterval = 397 * 86_400

    /// Reads the keys under `directory`. Safe to interrupt and to run twice at once.
    /// - Parameter mayMake: makes what is missing; otherwise that is an error that names the file.
    package init(directory: String, now: Timestamp, mayMake: Bool) throws {
        try PrivateFiles.makeDirectory(directory)
        let lock = try FileLock(directory + "/lock")
        defer { lock.release() }
        let certificateFile: String = directory + "/authority.pem"
        let existing: [UInt8]? = try PrivateFiles.read(certificateFile)
        authorityKey = try Self.key(directory + "/authority-key.pem", mayMake: existing == nil)
        if let existing {
            authorityPEM = String(decoding: existing, as: UTF8.self)
        } else {
            authorityPEM = try Self.makeAuthority(authorityKey, now: now).serializeAsPEM().pemString
            try PrivateFiles.write(Array(authorityPEM.utf8), to: certificateFile, mode: 0o644)
        }
        authority = try Certificate(pemEncoded: authorityPEM)
        guard authority.publicKey == Certificate.PublicKey(authorityKey.publicKey) else {
            throw Problem(
                .storeDamaged, "The hub's authority certificate and its key do not belong together.", detail: directory,
                remedy: "Restore the keys directory from a backup: devices trust only the authority they joined under.")
        }
        fingerprint = SHA256.hash(data: try authority.serializeAsPEM().derBytes).hexadecimal
        leaseKey = try Self.signingKey(directory + "/lease-key", mayMake: mayMake)
        auditKey = try Self.signingKey(directory + "/audit-key", mayMake: mayMake)
        sealingKey = try Self.sealingKey(directory + "/sealing-key", mayMake: mayMake)
    }

    private static func missing(_ file: String) -> Problem {
        Problem(
            .storeDamaged, "A key of the hub is missing.", detail: file,
            remedy: "Restore the keys directory from a backup: what was sealed or signed with that key can be opened or proven with no other.")
    }

    /// A certificate for the hub's own address, new at every start.
    /// - Parameter names: DNS names and IP addresses under which devices reach the hub.
    package func serverCertificate(names: [String], now: Timestamp) throws -> (certificatePEM: String, keyPEM: String) {
        let key = P256.Signing.PrivateKey()
        let certificate: Certificate = try issue(
            Certificate.PublicKey(key.publicKey), commonName: "vultus hub", lifetime: Self.serverLifetime, usage: .serverAuth,
            names: names.map(Self.generalName), now: now)
        return (try certificate.serializeAsPEM().pemString, key.pemRepresentation)
    }

    /// A device's certificate: the device's id is its common name.
    package func deviceCertificate(for key: P256.Signing.PublicKey, device: DeviceID, now: Timestamp) throws -> (pem: String, serial: String) {
        let certificate: Certificate = try issue(
            Certificate.PublicKey(key), commonName: device.rawValue, lifetime: Self.deviceLifetime, usage: .clientAuth, names: [], now: now)
        return (try certificate.serializeAsPEM().pemString, certificate.serialNumber.bytes.hexadecimal)
    }

    private func issue(
        _ key: Certificate.PublicKey, commonName: String, lifetime: TimeInterval, usage: ExtendedKeyUsage.Usage, names: [GeneralName], now: Timestamp
    ) throws -> Certificate {
        let date = Date(timeIntervalSince1970: Double(now.milliseconds / 1000))
        return try Certificate(
            version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: key, notValidBefore: date - Self.backdating,
            notValidAfter: min(date + lifetime, authority.notValidAfter), issuer: authority.subject,
            subject: try DistinguishedName { CommonName(commonName) }, signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try Certificate.Extensions {
                Critical(BasicConstraints.notCertificateAuthority)
                Critical(KeyUsage(digitalSignature: true))
                try ExtendedKeyUsage([usage])
                if !names.isEmpty { SubjectAlternativeNames(names) }
            },
            issuerPrivateKey: Certificate.PrivateKey(authorityKey))
    }

    private static func makeAuthority(_ key: P256.Signing.PrivateKey, now: Timestamp) throws -> Certificate {
        let date = Date(timeIntervalSince1970: Double(now.milliseconds / 1000))
        // A random part: two hubs' authorities must not look alike to a TLS library that compares names.
        let name = try DistinguishedName { CommonName("vultus authority \(SystemRandom.bytes(4).hexadecimal)") }
        return try Certificate(
            version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: Certificate.PublicKey(key.publicKey), notValidBefore: date - backdating,
            notValidAfter: date + authorityLifetime, issuer: name, subject: name, signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 0))
                Critical(KeyUsage(keyCertSign: true, cRLSign: true))
            },
            issuerPrivateKey: Certificate.PrivateKey(key))
    }

    private static func key(_ file: String, mayMake: Bool) throws -> P256.Signing.PrivateKey {
        if let bytes = try PrivateFiles.read(file) { return try P256.Signing.PrivateKey(pemRepresentation: String(decoding: bytes, as: UTF8.self)) }
        guard mayMake else {
            throw Problem(
                .storeDamaged, "The key of the hub's authority is missing.", detail: file,
                remedy: "Restore the keys directory from a backup: without it no device can be enrolled.")
        }
        let key = P256.Signing.PrivateKey()
        try PrivateFiles.write(Array(key.pemRepresentation.utf8), to: file)
        return key
    }

    private static func signingKey(_ file: String, mayMake: Bool) throws -> Curve25519.Signing.PrivateKey {
        if let bytes = try PrivateFiles.read(file) { return try Curve25519.Signing.PrivateKey(rawRepresentation: bytes) }
        guard mayMake else { throw missing(file) }
        let key = Curve25519.Signing.PrivateKey()
        try PrivateFiles.write([UInt8](key.rawRepresentation), to: file)
        return key
    }

    private static func sealingKey(_ file: String, mayMake: Bool) throws -> [UInt8] {
        if let bytes = try PrivateFiles.read(file) {
            guard bytes.count == 32 else {
                throw Problem(.storeDamaged, "The hub's sealing key is damaged.", detail: file, remedy: "Restore the keys directory from a backup.")
            }
            return bytes
        }
        guard mayMake else { throw missing(file) }
        let bytes: [UInt8] = SystemRandom.bytes(32)
        try PrivateFiles.write(bytes, to: file)
        return bytes
    }

    private static func generalName(_ name: String) -> GeneralName {
        if let address = IPAddressBytes.parse(name) { return .ipAddress(ASN1OctetString(contentBytes: address[...])) }
        return .dnsName(name)
    }
}
