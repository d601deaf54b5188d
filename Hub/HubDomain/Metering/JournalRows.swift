import HubStorage
import WireModel

/// `journal_entry`, as one sync reads and writes it: the places it may meet again with one question, new rows many at a time.
struct JournalRows {
    struct Stored {
        let hash: EntryHash
        let rejection: ProblemCode?
        let isGap: Bool
    }

    /// By sequence, of what the request names.
    private(set) var stored: [Int64: Stored] = [:]
    private var new: [(entry: JournalEntry, rejection: ProblemCode?)] = []

    /// - Parameter watermark: nothing is stored beyond it.
    mutating func load(_ connection: any SQLConnection, _ device: DeviceID, _ request: SyncRequest, through watermark: Int64) throws {
        let first: Int64 = request.entries.first?.seq ?? request.head.seq
        let last: Int64 = min(request.head.seq, watermark)
        guard first > 0, first <= last else { return }
        // With long gaps between them, the places are asked for one by one.
        if last - first < 2 * Int64(SyncLimits.entries) {
            try load(connection, device, request.head.epoch, first...last)
        } else {
            for seq in request.entries.map(\.seq) where seq <= last { try load(connection, device, request.head.epoch, seq...seq) }
        }
    }

    private mutating func load(_ connection: any SQLConnection, _ device: DeviceID, _ epoch: Int64, _ places: ClosedRange<Int64>) throws {
        for row in try connection.rows(
            "SELECT seq, kind, hash, rejection FROM journal_entry WHERE device_id = ? AND epoch = ? AND seq BETWEEN ? AND ?",
            [.text(device.rawValue), .integer(epoch), .integer(places.lowerBound), .integer(places.upperBound)])
        {
            guard let hash = EntryHash(try row.blob("hash")) else { throw HubStorageError.damaged }
            stored[try row.integer("seq")] = Stored(
                hash: hash, rejection: try row.textOrNil("rejection").flatMap(ProblemCode.init(rawValue:)),
                isGap: try row.text("kind") == EntryKind.gap.rawValue)
        }
    }

    mutating func add(_ entry: JournalEntry, rejection: ProblemCode?) { new.append((entry, rejection)) }

    static func hash(_ connection: any SQLConnection, _ device: DeviceID, epoch: Int64, seq: Int64) throws -> EntryHash? {
        try connection.firstRow(
            "SELECT hash FROM journal_entry WHERE device_id = ? AND epoch = ? AND seq = ?", [.text(device.rawValue), .integer(epoch), .integer(seq)]
        ).flatMap { EntryHash(try $0.blob("hash")) }
    }

    private static let columns: [String] = [
        "device_id", "epoch", "seq", "kind", "api", "units", "lease_id", "wall_ms", "boot_ms", "body", "body_digest", "previous", "hash", "received_ms",
        "rejection",
    ]

    mutating func flush(_ connection: any SQLConnection, _ device: DeviceID, now: Timestamp) throws {
        let rows: [[SQLValue]] = new.map { entry, rejection in
            // A health report is kept once, as the device's latest; its place in the chain needs no body.
            let kept: JournalEntry = entry.kind == .health && entry.allowsForgetting(on: device) ? entry.withoutBody : entry
            return [
                .text(device.rawValue), .integer(entry.epoch), .integer(entry.seq), .text(entry.kind.rawValue), SQLValue(entry.api?.rawValue),
                .integer(entry.units), SQLValue(entry.lease?.rawValue), .integer(entry.time.milliseconds), .integer(entry.bootMilliseconds),
                .text(kept.body ?? ""), kept.body == nil ? .blob(kept.bodyDigest.bytes) : .null, .blob(entry.previous.bytes), .blob(entry.hash.bytes),
                .integer(now.milliseconds), SQLValue(rejection?.rawValue),
            ]
        }
        try connection.insert(into: "journal_entry", Self.columns, rows)
        new = []
    }
}

extension JournalEntry {
    /// What a gap says; `nil` for other entries, and for a gap that says nothing of use.
    var gap: GapRecord? {
        guard kind == .gap, units == 0, let record = body.flatMap({ try? JSON.value(GapRecord.self, from: $0) }), (1...seq).contains(record.from) else {
            return nil
        }
        return record
    }

    /// Whether this may come right after `entry` in a journal.
    func follows(_ entry: JournalEntry) -> Bool {
        guard previous == entry.hash else { return false }
        let next: Int64 = entry.seq.addingClamped(1)
        return kind == .gap ? gap?.from == next : seq == next
    }
}
