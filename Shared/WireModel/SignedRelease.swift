import Crypto

/// Whose releases are believed: Ed25519. The secret half stays with whoever makes releases; no hub and no device has it.
package struct ReleaseKey: Sendable, Hashable {
    package let bytes: [UInt8]

    /// - Returns: `nil` unless it is a public key of 32 bytes.
    package init?(_ bytes: [UInt8]) {
        guard bytes.count == 32, (try? Curve25519.Signing.PublicKey(rawRepresentation: bytes)) != nil else { return nil }
        self.bytes = bytes
    }

    /// What people compare: 16 hexadecimal digits of its SHA-256.
    package var fingerprint: String { Array(SHA256.hash(data: bytes).prefix(8)).hexadecimal }

    func isSignature(_ signature: [UInt8], of bytes: [UInt8]) -> Bool {
        (try? Curve25519.Signing.PublicKey(rawRepresentation: self.bytes))?.isValidSignature(signature, for: bytes) ?? false
    }
}

/// A release's manifest with the signature over its exact text.
package struct SignedRelease: Sendable, Codable, Hashable {
    /// The manifest as JSON; kept as text because the signature covers these very bytes.
    package let payload: String
    package let signature: Base64
    /// ``ReleaseKey/fingerprint`` of whoever signed it: says which key is missing where it is not trusted.
    package let key: String

    package init(_ manifest: ReleaseManifest, signedBy secret: Curve25519.Signing.PrivateKey) throws {
        payload = try JSON.text(manifest)
        signature = Base64(try secret.signature(for: Self.signedBytes(payload)))
        key = ReleaseKey(Array(secret.publicKey.rawRepresentation))?.fingerprint ?? ""
    }

    /// As kept, to be opened again with ``open(trusting:)``.
    package init(payload: String, signature: Base64, key: String) {
        self.payload = payload
        self.signature = signature
        self.key = key
    }

    /// The same for the same text, wherever it was published.
    package var id: ReleaseID {
        var canonical = CanonicalBytes(domain: "vultus release id 1")
        canonical.append(payload)
        return ReleaseID(digestOf: canonical)
    }

    /// - Throws: `release_untrusted` unless one of `keys` signed these very bytes; `release_unsuitable` for what they do not say well.
    package func open(trusting keys: [ReleaseKey]) throws(Problem) -> ReleaseManifest {
        let bytes: [UInt8] = Self.signedBytes(payload)
        guard keys.contains(where: { $0.isSignature(signature.bytes, of: bytes) }) else {
            throw Problem(
                .releaseUntrusted, "That release is not signed by a key that is trusted here.",
                detail: "signed by \(key.prefix(16)); trusted: \(keys.isEmpty ? "none" : keys.map(\.fingerprint).joined(separator: ", "))",
                remedy: "If the key is right, trust it at the device: `vultus-edge releases trust KEY.pub`. Otherwise find out who made that release.")
        }
        guard let manifest = try? JSON.value(ReleaseManifest.self, from: payload) else {
            throw Problem(
                .releaseUnsuitable, "That is not a release this program understands.", detail: "its manifest", remedy: "Sign it anew with this version.")
        }
        try manifest.check()
        return manifest
    }

    private static func signedBytes(_ payload: String) -> [UInt8] {
        var canonical = CanonicalBytes(domain: "vultus release 1")
        canonical.append(payload)
        return canonical.bytes
    }
}
