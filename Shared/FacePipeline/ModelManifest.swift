/// `manifest.json` of a directory of models, as `deploy/setup` writes it.
package struct ModelManifest: Codable, Hashable, Sendable {
    package struct File: Codable, Hashable, Sendable {
        /// Path inside the directory.
        package let name: String
        /// `detector`, `embedder` and `engine` for ONNX Runtime, `detector-flat` and `embedder-flat` for CFaceNet,
        /// `demo` or `licence`.
        package let role: String
        /// Id of the model, such as `sface-2021dec`.
        package let model: String?
        package let version: String?
        /// 64 lower-case hex digits.
        package let sha256: String
        package let bytes: Int
        package let licence: String?
        package let provenance: String?
    }

    /// The only layout there is so far.
    package static let supportedVersion = 1

    package let version: Int
    package let files: [File]

    package func file(role: String) throws(ModelError) -> File {
        guard let file = files.first(where: { $0.role == role }) else { throw .missingRole(role) }
        return file
    }
}
