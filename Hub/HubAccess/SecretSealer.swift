import Crypto
import FoundationEssentials
import WireModel

/// Seals the secrets a store must keep readable (TOTP secrets, webhook keys, mail credentials) with the hub's own key,
/// which is not in that store: whoever takes the database alone cannot read them.
package struct SecretSealer: Sendable {
    private let key: SymmetricKey
    private let sealingKey: SymmetricKey

    private static let version: UInt8 = 1
    private static let nonceLength: Int = 12
    private static let tagLength: Int = 16

    /// - Parameter key: 32 bytes, random.
    package init(key: [UInt8]) {
        precondition(key.count == 32, "a sealing key has 32 bytes")
        self.key = SymmetricKey(data: key)
        sealingKey = Self.derived(from: self.key, for: "vultus/seal/1")
    }

    /// AES-256-GCM with a random nonce. Random nonces are good for 2³² values under one key (NIST SP 800-38D §8.3).
    /// - Parameter context: what and whose the value is (`totp/usr_…`); it opens under the same context only.
    /// - Returns: a version byte, the nonce, as many bytes as `plain`, the tag.
    package func seal(_ plain: [UInt8], context: String) throws -> [UInt8] {
        let box: AES.GCM.SealedBox = try AES.GCM.seal(plain, using: sealingKey, authenticating: Array(context.utf8))
        return [Self.version] + Array(box.nonce) + Array(box.ciphertext) + Array(box.tag)
    }

    /// - Throws: `AccessError.sealedTooShort`, `.sealedFormUnknown` or `.sealedRefused`.
    package func open(_ sealed: [UInt8], context: String) throws -> [UInt8] {
        guard sealed.count >= 1 + Self.nonceLength + Self.tagLength else { throw AccessError.sealedTooShort(bytes: sealed.count) }
        guard sealed[0] == Self.version else { throw AccessError.sealedFormUnknown(version: sealed[0]) }
        do {
            let box = try AES.GCM.SealedBox(combined: Array(sealed.dropFirst()))
            return Array(try AES.GCM.open(box, using: sealingKey, authenticating: Array(context.utf8)))
        } catch {
            throw AccessError.sealedRefused
        }
    }

    /// HMAC-SHA256, hexadecimal, with a key of the context's own (HKDF, RFC 5869).
    package func mac(_ text: String, context: String) -> String {
        let key: SymmetricKey = Self.derived(from: key, for: "vultus/mac/1/" + context)
        return Array(HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: key)).hexadecimal
    }

    private static func derived(from key: SymmetricKey, for purpose: String) -> SymmetricKey {
        HKDF<SHA256>.deriveKey(inputKeyMaterial: key, info: Array(purpose.utf8), outputByteCount: 32)
    }
}
