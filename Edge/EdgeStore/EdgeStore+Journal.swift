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
    /// What a match rests on, to be kept sealed so that it can be marked as a confusion.
    package let probe: DecidedProbe?

    package init(api: APIName, units: Int64, record: DecisionRecord, probe: DecidedProbe? = nil) {
        self.probe = probe
        self.api = api
        self.units = units
        self.record = record
    }
}

extension EdgeStore {
    /// Writes the decisions of one picture: in one transaction checks the lease, spends it, appends the entries and
    /// remembers the file they came from. Either all of it is on disk when this returns, or none.
    /// - Parameter seen: what ``hasSeen(_:source:)`` will know afterwards.
    /// - Throws: `.refused` with the ground when the lease does not cover the units; `.full` when the disk is full.
    package func record(_ drafts: [DecisionDraft], seen: (source: String, fingerprint: [UInt8])? = nil) throws(EdgeStoreError) -> [JournalEntry] {
        let now = clock.now()
        let entries: [JournalEntry] = try write { database in
            let identity = try self.identity(database)
            try self.requireRoom(database, for: .meter)
            let time: Timestamp = try self.trustedTime(database, now)
            var entries: [JournalEntry] = []
            for draft in drafts {
                let grant: LeaseGrant = try self.spend(database, draft.units, of: draft.api, identity: identity, at: time, now: now)
                entries.append(
                    try self.append(
                        database, identity: identity, kind: .decision, api: draft.api, units: draft.units, lease: draft.units > 0 ? grant.lease : nil,
                        body: try JSON.text(draft.record.flagged(grant)), at: now))
                if let probe = draft.probe, let entry = entries.last { try self.keep(probe, of: draft.record, entry, database, at: time) }
            }
            if let seen {
                try database.run(
                    sql: "INSERT OR IGNORE INTO seen_file (source, fingerprint, seen_ms) VALUES (?, ?, ?)",
                    arguments: [seen.source, Data(seen.fingerprint), time.milliseconds])
            }
            try self.raiseHighWater(database, to: time, now)
            return entries
        }
        tally.note(drafts.map(\.record.outcome))
        return entries
    }

    /// Whether a file was handled by an earlier, perhaps interrupted, run on the same source.
    package func hasSeen(_ fingerprint: [UInt8], source: String) throws(EdgeStoreError) -> Bool {
        try read { database in
            try database.value(
                Bool.self, sql: "SELECT EXISTS (SELECT 1 FROM seen_file WHERE source = ? AND fingerprint = ?)", arguments: [source, Data(fingerprint)])!
        }
    }

    static let entryColumns: String = "SELECT journal.*, journal_body.body AS kept_body FROM journal LEFT JOIN journal_body USING (epoch, seq)"

