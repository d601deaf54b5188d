import HubStorage
import WireModel

/// Follows one journal after another along its hashes, in the order of ``next``.
private struct JournalWalk {
    private(set) var looked: Int64 = 0
    private(set) var faults: [String] = []
    private var last: (device: DeviceID, entry: JournalEntry)?
    /// By device and epoch: where the hub says that it holds the journal up to.
    private var heads: [String: (seq: Int64, hash: EntryHash)]

    init(heads: [String: (seq: Int64, hash: EntryHash)]) { self.heads = heads }

    static func key(_ device: String, _ epoch: Int64) -> String { "\(device)/\(epoch)" }

    mutating func next(_ entry: JournalEntry, of device: DeviceID) {
        looked += 1
        let isFirst: Bool = last.map { $0.device != device || $0.entry.epoch != entry.epoch } ?? true
        if isFirst { endJournal() }
        let name: String = "\(device) entry \(entry.epoch)/\(entry.seq)"
        if !entry.isIntact(for: device) { fault("\(name) was altered") }
        let (seq, hash): (Int64, EntryHash) = isFirst ? (0, .genesis) : last.map { ($0.entry.seq, $0.entry.hash) }!  // not the first one
        let from: Int64 = entry.gap?.from ?? entry.seq
        if from > seq + 1 { fault("\(name): entries before it are missing") }
        // A gap that begins before what is held says of another entry which one it follows.
        if from == seq + 1, entry.previous != hash { fault("\(name) does not follow the one before it") }
        last = (device, entry)
    }

    mutating func end() {
        endJournal()
        last = nil
        for (key, head) in heads where head.seq > 0 { fault("\(key): \(head.seq) entries acknowledged, none held") }
    }

    private mutating func endJournal() {
        guard let last else { return }
        let key: String = Self.key(last.device.rawValue, last.entry.epoch)
        let head: (seq: Int64, hash: EntryHash)? = heads.removeValue(forKey: key)
        if head.map({ $0.seq != last.entry.seq || $0.hash != last.entry.hash }) ?? true {
            fault("\(key): acknowledged through \(head?.seq ?? 0), held through \(last.entry.seq)")
        }
    }

    private mutating func fault(_ text: String) { if faults.count < 20 { faults.append(text) } }
}

extension Hub {
    /// Every entry's hash and place in its chain, across gaps and over bodies that were forgotten, up to what devices were told is held.
    func verifyJournal() async throws -> HubCheck {
        try await database.read { connection in
            var heads: [String: (seq: Int64, hash: EntryHash)] = [:]
            func note(_ sql: String) throws {
                try connection.forEachRow(sql, []) { row in
                    guard let hash = EntryHash(try row.blob("head_hash")) else { throw HubStorageError.damaged }
                    heads[JournalWalk.key(try row.text("id"), try row.integer("journal_epoch"))] = (try row.integer("head_seq"), hash)
                }
            }
            try note("SELECT id, journal_epoch, head_seq, head_hash FROM device")
            try note("SELECT device_id AS id, epoch AS journal_epoch, head_seq, head_hash FROM ended_journal")
            var walk = JournalWalk(heads: heads)
            try connection.forEachRow("SELECT * FROM journal_entry ORDER BY device_id, epoch, seq", []) { row in
                guard let device = DeviceID(rawValue: try row.text("device_id")) else { throw HubStorageError.damaged }
                walk.next(try JournalEntry(row), of: device)
            }
            walk.end()
            return HubCheck(name: "journal", looked: walk.looked, faults: walk.faults)
        }
    }
}
