import Crypto
import WireModel

/// HMAC-SHA256 under a key of its own, derived from the device's.
enum KeyedMark {
    static func of(_ text: String, in place: String, under masterKey: SymmetricKey) -> [UInt8] {
        let key = HKDF<SHA256>.deriveKey(inputKeyMaterial: masterKey, info: Array("vultus marks 1".utf8), outputByteCount: 32)
        var canonical = CanonicalBytes(domain: place)
        canonical.append(text)
        return Array(HMAC<SHA256>.authenticationCode(for: canonical.bytes, using: key))
    }
}
