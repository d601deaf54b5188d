import HubStorage
import WireModel

/// Erases persons: key, record, templates and what imports wrote of them go in the transaction that audits it (P5). SQLite
/// overwrites deleted rows (`secure_delete`); what PostgreSQL keeps until its next vacuum opens with no key any more.
struct GalleryErasure {
    let connection: any SQLConnection
    let trail: AuditTrail
    let now: Timestamp

    /// - Parameter ground: a word: who or what asked for it.
    /// - Returns: the person's templates.
    @discardableResult
    func erase(_ person: PersonID, from gallery: Gallery, ground: String) throws -> Int {
        let id: [SQLValue] = [.text(person.rawValue)]
        let feed = GalleryFeed(connection: connection, gallery: gallery.id, now: now)
        let before: GalleryFeed.Member? = try feed.member(person)
        try connection.execute("DELETE FROM gallery_import_row WHERE person_id = ?", id)
        let templates: Int = try connection.execute("DELETE FROM template WHERE person_id = ?", id)
        guard try connection.execute("DELETE FROM person WHERE id = ?", id) == 1 else { return 0 }
        try forgetAnswers(gallery)
        let owner = GalleryOwner(account: gallery.account, application: gallery.application)
        _ = try GalleryRows(connection: connection, owner: owner).advance(gallery.id, persons: -1, templates: -Int64(templates), isErasure: true)
        try feed.settle(person, from: before, ground: ground)
        try trail.record(
            .personErase, account: gallery.account, subject: person.rawValue,
            ["gallery": gallery.id.rawValue, "ground": ground, "templates": "\(templates)"])
        return templates
    }

    /// Answers kept for repetitions may name the person: those of the application are forgotten; who repeats a call is told so.
    private func forgetAnswers(_ gallery: Gallery) throws {
        try connection.execute(
            """
            DELETE FROM idempotent_answer WHERE record_id IN (
                SELECT id FROM metering_record WHERE account_id = ? AND application_id = ? AND booked_ms >= ?)
            """,
            [
                .text(gallery.account.rawValue), .text(gallery.application.rawValue),
                .integer(now.advanced(by: .zero - KeptAnswer.life).milliseconds),
            ])
    }

    /// Everybody in a gallery, which stays. One audit entry for all of it: at 100,000 persons one each would hold up every other
    /// write of the hub.
    /// - Returns: how many there were.
    func empty(_ gallery: Gallery) throws -> Int {
        let (persons, templates): (Int, Int) = try deletePersons(gallery)
        let owner = GalleryOwner(account: gallery.account, application: gallery.application)
        let after: Gallery = try GalleryRows(connection: connection, owner: owner).advance(
            gallery.id, persons: -Int64(persons), templates: -Int64(templates), isErasure: true)
        try GalleryFeed(connection: connection, gallery: gallery.id, now: now).clear(version: after.version, ground: "emptied")
        try trail.record(
            .personErase, account: gallery.account, subject: gallery.id.rawValue,
            ["ground": "asked_for", "persons": "\(persons)", "templates": "\(templates)"])
        return persons
    }

    private func deletePersons(_ gallery: Gallery) throws -> (persons: Int, templates: Int) {
        let id: [SQLValue] = [.text(gallery.id.rawValue)]
        try forgetAnswers(gallery)
        try connection.execute("DELETE FROM gallery_import_row WHERE import_id IN (SELECT id FROM gallery_import WHERE gallery_id = ?)", id)
        let templates: Int = try connection.execute("DELETE FROM template WHERE gallery_id = ?", id)
        return (try connection.execute("DELETE FROM person WHERE gallery_id = ?", id), templates)
    }

    /// With everybody in it; audited as one.
    func delete(_ gallery: Gallery) throws {
        let id: [SQLValue] = [.text(gallery.id.rawValue)]
        let (persons, templates): (Int, Int) = try deletePersons(gallery)
        try connection.execute("DELETE FROM gallery_import WHERE gallery_id = ?", id)
        try connection.execute(
            """
            UPDATE gallery SET name = id, deleted_ms = ?, version = version + 1, erased_version = version + 1, persons = 0, templates = 0 WHERE id = ?
            """, [.integer(now.milliseconds)] + id)
        try connection.execute("DELETE FROM group_gallery WHERE gallery_id = ?", id)
        try GalleryFeed(connection: connection, gallery: gallery.id, now: now).clear(version: gallery.version + 1, ground: "deleted")
        try trail.record(
            .galleryDelete, account: gallery.account, subject: gallery.id.rawValue, ["persons": "\(persons)", "templates": "\(templates)"])
    }

    /// All galleries of an account that ends.
    func deleteAll(of account: AccountID) throws {
        for row in try connection.rows("SELECT * FROM gallery WHERE account_id = ? AND deleted_ms IS NULL ORDER BY id", [.text(account.rawValue)]) {
            try delete(try Gallery(row))
        }
    }
}

extension Hub {
    /// Erases everybody whose consent has ended or whose retention is over; until this has run they match nothing all the same.
    /// Also imports closed a month ago or
    /// begun three months ago, and what memory holds of galleries that nobody used for a while.
    package func clearEndedPersons() async throws {
        let now: Timestamp = now()
        let batch: Int = 200
        while true {
            let erased: Int = try await act(.system("clearing")) { connection, trail, now in
                let rows: [SQLRow] = try connection.rows(
                    "SELECT id, gallery_id FROM person WHERE ends_ms <= ? ORDER BY ends_ms, id LIMIT \(batch)", [.integer(now.milliseconds)])
                let erasure = GalleryErasure(connection: connection, trail: trail, now: now)
                for row in rows {
                    guard let person = PersonID(rawValue: try row.text("id")),
                        let gallery = try connection.firstRow("SELECT * FROM gallery WHERE id = ?", [.text(try row.text("gallery_id"))])
                    else { throw HubStorageError.damaged }
                    try erasure.erase(person, from: try Gallery(gallery), ground: "term_ended")
                }
                return rows.count
            }
            if erased < batch { break }
        }
        @Sendable func ago(_ days: Int64) -> SQLValue { .integer(now.advanced(by: .seconds(-days * 86_400)).milliseconds) }
        let old: [SQLValue] = [ago(30), ago(90)]
        try await database.write { connection in
            try connection.execute(
                "DELETE FROM gallery_import_row WHERE import_id IN (SELECT id FROM gallery_import WHERE closed_ms < ? OR created_ms < ?)", old)
            try connection.execute("DELETE FROM gallery_import WHERE closed_ms < ? OR created_ms < ?", old)
        }
        await galleryMemory.sweep()
    }
}
