import FoundationEssentials
import GRDB
import WireModel

/// Journals end and begin: after damage, after a roll-back, by the operator's order. The old one stays readable; leases and counts begin anew.
extension EdgeStore {
    /// Begins the journal the hub named, at entry 1.
    func beginJournal(_ database: Database, _ epoch: Int64, ending identity: DeviceIdentity) throws {
        let marks: Watermarks = try watermarks(database)
        let start: (seq: Int64, hash: EntryHash) = try start(database, identity.journalEpoch)
        try database.run(
            sql: """
                INSERT INTO journal_state (epoch, dropped_through, dropped_hash, dropped_decisions, forgotten_through, ended_at) VALUES (?, ?, ?, 0, 0, ?)
                ON CONFLICT (epoch) DO UPDATE SET ended_at = excluded.ended_at
                """,
            arguments: [identity.journalEpoch, start.seq, Data(start.hash.bytes), min(marks.acknowledged, marks.backedUp)])
        try database.run(sql: "UPDATE identity SET journal_epoch = ?", arguments: [epoch])
        try save(database, Watermarks(hubEpoch: marks.hubEpoch, acknowledged: 0, backedUp: 0))
        try database.execute(sql: "DELETE FROM lease; DELETE FROM lease_refusal; UPDATE sync_state SET acknowledged_hash = NULL")
        try database.run(
            sql: "DELETE FROM condition WHERE name IN (?, ?)", arguments: [StoredCondition.rolledBack.rawValue, StoredCondition.damaged.rawValue])
    }

    /// What to ask the hub for when this journal cannot go on; `nil` while it can.
    package func epochRequest() throws(EdgeStoreError) -> EpochRequest? {
        try read { database in
            let epoch: Int64 = try self.identity(database).journalEpoch
            let isDamaged: Bool = try self.conditions(database).contains { $0.condition == .damaged }
            // A hub restored to before what it once said was safe asks for entries that are no longer there.
            let isCutOff: Bool = try self.watermarks(database).acknowledged < self.start(database, epoch).seq
            guard isDamaged || isCutOff else { return nil }
            let isCountLost: Bool =
                try self.conditions(database).first { $0.condition == .damaged }.map { try JSON.value(DamageReport.self, from: $0.detail).isCountLost } ?? false
            return EpochRequest(ended: epoch, spent: isCountLost ? nil : try self.spentUnits(database, epoch))
        }
    }

    /// By API.
    /// - Throws: `.damaged` when a count is not what was written.
    func spentUnits(_ database: Database, _ epoch: Int64) throws -> [String: Int64] {
        let rows: [Row] = try database.rows(sql: "SELECT * FROM spending WHERE epoch = ?", arguments: [epoch])
        return try rows.reduce(into: [:]) { sums, row in
            let (api, units): (String, Int64) = (row["api"], row["units"])
            try self.check(row["mark"], "spending " + api, epoch, units)
            sums[api] = units
        }
    }
}
