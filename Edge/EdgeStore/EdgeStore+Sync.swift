import FoundationEssentials
import GRDB
import ServiceSupport
import WireModel

/// How far the hub has followed this device.
package struct SyncState: Sendable, Hashable {
    package let hubEpoch: Int64
    package let acknowledgedThrough: Int64
    package let backedUpThrough: Int64
    /// Device wall clock at the last contact; `nil` before the first.
    package let contact: Timestamp?
    /// Device minus hub at the last contact.
    package let clockSkewMilliseconds: Int64
}

/// How far the hub holds the journal of now.
struct Watermarks {
    var hubEpoch: Int64
    var acknowledged: Int64
    var backedUp: Int64
}

extension EdgeStore {
    package func syncState() throws(EdgeStoreError) -> SyncState {
        try read { database in
            guard let row = try database.row(sql: "SELECT contact_ms, skew_ms FROM sync_state") else { throw EdgeStoreError.notJoined }
            let marks: Watermarks = try self.watermarks(database)
            return SyncState(
                hubEpoch: marks.hubEpoch, acknowledgedThrough: marks.acknowledged, backedUpThrough: marks.backedUp,
                contact: (row["contact_ms"] as Int64?).map(Timestamp.init(milliseconds:)), clockSkewMilliseconds: row["skew_ms"])
        }
    }

    /// Applies the hub's answer: watermarks, rejections, leases, changes, time, and what bars the device, in one transaction.
    /// - Parameters:
    ///   - head: the head that was sent, which the hub's signed time names.
    ///   - asked: where in the feed of changes the request said the device is.
    ///   - isLive: the answer came over the network, just now. One that was carried here in a file tells that it is at least as late
    ///     as it says, and nothing of this device's clock.
    @discardableResult
    package func apply(
        _ answer: SyncResponse, sent head: JournalHead? = nil, wanted: [APIName], asked: FeedState? = nil, isLive: Bool = true
    ) throws(EdgeStoreError) -> FeedOutcome {
        let now = clock.now()
        let outcome: FeedOutcome = try write { database in
            var identity = try self.identity(database)
            let time: Timestamp = try self.trustedTime(database, now)
            try self.set(database, .quarantined, answer.quarantine?.rawValue, at: time)
            if answer.journalEpoch > identity.journalEpoch {
                try self.beginJournal(database, answer.journalEpoch, ending: identity)
                identity = try self.identity(database)
            }
            try self.take(answer.commands ?? [], told: answer.receiptsTaken ?? [], database, at: time)
            if let announcements = answer.announcements { try self.save(database, announcements) }
            // A hub that names an earlier journal was restored to before this one began: it learns of it from the next request.
            if answer.journalEpoch == identity.journalEpoch {
                try self.take(database, answer, at: time)
                for signed in answer.leases { try self.install(database, signed, identity: identity, at: now) }
            }
            for api in wanted {
                try database.run(sql: "DELETE FROM lease_refusal WHERE api = ?", arguments: [api.rawValue])
            }
            for refusal in answer.refusals {
                try database.run(
                    sql: "INSERT OR REPLACE INTO lease_refusal (api, code) VALUES (?, ?)", arguments: [refusal.api.rawValue, refusal.code.rawValue])
            }
            if isLive {
                try database.run(
                    sql: "UPDATE sync_state SET contact_ms = ?, skew_ms = ?", arguments: [now.wall.milliseconds, answer.clockSkewMilliseconds])
                try self.anchorClock(database, answer, head: head, identity: identity, reading: now)
            } else {
                try self.raiseHighWater(database, to: answer.time, now)
            }
            return try answer.feed.map { try self.apply($0, asked: asked, hubTime: answer.time, database, now) } ?? FeedOutcome()
        }
        // All of it is done and on disk: should the log not be emptied now, the store knows that it is due.
        if outcome.hasErased { _ = try? truncateLog() }
        // A copy that is not up to date is made so when the store is next opened.
        _ = try? keepIdentityCopy()
        return outcome
    }

    /// Watermarks and rejections of the journal of now. A hub that holds more of it than the device does has met another copy of
    /// this store, or this is an old one: then nothing it says of the journal is believed, and spending ends.
    private func take(_ database: Database, _ answer: SyncResponse, at time: Timestamp) throws {
        let end: JournalHead = try head(database, answer.journalEpoch)
        // Of a damaged store the end may be lost: that is no roll-back.
        let isDamaged: Bool = try conditions(database).contains { $0.condition == .damaged }
        guard answer.acknowledgedThrough <= end.seq || isDamaged else {
            let report = RollBackReport(epoch: end.epoch, seq: end.seq, acknowledged: answer.acknowledgedThrough, heard: answer.time)
            return try set(database, .rolledBack, try JSON.text(report), at: time)
        }
        var marks: Watermarks = try watermarks(database)
        // A hub restored from a backup (another epoch) may know less than it once acknowledged: believe what it holds now.
        let isSameHub: Bool = answer.hubEpoch == marks.hubEpoch
        marks = Watermarks(
            hubEpoch: answer.hubEpoch, acknowledged: isSameHub ? max(marks.acknowledged, answer.acknowledgedThrough) : answer.acknowledgedThrough,
            backedUp: isSameHub ? max(marks.backedUp, answer.backedUpThrough) : answer.backedUpThrough)
        try save(database, marks)
        for item in answer.answers where item.outcome != .rejected {
            try database.run(sql: "DELETE FROM rejected_entry WHERE epoch = ? AND seq = ?", arguments: [answer.journalEpoch, item.seq])
        }
        for item in answer.answers where item.outcome == .rejected {
            try database.run(
                sql: "INSERT OR REPLACE INTO rejected_entry (epoch, seq, code) VALUES (?, ?, ?)",
                arguments: [answer.journalEpoch, item.seq, (item.code ?? .internalFault).rawValue])
        }
    }

    func watermarks(_ database: Database) throws -> Watermarks {
        guard let row = try database.row(sql: "SELECT * FROM sync_state") else { throw EdgeStoreError.notJoined }
        let marks = Watermarks(hubEpoch: row["hub_epoch"], acknowledged: row["acknowledged_through"], backedUp: row["backed_up_through"])
        try check(row["mark"], "sync_state", marks.hubEpoch, marks.acknowledged, marks.backedUp)
        return marks
    }

    /// With the hash of the last entry the hub holds: a gap that begins after it must name it.
    func save(_ database: Database, _ marks: Watermarks) throws {
        try database.run(
            sql: """
                UPDATE sync_state SET hub_epoch = ?1, acknowledged_through = ?2, backed_up_through = ?3, mark = ?4, acknowledged_hash = ifnull(
                    (SELECT hash FROM journal WHERE epoch = (SELECT journal_epoch FROM identity) AND seq = ?2),
                    CASE WHEN acknowledged_through = ?2 THEN acknowledged_hash END)
                """,
            arguments: [
                marks.hubEpoch, marks.acknowledged, marks.backedUp, mark("sync_state", marks.hubEpoch, marks.acknowledged, marks.backedUp),
            ])
    }

    /// Entries the hub did not bill, with its reason.
    package func rejections() throws(EdgeStoreError) -> [EntryAnswer] {
        try read { database in
            try database.rows(sql: "SELECT seq, code FROM rejected_entry ORDER BY epoch, seq").map { row in
                EntryAnswer(seq: row["seq"], outcome: .rejected, code: ProblemCode(rawValue: row["code"]))
            }
        }
    }
}
