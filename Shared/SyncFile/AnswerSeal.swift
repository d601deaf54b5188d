import Crypto
import FoundationEssentials
import WireModel

/// Answers are sealed to the key of the one request they answer (HPKE, RFC 9180, base mode), because they carry templates over
/// a stick that can be lost.
package enum AnswerSeal {
    private static let suite = HPKE.Ciphersuite(kem: .P256_HKDF_SHA256, kdf: .HKDF_SHA256, aead: .AES_GCM_256)
    private static let info: [UInt8] = Array("vultus sync answer 1".utf8)

    /// The hub's side.
    package final class Sealer {
        private var sender: HPKE.Sender
        package var encapsulatedKey: Base64 { Base64(sender.encapsulatedKey) }

        /// - Parameter key: as the request names it.
        /// - Throws: `sync_file_damaged` for what is no point of the curve.
        package init(to key: Base64) throws(Problem) {
            do {
                let recipient = try P256.KeyAgreement.PublicKey(x963Representation: key.bytes)
                sender = try HPKE.Sender(recipientKey: recipient, ciphersuite: suite, info: Data(info))
            } catch { throw SyncFileLayout.damaged("its answer key is none") }
        }

        package func seal(_ frame: [UInt8]) throws -> [UInt8] { Array(try sender.seal(frame)) }
    }

    /// The device's side.
    package final class Opener {
        private var recipient: HPKE.Recipient

        package init(_ key: P256.KeyAgreement.PrivateKey, encapsulatedKey: Base64) throws(Problem) {
            do {
                recipient = try HPKE.Recipient(
                    privateKey: key, ciphersuite: suite, info: Data(info), encapsulatedKey: Data(encapsulatedKey.bytes))
            } catch { throw SyncFileLayout.damaged("its seal cannot be opened") }
        }

        /// Frames open in their order only.
        package func open(_ frame: [UInt8]) throws(Problem) -> [UInt8] {
            do { return Array(try recipient.open(frame)) } catch { throw SyncFileLayout.damaged("a part of it was altered, or is out of place") }
        }
    }
}
