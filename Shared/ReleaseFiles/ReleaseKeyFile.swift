import Crypto
import ServiceSupport
import WireModel

/// Release keys in files: a line that says what it is, so that nobody hands out the half that signs.
package enum ReleaseKeyFile {
    private static let publicWord: String = "vultus-release-key"
    private static let secretWord: String = "vultus-release-secret"

    /// The secret half to `path`, the public one to `path.pub`.
    /// - Parameter isDurable: as of ``PrivateFiles/write(_:to:mode:isDurable:)``.
    package static func write(_ secret: Curve25519.Signing.PrivateKey, to path: String, isDurable: Bool = true) throws {
        try PrivateFiles.write(Array("\(secretWord) \(Base64(secret.rawRepresentation).text)\n".utf8), to: path, isDurable: isDurable)
        let shown: String = "\(publicWord) \(Base64(secret.publicKey.rawRepresentation).text)\n"
        try PrivateFiles.write(Array(shown.utf8), to: path + ".pub", mode: 0o644, isDurable: isDurable)
    }

    package static func publicKey(_ path: String) throws -> ReleaseKey {
        guard let key = try bytes(of: publicWord, in: path).flatMap(ReleaseKey.init) else {
            throw Problem(
                .invalidRequest, "That file holds no public release key.", detail: path, remedy: "Name the `.pub` file that `vultus-hub release keygen` made.")
        }
        return key
    }

    package static func secret(_ path: String) throws -> Curve25519.Signing.PrivateKey {
        guard let key = try bytes(of: secretWord, in: path).flatMap({ try? Curve25519.Signing.PrivateKey(rawRepresentation: $0) }) else {
            throw Problem(
                .invalidRequest, "That file holds no secret release key.", detail: path,
                remedy: "Name the file without `.pub` that `vultus-hub release keygen` made.")
        }
        return key
    }

    private static func bytes(of word: String, in path: String) throws -> [UInt8]? {
        guard let bytes = try PrivateFiles.read(path) else {
            throw Problem(.fileUnreadable, "There is no such key file.", detail: path, remedy: "Check the path; `vultus-hub release keygen FILE` makes one.")
        }
        let parts: [Substring] = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace)
        return parts.count == 2 && parts[0] == word ? Base64(text: String(parts[1]))?.bytes : nil
    }
}
