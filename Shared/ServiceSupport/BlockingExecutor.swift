import Dispatch

/// A serial executor with a queue of its own, for actors whose work blocks (curl, inference, SQLite): eight blocking
/// calls on Swift's shared pool delay everything else in the process by seconds.
///
/// `@unchecked Sendable`: the only state is the queue, which is safe to use from any thread.
package final class BlockingExecutor: SerialExecutor, @unchecked Sendable {
    private let queue: DispatchQueue

    package init(label: String) { queue = DispatchQueue(label: label) }

    package func enqueue(_ job: consuming ExecutorJob) {
        let unowned = UnownedJob(job)
        queue.async { unowned.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }

    package func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }
}
