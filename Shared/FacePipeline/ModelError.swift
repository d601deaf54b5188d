/// Why a directory of models cannot be used. Each says which file, and what to do: run `deploy/setup` again.
package enum ModelError: Error, Equatable, Sendable {
    /// No directory of models in any of the places looked at, best place first.
    case notFound(searched: [String])
    /// The directory named does not exist.
    case missingDirectory(String)
    /// There is no `manifest.json`.
    case missingManifest(directory: String)
    /// The manifest is not the JSON it should be.
    case unreadableManifest(directory: String, message: String)
    /// The manifest is newer than this program.
    case unsupportedManifest(version: Int)
    /// The manifest names no file for this role ("detector", "embedder", "engine", "detector-flat", "embedder-flat").
    case missingRole(String)
    /// A model this program has no pre- and postprocessing for.
    case unsupportedModel(role: String, model: String)
    /// A file the manifest names is not there.
    case missingFile(String)
    /// A file that cannot be read.
    case unreadableFile(String, errno: CInt)
    /// A file whose size or SHA-256 is not the manifest's: `bytes:…` or the digest in hex.
    case altered(String, expected: String, found: String)
    /// `$VULTUS_ENGINE` names no engine.
    case unknownEngine(String)
    /// The engine's library does not load.
    case unsupportedEngine(file: String, message: String)
    /// The engine refuses a model.
    case refusedModel(file: String, message: String)
}
