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

    package init(limits: ImageLimits = ImageLimits(), detector: DetectorOptions = DetectorOptions()) {
        self.limits = limits
        self.detector = detector
    }
}

/// Which faces of a picture get a template.
package enum EmbeddingSelection: Hashable, Sendable {
    case all
    /// Detection and quality only. Faces are then judged at the detector's scale, which shows a small face less
    /// sharp than it is.
    case none
    case largest
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

    var engine: (any InferenceEngine)?
    var detector: FaceDetector?
    var embedder: FaceEmbedder?
    let decoder = ImageDecoder()
    let decoded = PixelBuffer(width: 1, height: 1)
    let enlarged = PixelBuffer(width: 1, height: 1)
    let shrunk = PixelBuffer(width: 1, height: 1)
    let aligned = PixelBuffer(width: 1, height: 1)

    /// Nothing is loaded yet: the engine and each model are, when the first picture needs them.
    /// - Parameter engine: ONNX Runtime from the directory of models when `nil`.
    package init(
        models: ModelDirectory, options: FacePipelineOptions = FacePipelineOptions(),
        engine: (any InferenceEngine)? = nil
    ) {
        self.models = models
        self.options = options
        self.engine = engine
    }

    /// Loads engine and models now (about 0.3 s) instead of with the first picture.
    /// - Throws: `.unsupportedEngine`, `.refusedModel`.
    package func load(embedding: Bool = true) throws(ModelError) {
        // The embedder first: loading it takes most memory for a moment, best spent while nothing else is there.
        if embedding, embedder == nil {
            embedder = FaceEmbedder(session: try session(models.embedder))
        }
        if detector == nil {
            detector = FaceDetector(session: try session(models.detector), options: options.detector)
        }
    }

    private func session(_ file: ModelManifest.File) throws(ModelError) -> any InferenceSession {
        do throws(InferenceError) {
            if engine == nil { engine = try OnnxRuntimeEngine(library: models.path(of: models.engine)) }
            guard let engine else { throw .engineUnavailable(message: "no engine") }
            return try engine.load(model: models.path(of: file))
        } catch {
            switch error {
            case .engineUnavailable(let message): throw .unsupportedEngine(file: models.engine.name, message: message)
            case .modelRefused(_, let message): throw .refusedModel(file: file.name, message: message)
            case .runFailed, .unexpectedOutput: throw .refusedModel(file: file.name, message: "\(error)")
            }
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
