import FoundationEssentials
import GRDB
import WireModel

/// Reads the entries of a damaged journal in order, past what does not read. What reads and does not prove is left out.
struct JournalReader {
    let source: EdgeStore
    let device: DeviceID
    let epoch: Int64
    /// Entries up to here existed, whatever reads.
    let floor: Int64
    /// Places looked at one by one behind damage when nothing says where the journal ends.
    private static let blindReach: Int64 = 20_000

    init(source: EdgeStore, device: DeviceID, epoch: Int64, floor: Int64) {
        self.source = source
        self.device = device
        self.epoch = epoch
        self.floor = floor
    }

    /// - Parameter body: returns whether to go on.
    func forEach(_ body: (JournalEntry) throws -> Bool) throws {
        let last: Int64? = try? source.queue.read {
            try $0.value(
                Int64.self, sql: "SELECT seq FROM journal WHERE epoch = ? AND typeof(seq) = 'integer' ORDER BY seq DESC LIMIT 1", arguments: [self.epoch])
        }
        var next: Int64 = 0
        while true {
            var failure: (any Error)?
            var isOver: Bool = false
            var stop: Bool = false
            do {
                try source.queue.read { database in
                    let rows = try Row.fetchCursor(
                        database, sql: "SELECT * FROM journal WHERE epoch = ? AND seq > ? ORDER BY seq", arguments: [self.epoch, next])
                    while let row = try rows.next() {
                        next = max(next, row["seq"] as? Int64 ?? next)
                        guard let entry = self.proved(row, database) else { continue }
                        do {
                            stop = try !body(entry)
                        } catch {
                            failure = error
                            stop = true
                        }
                        if stop { return }
                    }
                    isOver = true
                }
            } catch {}
            if let failure { throw failure }
            if isOver || stop { return }
            // Something does not read: the next place that does, looked for one by one.
            let end: Int64 = max(last ?? next + Self.blindReach, floor)
            var found: Bool = false
            while next < end, !found {
                next += 1
                let seq: Int64 = next
                let entry: JournalEntry? =
                    (try? source.queue.read { database in
                        try database.row(sql: "SELECT * FROM journal WHERE epoch = ? AND seq = ?", arguments: [self.epoch, seq])
                            .flatMap { self.proved($0, database) }
                    }) ?? nil
                if let entry {
                    found = true
                    if try !body(entry) { return }
                }
            }
            if !found { return }
        }
    }

    /// The entry, without its body where that is not what was written.
    private func proved(_ row: Row, _ database: Database) -> JournalEntry? {
        guard let kind = EntryKind(rawValue: row["kind"] as? String ?? ""), let seq = row["seq"] as? Int64, let units = row["units"] as? Int64,
            let wall = row["wall_ms"] as? Int64, let boot = row["boot_ms"] as? Int64,
            let previous = (row["previous"] as? Data).flatMap({ EntryHash([UInt8]($0)) }), let hash = (row["hash"] as? Data).flatMap({ EntryHash([UInt8]($0)) })
        else { return nil }
        let api: APIName? = (row["api"] as? String).flatMap(APIName.init(rawValue:))
        let lease: LeaseID? = (row["lease_id"] as? String).flatMap(LeaseID.init(rawValue:))
        let time = Timestamp(milliseconds: wall)
        let isApart: Bool = row.hasColumn("body_digest") && row["body_digest"] as? Data != nil
        let body: String? =
            isApart
            ? (try? database.value(String.self, sql: "SELECT body FROM journal_body WHERE epoch = ? AND seq = ?", arguments: [epoch, seq])) ?? nil
            : row["body"] as? String
        if let body {
            let entry = JournalEntry(
                epoch: epoch, seq: seq, kind: kind, api: api, units: units, lease: lease, time: time, bootMilliseconds: boot, body: body,
                previous: previous, hash: hash)
            if entry.isIntact(for: device), kind != .gap || entry.gap != nil { return entry }
        }
        guard isApart, let digest = (row["body_digest"] as? Data).flatMap({ EntryHash([UInt8]($0)) }) else { return nil }
        let entry = JournalEntry(
            epoch: epoch, seq: seq, kind: kind, api: api, units: units, lease: lease, time: time, bootMilliseconds: boot, bodyDigest: digest,
            previous: previous, hash: hash)
        return entry.isIntact(for: device) ? entry : nil
    }
}

extension JournalEntry {
    /// What a gap says; `nil` for other entries.
    var gap: GapRecord? {
        guard kind == .gap, let record = body.flatMap({ try? JSON.value(GapRecord.self, from: $0) }), (1...seq).contains(record.from) else { return nil }
        return record
    }
}
