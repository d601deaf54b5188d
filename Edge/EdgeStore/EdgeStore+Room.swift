import GRDB
import WireModel

/// The room the store takes, and what goes when it is too much: what the hub has, then results, then health reports; billable facts never.
extension EdgeStore {
    /// Above this share of the limit housekeeping makes room.
    private static let pressure: (numerator: Int64, denominator: Int64) = (9, 10)

    /// Bytes in use in the database file, and the limit.
    package func room() throws(EdgeStoreError) -> (used: Int64, limit: Int64) {
        try read { (try self.usedBytes($0), try self.configuration($0).storeBytes) }
    }

    /// Whole pages that hold something: free ones are used again before the file grows.
    func usedBytes(_ database: Database) throws -> Int64 {
        let pages: Int64 = try database.value(Int64.self, sql: "PRAGMA page_count") ?? 0
        let free: Int64 = try database.value(Int64.self, sql: "PRAGMA freelist_count") ?? 0
        return (pages - free) * (try database.value(Int64.self, sql: "PRAGMA page_size") ?? 0)
    }

    /// - Throws: `.journalFull` when a full journal does not allow the act.
    func requireRoom(_ database: Database, for act: DeviceAct) throws {
        guard !DeviceState.journalFull.allows(act) else { return }
        let (used, limit): (Int64, Int64) = (try usedBytes(database), try configuration(database).storeBytes)
        guard used < limit else { throw EdgeStoreError.journalFull(used: used, limit: limit) }
    }

    /// Makes room, as far as there is something to drop.
    func relieve(limit: Int64, at time: Timestamp, _ report: inout HousekeepingReport) throws(EdgeStoreError) {
        for step in ReliefStep.allCases {
            // Each in a transaction of its own: pages are free only when it has ended.
            let isOver: Bool = try write { database in
                let allowed: Int64 = try self.configuration(database).storeBytes / Self.pressure.denominator * Self.pressure.numerator
                guard try self.usedBytes(database) >= allowed else { return true }
                let epoch: Int64 = try self.identity(database).journalEpoch
                switch step {
                case .held: report.dropped += try self.drop(database, epoch, through: .max, keeping: RetentionTerms.shown, limit: limit, &report)
                case .results: report.forgotten += try self.forget(database, epoch, through: try self.head(database, epoch).seq, limit: limit, &report)
                case .health: report.thinned += try self.thin(database, epoch, limit: limit)
                case .shown: report.dropped += try self.drop(database, epoch, through: .max, keeping: 0, limit: limit, &report)
                }
                return false
            }
            if isOver { return }
        }
    }

    private enum ReliefStep: CaseIterable { case held, results, health, shown }

    /// Puts one gap in the place of each run of unsent health reports.
    private func thin(_ database: Database, _ epoch: Int64, limit: Int64) throws -> Int {
        let sent: Int64 = try watermarks(database).acknowledged
        let rows: [Row] = try database.rows(
            sql: "SELECT seq FROM journal WHERE epoch = ? AND seq > ? AND kind = 'health' ORDER BY seq LIMIT ?", arguments: [epoch, sent, limit])
        var runs: [ClosedRange<Int64>] = []
        for seq: Int64 in rows.map({ $0["seq"] }) {
            if let last = runs.last, last.upperBound == seq - 1 {
                runs[runs.count - 1] = last.lowerBound...seq
            } else {
                runs.append(seq...seq)
            }
        }
        for run in runs where run.count > 1 { try replace(database, epoch, run, by: .thinned, units: [:]) }
        return runs.filter { $0.count > 1 }.reduce(0) { $0 + $1.count }
    }

    private func replace(_ database: Database, _ epoch: Int64, _ run: ClosedRange<Int64>, by ground: GapRecord.Ground, units: [String: Int64]) throws {
        let select: String = Self.entryColumns + " WHERE journal.epoch = ? AND journal.seq = ?"
        let first: JournalEntry = try entry(try database.row(sql: select, arguments: [epoch, run.lowerBound])!)
        let last: JournalEntry = try entry(try database.row(sql: select, arguments: [epoch, run.upperBound])!)
        try database.run(sql: "DELETE FROM journal WHERE epoch = ? AND seq BETWEEN ? AND ?", arguments: [epoch, run.lowerBound, run.upperBound])
        try database.run(sql: "DELETE FROM journal_body WHERE epoch = ? AND seq BETWEEN ? AND ?", arguments: [epoch, run.lowerBound, run.upperBound])
        let gap = GapRecord(from: run.lowerBound, ground: ground, units: units)
        try insert(
            database,
            JournalEntry(
                epoch: epoch, seq: run.upperBound, kind: .gap, api: nil, units: 0, lease: nil, time: last.time, bootMilliseconds: last.bootMilliseconds,
                body: try JSON.text(gap), previous: first.previous, hash: last.hash))
    }

    /// Gives a few free pages back to the disk. Stores of the first schemas keep theirs and fill them again.
    func compact() throws(EdgeStoreError) {
        do {
            try queue.writeWithoutTransaction { database in
                guard try database.value(Int64.self, sql: "PRAGMA freelist_count") ?? 0 > 1_024 else { return }
                try database.execute(sql: "PRAGMA incremental_vacuum(256)")
            }
        } catch {
            throw EdgeStoreError(error, path: path)
        }
    }
}
