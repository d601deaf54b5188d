import WireModel

extension ConditionState {
    /// What the condition means to whoever waits for a decision, and what ends it.
    package var problem: Problem {
        switch condition {
        case .quarantined:
            Problem(
                ProblemCode(rawValue: detail) ?? .journalFork, "The hub has set this device apart until its operator has looked.", detail: "since \(since)",
                remedy: "Ask the hub's operator to resolve the alarm about this device; the next sync then takes it up again.")
        case .rolledBack:
            Problem(
                .journalRolledBack, "This device's store is an old copy: the hub holds more of its journal than it does.",
                detail: "\(rollBack.map { "entry \($0.acknowledged) at the hub, \($0.seq) here" } ?? detail); since \(since)",
                remedy: "Run `vultus-edge sync`, which tells the hub; its operator orders a new journal, and finds out who put the copy back.")
        case .damaged:
            Problem(
                .leaseMissing, "The device's store was damaged; until the hub has given a new journal nothing is decided.", detail: "since \(since)",
                remedy: "Run `vultus-edge sync` while the hub can be reached; `vultus-edge status` says what was saved.")
        }
    }
}
