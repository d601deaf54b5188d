import FoundationEssentials
import GRDB
import ServiceSupport
import WireModel

/// What is kept how long.
package enum RetentionTerms {
    /// An entry that the hub holds and has backed up is dropped after so long: a hub restored from a copy of these days finds it here.
    package static let held: Duration = .seconds(30 * 86_400)
    /// So many entries stay for people to look at.
    package static let shown: Int64 = 1_000
    /// A file that was decided on is remembered so long after it was last met, ...
    package static let seenFile: Duration = .seconds(90 * 86_400)
    /// ... and so many of the newest always.
    package static let seenFiles: Int64 = 100_000
    /// How exactly the age of entries is known.
    static let markInterval: Duration = .seconds(900)
}

/// What one step of housekeeping did.
package struct HousekeepingReport: Sendable, Hashable {
    package var forgotten: Int = 0
    package var dropped: Int = 0
    package var thinned: Int = 0
    package var seenFiles: Int = 0
    /// Something is left to do: call again.
    package var hasMore: Bool = false
}

/// Results are forgotten by age, entries dropped when the hub holds them and a copy: each step a transaction of bounded work, so that
/// a crash at any place leaves a chain that proves.
extension EdgeStore {
    /// - Parameter limit: entries looked at in one step.
    package func housekeep(limit: Int64 = 2_000) throws(EdgeStoreError) -> HousekeepingReport {
        let now = clock.now()
        var report = HousekeepingReport()
        guard try isJoined() else { return report }
        let time: Timestamp = try write { database in
            let time: Timestamp = try self.trustedTime(database, now)
            try self.raiseHighWater(database, to: time, now)
            try self.noteAge(database, at: time)
            return time
        }
        for epoch in try read({ try $0.values(Int64.self, sql: "SELECT epoch FROM journal_state UNION SELECT journal_epoch FROM identity") }) {
            try write { database in
                let days: Int64 = try self.configuration(database).resultRetentionDays
                let forgettable: Int64 = try self.lastEntry(database, epoch, before: time.advanced(by: .seconds(-days * 86_400)))
                report.forgotten += try self.forget(database, epoch, through: forgettable, limit: limit, &report)
                let droppable: Int64 = try self.lastEntry(database, epoch, before: time.advanced(by: .zero - RetentionTerms.held))
                report.dropped += try self.drop(database, epoch, through: droppable, keeping: RetentionTerms.shown, limit: limit, &report)
            }
        }
        report.seenFiles = try write { try self.dropSeenFiles($0, before: time.advanced(by: .zero - RetentionTerms.seenFile), limit: limit) }
        try relieve(limit: limit, at: time, &report)
        if report.forgotten + report.dropped > 0 { try truncateLog() }
        try compact()
        return report
    }

    func isJoined() throws(EdgeStoreError) -> Bool {
        try read { try $0.value(Bool.self, sql: "SELECT EXISTS (SELECT 1 FROM identity WHERE device_id IS NOT NULL)")! }
    }

    /// Marks how far the journal goes now: entries up to a mark are at least as old as it is.
    private func noteAge(_ database: Database, at time: Timestamp) throws {
        let epoch: Int64 = try identity(database).journalEpoch
        let end: JournalHead = try head(database, epoch)
        let last: Row? = try database.row(sql: "SELECT * FROM journal_mark WHERE epoch = ? ORDER BY seq DESC LIMIT 1", arguments: [epoch])
        if let last, (last["seq"] as Int64) >= end.seq || time.milliseconds - (last["time_ms"] as Int64) < RetentionTerms.markInterval.wholeMilliseconds {
            return
        }
        guard end.seq > 0 else { return }
        try database.run(sql: "INSERT INTO journal_mark (epoch, seq, time_ms) VALUES (?, ?, ?)", arguments: [epoch, end.seq, time.milliseconds])
    }

    /// The last entry known to be older than `time`; 0 when none is.
    private func lastEntry(_ database: Database, _ epoch: Int64, before time: Timestamp) throws -> Int64 {
        let sql: String = "SELECT ifnull(max(seq), 0) FROM journal_mark WHERE epoch = ? AND time_ms <= ?"
        return try database.value(Int64.self, sql: sql, arguments: [epoch, time.milliseconds])!
    }

