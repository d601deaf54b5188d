import FoundationEssentials
import GRDB
import ServiceSupport
import WireModel

/// Carries over every entry that reads and proves; between two that do not follow each other stands a gap.
struct JournalSalvage {
    let source: EdgeStore?
    let target: EdgeStore
    let device: DeviceID
    /// How far the hub holds the current journal, and the hash there, where that reads.
    let acknowledged: (seq: Int64, hash: EntryHash?)?
    /// How far the current journal had gone, at least, and what it had spent by then.
    let mark: JournalMark?
    /// Of the current journal, by API: as the store counted, or as the mark and the entries after it say when that is more.
    private(set) var spent: [String: Int64]

    private(set) var saved: Int64 = 0
    private(set) var lost: Int64 = 0
    private(set) var unitsLost: [String: Int64] = [:]
    /// What the current journal's first entry follows.
    private(set) var start: Int64 = 0

    private struct Gap {
        let range: ClosedRange<Int64>
        let previous: EntryHash
        let hash: EntryHash
        let time: (wall: Timestamp, boot: Int64)
    }

    init(source: EdgeStore?, target: EdgeStore, device: DeviceID, acknowledged: (seq: Int64, hash: EntryHash?)?, mark: JournalMark?, spent: [String: Int64]) {
        self.source = source
        self.target = target
        self.device = device
        self.acknowledged = acknowledged
        self.mark = mark
        self.spent = spent
    }

    mutating func run(_ database: Database, current: Int64) throws {
        guard let source else {
            try carry(database, current, nil, isCurrent: true, nil)
            return try countUnits(database, current)
        }
        let states: [Row] = try rows("journal_state", source)
        let dropped: [Row] = try rows("journal_dropped", source)
        for row in dropped {
            try database.run(
                sql: "INSERT INTO journal_dropped (epoch, api, units) VALUES (?, ?, ?)",
                arguments: [row["epoch"] as Int64, row["api"] as String, row["units"] as Int64])
        }
        let known: [Int64] =
            (try? source.queue.read { try $0.values(Int64.self, sql: "SELECT DISTINCT epoch FROM journal WHERE typeof(epoch) = 'integer'") }) ?? []
        for epoch in Set(known + states.map { $0["epoch"] } + [current]).sorted() {
            let state: Row? = states.first { $0["epoch"] == epoch }
            try carry(database, epoch, state, isCurrent: epoch == current, source)
        }
        try countUnits(database, current)
    }

    private func rows(_ table: String, _ source: EdgeStore) throws -> [Row] {
        let shape = try RowShape(table)
        return ((try? source.queue.read { try $0.rows(sql: "SELECT * FROM \(table)") }) ?? []).filter(shape.fits)
    }

