import Crypto
import FoundationEssentials
import GRDB
import ServiceSupport
import WireModel

/// Carries over what reads and proves from a damaged store into a new one. What does not is counted, not guessed.
struct Salvage {
    /// `nil` when not even its header reads.
    let source: EdgeStore?
    let target: EdgeStore
    let copy: IdentityCopy?
    /// How far the journal had gone, by the file beside the database.
    let mark: JournalMark?

    func run(_ empty: DamageReport) throws {
        var report: DamageReport = empty
        guard let identity = try identity() else {
            try target.write { database in
                try self.takePersons(database, &report)
                try self.save(database, report)
            }
            return
        }
        try target.write { database in
            try self.target.restore(database, identity)
            let marks: Watermarks? = self.rows("sync_state").isEmpty ? nil : self.reading { try self.source?.watermarks($0) }
            let hash: EntryHash? = self.rows("sync_state").first.flatMap { $0["acknowledged_hash"] as? Data }.flatMap { EntryHash([UInt8]($0)) }
            try database.execute(sql: "INSERT INTO sync_state (only, hub_epoch, acknowledged_through, backed_up_through) VALUES (1, 0, 0, 0)")
            try self.takeClock(database)
            try self.takeDocuments(database)
            let counted: (units: [String: Int64], isWhole: Bool) = try self.takeSpending(database, identity.journalEpoch)
            let mark: JournalMark? = self.mark.flatMap { $0.device == identity.device && $0.head.epoch == identity.journalEpoch ? $0 : nil }
            var journal = JournalSalvage(
                source: self.source, target: self.target, device: identity.device, acknowledged: marks.map { (seq: $0.acknowledged, hash: hash) },
                mark: mark, spent: counted.units)
            try journal.run(database, current: identity.journalEpoch)
            report.isCountLost = !counted.isWhole && mark == nil
            for (name, units) in journal.spent {
                if let api = APIName(rawValue: name) { try self.target.save(database, spent: units, of: api, in: identity.journalEpoch) }
            }
            report.entriesSaved = journal.saved
            report.entriesLost = journal.lost
            report.unitsLost = journal.unitsLost
            try self.target.save(database, marks ?? Watermarks(hubEpoch: 0, acknowledged: journal.start, backedUp: 0))
            if let hash { try database.run(sql: "UPDATE sync_state SET acknowledged_hash = ?", arguments: [Data(hash.bytes)]) }
            try self.takePersons(database, &report)
            try self.takeSeenFiles(database)
            try self.save(database, report)
            let detail: String = try JSON.text(report)
            try self.target.set(database, .damaged, detail, at: try self.target.trustedTime(database, self.target.clock.now()))
        }
    }

    /// The sealed copy is the better witness; the database may know of a later journal.
    private func identity() throws -> IdentityCopy? {
        let stored: IdentityCopy? = rows("identity").isEmpty ? nil : reading { try self.source?.identityCopy($0) }
        guard var identity = copy ?? stored else {
            // Who joined must not become a stranger without a word.
            let hasJoined: Bool = reading { try $0.value(Bool.self, sql: "SELECT EXISTS (SELECT 1 FROM identity WHERE device_id IS NOT NULL)") } ?? false
            guard !hasJoined else { throw EdgeStoreError.damaged(path: target.files.database, what: "the device's identity, and there is no copy that opens") }
            return nil
        }
        let marked: Int64? = mark.flatMap { $0.device == identity.device ? $0.head.epoch : nil }
        let epochs: [Int64?] = [stored?.journalEpoch, reading { try $0.value(Int64.self, sql: "SELECT max(epoch) FROM journal") }, marked]
        // No more than one journal can have begun since the copy was made.
        for epoch in epochs.compactMap({ $0 }) where epoch == identity.journalEpoch + 1 { identity.journalEpoch = epoch }
        return identity
    }

    /// What the source has, or `nil` when it does not read.
    private func reading<Value>(_ body: (Database) throws -> Value?) -> Value? {
        guard let source else { return nil }
        return try? source.queue.read(body)
    }

    /// Those of a small table that are of the types declared.
    private func rows(_ table: String) -> [Row] {
        guard let shape = try? RowShape(table) else { return [] }
        return (reading { try $0.rows(sql: "SELECT * FROM \(table)") } ?? []).filter(shape.fits)
    }

    private func save(_ database: Database, _ report: DamageReport) throws {
        try database.run(
            sql: "INSERT INTO damage (found_ms, report) VALUES (?, ?)", arguments: [report.found.milliseconds, try JSON.text(report)])
    }

    private func takeClock(_ database: Database) throws {
        guard let row = rows("clock").first else { return }
        try database.run(
            sql: "INSERT INTO clock (only, hub_ms, wall_ms, boot_ms, boot_id, high_water_ms) VALUES (1, ?, ?, ?, ?, ?)",
            arguments: [row["hub_ms"], row["wall_ms"], row["boot_ms"], row["boot_id"], row["high_water_ms"]])
    }

    private func takeDocuments(_ database: Database) throws {
        for row in rows("configuration") {
            if let configuration = try? JSON.value(DeviceConfiguration.self, from: row["document"] as String) { try target.save(database, configuration) }
        }
        for row in rows("condition") {
            guard let condition = StoredCondition(rawValue: row["name"]), condition != .damaged else { continue }
            try target.set(database, condition, row["detail"], at: Timestamp(milliseconds: row["since_ms"]))
        }
        for row in rows("damage") {
            try database.run(sql: "INSERT OR IGNORE INTO damage (found_ms, report) VALUES (?, ?)", arguments: [row["found_ms"], row["report"]])
        }
        for row in rows("rejected_entry") {
            try database.run(
                sql: "INSERT OR IGNORE INTO rejected_entry (epoch, seq, code) VALUES (?, ?, ?)", arguments: [row["epoch"], row["seq"], row["code"]])
        }
    }

    /// - Returns: what was spent of the current journal, and whether no count is lost.
    private func takeSpending(_ database: Database, _ epoch: Int64) throws -> (units: [String: Int64], isWhole: Bool) {
        guard let source, let count = reading({ try $0.value(Int.self, sql: "SELECT count(*) FROM spending") }) else { return ([:], false) }
        let rows: [Row] = rows("spending")
        var spent: [String: Int64] = [:]
        var isWhole: Bool = rows.count == count
        for row in rows {
            let (of, name, units): (Int64, String, Int64) = (row["epoch"], row["api"], row["units"])
            guard let api = APIName(rawValue: name), (try? source.check(row["mark"], "spending " + name, of, units)) != nil else {
                isWhole = false
                continue
            }
            try target.save(database, spent: units, of: api, in: of)
            if of == epoch { spent[name] = units }
        }
        return (spent, isWhole)
    }

    /// In both directions from the ends: what lies behind damage in the middle may be decided on again.
    private func takeSeenFiles(_ database: Database) throws {
        let shape = try RowShape("seen_file")
        for order in ["ASC", "DESC"] {
            guard let source else { return }
            let found: Void? = try? source.queue.read { old in
                let rows = try Row.fetchCursor(old, sql: "SELECT * FROM seen_file ORDER BY source \(order), fingerprint \(order)")
                while let row = try rows.next() {
                    guard shape.fits(row) else { continue }
                    try database.run(
                        sql: "INSERT OR IGNORE INTO seen_file (source, fingerprint, seen_ms) VALUES (?, ?, ?)",
                        arguments: [row["source"], row["fingerprint"], row["seen_ms"]])
                }
            }
            if found != nil { return }
        }
    }
}
