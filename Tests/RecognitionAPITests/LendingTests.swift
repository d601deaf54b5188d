import Synchronization
import Testing
import WireModel

@testable import RecognitionAPI

private final class Shared<Value: Sendable>: Sendable {
    let value: Mutex<Value>

    init(_ value: Value) { self.value = Mutex(value) }
}

@Suite("Lending pipelines")
struct LendingTests {
    /// Somebody who has the only item until told; returns once they have it.
    private func hold(_ lending: Lending<Int>) async -> (done: Task<Void, any Error>, release: AsyncStream<Void>.Continuation) {
        let (stream, release) = AsyncStream.makeStream(of: Void.self)
        let (begun, begin) = AsyncStream.makeStream(of: Void.self)
        let done = Task {
            try await lending.with { _ in
                begin.finish()
                for await _ in stream {}
            }
        }
        for await _ in begun {}
        return (done, release)
    }

    private func until(_ condition: () -> Bool) async { while !condition() { await Task.yield() } }

    @Test("who comes first is served first, and nobody waits for a full queue")
    func order() async throws {
        let lending = Lending([0], waiting: 3)
        let (holder, release) = await hold(lending)
        let served = Shared<[Int]>([])
        var waiters: [Task<Void, any Error>] = []
        for number in 0..<3 {
            waiters.append(Task { try await lending.with { _ in served.value.withLock { $0.append(number) } } })
            await until { lending.waiting == number + 1 }
        }
        let problem: Problem? = await #expect(throws: Problem.self) { try await lending.with { _ in } }
        #expect(problem?.code == .overloaded)
        #expect(problem?.code.status == 503)
        release.finish()
        try await holder.value
        for waiter in waiters { try await waiter.value }
        #expect(served.value.withLock { $0 } == [0, 1, 2])
        #expect(try await lending.with { $0 } == 0)
    }

    @Test("one that is cancelled while it waits gives its place up and the item is not lost")
    func cancelled() async throws {
        let lending = Lending([0], waiting: 8)
        let (holder, release) = await hold(lending)
        let waiter = Task { try await lending.with { _ in } }
        await until { lending.waiting == 1 }
        waiter.cancel()
        let problem: Problem? = await #expect(throws: Problem.self) { try await waiter.value }
        #expect(problem?.code == .interrupted)
        #expect(lending.waiting == 0)
        release.finish()
        try await holder.value
        #expect(try await lending.with { $0 } == 0)
    }

    @Test("an item is never with two at once, under 200 callers of three items")
    func exclusive() async throws {
        let lending = Lending([0, 1, 2], waiting: 200)
        let inUse = Shared<Set<Int>>([])
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<200 {
                group.addTask {
                    try await lending.with { item async in
                        let isFree: Bool = inUse.value.withLock { $0.insert(item).inserted }
                        #expect(isFree)
                        await Task.yield()
                        _ = inUse.value.withLock { $0.remove(item) }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(inUse.value.withLock { $0.isEmpty })
    }
}
