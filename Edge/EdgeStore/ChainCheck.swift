import WireModel

/// Holds each entry against the one before.
struct ChainCheck {
    let device: DeviceID
    /// Where the chain is so far; `nil` when it begins in the middle, with whatever comes first.
    private(set) var end: (seq: Int64, hash: EntryHash)?

    init(device: DeviceID, after end: (seq: Int64, hash: EntryHash)? = nil) {
        self.device = device
        self.end = end
    }

    /// - Returns: what does not hold, or `nil`; then the chain ends with this entry.
    mutating func fault(at entry: JournalEntry) -> String? {
        guard entry.isIntact(for: device) else { return "entry \(entry.seq) was altered" }
        if let end {
            var first: Int64 = entry.seq
            if entry.kind == .gap {
                guard let gap = entry.gap else { return "entry \(entry.seq) was altered" }
                first = gap.from
            }
            guard first == end.seq + 1 else { return "entry \(end.seq + 1) is missing" }
            guard entry.previous == end.hash else { return "entry \(entry.seq) was altered" }
        }
        end = (entry.seq, entry.hash)
        return nil
    }
}