    private mutating func carry(_ database: Database, _ epoch: Int64, _ state: Row?, isCurrent: Bool, _ source: EdgeStore?) throws {
        let safe: (seq: Int64, hash: EntryHash?)? = isCurrent ? acknowledged : nil
        var end: (seq: Int64, hash: EntryHash)?
        var anchor: (seq: Int64, hash: EntryHash)?
        var gaps: [Gap] = []
        let mark: JournalMark? = isCurrent ? mark : nil
        var counted: [String: Int64] = mark?.spent ?? [:]
        let floor: Int64 = max(safe?.seq ?? 0, mark?.head.seq ?? 0)
        try source.map { JournalReader(source: $0, device: device, epoch: epoch, floor: floor) }?.forEach { entry in
            let first: Int64 = entry.gap?.from ?? entry.seq
            let time: (wall: Timestamp, boot: Int64) = (entry.time, entry.bootMilliseconds)
            if let last = end {
                guard first > last.seq else { return false }
                if first == last.seq + 1 {
                    // Two that are whole and do not follow each other: the later one is of another journal.
                    guard entry.previous == last.hash else { return false }
                } else {
                    gaps.append(Gap(range: last.seq + 1...first - 1, previous: last.hash, hash: entry.previous, time: time))
                }
            } else if let safe, let hash = safe.hash, first > safe.seq + 1 {
                anchor = (safe.seq, hash)
                gaps.append(Gap(range: safe.seq + 1...first - 1, previous: hash, hash: entry.previous, time: time))
            } else {
                anchor = (first - 1, entry.previous)
            }
            try target.insert(database, entry)
            saved += 1
            end = (entry.seq, entry.hash)
            if let mark, let api = entry.api, entry.seq > mark.head.seq { counted[api.rawValue, default: 0] += entry.units }
            return true
        }
        // Nothing reads behind what the hub holds, or what was answered: the journal ends there.
        let known: [(seq: Int64, hash: EntryHash)] =
            [safe.flatMap { safe in safe.hash.map { (safe.seq, $0) } }, mark.map { ($0.head.seq, $0.head.hash) }].compactMap { $0 }.sorted { $0.0 < $1.0 }
        if end == nil, !known.isEmpty {
            // Without the hub's place the gap begins with the journal: the hub takes off what it has of it.
            anchor = safe.flatMap { safe in safe.hash.map { (safe.seq, $0) } } ?? (0, .genesis)
            end = anchor
        }
        if let last = known.last, let end, last.seq > end.seq {
            gaps.append(Gap(range: end.seq + 1...last.seq, previous: end.hash, hash: last.hash, time: (target.clock.now().wall, 0)))
        }
        for (api, units) in counted { spent[api] = max(spent[api] ?? 0, units) }
        let kept: (seq: Int64, hash: EntryHash) = anchor ?? (0, .genesis)
        try database.run(
            sql: """
                INSERT INTO journal_state (epoch, dropped_through, dropped_hash, dropped_decisions, forgotten_through, ended_at) VALUES (?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                epoch, kept.seq, Data(kept.hash.bytes), (state?["dropped_decisions"] as Int64?) ?? 0, kept.seq,
                isCurrent ? nil : (state?["ended_at"] as Int64?) ?? 0,
            ])
        guard isCurrent else { return }
        start = kept.seq
        lost = gaps.reduce(0) { $0 + Int64($1.range.count) }
        let units: [String: Int64] = try missingUnits(database, epoch)
        for (index, gap) in gaps.enumerated() {
            // The last one speaks for all: how much was lost is known of the whole journal only.
            let isLast: Bool = index == gaps.count - 1
            let record = GapRecord(
                from: gap.range.lowerBound, ground: .damaged, units: isLast ? units : [:],
                spent: isLast ? try spent(through: gap.range.upperBound, in: epoch, database) : nil)
            try target.insert(
                database,
                JournalEntry(
                    epoch: epoch, seq: gap.range.upperBound, kind: .gap, api: nil, units: 0, lease: nil, time: gap.time.wall,
                    bootMilliseconds: gap.time.boot, body: try JSON.text(record), previous: gap.previous, hash: gap.hash))
        }
    }

    /// Of the APIs counted, what the journal's entries had cost up to a place, those that are lost included.
    private func spent(through seq: Int64, in epoch: Int64, _ database: Database) throws -> [String: Int64] {
        let later: [String: Int64] = try database.rows(
            sql: "SELECT api, sum(units) AS units FROM journal WHERE epoch = ? AND seq > ? AND units > 0 GROUP BY api", arguments: [epoch, seq]
        ).reduce(into: [:]) { $0[$1["api"]] = $1["units"] }
        return spent.reduce(into: [:]) { $0[$1.key] = $1.value - (later[$1.key] ?? 0) }
    }

    private mutating func countUnits(_ database: Database, _ epoch: Int64) throws { unitsLost = try missingUnits(database, epoch) }

    private func missingUnits(_ database: Database, _ epoch: Int64) throws -> [String: Int64] {
        let found: [String: Int64] = try target.journaledUnits(database, epoch)
        return spent.reduce(into: [:]) { missing, item in
            let units: Int64 = item.value - (found[item.key] ?? 0)
            if units > 0 { missing[item.key] = units }
        }
    }
}