    /// Forgets what decisions tell, oldest first. Their digests stay, so the chain proves.
    func forget(_ database: Database, _ epoch: Int64, through last: Int64, limit: Int64, _ report: inout HousekeepingReport) throws -> Int {
        try ensureState(database, epoch)
        let first: Int64 = try database.value(Int64.self, sql: "SELECT forgotten_through FROM journal_state WHERE epoch = ?", arguments: [epoch])!
        let end: Int64 = min(last, first + limit)
        guard end > first else { return 0 }
        try database.run(
            sql: """
                DELETE FROM journal_body WHERE epoch = ?1 AND seq > ?2 AND seq <= ?3
                    AND (SELECT kind FROM journal WHERE journal.epoch = ?1 AND journal.seq = journal_body.seq) = 'decision'
                """, arguments: [epoch, first, end])
        let count: Int = database.changesCount
        try database.run(sql: "UPDATE journal_state SET forgotten_through = ? WHERE epoch = ?", arguments: [end, epoch])
        report.hasMore = report.hasMore || end < last
        return count
    }

    /// Drops entries that the hub holds and has backed up from the front of the journal. The hash of the last one anchors the rest.
    func drop(
        _ database: Database, _ epoch: Int64, through last: Int64, keeping shown: Int64, limit: Int64, _ report: inout HousekeepingReport
    ) throws -> Int {
        try ensureState(database, epoch)
        let start: Int64 = try start(database, epoch).seq
        let isCurrent: Bool = try identity(database).journalEpoch == epoch
        let marks: Watermarks = try watermarks(database)
        let safe: Int64 =
            isCurrent
            ? min(marks.acknowledged, marks.backedUp, try head(database, epoch).seq - shown)
            : try database.value(Int64.self, sql: "SELECT ended_at FROM journal_state WHERE epoch = ?", arguments: [epoch]) ?? 0
        let wanted: Int64 = min(last, safe, start + limit)
        let end: String = "SELECT seq, hash FROM journal WHERE epoch = ? AND seq > ? AND seq <= ? ORDER BY seq DESC LIMIT 1"
        guard let row = try database.row(sql: end, arguments: [epoch, start, wanted]) else { return 0 }
        let through: Int64 = row["seq"]
        try database.run(
            sql: """
                INSERT INTO journal_dropped (epoch, api, units)
                SELECT epoch, api, sum(units) FROM journal WHERE epoch = ?1 AND seq <= ?2 AND api IS NOT NULL GROUP BY api
                ON CONFLICT (epoch, api) DO UPDATE SET units = units + excluded.units
                """, arguments: [epoch, through])
        try database.run(
            sql: """
                UPDATE journal_state SET dropped_through = ?2, dropped_hash = ?3, forgotten_through = max(forgotten_through, ?2),
                    dropped_decisions = dropped_decisions + (SELECT count(*) FROM journal WHERE epoch = ?1 AND seq <= ?2 AND kind = 'decision')
                WHERE epoch = ?1
                """, arguments: [epoch, through, row["hash"] as Data])
        try database.run(sql: "DELETE FROM journal WHERE epoch = ? AND seq <= ?", arguments: [epoch, through])
        let count: Int = database.changesCount
        try database.run(sql: "DELETE FROM journal_body WHERE epoch = ? AND seq <= ?", arguments: [epoch, through])
        try database.run(sql: "DELETE FROM journal_mark WHERE epoch = ? AND seq <= ?", arguments: [epoch, through])
        report.hasMore = report.hasMore || min(last, safe) > start + limit
        return count
    }

    private func ensureState(_ database: Database, _ epoch: Int64) throws {
        try database.run(
            sql: """
                INSERT OR IGNORE INTO journal_state (epoch, dropped_through, dropped_hash, dropped_decisions, forgotten_through) VALUES (?, 0, ?, 0, 0)
                """, arguments: [epoch, Data(EntryHash.genesis.bytes)])
    }

    private func dropSeenFiles(_ database: Database, before time: Timestamp, limit: Int64) throws -> Int {
        let newest: String = "SELECT seen_ms FROM seen_file ORDER BY seen_ms DESC LIMIT 1 OFFSET ?"
        guard let kept = try database.value(Int64.self, sql: newest, arguments: [RetentionTerms.seenFiles]) else { return 0 }
        try database.run(
            sql: """
                DELETE FROM seen_file WHERE (source, fingerprint) IN
                    (SELECT source, fingerprint FROM seen_file WHERE seen_ms < ?1 AND seen_ms <= ?2 ORDER BY seen_ms LIMIT ?3)
                """, arguments: [time.milliseconds, kept, limit])
        return database.changesCount
    }
}
