import WireModel

/// How much of the journal goes into one request: half after an exchange that was cut or timed out, down to one entry; twice
/// as much again after two that got through.
struct BatchSize {
    private(set) var entries: Int = SyncLimits.entries
    private var successes: Int = 0
    private static let successesToGrow: Int = 2

    mutating func shrink(sent count: Int) {
        entries = max(1, min(entries, count) / 2)
        successes = 0
    }

    /// A batch that was not full says nothing about a fuller one.
    mutating func succeed(sent count: Int) {
        guard count >= entries, entries < SyncLimits.entries else { return }
        successes += 1
        guard successes >= Self.successesToGrow else { return }
        entries = min(entries * 2, SyncLimits.entries)
        successes = 0
    }
}
