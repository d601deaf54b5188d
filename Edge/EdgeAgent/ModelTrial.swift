import Biometrics
import FacePipeline
import RecognitionAPI
import ServiceSupport
import WireModel

/// Whether models work on this machine: they load whole, and find and embed a face in a picture that is shipped with them. Takes about a
/// second, most of it loading.
actor ModelTrial {
    private let executor = BlockingExecutor(label: "vultus.model-trial")
    private static let roles: [String] = ["self-test", "demo"]

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// - Returns: what was seen, for people.
    /// - Throws: `Problem`.
    func run(_ path: Result<String, ModelError>) throws(Problem) -> String {
        do {
            let models: ModelDirectory = try ModelDirectory.open(try path.get())
            let pipeline = FacePipeline(models: models)
            try pipeline.load()
            let pictures: [ModelManifest.File] = Self.roles.flatMap { role in models.manifest.files.filter { $0.role == role } }
            guard let picture = pictures.first else { return "the models load" }
            guard let bytes = try PrivateFiles.read(models.path(of: picture)) else { throw ModelError.missingFile(picture.name) }
            let seen: AnalysedImage = try pipeline.analyse(bytes)
            guard seen.faces.first?.template != nil else {
                throw Problem(
                    .modelsAltered, "The models find no face in the picture they are tried on.", detail: picture.name, remedy: "Look at the release of models.")
            }
            return "\(models.embedderModel.rawValue) finds \(seen.faces.count.counted("face")) in \(picture.name)"
        } catch let error as ModelError {
            throw Problem(error)
        } catch let error as FacePipelineError {
            throw Problem(error)
        } catch {
            throw Problem(describing: error)
        }
    }
}
