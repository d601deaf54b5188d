import ServiceSupport
import Synchronization
import WireModel

/// The newest decisions of this run, for programs that follow them. A follower holds a place in the row and nothing else: one that is
/// slow, or was away, is told how many it missed.
package final class DecisionFeed: Sendable {
    /// What a follower gets next.
    package struct Portion: Sendable {
        /// Decisions that are no longer held.
        package let missed: Int64
        package let items: [Item]
    }

    package struct Item: Sendable {
        package let number: Int64
        /// JSON of a ``DecisionNotice``.
        package let json: String
    }

    private struct State {
        var items: [Item] = []
        var last: Int64 = 0
        var followers: [Int: AsyncStream<Void>.Continuation] = [:]
        var next: Int = 0
    }

    /// Names this run: numbers begin anew with each.
    package let run: String
    private let capacity: Int
    private let mostFollowers: Int
    private let state = Mutex(State())

    package init(capacity: Int = 1_000, mostFollowers: Int = 32) {
        self.capacity = capacity
        self.mostFollowers = mostFollowers
        run = SystemRandom.bytes(6).hexadecimal
    }

    package func publish(_ notice: DecisionNotice) {
        guard let json = try? JSON.text(notice) else { return }
        let told: [AsyncStream<Void>.Continuation] = state.withLock { state in
            state.last += 1
            state.items.append(Item(number: state.last, json: json))
            // In lumps, so that the row is not moved at every decision.
            if state.items.count > capacity + capacity / 4 { state.items.removeFirst(state.items.count - capacity) }
            return Array(state.followers.values)
        }
        for one in told { one.yield() }
    }

    /// The number of the newest decision.
    package var last: Int64 { state.withLock { $0.last } }

    /// At most 100 at a time.
    package func portion(after number: Int64) -> Portion {
        state.withLock { state in
            let first: Int64 = state.last - Int64(state.items.count) + 1
            let missed: Int64 = max(0, min(first, state.last + 1) - 1 - number)
            let start: Int = Int(max(0, number + missed - first + 1))
            return Portion(missed: missed, items: Array(state.items.dropFirst(start).prefix(100)))
        }
    }

    /// - Throws: `overloaded` when as many follow as may.
    package func follow() throws(Problem) -> News {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let number: Int? = state.withLock { state in
            guard state.followers.count < mostFollowers else { return nil }
            state.next += 1
            state.followers[state.next] = continuation
            return state.next
        }
        guard let number else {
            throw Problem(
                .overloaded, "As many programs follow the decisions as may.", detail: "\(mostFollowers)", remedy: "End one of them, or try again shortly.")
        }
        continuation.onTermination = { [weak self] _ in self?.state.withLock { _ = $0.followers.removeValue(forKey: number) } }
        return News(words: stream) { continuation.yield() }
    }
}