    /// Entries after `seq` in order, at most `limit` and about `bytes` of body. Each is proved before it is given.
    /// - Throws: `.damaged` when one is not what was written.
    package func entries(after seq: Int64, epoch: Int64, limit: Int, bytes: Int) throws(EdgeStoreError) -> [JournalEntry] {
        try read { database in
            let identity: DeviceIdentity = try self.identity(database)
            var chain = ChainCheck(device: identity.device)
            var entries: [JournalEntry] = []
            var size: Int = 0
            let rows = try Row.fetchCursor(
                database, sql: Self.entryColumns + " WHERE journal.epoch = ? AND journal.seq > ? ORDER BY journal.seq LIMIT ?", arguments: [epoch, seq, limit])
            while let row = try rows.next() {
                let entry: JournalEntry = try self.entry(row)
                if let fault = chain.fault(at: entry) { throw EdgeStoreError.damaged(path: self.path, what: fault) }
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

    func head(_ database: Database, _ epoch: Int64) throws -> JournalHead {
        if let row = try database.row(sql: "SELECT seq, hash FROM journal WHERE epoch = ? ORDER BY seq DESC LIMIT 1", arguments: [epoch]) {
            return JournalHead(epoch: epoch, seq: row["seq"], hash: try hash(row["hash"]))
        }
        let start: (seq: Int64, hash: EntryHash) = try start(database, epoch)
        return JournalHead(epoch: epoch, seq: start.seq, hash: start.hash)
    }

    /// The last entry that was dropped from the front: what is kept follows it.
    func start(_ database: Database, _ epoch: Int64) throws -> (seq: Int64, hash: EntryHash) {
        guard let row = try database.row(sql: "SELECT * FROM journal_state WHERE epoch = ?", arguments: [epoch]) else { return (0, .genesis) }
        return (row["dropped_through"], try hash(row["dropped_hash"]))
    }

    func appendIfJoined(_ database: Database, _ kind: EntryKind, body: some Encodable, at now: ClockReading) throws {
        guard try database.value(Bool.self, sql: "SELECT EXISTS (SELECT 1 FROM identity WHERE device_id IS NOT NULL)")! else { return }
        // An erasure is never refused.
        if kind == .enrolment { try requireRoom(database, for: .enrol) }
        try append(database, kind, body: body, identity: try identity(database), at: now)
    }

    /// An entry that costs nothing.
    func append(_ database: Database, _ kind: EntryKind, api: APIName? = nil, body: some Encodable, identity: DeviceIdentity, at now: ClockReading) throws {
        _ = try append(database, identity: identity, kind: kind, api: api, units: 0, lease: nil, body: try JSON.text(body), at: now)
    }

    private func append(
        _ database: Database, identity: DeviceIdentity, kind: EntryKind, api: APIName?, units: Int64, lease: LeaseID?, body: String, at now: ClockReading
    ) throws -> JournalEntry {
        let head: JournalHead = try head(database, identity.journalEpoch)
        let entry = JournalEntry(
            device: identity.device, epoch: head.epoch, seq: head.seq + 1, kind: kind, api: api, units: units, lease: lease, time: now.wall,
            bootMilliseconds: now.bootMilliseconds, body: body, previous: head.hash)
        try insert(database, entry)
        return entry
    }

    func insert(_ database: Database, _ entry: JournalEntry) throws {
        try database.run(
            sql: """
                INSERT INTO journal (epoch, seq, kind, api, units, lease_id, wall_ms, boot_ms, body, body_digest, previous, hash)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, '', ?, ?, ?)
                """,
            arguments: [
                entry.epoch, entry.seq, entry.kind.rawValue, entry.api?.rawValue, entry.units, entry.lease?.rawValue, entry.time.milliseconds,
                entry.bootMilliseconds, Data(entry.bodyDigest.bytes), Data(entry.previous.bytes), Data(entry.hash.bytes),
            ])
        if let body = entry.body {
            try database.run(sql: "INSERT INTO journal_body (epoch, seq, body) VALUES (?, ?, ?)", arguments: [entry.epoch, entry.seq, body])
        }
    }

    func entry(_ row: Row) throws -> JournalEntry {
        let seq: Int64 = row["seq"]
        guard let kind = EntryKind(rawValue: row["kind"]) else { throw EdgeStoreError.damaged(path: path, what: "journal entry \(seq)") }
        let (epoch, api): (Int64, APIName?) = (row["epoch"], (row["api"] as String?).flatMap(APIName.init(rawValue:)))
        let lease: LeaseID? = (row["lease_id"] as String?).flatMap(LeaseID.init(rawValue:))
        let time = Timestamp(milliseconds: row["wall_ms"])
        let (previous, hash): (EntryHash, EntryHash) = (try hash(row["previous"]), try hash(row["hash"]))
        let inline: String = row["body"]
        guard let digest = try (row["body_digest"] as Data?).map(self.hash) else {
            return JournalEntry(
                epoch: epoch, seq: seq, kind: kind, api: api, units: row["units"], lease: lease, time: time, bootMilliseconds: row["boot_ms"], body: inline,
                previous: previous, hash: hash)
        }
        guard inline.isEmpty else { throw EdgeStoreError.damaged(path: path, what: "journal entry \(seq)") }
        guard let body = row["kept_body"] as String? else {
            return JournalEntry(
                epoch: epoch, seq: seq, kind: kind, api: api, units: row["units"], lease: lease, time: time, bootMilliseconds: row["boot_ms"],
                bodyDigest: digest, previous: previous, hash: hash)
        }
        guard EntryHash(of: body) == digest else { throw EdgeStoreError.damaged(path: path, what: "the body of journal entry \(seq)") }
        return JournalEntry(
            epoch: epoch, seq: seq, kind: kind, api: api, units: row["units"], lease: lease, time: time, bootMilliseconds: row["boot_ms"], body: body,
            previous: previous, hash: hash)
    }

    func hash(_ data: Data) throws -> EntryHash {
        guard let hash = EntryHash([UInt8](data)) else { throw EdgeStoreError.damaged(path: path, what: "a journal hash") }
        return hash
    }
}

extension DecisionRecord {
    func flagged(_ grant: LeaseGrant) -> DecisionRecord {
        DecisionRecord(
            outcome: outcome, person: person, gallery: gallery, score: score, threshold: threshold, falseMatchRate: falseMatchRate, model: model,
            refusals: refusals, overdraft: grant.isOverdraft, late: grant.isLate ? true : nil, pad: pad)
    }
}
