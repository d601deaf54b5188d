import FoundationEssentials
import GRDB
import ServiceSupport
import WireModel

/// The hub's changes, on their way down.
extension EdgeStore {
    /// What the device has of them, for a request.
    package func feedState() throws(EdgeStoreError) -> FeedState {
        try read { database in
            var digests: [GalleryID: GalleryDigest] = [:]
            for row in try database.rows(sql: "SELECT id, digest FROM held_gallery WHERE is_complete = 1") {
                digests[try self.galleryID(row["id"])] = GalleryDigest(self.bytes(row["digest"]))
            }
            return FeedState(cursor: try self.cursor(database), digests: digests)
        }
    }

    /// Applies a part of the feed, and moves to its cursor, in the transaction of the answer that brought it.
    /// - Parameter asked: what the request said. A part that does not follow on where the device now is (another process has synced
    ///   meanwhile, or the answer is an old one) is left: it could bring back who has been erased since.
    func apply(_ page: FeedPage, asked: FeedState?, hubTime: Timestamp, _ database: Database, _ now: ClockReading) throws -> FeedOutcome {
        guard try asked?.cursor == cursor(database) else { return FeedOutcome(isComplete: page.isComplete, isStale: true) }
        // Not later than the hub says, nor than this device, having heard it, believes.
        let time: Timestamp = min(hubTime, try trustedTime(database, now))
        var application = FeedApplication(store: self, database: database, now: now, time: time)
        try application.apply(page)
        return application.outcome
    }

    private func cursor(_ database: Database) throws -> String? { try database.value(String.self, sql: "SELECT cursor FROM feed_state") }
}
