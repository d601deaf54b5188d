import Synchronization
import WireModel

/// How the decisions came out that this process has journaled since it opened the store.
package final class DecisionTally: Sendable {
    package let started: Timestamp
    private let counted = Mutex(DecisionCounts())

    init(started: Timestamp) { self.started = started }

    package var counts: DecisionCounts { counted.withLock { $0 } }

    func note(_ outcomes: [DecisionOutcome]) {
        counted.withLock { counts in
            for outcome in outcomes {
                switch outcome {
                case .match: counts.matched += 1
                case .unknown: counts.unknown += 1
                case .undecided: counts.undecided += 1
                }
            }
        }
    }
}
