import Synchronization
import WireModel

/// How long decisions on live sources took since the last health report; the newest thousand.
package final class DecisionLatencies: Sendable {
    private let held = Mutex<[Int64]>([])
    private static let most: Int = 1_000

    func note(milliseconds: Int64) {
        held.withLock { values in
            if values.count == Self.most { values.removeFirst() }
            values.append(milliseconds)
        }
    }

    /// - Returns: `nil` when there was none; begins anew.
    package func take() -> DecisionLatency? {
        let values: [Int64] = held.withLock { values in
            defer { values = [] }
            return values.sorted()
        }
        guard !values.isEmpty else { return nil }
        return DecisionLatency(
            count: Int64(values.count), medianMilliseconds: values[values.count / 2], p99Milliseconds: values[min(values.count - 1, values.count * 99 / 100)])
    }
}
