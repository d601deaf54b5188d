import HubAccess
import HubStorage
import WireModel

/// Writes the next part of the hub's changes for one device, within the transaction of its sync.
///
/// What it costs grows with what has changed, not with what there is: of a gallery that has not moved only its row is read.
struct FeedWriter {
    let connection: any SQLConnection
    let sealer: SecretSealer
    let device: DeviceID
    let hubEpoch: Int64
    let now: Timestamp
    /// An account that is not active, a device that was revoked or is in quarantine: told whom to erase, and of nobody else.
    let isWithheld: Bool

    private var cursor = FeedCursor()
    private var changes: [FeedChange] = []
    private var room: FeedRoom
    private var isComplete: Bool = true
    /// What the device was given something of, and has not told that it erased.
    private var fed: Set<GalleryID> = []
    /// How often it told of each that everybody was gone.
    private var emptied: [GalleryID: Int64] = [:]

    init(_ connection: any SQLConnection, sealer: SecretSealer, device: DeviceID, hubEpoch: Int64, now: Timestamp, room: FeedRoom, isWithheld: Bool) {
        self.connection = connection
        self.sealer = sealer
        self.device = device
        self.hubEpoch = hubEpoch
        self.now = now
        self.room = room
        self.isWithheld = isWithheld
    }

    /// - Parameter state: what the device has; a cursor that is not this device's is as none.
    mutating func page(after state: FeedState) throws -> FeedPage {
        let known: FeedCursor? = state.cursor.flatMap { FeedCursor($0, of: device, sealer) }
        cursor = known ?? FeedCursor()
        try configure()
        fed = Set(
            try connection.rows("SELECT gallery_id FROM device_gallery WHERE device_id = ?", [.text(device.rawValue)]).compactMap {
                GalleryID(rawValue: try $0.text("gallery_id"))
            })
        for row in try connection.rows("SELECT gallery_id, times FROM emptied_gallery WHERE device_id = ?", [.text(device.rawValue)]) {
            if let gallery = GalleryID(rawValue: try row.text("gallery_id")) { emptied[gallery] = try row.integer("times") }
        }
        let owing: Set<GalleryID> = try confirm(state)
        let assigned: [SQLRow] = try connection.rows(
            """
            SELECT gallery.*, group_gallery.term_ms AS term_ms FROM device JOIN group_gallery ON group_gallery.group_id = device.group_id
                JOIN gallery ON gallery.id = group_gallery.gallery_id WHERE device.id = ? ORDER BY gallery.id
            """, [.text(device.rawValue)])
        var galleries: [AssignedGallery] = try assigned.map(AssignedGallery.init)
        try withdraw(owing, state, isBegun: known != nil, but: Set(galleries.map(\.id)))
        // Who is gone comes first, of all galleries.
        for index in galleries.indices { try erase(&galleries[index], state) }
        if !isWithheld { for gallery in galleries { try feed(gallery) } }
        return FeedPage(changes: changes, cursor: try cursor.text(of: device, sealer), isComplete: isComplete)
    }

    private mutating func configure() throws {
        let configuration: DeviceConfiguration = try DeviceGroups.configuration(connection, of: device) ?? .standard
        let mark: String = try JSON.mark(configuration)
        guard cursor.configuration != mark else { return }
        try connection.execute(
            "INSERT INTO sent_configuration (mark, body) VALUES (?, ?) ON CONFLICT (mark) DO NOTHING", [.text(mark), .text(try JSON.text(configuration))])
        cursor.configuration = mark
        changes.append(.configuration(configuration))
    }

    /// What the device still owes and has done all the same: it holds, person for person, what it was told to hold after that.
    /// - Returns: galleries of which it owed something before.
    private func confirm(_ state: FeedState) throws -> Set<GalleryID> {
        let receipts = ErasureReceipts(connection: connection, device: device, now: now)
        let owing: [GalleryID] = try ErasureDuties(connection: connection, now: now).outstandingGalleries(device)
        for gallery in owing {
            guard let position = cursor.galleries[gallery], position.hubEpoch == hubEpoch, let told = position.digest, told == state.digests[gallery] else {
                continue
            }
            try receipts.confirm(gallery, before: position.version)
        }
        return Set(owing)
    }

    /// What the device has or may have, and has no business with.
    private mutating func withdraw(_ owing: Set<GalleryID>, _ state: FeedState, isBegun: Bool, but kept: Set<GalleryID>) throws {
        var held: Set<GalleryID> = Set(cursor.galleries.keys).union(state.digests.keys)
        // An answer that was lost may have given it more than its cursor knows of.
        cursor.withdrawn = cursor.withdrawn.intersection(owing).subtracting(kept)
        held.formUnion(owing.subtracting(cursor.withdrawn))
        if !isBegun { held.formUnion(fed) }
        for gallery in held.subtracting(kept).sorted() {
            cursor.galleries[gallery] = nil
            if owing.contains(gallery) { cursor.withdrawn.insert(gallery) }
            changes.append(.galleryWithdrawn(gallery))
        }
    }

