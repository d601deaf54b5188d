import Biometrics
import FoundationEssentials

/// A directory of models whose files were found whole: size and SHA-256 are the manifest's.
package struct ModelDirectory: Sendable {
    package let path: String
    package let manifest: ModelManifest
    package let detector: ModelManifest.File
    package let embedder: ModelManifest.File
    package let engine: ModelManifest.File

    /// The id that templates made with these models carry.
    package let embedderModel: ModelID

    /// Reads the manifest and every model and engine file (about 75 MB, 50–80 ms when cached).
    /// - Throws: any `ModelError` but `.notFound`, `.unsupportedEngine` and `.refusedModel`.
    package static func open(_ path: String) throws(ModelError) -> ModelDirectory {
        guard fileExists(path) else { throw .missingDirectory(path) }
        let manifestPath = path + "/" + manifestName
        guard fileExists(manifestPath) else { throw .missingManifest(directory: path) }
        let manifest: ModelManifest
        do {
            manifest = try JSONDecoder().decode(ModelManifest.self, from: Data(contentsOf: URL(filePath: manifestPath)))
        } catch {
            throw .unreadableManifest(directory: path, message: String(describing: error))
        }
        guard manifest.version == ModelManifest.supportedVersion else {
            throw .unsupportedManifest(version: manifest.version)
        }
        let directory = try ModelDirectory(
            path: path, manifest: manifest, detector: manifest.file(role: "detector"),
            embedder: manifest.file(role: "embedder"), engine: manifest.file(role: "engine"))
        for file in [directory.engine, directory.detector, directory.embedder] { try directory.verify(file) }
        return directory
    }

    private init(
        path: String, manifest: ModelManifest, detector: ModelManifest.File, embedder: ModelManifest.File,
        engine: ModelManifest.File
    ) throws(ModelError) {
        // The alignment template and the tensors' names belong to the model: no other can be slipped in by manifest.
        guard detector.model == FaceDetector.modelID else {
            throw .unsupportedModel(role: "detector", model: detector.model ?? "unnamed")
        }
        guard let model = embedder.model.map(ModelID.init(rawValue:)), model == FaceEmbedder.modelID else {
            throw .unsupportedModel(role: "embedder", model: embedder.model ?? "unnamed")
        }
        self.path = path
        self.manifest = manifest
        self.detector = detector
        self.embedder = embedder
        self.engine = engine
        embedderModel = model
    }

    /// Where a file of the manifest lies.
    package func path(of file: ModelManifest.File) -> String {
        path + "/" + file.name
    }

    private func verify(_ file: ModelManifest.File) throws(ModelError) {
        let digest = try FileDigest.read(path(of: file), name: file.name)
        guard digest.bytes == file.bytes else {
            throw .altered(file.name, expected: "bytes:\(file.bytes)", found: "bytes:\(digest.bytes)")
        }
        guard digest.sha256 == file.sha256.lowercased() else {
            throw .altered(file.name, expected: file.sha256, found: digest.sha256)
        }
    }

    static let manifestName = "manifest.json"
}

func fileExists(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: path)
}
