import HubStorage
import WireModel

/// How far the hub holds one journal of a device.
struct JournalPlace {
    let epoch: Int64
    private(set) var seq: Int64
    private(set) var hash: EntryHash
    /// Why it ended; `nil` for the device's present one.
    let ended: EndedJournal?

    struct EndedJournal {
        enum Ground: String {
            /// The device's store was damaged.
            case damaged
            /// The operator ordered another.
            case ordered
            /// Met after the hub was restored from a backup.
            case restored
        }

        let ground: Ground
        /// The head of the request that ended it.
        let asked: JournalHead?
    }

    /// Of the first entry of an epoch.
    init(beginning epoch: Int64) {
        self.epoch = epoch
        (seq, hash, ended) = (0, .genesis, nil)
    }

    /// The present one of a row of `device`.
    init(device row: SQLRow) throws {
        guard let hash = EntryHash(try row.blob("head_hash")) else { throw HubStorageError.damaged }
        epoch = try row.integer("journal_epoch")
        seq = try row.integer("head_seq")
        self.hash = hash
        ended = nil
    }

    /// One that ended.
    static func load(_ connection: any SQLConnection, _ device: DeviceID, epoch: Int64) throws -> JournalPlace? {
        try connection.firstRow("SELECT * FROM ended_journal WHERE device_id = ? AND epoch = ?", [.text(device.rawValue), .integer(epoch)])
            .map(JournalPlace.init(ended:))
    }

    private init(ended row: SQLRow) throws {
        guard let hash = EntryHash(try row.blob("head_hash")), let ground = EndedJournal.Ground(rawValue: try row.text("ground")) else {
            throw HubStorageError.damaged
        }
        epoch = try row.integer("epoch")
        seq = try row.integer("head_seq")
        self.hash = hash
        var asked: JournalHead?
        if let seq = try row.integerOrNil("asked_seq"), let hash = try row.blobOrNil("asked_hash").flatMap(EntryHash.init) {
            asked = JournalHead(epoch: epoch, seq: seq, hash: hash)
        }
        ended = EndedJournal(ground: ground, asked: asked)
    }

    /// Whether a journal that the hub never opened may be one that it opened after the backup it was restored from. What a device
    /// gains by a lie is a journal without leases.
    static func mayAdopt(_ epoch: Int64, after current: Int64, hubEpoch: Int64) -> Bool { hubEpoch > 1 && epoch - current <= 16 }

    mutating func advance(to entry: JournalEntry) { (seq, hash) = (entry.seq, entry.hash) }

    /// Writes that the journal ended here.
    func end(_ connection: any SQLConnection, _ device: DeviceID, _ ground: EndedJournal.Ground, asked: JournalHead?, now: Timestamp) throws {
        try connection.execute(
            """
            INSERT INTO ended_journal (device_id, epoch, head_seq, head_hash, ground, ended_ms, asked_seq, asked_hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .text(device.rawValue), .integer(epoch), .integer(seq), .blob(hash.bytes), .text(ground.rawValue), .integer(now.milliseconds),
                SQLValue(asked?.seq), SQLValue(asked?.hash.bytes),
            ])
    }

    func saveEnded(_ connection: any SQLConnection, _ device: DeviceID) throws {
        try connection.execute(
            "UPDATE ended_journal SET head_seq = ?, head_hash = ? WHERE device_id = ? AND epoch = ?",
            [.integer(seq), .blob(hash.bytes), .text(device.rawValue), .integer(epoch)])
    }
}
