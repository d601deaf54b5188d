import EdgeStore
import WireModel

/// Leases that are spent, over or nearly spent are worth a contact of their own: one to each lease, whatever the hub answers.
package struct LeaseNeed: Sendable {
    /// The number of the lease for which the hub has been asked out of turn.
    private var asked: [APIName: Int64] = [:]

    package init() {}

    /// Whether to ask at once.
    package func isUrgent(_ leases: [LeaseState]) -> Bool { leases.contains { $0.isLow && asked[$0.lease.api] != $0.lease.number } }

    /// After a contact, which asked for all of them.
    package mutating func note(_ leases: [LeaseState]) {
        for state in leases where state.isLow { asked[state.lease.api] = state.lease.number }
    }
}

extension LeaseState {
    /// Less than a fifth of what it was made with is left, or it allows nothing.
    fileprivate var isLow: Bool { ground != nil || remaining * 5 < lease.units }
}
