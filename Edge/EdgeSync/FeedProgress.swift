import EdgeStore
import WireModel

/// What a sync has had of the hub's changes, and whether it is to go on for more.
struct FeedProgress {
    private var repairs: Int = 0
    private var detours: Int = 0
    private var isAtEnd: Bool = true

    /// Whether nothing more is to be asked for.
    var isComplete: Bool { isAtEnd }

    /// - Parameters:
    ///   - page: what came, if the hub gives changes at all.
    ///   - asked: what was asked for.
    mutating func take(_ outcome: FeedOutcome, of page: FeedPage?, asked: FeedState) {
        guard let page else { return isAtEnd = true }
        if outcome.isStale {
            // Another process syncs too; it may as well have the rest.
            detours += 1
            isAtEnd = detours > 3
        } else if !outcome.differing.isEmpty {
            // The next request's digest makes the hub give the gallery from the start; should it differ again, a later sync goes on.
            repairs += 1
            isAtEnd = repairs > 1
        } else if !page.isComplete {
            // A hub that does not advance ends the loop.
            isAtEnd = page.cursor == asked.cursor
        } else {
            // Receipts go up in the same contact.
            isAtEnd = outcome.receipts == 0
        }
    }
}

extension SyncReport {
    mutating func count(_ outcome: FeedOutcome) {
        changes += outcome.changes
        erased += outcome.erased
        differing = outcome.differing
    }
}