    /// Tells who is gone from a gallery that the device has begun, or that the gallery is to be begun anew.
    private mutating func erase(_ gallery: inout AssignedGallery, _ state: FeedState) throws {
        try end(&gallery)
        guard var position = cursor.galleries[gallery.id], !needsRestart(gallery, position, state) else {
            if !isWithheld { try restart(gallery, because: cursor.galleries[gallery.id], state) }
            return
        }
        defer { cursor.galleries[gallery.id] = position }
        guard position.goneVersion <= gallery.version else { return }
        let rows: [SQLRow] = try connection.rows(
            """
            SELECT person_id, version FROM person_tombstone WHERE gallery_id = ? AND (version, person_id) > (?, ?)
                ORDER BY version, person_id LIMIT \(room.erasures)
            """, [.text(gallery.id.rawValue), .integer(position.goneVersion), .text(position.gonePerson)])
        for row in rows {
            guard let person = PersonID(rawValue: try row.text("person_id")) else { throw HubStorageError.damaged }
            changes.append(.personErased(gallery.id, person))
            room.bytes -= FeedRoom.erasure
            position.digest = nil
            (position.goneVersion, position.gonePerson) = (try row.integer("version"), person.rawValue)
        }
        if rows.count < room.erasures {
            (position.goneVersion, position.gonePerson) = (gallery.version + 1, "")
        } else {
            isComplete = false
        }
    }

    /// Erases whose time is over and whom the clearing has not met yet, so that what both sides add up is the same.
    private mutating func end(_ gallery: inout AssignedGallery) throws {
        let rows: [SQLRow] = try connection.rows(
            "SELECT id FROM person WHERE gallery_id = ? AND ends_ms <= ? ORDER BY ends_ms, id LIMIT \(room.endings)",
            [.text(gallery.id.rawValue), .integer(now.milliseconds)])
        guard !rows.isEmpty else { return }
        let erasure = GalleryErasure(
            connection: connection, trail: AuditTrail(connection: connection, actor: .system("clearing"), now: now), now: now)
        guard let found = try connection.firstRow("SELECT * FROM gallery WHERE id = ?", [.text(gallery.id.rawValue)]) else { throw HubStorageError.damaged }
        for row in rows {
            guard let person = PersonID(rawValue: try row.text("id")) else { throw HubStorageError.damaged }
            try erasure.erase(person, from: try Gallery(found), ground: "term_ended")
        }
        gallery.hasEndings = rows.count == room.endings
        try gallery.reload(connection)
    }

    private func needsRestart(_ gallery: AssignedGallery, _ position: FeedCursor.Position, _ state: FeedState) -> Bool {
        if position.hubEpoch != hubEpoch || position.begun < gallery.restartVersion || position.goneVersion <= gallery.clearedVersion { return true }
        // Its journal says that everybody was erased: a term had ended.
        guard fed.contains(gallery.id), position.emptied == emptied[gallery.id] else { return true }
        guard let told = position.digest else { return false }
        let held: GalleryDigest = state.digests[gallery.id] ?? .empty
        guard held != told else { return false }
        // The device has erased everybody meanwhile, as when a term ends: nothing less than everybody will do. Otherwise, while
        // something is still to be told, that comes first; whether it mends the difference shows at the next contact.
        let isUpToDate: Bool = position.version > gallery.version && position.goneVersion > gallery.version
        guard isUpToDate || held == .empty else { return false }
        return position.mended.map { now.since($0) >= FeedRoom.mending } ?? true
    }

    private mutating func restart(_ gallery: AssignedGallery, because position: FeedCursor.Position?, _ state: FeedState) throws {
        var begun = FeedCursor.Position(hubEpoch: hubEpoch, begun: gallery.version, emptied: emptied[gallery.id])
        if let told = position?.digest, told != state.digests[gallery.id] ?? .empty { begun.mended = now }
        let terms: FeedGallery = gallery.terms
        begun.terms = try JSON.mark(terms)
        changes += [.gallery(terms), .galleryRestart(gallery.id)]
        // Whom it owes a receipt for is named: that the person does not come again is none.
        for person in try ErasureDuties(connection: connection, now: now).outstanding(device, gallery.id) {
            changes.append(.personErased(gallery.id, person))
            room.bytes -= FeedRoom.erasure
        }
        cursor.galleries[gallery.id] = begun
        try markFed(gallery)
    }

    private mutating func feed(_ gallery: AssignedGallery) throws {
        guard var position = cursor.galleries[gallery.id] else { throw HubStorageError.damaged }
        defer { cursor.galleries[gallery.id] = position }
        let mark: String = try JSON.mark(gallery.terms)
        if position.terms != mark {
            changes.append(.gallery(gallery.terms))
            position.terms = mark
        }
        if position.version <= gallery.version {
            let source = FeedPersons(connection: connection, sealer: sealer, gallery: gallery.id, now: now)
            let isAll: Bool = try source.persons(after: (position.version, position.person), into: &room) { person in
                changes.append(.person(person))
                position.digest = nil
                (position.version, position.person) = (person.version, person.id.rawValue)
            }
            guard isAll else {
                isComplete = false
                return try markFed(gallery)
            }
            (position.version, position.person) = (gallery.version + 1, "")
        }
        guard position.goneVersion > gallery.version, !gallery.hasEndings else {
            isComplete = false
            return
        }
        position.digest = gallery.digest
        changes.append(.galleryComplete(gallery.id, gallery.digest))
        try markFed(gallery)
    }

    /// The device has, or is about to have, something of the gallery: from now on it owes receipts.
    private func markFed(_ gallery: AssignedGallery) throws {
        try connection.execute(
            """
            INSERT INTO device_gallery (device_id, gallery_id, fed_ms, term_ms) VALUES (?, ?, ?, ?)
                ON CONFLICT (device_id, gallery_id) DO UPDATE SET fed_ms = excluded.fed_ms, term_ms = excluded.term_ms
            """, [.text(device.rawValue), .text(gallery.id.rawValue), .integer(now.milliseconds), .integer(gallery.termMilliseconds)])
    }
}
