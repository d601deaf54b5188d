import Synchronization
import WireModel

/// When devices are to come again: as often as they were told, spread out, and less often while many syncs are under way.
package final class SyncPace: Sendable {
    private let underWay = Atomic<Int>(0)
    /// Syncs at once that leave the hub time for other things.
    private static let ease: Int = 16

    /// Counts a sync while `body` runs.
    func during<Value>(_ body: () async throws -> Value) async rethrows -> Value {
        underWay.add(1, ordering: .relaxed)
        defer { underWay.subtract(1, ordering: .relaxed) }
        return try await body()
    }

    /// - Parameter regular: milliseconds between two contacts of a device.
    /// - Returns: the same ± 20 %, so that devices that began together do not stay together; longer under load, at most tenfold.
    func next(after regular: Int64) -> Int64 {
        let load: Int64 = min(10, Int64(max(1, underWay.load(ordering: .relaxed) / Self.ease)))
        let (base, tenth): (Int64, Int64) = (regular * load, regular * load / 10)
        return Int64.random(in: base - 2 * tenth...base + 2 * tenth)
    }
}
