import Biometrics
import HubStorage
import WireModel

/// Persons that are searched together; belongs to one application.
package struct Gallery: Sendable, Codable, Hashable {
    package let id: GalleryID
    package let account: AccountID
    package let application: ApplicationID
    /// Unique in its application.
    package let name: String
    /// One of `FalseMatchRate.offered`: what its searches are decided at unless a call names another.
    package let target: FalseMatchRate
    /// A person is erased so many days after being added, consent or not.
    package let retentionDays: Int64?
    /// What a live presentation at a device must show before a match of this gallery is one.
    package let pad: PADPolicy
    /// Grows with every change of persons or templates: what was read at one version is good until the next.
    package let version: Int64
    package let persons: Int64
    package let templates: Int64
    package let created: Timestamp
    package let deleted: Timestamp?

    init(_ row: SQLRow) throws {
        guard let id = GalleryID(rawValue: try row.text("id")), let account = AccountID(rawValue: try row.text("account_id")),
            let application = ApplicationID(rawValue: try row.text("application_id"))
        else { throw HubStorageError.damaged }
        self.id = id
        self.account = account
        self.application = application
        name = try row.text("name")
        target = FalseMatchRate(rawValue: 1 / Double(try row.integer("one_false_match_in")))
        retentionDays = try row.integerOrNil("retention_days")
        pad = try Self.pad(row)
        version = try row.integer("version")
        persons = try row.integer("persons")
        templates = try row.integer("templates")
        created = try row.time("created_ms")
        deleted = try row.timeOrNil("deleted_ms")
    }

    static func pad(_ row: SQLRow) throws -> PADPolicy {
        guard let pad = PADPolicy(rawValue: try row.text("pad")) else { throw HubStorageError.damaged }
        return pad
    }
}

/// How much one gallery, person, application and account may hold.
package enum GalleryLimit {
    package static let galleriesPerApplication: Int64 = 100
    package static let personsPerGallery: Int64 = 200_000
    package static let templatesPerPerson: Int64 = 20
    package static let templatesPerGallery: Int64 = 400_000
    /// Of persons in all galleries of an account: at 100,000 the law asks for a filing (P4), and an account that goes on has
    /// filed; this is where a hub says that it was not built for more.
    package static let personsPerAccount: Int64 = 2_000_000
    package static let retentionDays: ClosedRange<Int64> = 1...3_650
    /// Consent that goes on for longer than this is asked for again.
    package static let consentTerm: Duration = .seconds(3_660 * 86_400)
}

/// Whose galleries a call is about: an application's, and never another's.
package struct GalleryOwner: Sendable, Hashable {
    package let account: AccountID
    package let application: ApplicationID

    package init(account: AccountID, application: ApplicationID) {
        self.account = account
        self.application = application
    }
}

/// The rows of galleries, each statement with the owner's filter.
struct GalleryRows {
    let connection: any SQLConnection
    let owner: GalleryOwner

    private var filter: [SQLValue] { [.text(owner.account.rawValue), .text(owner.application.rawValue)] }

    func all() throws -> [Gallery] {
        try connection.rows("SELECT * FROM gallery WHERE account_id = ? AND application_id = ? AND deleted_ms IS NULL ORDER BY id", filter)
            .map(Gallery.init)
    }

    /// - Throws: `notFound`, also for what is another's.
    func gallery(_ id: GalleryID) throws -> Gallery {
        guard
            let row = try connection.firstRow(
                "SELECT * FROM gallery WHERE account_id = ? AND application_id = ? AND deleted_ms IS NULL AND id = ?", filter + [.text(id.rawValue)])
        else { throw Problem.nothing("gallery", id.rawValue) }
        return try Gallery(row)
    }

    func named(_ name: String) throws -> Gallery? {
        try connection.firstRow(
            "SELECT * FROM gallery WHERE account_id = ? AND application_id = ? AND deleted_ms IS NULL AND name = ?", filter + [.text(name)]
        ).map(Gallery.init)
    }

    /// Moves the gallery on by one version, with what it holds more or less then; first in every change, so that changes of one
    /// gallery come one after the other.
    /// - Returns: the gallery as it is then.
    func advance(_ id: GalleryID, persons: Int64 = 0, templates: Int64 = 0, isErasure: Bool = false) throws -> Gallery {
        let rows: [SQLRow] = try connection.rows(
            """
            UPDATE gallery SET version = version + 1, erased_version = CASE WHEN ? = 1 THEN version + 1 ELSE erased_version END,
                persons = persons + ?, templates = templates + ?
                WHERE account_id = ? AND application_id = ? AND deleted_ms IS NULL AND id = ? RETURNING *
            """,
            [SQLValue(isErasure), .integer(persons), .integer(templates)] + filter + [.text(id.rawValue)])
        guard let row = rows.first else { throw Problem.nothing("gallery", id.rawValue) }
        return try Gallery(row)
    }
}

extension Hub {
    package func galleries(_ owner: GalleryOwner) async throws -> [Gallery] {
        try await database.read { try GalleryRows(connection: $0, owner: owner).all() }
    }

    package func gallery(_ id: GalleryID, of owner: GalleryOwner) async throws -> Gallery {
        try await database.read { try GalleryRows(connection: $0, owner: owner).gallery(id) }
    }

    package func gallery(named name: String, of owner: GalleryOwner) async throws -> Gallery? {
        try await database.read { try GalleryRows(connection: $0, owner: owner).named(name) }
    }

    /// Every gallery of an account, whichever application it belongs to.
    package func galleries(account: AccountID) async throws -> [Gallery] {
        try await database.read {
            try $0.rows("SELECT * FROM gallery WHERE account_id = ? AND deleted_ms IS NULL ORDER BY id", [.text(account.rawValue)]).map(Gallery.init)
        }
    }

