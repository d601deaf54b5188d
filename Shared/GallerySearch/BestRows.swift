/// The best rows seen so far, one per key, best first.
struct BestRows {
    struct Candidate: Equatable {
        let score: Float
        /// Lower came earlier.
        let ordinal: UInt64
        let row: Int

        /// Higher score; of equal ones, inserted earlier.
        func isBetter(than other: Candidate) -> Bool {
            score != other.score ? score > other.score : ordinal < other.ordinal
        }
    }

    let limit: Int
    private(set) var rows: [Candidate] = []
    /// A row scoring less than this cannot change the answer.
    private(set) var floor = -Float.infinity

    init(limit: Int) {
        self.limit = limit
    }

    /// - Parameter sameKey: whether two rows belong to one key.
    mutating func offer(_ candidate: Candidate, sameKey: (Int, Int) -> Bool) {
        if rows.count == limit, let last = rows.last, !candidate.isBetter(than: last) { return }
        if let known = rows.firstIndex(where: { sameKey($0.row, candidate.row) }) {
            guard candidate.isBetter(than: rows[known]) else { return }
            rows.remove(at: known)
        } else if rows.count == limit {
            rows.removeLast()
        }
        // Rows are in order: halve the way to the first one that is worse.
        var (low, high) = (0, rows.count)
        while low < high {
            let middle = (low + high) / 2
            if candidate.isBetter(than: rows[middle]) { high = middle } else { low = middle + 1 }
        }
        rows.insert(candidate, at: low)
        if rows.count == limit, let last = rows.last { floor = last.score }
    }
}
