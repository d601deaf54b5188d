import Synchronization
import WireModel

/// How long decisions on live sources took since the last report to each reader; the newest thousand.
package final class DecisionLatencies: Sendable {
    private let held = Mutex<[AgentHealth.Reader: [Int64]]>([:])
    private static let most: Int = 1_000

    func note(milliseconds: Int64) {
        held.withLock { readers in
            for reader in AgentHealth.Reader.allCases {
                if readers[reader, default: []].count == Self.most { readers[reader]?.removeFirst() }
                readers[reader, default: []].append(milliseconds)
            }
        }
    }

    /// - Returns: `nil` when there was none; begins anew for this reader.
    package func take(_ reader: AgentHealth.Reader = .journal) -> DecisionLatency? {
        let values: [Int64] = (held.withLock { $0.removeValue(forKey: reader) } ?? []).sorted()
        guard !values.isEmpty else { return nil }
        return DecisionLatency(
            count: Int64(values.count), medianMilliseconds: values[values.count / 2], p99Milliseconds: values[min(values.count - 1, values.count * 99 / 100)])
    }
}
