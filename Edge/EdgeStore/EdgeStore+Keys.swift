import Crypto
import FoundationEssentials
import GRDB

/// Where the persons' keys lie: in slots that are overwritten in place (see ``EdgeSchema``), each key sealed under the device's.
extension EdgeStore {
    /// Puts a new key into a slot: a free one, or the one given, whose former key is then gone for good.
    /// - Parameter purpose: bound to the key, so that it opens for its person only.
    func newKey(for purpose: String, in slot: Int64? = nil, _ database: Database) throws -> (slot: Int64, key: SymmetricKey) {
        let key = SymmetricKey(size: .bits256)
        let sealed = Data(try Sealing.seal(key.bytes, with: masterKey, for: purpose))
        if let slot = try slot ?? database.value(Int64.self, sql: "SELECT min(slot) FROM person_key WHERE is_free = 1") {
            try database.run(sql: "UPDATE person_key SET is_free = 0, sealed = ? WHERE slot = ?", arguments: [sealed, slot])
            return (slot, key)
        }
        try database.run(sql: "INSERT INTO person_key (is_free, sealed) VALUES (0, ?)", arguments: [sealed])
        return (database.lastInsertedRowID, key)
    }

    /// - Throws: `SealError` when it is another's, or was altered.
    func key(in slot: Int64, for purpose: String, _ database: Database) throws -> SymmetricKey {
        let sealed: Data? = try database.value(Data.self, sql: "SELECT sealed FROM person_key WHERE slot = ?", arguments: [slot])
        return SymmetricKey(data: try Sealing.open(bytes(sealed ?? Data()), with: masterKey, for: purpose))
    }
}
