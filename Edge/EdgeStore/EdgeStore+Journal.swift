import FoundationEssentials
import GRDB
import ServiceSupport
import WireModel

/// One decision about to be journaled.
package struct DecisionDraft: Sendable {
    package let api: APIName
    /// 1 for a decision, 0 for a face that could not be decided on.
    package let units: Int64
    package let record: DecisionRecord

    package init(api: APIName, units: Int64, record: DecisionRecord) {
        self.api = api
        self.units = units
        self.record = record
    }
}

package struct JournalSummary: Sendable, Hashable {
    package let head: JournalHead
    /// Entries of kind `decision`, undecided ones included.
    package let decisions: Int64
    /// Units spent, by API.
    package let units: [APIName: Int64]
}

extension EdgeStore {
    /// Writes the decisions of one picture: in one transaction checks the lease, spends it, appends the entries and
    /// remembers the file they came from. Either all of it is on disk when this returns, or none.
    /// - Parameter seen: what ``hasSeen(_:source:)`` will know afterwards.
    /// - Throws: `.refused` with the ground when the lease does not cover the units; `.full` when the disk is full.
    package func record(_ drafts: [DecisionDraft], seen: (source: String, fingerprint: [UInt8])? = nil) throws(EdgeStoreError) -> [JournalEntry] {
        let now = clock.now()
        return try write { database in
            let identity = try self.identity(database)
            let time: Timestamp = try self.trustedTime(database, now)
            var entries: [JournalEntry] = []
            for draft in drafts {
                let grant: LeaseGrant = try self.spend(database, draft.units, of: draft.api, identity: identity, at: time)
                let body: String = try JSON.text(draft.record.flagged(overdraft: grant.isOverdraft))
                entries.append(
                    try self.append(
                        database, identity: identity, kind: .decision, api: draft.api, units: draft.units, lease: draft.units > 0 ? grant.lease : nil,
                        body: body, at: now))
            }
            if let seen {
                try database.execute(
                    sql: "INSERT OR IGNORE INTO seen_file (source, fingerprint, seen_ms) VALUES (?, ?, ?)",
                    arguments: [seen.source, Data(seen.fingerprint), now.wall.milliseconds])
            }
            try self.raiseHighWater(database, to: time)
            return entries
        }
    }

    /// Whether a file was handled by an earlier, perhaps interrupted, run on the same source.
    package func hasSeen(_ fingerprint: [UInt8], source: String) throws(EdgeStoreError) -> Bool {
        try read { database in
            try Bool.fetchOne(
                database, sql: "SELECT EXISTS (SELECT 1 FROM seen_file WHERE source = ? AND fingerprint = ?)", arguments: [source, Data(fingerprint)])!
        }
    }

    /// Entries after `seq` in order, at most `limit` and about `bytes` of body.
    package func entries(after seq: Int64, epoch: Int64, limit: Int, bytes: Int) throws(EdgeStoreError) -> [JournalEntry] {
        try read { database in
            var entries: [JournalEntry] = []
            var size: Int = 0
            let rows = try Row.fetchCursor(
                database, sql: "SELECT * FROM journal WHERE epoch = ? AND seq > ? ORDER BY seq LIMIT ?", arguments: [epoch, seq, limit])
            while let row = try rows.next() {
                let entry: JournalEntry = try self.entry(row)
                size += (entry.body?.utf8.count ?? 0) + 400
                if size > bytes, !entries.isEmpty { break }
                entries.append(entry)
            }
            return entries
        }
    }

    /// Where the journal ends: one look at the last entry, however long it is.
    package func journalHead() throws(EdgeStoreError) -> JournalHead {
        try read { try self.head($0, try self.identity($0).journalEpoch) }
    }

    package func journalSummary() throws(EdgeStoreError) -> JournalSummary {
        try read { database in
            let epoch: Int64 = try self.identity(database).journalEpoch
            let rows = try Row.fetchAll(
                database, sql: "SELECT api, sum(units) AS units FROM journal WHERE epoch = ? AND api IS NOT NULL GROUP BY api", arguments: [epoch])
            var units: [APIName: Int64] = [:]
            for row in rows {
                if let api = APIName(rawValue: row["api"]) { units[api] = row["units"] }
            }
            return JournalSummary(
                head: try self.head(database, epoch),
                decisions: try Int64.fetchOne(database, sql: "SELECT count(*) FROM journal WHERE epoch = ? AND kind = 'decision'", arguments: [epoch])!,
                units: units)
        }
    }

