import ServiceLifecycle

/// Says when there may be something new. Only one such word ever waits, so that who is slow hears of the newest and never of a queue.
package struct News: Sendable {
    let words: AsyncStream<Void>
    let speak: @Sendable () -> Void

    /// Calls `body` at every word, and at least so often, until the agent is to end.
    /// - Throws: what `body` throws.
    package func forEach(
        atLeastEvery interval: Duration, isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self, isolation: isolation) { group in
            group.addTask { [speak] in
                while true {
                    speak()
                    try await Task.sleep(for: interval)
                }
            }
            for await _ in words.cancelOnGracefulShutdown() { try await body() }
            group.cancelAll()
        }
    }
}
