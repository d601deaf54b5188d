import Biometrics

/// Everything that can stop a picture from being analysed.
package enum FacePipelineError: Error, Equatable, Sendable {
    /// The picture is at fault: another one may do.
    case image(ImageError)
    /// The models are at fault: no picture will do until they are put right.
    case model(ModelError)
    /// The engine failed on this picture.
    case inference(InferenceError)
}

/// How pictures are analysed.
package struct FacePipelineOptions: Hashable, Sendable {
    package var limits: ImageLimits
    package var detector: DetectorOptions
    /// Should be what the directory of models was opened for; otherwise this engine's files are verified on loading.
    package var engine: EngineChoice

    package init(
        limits: ImageLimits = ImageLimits(), detector: DetectorOptions = DetectorOptions(),
        engine: EngineChoice = .automatic
    ) {
        self.limits = limits
        self.detector = detector
        self.engine = engine
    }
}

/// Which faces of a picture get a template.
package enum EmbeddingSelection: Hashable, Sendable {
    case all
    /// Detection and quality only. Faces are then judged at the detector's scale, which shows a small face less
    /// sharp than it is.
    case none
    /// Detection and quality, every face judged at the embedder's scale.
    case measured
    case largest
    /// The so many largest.
    case leading(Int)
    /// The face nearest to the picture's centre.
    case nearestCentre
}

/// Picture in, faces with quality and templates out: decode, detect, align, measure, embed.
///
/// The same bytes give the same templates, bit for bit, on the same machine. Synchronous: every call blocks for tens of
/// milliseconds. One call at a time; several pipelines may work side by side.
package final class FacePipeline {
    package let models: ModelDirectory
    package let options: FacePipelineOptions
    /// What the last call took.
    package internal(set) var lastTimings = StageTimings()

    private var prepared: (engine: any InferenceEngine, files: EngineFiles)?
    var detector: FaceDetector?
    var embedder: FaceEmbedder?
    let decoder = ImageDecoder()
    let decoded = PixelBuffer(width: 1, height: 1)
    let enlarged = PixelBuffer(width: 1, height: 1)
    let shrunk = PixelBuffer(width: 1, height: 1)
    let aligned = PixelBuffer(width: 1, height: 1)

    /// Nothing is loaded yet: the engine and each model are, when the first picture needs them.
    package init(models: ModelDirectory, options: FacePipelineOptions = FacePipelineOptions()) {
        self.models = models
        self.options = options
    }

    /// The engine in use, such as `facenet avx2`; `nil` until it is loaded.
    package var engineDescription: String? { prepared?.engine.description }

    /// Loads engine and models now (ONNX Runtime about 0.3 s) instead of with the first picture.
    /// - Throws: `.unknownEngine`, `.unsupportedEngine`, `.refusedModel`, and what is wrong with files not yet verified.
    package func load(embedding: Bool = true) throws(ModelError) {
        guard detector == nil || (embedding && embedder == nil) else { return }
        let (engine, files) = try prepare()
        // The embedder first: loading it takes most memory for a moment, best spent while nothing else is there.
        if embedding, embedder == nil {
            embedder = FaceEmbedder(session: try session(files.embedder, engine))
        }
        if detector == nil {
            detector = FaceDetector(session: try session(files.detector, engine), options: options.detector)
        }
    }

    private func prepare() throws(ModelError) -> (any InferenceEngine, EngineFiles) {
        if let prepared { return prepared }
        let files = try models.files(for: options.engine.resolve())
        let engine = try makeEngine(files)
        prepared = (engine, files)
        return (engine, files)
    }

    private func makeEngine(_ files: EngineFiles) throws(ModelError) -> any InferenceEngine {
        guard let library = files.library else { return FaceNetEngine() }
        return try models.onnxRuntime(library)
    }

    private func session(
        _ file: ModelManifest.File, _ engine: any InferenceEngine
    ) throws(ModelError) -> any InferenceSession {
        do throws(InferenceError) {
            return try engine.load(model: models.path(of: file))
        } catch {
            throw .refusedModel(file: file.name, message: error.message)
        }
    }

    /// Analyses one JPEG or PNG.
    /// - Throws: `.image` when the picture is refused; `.model` when models cannot be loaded; `.inference`.
    package func analyse(
        _ bytes: [UInt8], embed: EmbeddingSelection = .all
    ) throws(FacePipelineError) -> AnalysedImage {
        try bytes.withUnsafeBufferPointer { (buffer) throws(FacePipelineError) in
            try analyse(UnsafeRawBufferPointer(buffer), embed: embed)
        }
    }
}
