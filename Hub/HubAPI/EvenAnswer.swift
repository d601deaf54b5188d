/// Answers that must not tell by their time what was found out on the way: whether a mailbox is registered, say. The work
/// differs by fractions of a millisecond that thousands of samples would show, so the answer waits for a moment that has
/// nothing to do with it.
package enum EvenAnswer {
    /// Several times what the work takes on a small machine: a password hash and some writes.
    package static let withHash: Duration = .milliseconds(100)
    /// Some writes.
    package static let withoutHash: Duration = .milliseconds(40)

    /// - Parameter step: the answer comes at a multiple of it after the request; work that takes longer waits for the next one.
    package static func at<Value>(_ step: Duration, _ work: () async throws -> Value) async throws -> Value {
        let clock = ContinuousClock()
        let began: ContinuousClock.Instant = clock.now
        let outcome: Result<Value, any Error>
        do { outcome = .success(try await work()) } catch { outcome = .failure(error) }
        let steps: Double = ((clock.now - began) / step).rounded(.up)
        try await clock.sleep(until: began + step * steps, tolerance: .zero)
        return try outcome.get()
    }
}
