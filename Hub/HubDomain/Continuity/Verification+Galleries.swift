import HubStorage
import WireModel

extension Hub {
    /// What a gallery comes to on devices is a sum kept beside its persons; here it is added up anew.
    func verifyGalleries(now: Timestamp) async throws -> HubCheck {
        try await database.read { connection in
            var (looked, faults): (Int64, [String]) = (0, [])
            for row in try connection.rows("SELECT id, feed_digest FROM gallery ORDER BY id", []) {
                guard let id = GalleryID(rawValue: try row.text("id")) else { throw HubStorageError.damaged }
                looked += 1
                let kept: GalleryDigest = try GalleryFeed.digest(row)
                if try GalleryFeed(connection: connection, gallery: id, now: now).sum() != kept {
                    faults.append("\(id): its digest is not that of its persons on devices")
                }
            }
            let both: [SQLRow] = try connection.rows(
                """
                SELECT person.gallery_id AS gallery_id, person.id AS id FROM person_tombstone JOIN person
                    ON person.gallery_id = person_tombstone.gallery_id AND person.id = person_tombstone.person_id
                    WHERE person.on_devices = 1 ORDER BY person.id LIMIT 20
                """, [])
            for row in both { faults.append("\(try row.text("gallery_id")): \(try row.text("id")) is on devices and gone at once") }
            return HubCheck(name: "galleries", looked: looked, faults: Array(faults.prefix(20)))
        }
    }
}
