import Crypto
import FoundationEssentials
import GRDB
import ServiceSupport
import WireModel

/// A file that was exported, as far as its answer needs it.
package struct ExportedFile: Sendable {
    package enum State: Sendable {
        /// The answer can be opened.
        case waiting(P256.KeyAgreement.PrivateKey)
        /// The answer was imported then, and its key is gone.
        case imported(Timestamp)
    }

    package let state: State
    /// Where the device was in the hub's changes when it asked; `nil` before the first.
    package let cursor: String?
}

extension EdgeStore {
    /// Requests whose answers can still be opened.
    private static let keptExports: Int = 8

    /// Makes the key that a file's answer is sealed to, and keeps its private half sealed until the answer is here. On disk before the
    /// file is, so that no answer can come that nothing opens.
    /// - Parameter cursor: of the changes asked for.
    package func makeAnswerKey(cursor: String?) throws(EdgeStoreError) -> Base64 {
        let key = P256.KeyAgreement.PrivateKey()
        let name = Base64(key.publicKey.x963Representation)
        let now: Timestamp = clock.now().wall
        try write { database in
            let sealed: [UInt8] = try Sealing.seal([UInt8](key.rawRepresentation), with: self.masterKey, for: "answer-key " + name.text)
            try database.run(
                sql: "INSERT INTO exported_file (answer_key, sealed_key, created_ms, cursor) VALUES (?, ?, ?, ?)",
                arguments: [Data(name.bytes), Data(sealed), now.milliseconds, cursor])
            try database.run(
                sql: "DELETE FROM exported_file WHERE rowid NOT IN (SELECT rowid FROM exported_file ORDER BY rowid DESC LIMIT ?)", arguments: [Self.keptExports]
            )
        }
        return name
    }

    /// - Returns: `nil` when no such file was exported here, or too many have been since.
    package func exportedFile(_ answerKey: Base64) throws(EdgeStoreError) -> ExportedFile? {
        try read { database in
            guard let row = try database.row(sql: "SELECT * FROM exported_file WHERE answer_key = ?", arguments: [Data(answerKey.bytes)]) else {
                return nil
            }
            if let imported = row["imported_ms"] as Int64? {
                return ExportedFile(state: .imported(Timestamp(milliseconds: imported)), cursor: row["cursor"])
            }
            let raw: [UInt8] = try Sealing.open([UInt8](row["sealed_key"] as Data), with: self.masterKey, for: "answer-key " + answerKey.text)
            return ExportedFile(state: .waiting(try P256.KeyAgreement.PrivateKey(rawRepresentation: raw)), cursor: row["cursor"])
        }
    }

    /// The answer is in: its key is erased, and with it whatever the file still says.
    package func finishExportedFile(_ answerKey: Base64) throws(EdgeStoreError) {
        let now: Timestamp = clock.now().wall
        try write { database in
            try database.run(
                sql: "UPDATE exported_file SET sealed_key = NULL, imported_ms = ? WHERE answer_key = ?", arguments: [now.milliseconds, Data(answerKey.bytes)])
        }
    }
}
