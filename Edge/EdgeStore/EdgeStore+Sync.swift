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

extension EdgeStore {
    package func syncState() throws(EdgeStoreError) -> SyncState {
        try read { database in
            guard let row = try Row.fetchOne(database, sql: "SELECT * FROM sync_state") else { throw EdgeStoreError.notJoined }
            return SyncState(
                hubEpoch: row["hub_epoch"], acknowledgedThrough: row["acknowledged_through"], backedUpThrough: row["backed_up_through"],
                contact: (row["contact_ms"] as Int64?).map(Timestamp.init(milliseconds:)), clockSkewMilliseconds: row["skew_ms"])
        }
    }

    /// Applies the hub's answer: watermarks, rejections, leases, changes and time, in one transaction.
    /// - Parameter asked: where in the feed of changes the request said the device is.
    @discardableResult
    package func apply(_ answer: SyncResponse, wanted: [APIName], asked: FeedState? = nil) throws(EdgeStoreError) -> FeedOutcome {
        let now = clock.now()
        let outcome: FeedOutcome = try write { database in
            let identity = try self.identity(database)
            // A hub restored from a backup (another epoch) may know less than it once acknowledged: believe what it holds now.
            try database.execute(
                sql: """
                    UPDATE sync_state SET
                        acknowledged_through = CASE WHEN hub_epoch = ?1 THEN max(acknowledged_through, ?2) ELSE ?2 END,
                        backed_up_through = CASE WHEN hub_epoch = ?1 THEN max(backed_up_through, ?3) ELSE ?3 END,
                        hub_epoch = ?1, contact_ms = ?4, skew_ms = ?5
                    """,
                arguments: [answer.hubEpoch, answer.acknowledgedThrough, answer.backedUpThrough, now.wall.milliseconds, answer.clockSkewMilliseconds])
            for item in answer.answers where item.outcome != .rejected {
                try database.execute(sql: "DELETE FROM rejected_entry WHERE epoch = ? AND seq = ?", arguments: [answer.journalEpoch, item.seq])
            }
            for item in answer.answers where item.outcome == .rejected {
                try database.execute(
                    sql: "INSERT OR REPLACE INTO rejected_entry (epoch, seq, code) VALUES (?, ?, ?)",
                    arguments: [answer.journalEpoch, item.seq, (item.code ?? .internalFault).rawValue])
            }
            for signed in answer.leases { try self.install(database, signed, identity: identity) }
            for api in wanted {
                try database.execute(sql: "DELETE FROM lease_refusal WHERE api = ?", arguments: [api.rawValue])
            }
            for refusal in answer.refusals {
                try database.execute(
                    sql: "INSERT OR REPLACE INTO lease_refusal (api, code) VALUES (?, ?)", arguments: [refusal.api.rawValue, refusal.code.rawValue])
            }
            try self.anchorClock(database, hub: answer.time, reading: now)
            return try answer.feed.map { try self.apply($0, asked: asked, hubTime: answer.time, database, now) } ?? FeedOutcome()
        }
        // All of it is done and on disk: should the log not be emptied now, the store knows that it is due.
        if outcome.hasErased { _ = try? truncateLog() }
        return outcome
    }

    /// Entries the hub did not bill, with its reason.
    package func rejections() throws(EdgeStoreError) -> [EntryAnswer] {
        try read { database in
            try Row.fetchAll(database, sql: "SELECT seq, code FROM rejected_entry ORDER BY epoch, seq").map { row in
                EntryAnswer(seq: row["seq"], outcome: .rejected, code: ProblemCode(rawValue: row["code"]))
            }
        }
    }
}
