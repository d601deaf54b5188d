import Crypto
import FoundationEssentials

/// A sealed value did not open: the key is another one, or the bytes were changed.
struct SealError: Error {
    let what: String
}

/// AES-256-GCM with the purpose and owner of each value bound as associated data, so that a sealed value moved to
/// another row does not open there.
enum Sealing {
    /// - Returns: nonce (12 bytes), ciphertext, tag (16 bytes).
    static func seal(_ plain: [UInt8], with key: SymmetricKey, for purpose: String) throws -> [UInt8] {
        let box = try AES.GCM.seal(plain, using: key, authenticating: Array(purpose.utf8))
        return Array(box.combined!)  // absent only for nonces that are not 12 bytes
    }

    static func open(_ sealed: [UInt8], with key: SymmetricKey, for purpose: String) throws(SealError) -> [UInt8] {
        do {
            return Array(try AES.GCM.open(AES.GCM.SealedBox(combined: sealed), using: key, authenticating: Array(purpose.utf8)))
        } catch {
            throw SealError(what: "a sealed value (\(purpose.prefix { $0 != " " })) does not open with this device's key")
        }
    }
}

extension SymmetricKey {
    var bytes: [UInt8] { withUnsafeBytes { Array($0) } }
}
