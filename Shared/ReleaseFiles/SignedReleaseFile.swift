import ServiceSupport
import WireModel

/// `release.json`: the signed manifest beside a release's files.
extension SignedRelease {
    package static func read(in folder: String) throws -> SignedRelease {
        let path: String = folder + "/" + ReleaseLimit.manifestName
        guard let bytes = try PrivateFiles.read(path) else {
            throw Problem(.notFound, "There is no signed release in that folder.", detail: path, remedy: "Sign it: `vultus-hub release sign FOLDER`.")
        }
        guard let signed = try? JSON.value(SignedRelease.self, from: bytes) else {
            throw Problem(.releaseUnsuitable, "That is no signed release.", detail: path, remedy: "Sign it again: `vultus-hub release sign FOLDER`.")
        }
        return signed
    }
}
