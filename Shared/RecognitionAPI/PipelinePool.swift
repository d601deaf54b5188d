import FacePipeline
import ServiceSupport
import WireModel

/// Pipelines side by side, each on a queue of its own: one inference thread each serves more pictures a second than one
/// pipeline with many threads. Each loads its models with the first picture it gets, so that a pool that is little used stays small.
package final class PipelinePool: Sendable {
    package let models: ModelDirectory
    package let limits: ImageLimits
    private let lanes: Lending<PipelineLane>
    private let seen: (@Sendable ([UInt8], AnalysedImage) -> Void)?

    /// - Parameters:
    ///   - count: pipelines, at least 1; each takes about 60 MB once it is used.
    ///   - waiting: at most so many pictures wait; otherwise 16 for each pipeline, about a third of a second of work.
    ///   - seen: told of every picture, once it was analysed.
    package init(
        models: ModelDirectory, count: Int, waiting: Int? = nil, options: FacePipelineOptions = FacePipelineOptions(),
        seen: (@Sendable ([UInt8], AnalysedImage) -> Void)? = nil
    ) {
        self.seen = seen
        let count: Int = max(1, count)
        self.models = models
        limits = options.limits
        lanes = Lending((0..<count).map { PipelineLane(models: models, options: options, number: $0) }, waiting: waiting ?? count * 16)
    }

    /// Analyses one picture when its turn comes.
    /// - Throws: `image_*`, `models_*` and `engine_unavailable` as pipelines do; `overloaded` when too many wait; `interrupted`
    ///   when the task is cancelled while it waits.
    package func analyse(_ bytes: [UInt8], embed: EmbeddingSelection) async throws(Problem) -> AnalysedImage {
        let picture: AnalysedImage = try await lanes.with { lane async throws(Problem) in
            do throws(FacePipelineError) { return try await lane.analyse(bytes, embed: embed) } catch { throw Problem(error) }
        }
        seen?(bytes, picture)
        return picture
    }
}

/// One pipeline and the queue its work blocks.
private actor PipelineLane {
    private let executor: BlockingExecutor
    private let pipeline: FacePipeline

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    init(models: ModelDirectory, options: FacePipelineOptions, number: Int) {
        executor = BlockingExecutor(label: "vultus.pipeline.\(number)")
        pipeline = FacePipeline(models: models, options: options)
    }

    func analyse(_ bytes: [UInt8], embed: EmbeddingSelection) throws(FacePipelineError) -> AnalysedImage {
        try pipeline.analyse(bytes, embed: embed)
    }
}
