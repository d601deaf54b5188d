import Synchronization
import WireModel

/// How many syncs this process takes in at once. The database takes them one after the other: a fleet that comes back all at once
/// is asked to come again (503 and `Retry-After`), rather than left to wait until its time-outs make it send everything twice.
final class SyncAdmission: Sendable {
    private let most: Int
    private let admitted = Mutex(0)

    init(most: Int = 64) { self.most = most }

    /// - Throws: `overloaded` when too many are under way, and what `body` throws.
    func admit(_ body: () async throws -> Reply) async throws -> Reply {
        let isAdmitted: Bool = admitted.withLock { count in
            guard count < most else { return false }
            count += 1
            return true
        }
        guard isAdmitted else {
            throw Problem(.overloaded, "More devices are syncing than the hub can take in at once.", remedy: "Come again after as long as Retry-After says.")
        }
        defer { admitted.withLock { $0 -= 1 } }
        return try await body()
    }
}