    /// Recomputes the whole chain and compares it with what was spent.
    /// - Returns: `nil` when every link holds, otherwise what does not.
    package func journalFault() throws(EdgeStoreError) -> String? {
        try read { database in
            let identity = try self.identity(database)
            var previous: EntryHash = .genesis
            var next: Int64 = 1
            var units: [String: Int64] = [:]
            let rows = try Row.fetchCursor(database, sql: "SELECT * FROM journal WHERE epoch = ? ORDER BY seq", arguments: [identity.journalEpoch])
            while let row = try rows.next() {
                let entry: JournalEntry = try self.entry(row)
                guard entry.seq == next else { return "entry \(next) is missing" }
                guard entry.previous == previous, entry.isIntact(for: identity.device) else { return "entry \(next) was altered" }
                if let api = entry.api { units[api.rawValue, default: 0] += entry.units }
                previous = entry.hash
                next += 1
            }
            for row in try Row.fetchAll(database, sql: "SELECT api, units FROM spending WHERE epoch = ?", arguments: [identity.journalEpoch]) {
                let api: String = row["api"]
                let counted: Int64 = row["units"]
                guard units[api, default: 0] == counted else { return "\(api) counts \(counted) units spent, the journal \(units[api, default: 0])" }
            }
            return nil
        }
    }

    func head(_ database: Database, _ epoch: Int64) throws -> JournalHead {
        guard let row = try Row.fetchOne(database, sql: "SELECT seq, hash FROM journal WHERE epoch = ? ORDER BY seq DESC LIMIT 1", arguments: [epoch]) else {
            return JournalHead(epoch: epoch, seq: 0, hash: .genesis)
        }
        return JournalHead(epoch: epoch, seq: row["seq"], hash: try hash(row["hash"]))
    }

    func appendIfJoined(_ database: Database, _ kind: EntryKind, body: some Encodable, at now: ClockReading) throws {
        guard try Bool.fetchOne(database, sql: "SELECT EXISTS (SELECT 1 FROM identity WHERE device_id IS NOT NULL)")! else { return }
        _ = try append(database, identity: try identity(database), kind: kind, api: nil, units: 0, lease: nil, body: try JSON.text(body), at: now)
    }

    private func append(
        _ database: Database, identity: DeviceIdentity, kind: EntryKind, api: APIName?, units: Int64, lease: LeaseID?, body: String, at now: ClockReading
    ) throws -> JournalEntry {
        let head: JournalHead = try head(database, identity.journalEpoch)
        let entry = JournalEntry(
            device: identity.device, epoch: head.epoch, seq: head.seq + 1, kind: kind, api: api, units: units, lease: lease, time: now.wall,
            bootMilliseconds: now.bootMilliseconds, body: body, previous: head.hash)
        try database.execute(
            sql: """
                INSERT INTO journal (epoch, seq, kind, api, units, lease_id, wall_ms, boot_ms, body, previous, hash)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                entry.epoch, entry.seq, entry.kind.rawValue, entry.api?.rawValue, entry.units, entry.lease?.rawValue, entry.time.milliseconds,
                entry.bootMilliseconds, body, Data(entry.previous.bytes), Data(entry.hash.bytes),
            ])
        return entry
    }

    private func entry(_ row: Row) throws -> JournalEntry {
        guard let kind = EntryKind(rawValue: row["kind"]) else { throw EdgeStoreError.damaged(path: path, what: "journal entry \(row["seq"] as Int64)") }
        return JournalEntry(
            epoch: row["epoch"], seq: row["seq"], kind: kind, api: (row["api"] as String?).flatMap(APIName.init(rawValue:)), units: row["units"],
            lease: (row["lease_id"] as String?).flatMap(LeaseID.init(rawValue:)), time: Timestamp(milliseconds: row["wall_ms"]),
            bootMilliseconds: row["boot_ms"], body: row["body"], previous: try hash(row["previous"]), hash: try hash(row["hash"]))
    }

    private func hash(_ data: Data) throws -> EntryHash {
        guard let hash = EntryHash([UInt8](data)) else { throw EdgeStoreError.damaged(path: path, what: "a journal hash") }
        return hash
    }
}

extension DecisionRecord {
    func flagged(overdraft: Bool) -> DecisionRecord {
        DecisionRecord(
            outcome: outcome, person: person, gallery: gallery, score: score, threshold: threshold, falseMatchRate: falseMatchRate, model: model,
            refusals: refusals, overdraft: overdraft)
    }
}
