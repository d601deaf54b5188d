import GRDB
import ServiceSupport
import WireModel

/// What bars a device from spending until something ends it, over restarts.
package enum StoredCondition: String, Sendable, CaseIterable, Codable {
    /// The hub gives this device nothing until an operator has looked; the detail is the hub's code.
    case quarantined
    /// The hub holds more of this journal than the device does: the store is an old copy. The detail is how far the hub's goes.
    case rolledBack = "rolled_back"
    /// The store was damaged and what could be read was saved; the detail is a ``DamageReport``.
    case damaged
}

package struct ConditionState: Sendable, Hashable {
    package let condition: StoredCondition
    /// By the device's idea of the hub's time.
    package let since: Timestamp
    package let detail: String
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
