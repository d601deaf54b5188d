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
        case .paused:
            Problem(
                .devicePaused, "This device is paused by its hub's operator: nothing is decided.", detail: "since \(since)",
                remedy: "Ask the operator to resume it (`vultus-hub device command DEVICE resume`); the next sync then brings that.")
        case .wiping:
            Problem(
                .deviceWiped, "This device is being wiped by its hub's operator: everybody is erased.", detail: "since \(since)",
                remedy: "Run `vultus-edge sync`, which tells the hub and removes the rest.")
        case .damaged:
            Problem(
                .leaseMissing, "The device's store was damaged; until the hub has given a new journal nothing is decided.", detail: "since \(since)",
                remedy: "Run `vultus-edge sync` while the hub can be reached; `vultus-edge status` says what was saved.")
        }
    }
}
