import GRDB
import ServiceSupport
import WireModel

/// What bars a device from spending until something ends it, over restarts.
package enum StoredCondition: String, Sendable, CaseIterable, Codable {
    /// The hub gives this device nothing until an operator has looked; the detail is the hub's code.
    case quarantined
    /// The hub holds more of this journal than the device does: the store is an old copy. The detail is a ``RollBackReport``.
    case rolledBack = "rolled_back"
    /// The store was damaged and what could be read was saved; the detail is a ``DamageReport``.
    case damaged
    /// An operator has paused the device; the detail is the command's id.
    case paused
    /// Everybody was erased by an operator's command; the store goes once the hub has heard. The detail is the command's id.
    case wiping
}

package struct ConditionState: Sendable, Hashable {
    package let condition: StoredCondition
    /// By the device's idea of the hub's time.
    package let since: Timestamp
    package let detail: String

    /// Of ``StoredCondition/rolledBack``; `nil` where an earlier program noted it in words: the next contact notes it anew.
    package var rollBack: RollBackReport? { condition == .rolledBack ? try? JSON.value(RollBackReport.self, from: detail) : nil }
}

extension EdgeStore {
    package func conditions() throws(EdgeStoreError) -> [ConditionState] {
        try read { try self.conditions($0) }
    }

    func conditions(_ database: Database) throws -> [ConditionState] {
        try database.rows(sql: "SELECT name, since_ms, detail FROM condition ORDER BY name").compactMap { row in
            StoredCondition(rawValue: row["name"]).map {
                ConditionState(condition: $0, since: Timestamp(milliseconds: row["since_ms"]), detail: row["detail"])
            }
        }
    }

    /// Sets or ends a condition; one that lasts keeps the time it began.
    func set(_ database: Database, _ condition: StoredCondition, _ detail: String?, at time: Timestamp) throws {
        guard let detail else {
            try database.run(sql: "DELETE FROM condition WHERE name = ?", arguments: [condition.rawValue])
            return
        }
        try database.run(
            sql: "INSERT INTO condition (name, since_ms, detail) VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET detail = excluded.detail",
            arguments: [condition.rawValue, time.milliseconds, detail])
    }

    /// What the hub is to be told of a store that is an old copy; `nil` of any other.
    package func rollBackReport() throws(EdgeStoreError) -> RollBackReport? {
        try read { database in
            let known: RollBackReport? = try self.conditions(database).lazy.compactMap(\.rollBack).first
            guard let known, known.epoch == (try self.identity(database).journalEpoch) else { return nil }
            let end: JournalHead = try self.head(database, known.epoch)
            return RollBackReport(epoch: known.epoch, seq: end.seq, acknowledged: known.acknowledged, heard: known.heard)
        }
    }

    func requireSpendable(_ database: Database) throws {
        if let bar = try conditions(database).first(where: { !DeviceState($0.condition).allows(.meter) }) { throw EdgeStoreError.halted(bar) }
    }

    /// What became of damaged stores, newest first.
    package func damageReports() throws(EdgeStoreError) -> [DamageReport] {
        try read { database in
            try database.values(String.self, sql: "SELECT report FROM damage ORDER BY found_ms DESC").map { try JSON.value(DamageReport.self, from: $0) }
        }
    }
}
