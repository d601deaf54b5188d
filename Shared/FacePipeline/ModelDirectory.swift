import Biometrics
import FoundationEssentials

/// What one engine loads, found whole: size and SHA-256 are the manifest's.
package struct EngineFiles: Sendable {
    package let kind: EngineKind
    package let detector: ModelManifest.File
    package let embedder: ModelManifest.File
    /// The engine's library; `nil` when the engine is part of the program.
    package let library: ModelManifest.File?
    /// The id that templates made with these models carry.
    package let embedderModel: ModelID
}

/// A directory of models in which the files of one engine were found whole.
package struct ModelDirectory: Sendable {
    package let path: String
    package let manifest: ModelManifest
    /// What the engine asked for loads.
    package let files: EngineFiles

    package var detector: ModelManifest.File { files.detector }
    package var embedder: ModelManifest.File { files.embedder }
    package var embedderModel: ModelID { files.embedderModel }

    /// Reads the manifest and the files the chosen engine will load (10.7 MB for CFaceNet, 74 MB for ONNX Runtime; about
    /// 1 ms per MB when cached).
    /// - Throws: any `ModelError` but `.notFound`, `.unsupportedEngine` and `.refusedModel`.
    package static func open(_ path: String, engine: EngineChoice = .automatic) throws(ModelError) -> ModelDirectory {
        let kind = try engine.resolve()
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
        return ModelDirectory(path: path, manifest: manifest, files: try verifiedFiles(kind, in: path, manifest))
    }

    /// Reads the files of every engine, not only of the one in use. For examinations: 85 MB.
    /// - Throws: what is wrong with the first that is not whole.
    package func verifyAll() throws(ModelError) {
        for kind in EngineKind.allCases { _ = try Self.verifiedFiles(kind, in: path, manifest) }
    }

    /// What `kind` loads; verified now unless `open` did.
    func files(for kind: EngineKind) throws(ModelError) -> EngineFiles {
        try kind == files.kind ? files : Self.verifiedFiles(kind, in: path, manifest)
    }

    /// ONNX Runtime, whichever engine the pipeline runs on: for networks that an operator supplies.
    /// - Throws: what is wrong with its files, or `.unsupportedEngine`.
    package func onnxRuntime() throws(ModelError) -> any InferenceEngine {
        guard let library = try files(for: .onnxruntime).library else { throw .missingRole("engine") }
        return try onnxRuntime(library)
    }

    func onnxRuntime(_ library: ModelManifest.File) throws(ModelError) -> any InferenceEngine {
        do throws(InferenceError) { return try OnnxRuntimeEngine(library: self.path(of: library)) } catch {
            throw .unsupportedEngine(file: library.name, message: error.message)
        }
    }

    /// Where a file of the manifest lies.
    package func path(of file: ModelManifest.File) -> String {
        path + "/" + file.name
    }

    private static func verifiedFiles(
        _ kind: EngineKind, in path: String, _ manifest: ModelManifest
    ) throws(ModelError) -> EngineFiles {
        let detector = try manifest.file(role: kind.detectorRole)
        let embedder = try manifest.file(role: kind.embedderRole)
        var library: ModelManifest.File?
        if let role = kind.libraryRole { library = try manifest.file(role: role) }
        // The alignment template and the tensors' names belong to the model: no other can be slipped in by manifest.
        guard detector.model == FaceDetector.modelID else {
            throw .unsupportedModel(role: detector.role, model: detector.model ?? "unnamed")
        }
        guard let model = embedder.model.map(ModelID.init(rawValue:)), model == FaceEmbedder.modelID else {
            throw .unsupportedModel(role: embedder.role, model: embedder.model ?? "unnamed")
        }
        for file in [library, detector, embedder] {
            guard let file else { continue }
            try verify(file, in: path)
        }
        return EngineFiles(kind: kind, detector: detector, embedder: embedder, library: library, embedderModel: model)
    }

    private static func verify(_ file: ModelManifest.File, in path: String) throws(ModelError) {
        let digest = try FileDigest.read(path + "/" + file.name, name: file.name)
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
