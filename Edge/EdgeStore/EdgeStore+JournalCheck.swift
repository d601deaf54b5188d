import GRDB
import WireModel

package struct JournalSummary: Sendable, Hashable {
    package let head: JournalHead
    /// Entries of kind `decision`, undecided ones included.
    package let decisions: Int64
    /// Units spent, by API.
    package let units: [APIName: Int64]
    /// Up to here entries were dropped, because the hub holds them and a copy.
    package let droppedThrough: Int64
    /// Entries whose body is still there.
    package let bodies: Int64
}

extension EdgeStore {
    /// Counts what the journal of now holds, and what was dropped of it.
    package func journalSummary() throws(EdgeStoreError) -> JournalSummary {
        try read { database in
            let epoch: Int64 = try self.identity(database).journalEpoch
            let state: Row? = try database.row(sql: "SELECT * FROM journal_state WHERE epoch = ?", arguments: [epoch])
            let units: [APIName: Int64] = try self.journaledUnits(database, epoch).reduce(into: [:]) { sums, item in
                if let api = APIName(rawValue: item.key) { sums[api] = item.value }
            }
            let decisions: Int64 = try database.value(
                Int64.self, sql: "SELECT count(*) FROM journal WHERE epoch = ? AND kind = 'decision'", arguments: [epoch])!
            return JournalSummary(
                head: try self.head(database, epoch), decisions: decisions + (state?["dropped_decisions"] ?? 0), units: units,
                droppedThrough: state?["dropped_through"] ?? 0,
                bodies: try database.value(Int64.self, sql: "SELECT count(*) FROM journal_body WHERE epoch = ?", arguments: [epoch])!)
        }
    }

    /// Units that entries say were spent, entries that were dropped included, by API.
    func journaledUnits(_ database: Database, _ epoch: Int64) throws -> [String: Int64] {
        let rows = try database.rows(
            sql: """
                SELECT api, sum(units) AS units FROM (
                    SELECT api, units FROM journal WHERE epoch = ?1 AND api IS NOT NULL
                    UNION ALL SELECT api, units FROM journal_dropped WHERE epoch = ?1
                ) GROUP BY api
                """, arguments: [epoch])
        return rows.reduce(into: [:]) { $0[$1["api"]] = $1["units"] }
    }

    /// SQLite's own check, the whole chain, and the counts.
    /// - Returns: `nil` when all is sound, otherwise the first finding.
    package func fullFault() throws(EdgeStoreError) -> String? {
        do {
            if let fault = try integrityFault() { return fault }
            return try isJoined() ? try journalFault() : nil
        } catch {
            guard case .damaged(_, let what) = error else { throw error }
            return what
        }
    }

    /// Recomputes the whole chain and compares it with what was spent.
    /// - Returns: `nil` when every link holds, otherwise what does not.
    package func journalFault() throws(EdgeStoreError) -> String? {
        try read { database in
            let identity = try self.identity(database)
            if let fault = try self.chainFault(database, identity, after: try self.start(database, identity.journalEpoch)) { return fault }
            // What was lost with a damaged store is told with the journal's end.
            guard try !self.conditions(database).contains(where: { $0.condition == .damaged }) else { return nil }
            let units: [String: Int64] = try self.journaledUnits(database, identity.journalEpoch)
            for row in try database.rows(sql: "SELECT * FROM spending WHERE epoch = ?", arguments: [identity.journalEpoch]) {
                let api: String = row["api"]
                let counted: Int64 = row["units"]
                try self.check(row["mark"], "spending " + api, identity.journalEpoch, counted)
                guard units[api, default: 0] == counted else { return "\(api) counts \(counted) units spent, the journal \(units[api, default: 0])" }
            }
            return nil
        }
    }

    /// - Parameter start: what the first entry looked at must follow; its hash is `nil` where that is not known.
    func chainFault(_ database: Database, _ identity: DeviceIdentity, after start: (seq: Int64, hash: EntryHash)?, from seq: Int64? = nil) throws -> String? {
        var chain = ChainCheck(device: identity.device, after: start)
        let first: Int64 = seq ?? start?.seq ?? 0
        let rows = try Row.fetchCursor(
            database, sql: Self.entryColumns + " WHERE journal.epoch = ? AND journal.seq > ? ORDER BY journal.seq",
            arguments: [identity.journalEpoch, first])
        while let row = try rows.next() {
            let entry: JournalEntry
            do { entry = try self.entry(row) } catch EdgeStoreError.damaged(_, let what) { return what }
            if let fault = chain.fault(at: entry) { return fault }
        }
        return nil
    }
}
