import Crypto
import Foundation
import ReleaseFiles
import WireModel

/// Makes releases, signed by a key of its own, in a folder that goes with it.
package final class ReleaseWorkshop: Sendable {
    package let folder: String
    package let secret = Curve25519.Signing.PrivateKey()
    package let keyFile: String

    package init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "vultus-workshop-\(UUID().uuidString)").path
        keyFile = folder + "/key.pub"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try ReleaseKeyFile.write(secret, to: folder + "/key", isDurable: false)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    package var key: ReleaseKey { ReleaseKey(Array(secret.publicKey.rawRepresentation))! }

    /// The files of a release, and its signed manifest.
    package struct Made: Sendable {
        package let signed: SignedRelease
        package let files: [String: [UInt8]]

        package init(signed: SignedRelease, files: [String: [UInt8]]) { (self.signed, self.files) = (signed, files) }

        package var manifest: ReleaseManifest { get throws { try JSON.value(ReleaseManifest.self, from: signed.payload) } }

        package func wanted(_ rollout: RolloutID, goesBack: Bool = false) throws -> WantedRelease {
            WantedRelease(rollout: rollout, release: signed.id, kind: try manifest.kind, version: try manifest.version, goesBack: goesBack)
        }

        /// Writes it as `vultus-hub release sign` leaves it.
        package func write(to folder: String) throws {
            for (path, bytes) in files {
                let file = URL(filePath: folder + "/" + path)
                try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
                try Data(bytes).write(to: file)
                let isExecutable: Bool = try manifest.files.contains { $0.path == path && $0.isExecutable }
                try FileManager.default.setAttributes([.posixPermissions: isExecutable ? 0o755 : 0o644], ofItemAtPath: file.path)
            }
            try Data(try JSON.bytes(signed)).write(to: URL(filePath: folder + "/" + ReleaseLimit.manifestName))
        }
    }

    package func make(
        _ kind: ReleaseKind = .agent, _ version: String, files: [String: [UInt8]]? = nil, platform: String = Platform.current, minimum: String? = nil,
        allowsDowngrade: Bool = false, created: Timestamp = Timestamp(milliseconds: 1_000), expires: Timestamp = Timestamp(milliseconds: 4_000_000_000_000),
        by other: Curve25519.Signing.PrivateKey? = nil
    ) throws -> Made {
        let files: [String: [UInt8]] =
            files ?? [
                kind == .agent ? ReleaseManifest.program : "manifest.json": Array("program \(version)".utf8),
                "share/notes.txt": Array("notes of \(version)".utf8),
            ]
        let manifest = ReleaseManifest(
            kind: kind, version: ReleaseNumber(rawValue: version)!, platform: platform,
            files: files.sorted { $0.key < $1.key }.map { path, bytes in
                ReleaseFile(path: path, bytes: Int64(bytes.count), sha256: SHA256.hash(data: bytes).hexadecimal, isExecutable: path == ReleaseManifest.program)
            }, minimumVersion: minimum.flatMap(ReleaseNumber.init), allowsDowngrade: allowsDowngrade, created: created, expires: expires)
        return Made(signed: try SignedRelease(manifest, signedBy: other ?? secret), files: files)
    }
}
