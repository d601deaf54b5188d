import FacePipeline
import ServiceSupport
import Synchronization
import WireModel

/// Pipelines side by side, each on a queue of its own: one inference thread each serves more pictures a second than one
/// pipeline with many threads. Each loads its models with the first picture it gets, so that a pool that is little used stays small.
package final class PipelinePool: Sendable {
    private struct State {
        var idle: [PipelineLane]
        /// First come, first served.
        var waiting: [(ticket: UInt64, continuation: CheckedContinuation<Turn, Never>)] = []
        var tickets: UInt64 = 0
    }

    private enum Turn: Sendable {
        case lane(PipelineLane)
        case full
        case cancelled
    }

    package let models: ModelDirectory
    package let limits: ImageLimits
    /// Pictures that may wait for a pipeline; the next is turned away at once, rather than after its caller has given up.
    private let waitingLimit: Int
    private let state: Mutex<State>

    /// - Parameters:
    ///   - count: pipelines, at least 1; each takes about 60 MB once it is used.
    ///   - waiting: at most so many pictures wait; otherwise 16 for each pipeline, about a third of a second of work.
    package init(models: ModelDirectory, count: Int, waiting: Int? = nil, options: FacePipelineOptions = FacePipelineOptions()) {
        let lanes: [PipelineLane] = (0..<max(1, count)).map { PipelineLane(models: models, options: options, number: $0) }
        self.models = models
        limits = options.limits
        waitingLimit = waiting ?? lanes.count * 16
        state = Mutex(State(idle: lanes))
    }

    /// Analyses one picture when its turn comes.
    /// - Throws: `image_*`, `models_*` and `engine_unavailable` as pipelines do; `overloaded` when too many wait; `interrupted`
    ///   when the task is cancelled while it waits.
    package func analyse(_ bytes: [UInt8], embed: EmbeddingSelection) async throws(Problem) -> AnalysedImage {
        let lane: PipelineLane = try await borrow()
        defer { giveBack(lane) }
        do { return try await lane.analyse(bytes, embed: embed) } catch { throw Problem(error) }
    }

    private func borrow() async throws(Problem) -> PipelineLane {
        let ticket: UInt64 = state.withLock { state in
            state.tickets += 1
            return state.tickets
        }
        let turn: Turn = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let turn: Turn? = state.withLock { state in
                    // Asked under the lock, so that a cancellation finds the ticket or is seen here.
                    if Task.isCancelled { return .cancelled }
                    // The one used last still has its models in the caches.
                    if let lane = state.idle.popLast() { return .lane(lane) }
                    if state.waiting.count >= waitingLimit { return .full }
                    state.waiting.append((ticket, continuation))
                    return nil
                }
                if let turn { continuation.resume(returning: turn) }
            }
        } onCancel: {
            let waiter: CheckedContinuation<Turn, Never>? = state.withLock { state in
                guard let index = state.waiting.firstIndex(where: { $0.ticket == ticket }) else { return nil }
                return state.waiting.remove(at: index).continuation
            }
            waiter?.resume(returning: .cancelled)
        }
        switch turn {
        case .lane(let lane): return lane
        case .full: throw Self.overloaded
        case .cancelled: throw Problem(.interrupted, "The call ended before its picture was looked at.", remedy: "Send it again.")
        }
    }

    private func giveBack(_ lane: PipelineLane) {
        let waiter: CheckedContinuation<Turn, Never>? = state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.idle.append(lane)
                return nil
            }
            return state.waiting.removeFirst().continuation
        }
        waiter?.resume(returning: .lane(lane))
    }

    private static let overloaded = Problem(
        .overloaded, "More pictures are waiting than can be looked at in time.", remedy: "Send it again in a second; send fewer at a time if it stays.")
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