    private static func check(target: FalseMatchRate, retentionDays: Int64?) throws(Problem) {
        guard FalseMatchRate.offered.contains(target) else {
            throw Problem(
                .invalidRequest, "No threshold was measured for that false-match rate.", detail: "\(target.rawValue)",
                remedy: "Choose among \(FalseMatchRate.offered.map { "\($0.rawValue)" }.joined(separator: ", ")).")
        }
        guard retentionDays.map(GalleryLimit.retentionDays.contains) ?? true else {
            throw Problem(.invalidRequest, "Persons are kept for 1 to 3650 days.", remedy: "Give fewer days, or none.")
        }
    }

    /// - Throws: `conflict` when the application has one of that name.
    package func makeGallery(
        _ name: String, target: FalseMatchRate = .identificationDefault, retentionDays: Int64? = nil, pad: PADPolicy = .off, of owner: GalleryOwner,
        by actor: Actor
    ) async throws -> Gallery {
        let name: String = try Self.checkName(name)
        try Self.check(target: target, retentionDays: retentionDays)
        return try await act(actor) { connection, trail, now in
            let rows = GalleryRows(connection: connection, owner: owner)
            let isThere: Bool =
                try connection.firstRow(
                    "SELECT id FROM application WHERE id = ? AND account_id = ? AND archived_ms IS NULL",
                    [.text(owner.application.rawValue), .text(owner.account.rawValue)]) != nil
            guard isThere else { throw Problem.nothing("application in use", owner.application.rawValue) }
            guard try rows.named(name) == nil else {
                throw Problem(.conflict, "The application has a gallery of that name.", remedy: "Use that gallery, or choose another name.")
            }
            guard Int64(try rows.all().count) < GalleryLimit.galleriesPerApplication else {
                throw Problem(
                    .conflict, "An application has at most \(GalleryLimit.galleriesPerApplication) galleries.", remedy: "Delete one that is not used.")
            }
            let row: SQLRow = try connection.rows(
                """
                INSERT INTO gallery (id, account_id, application_id, name, one_false_match_in, retention_days, pad, version, erased_version, persons,
                    templates, created_ms) VALUES (?, ?, ?, ?, ?, ?, ?, 1, 1, 0, 0, ?) RETURNING *
                """,
                [
                    .text(GalleryID(at: now).rawValue), .text(owner.account.rawValue), .text(owner.application.rawValue), .text(name),
                    .integer(Int64((1 / target.rawValue).rounded())), SQLValue(retentionDays), .text(pad.rawValue), .integer(now.milliseconds),
                ])[0]
            let gallery = try Gallery(row)
            try trail.record(.galleryMake, account: owner.account, subject: gallery.id.rawValue, ["application": owner.application.rawValue])
            return gallery
        }
    }

    /// - Parameters:
    ///   - name, target, pad: `nil` leaves it.
    ///   - retentionDays: `.some(nil)` ends the retention; persons that are in the gallery are kept by the new rule too;
    ///     whose time is over is not called back.
    package func changeGallery(
        _ id: GalleryID, name: String? = nil, target: FalseMatchRate? = nil, retentionDays: Int64?? = nil, pad: PADPolicy? = nil, of owner: GalleryOwner,
        by actor: Actor
    ) async throws -> Gallery {
        let name: String? = try name.map(Self.checkName)
        return try await act(actor) { connection, trail, now in
            let rows = GalleryRows(connection: connection, owner: owner)
            let before: Gallery = try rows.advance(id)
            let days: Int64? = retentionDays ?? before.retentionDays
            let rate: FalseMatchRate = target ?? before.target
            try Self.check(target: rate, retentionDays: days)
            if let name, name != before.name, try rows.named(name) != nil {
                throw Problem(.conflict, "The application has a gallery of that name.", remedy: "Choose another name.")
            }
            try connection.execute(
                "UPDATE gallery SET name = ?, one_false_match_in = ?, retention_days = ?, pad = ? WHERE id = ?",
                [
                    .text(name ?? before.name), .integer(Int64((1 / rate.rawValue).rounded())), SQLValue(days), .text((pad ?? before.pad).rawValue),
                    .text(id.rawValue),
                ])
            if days != before.retentionDays {
                let end: String = days == nil ? "consent_ends_ms" : "CASE WHEN created_ms + ? < consent_ends_ms THEN created_ms + ? ELSE consent_ends_ms END"
                let term: [SQLValue] = days.map { [.integer($0 * 86_400_000), .integer($0 * 86_400_000)] } ?? []
                try connection.execute(
                    "UPDATE person SET version = ?, ends_ms = \(end) WHERE gallery_id = ? AND ends_ms > ?",
                    [.integer(before.version)] + term + [.text(id.rawValue), .integer(now.milliseconds)])
                try GalleryFeed(connection: connection, gallery: id, now: now).rebuild()
            }
            try trail.record(
                .galleryChange, account: owner.account, subject: id.rawValue,
                [
                    "retentionDays": days.map(String.init) ?? "none", "target": "\(rate.rawValue)", "pad": (pad ?? before.pad).rawValue,
                    "name": name == nil ? "kept" : "changed",
                ])
            return try rows.gallery(id)
        }
    }

    /// Erases everybody in it; its name is free again.
    package func deleteGallery(_ id: GalleryID, of owner: GalleryOwner, by actor: Actor) async throws {
        try await act(actor) { connection, trail, now in
            let gallery: Gallery = try GalleryRows(connection: connection, owner: owner).gallery(id)
            try GalleryErasure(connection: connection, trail: trail, now: now).delete(gallery)
        }
        await galleryMemory.drop(id)
    }
}
