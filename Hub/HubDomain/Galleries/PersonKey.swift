import Crypto
import FoundationEssentials
import HubAccess
import HubStorage
import WireModel

/// A person's own key (P5): what the hub keeps of a person is sealed under it, and it under the hub's, which is not in the
/// database. Erasing the row that holds it erases the person wherever a copy of the rest may be.
struct PersonKey {
    private let person: PersonID
    private let key: SymmetricKey

    /// A new one, random, 256 bits.
    init(of person: PersonID) {
        self.person = person
        key = SymmetricKey(size: .bits256)
    }

    init(of person: PersonID, opening sealed: [UInt8], with sealer: SecretSealer) throws {
        self.person = person
        key = SymmetricKey(data: try sealer.open(sealed, context: Self.context(person)))
    }

    func sealed(with sealer: SecretSealer) throws -> [UInt8] {
        try sealer.seal(key.withUnsafeBytes(Array.init), context: Self.context(person))
    }

    private static func context(_ person: PersonID) -> String { "person/" + person.rawValue }

    /// AES-256-GCM, random nonce; bound to what it is and whose, so that it opens in no other row.
    /// - Parameter what: `record`, or a template with its identifier and model.
    /// - Returns: nonce (12 bytes), as many bytes as `plain`, tag (16 bytes).
    func seal(_ plain: [UInt8], as what: String) throws -> [UInt8] {
        let box: AES.GCM.SealedBox = try AES.GCM.seal(plain, using: key, authenticating: Array("\(person) \(what)".utf8))
        return Array(box.nonce) + Array(box.ciphertext) + Array(box.tag)
    }

    /// - Throws: `HubStorageError.damaged`: sealed for something else, or altered.
    func open(_ sealed: [UInt8], as what: String) throws(HubStorageError) -> [UInt8] {
        do {
            return Array(try AES.GCM.open(AES.GCM.SealedBox(combined: sealed), using: key, authenticating: Array("\(person) \(what)".utf8)))
        } catch { throw .damaged }
    }
}
