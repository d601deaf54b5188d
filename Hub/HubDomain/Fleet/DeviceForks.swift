import HubStorage
import WireModel

/// A device that is barred until an operator has looked, and what speaks against it.
package struct DeviceFork: Sendable, Codable {
    /// An entry that was not taken, or a head that did not fit.
    package struct Evidence: Sendable, Codable {
        package let epoch: Int64
        package let seq: Int64
        package let hash: EntryHash
        /// Of the entry the hub holds at that place; `nil` where it holds none.
        package let held: EntryHash?
        /// `nil` for a head that came without its entry.
        package let kind: EntryKind?
        package let api: APIName?
        package let units: Int64
        /// By the device's clock.
        package let time: Timestamp?
        package let raised: Timestamp
    }

    package let device: DeviceID
    package let account: AccountID
    package let label: String
    package let code: ProblemCode
    package let since: Timestamp
    package let journalEpoch: Int64
    package let journalEntries: Int64
    package let evidence: [Evidence]
}

/// What becomes of a device that is barred.
package enum ForkResolution: String, Sendable, Codable {
    /// Begin a new journal: whichever copy comes first has it.
    case newEpoch = "new_epoch"
    /// Go on with the journal the hub holds: the copy that made it is the device.
    case keep
}

/// Units that a device spent and nobody was billed for: no entry accounts for them, or they wait for a price (`not_for_sale`).
package struct UnaccountedUse: Sendable, Codable {
    package let device: DeviceID
    package let account: AccountID
    package let epoch: Int64
    package let seq: Int64
    package let api: APIName
    package let units: Int64
    package let ground: String
    package let noted: Timestamp
}

extension Hub {
    /// Devices that are barred, those that have been longest first.
    package func forks() async throws -> [DeviceFork] {
        try await database.read { connection in
            try connection.rows("SELECT * FROM device WHERE quarantine IS NOT NULL AND revoked_ms IS NULL ORDER BY quarantined_ms, id", []).map {
                try DeviceFork($0, connection)
            }
        }
    }

    /// Lets a barred device go on.
    /// - Parameter reason: kept in the audit chain.
    package func resolveFork(_ id: DeviceID, _ resolution: ForkResolution, reason: String, by actor: Actor) async throws -> Device {
        guard (1...500).contains(reason.count) else {
            throw Problem(.invalidRequest, "A resolution has a reason of 1 to 500 characters.", remedy: "Say with --reason what was found.")
        }
        return try await act(actor) { connection, trail, now in
            guard let row = try connection.firstRow("SELECT * FROM device WHERE id = ?", [.text(id.rawValue)]) else {
                throw Problem(.notFound, "There is no such device.", detail: id.rawValue, remedy: "`vultus-hub device forks` shows those that wait.")
            }
            guard try row.textOrNil("quarantine") != nil, try row.integerOrNil("revoked_ms") == nil else {
                throw Problem(
                    .conflict, "Nothing is to be resolved about that device.", detail: id.rawValue, remedy: "`vultus-hub device forks` shows those that wait.")
            }
            let place = try JournalPlace(device: row)
            var epoch: Int64 = place.epoch
            if resolution == .newEpoch {
                try place.end(connection, id, .ordered, asked: nil, now: now)
                epoch += 1
                try connection.execute(
                    "UPDATE device SET journal_epoch = ?, head_seq = 0, head_hash = ?, head_signature = NULL, backed_up_seq = 0 WHERE id = ?",
                    [.integer(epoch), .blob(EntryHash.genesis.bytes), .text(id.rawValue)])
            }
            try connection.execute("UPDATE device SET quarantine = NULL, quarantined_ms = NULL WHERE id = ?", [.text(id.rawValue)])
            try connection.execute(
                "UPDATE fork_alarm SET resolved_ms = ?, resolution = ? WHERE device_id = ? AND resolved_ms IS NULL",
                [.integer(now.milliseconds), .text(resolution.rawValue), .text(id.rawValue)])
            let device = try Device(try connection.rows("SELECT * FROM device WHERE id = ?", [.text(id.rawValue)])[0])
            try trail.record(
                .deviceResolve, account: device.account, subject: id.rawValue,
                ["resolution": resolution.rawValue, "epoch": "\(epoch)", "reason": reason])
            return device
        }
    }

    /// Newest first.
    package func unaccountedUses() async throws -> [UnaccountedUse] {
        try await database.read {
            try $0.rows(
                """
                SELECT device_id, epoch, seq, api, account_id, units, ground, noted_ms FROM unaccounted_use
                UNION ALL SELECT device_id, epoch, max(seq) AS seq, api, account_id, sum(units) AS units, 'not_for_sale' AS ground, max(noted_ms) AS noted_ms
                    FROM held_entry WHERE units > 0 GROUP BY device_id, epoch, api, account_id
                ORDER BY noted_ms DESC, device_id, epoch, seq, api
                """, []
            ).map(UnaccountedUse.init)
        }
    }

    /// The newest report of how a device is, as it came.
    package func deviceHealth(_ id: DeviceID) async throws -> (reported: Timestamp, body: String)? {
        try await database.read {
            try $0.firstRow("SELECT reported_ms, body FROM device_health WHERE device_id = ?", [.text(id.rawValue)]).map {
                (try $0.time("reported_ms"), try $0.text("body"))
            }
        }
    }
}

extension DeviceFork {
    init(_ row: SQLRow, _ connection: any SQLConnection) throws {
        let device = try Device(row)
        self.device = device.id
        account = device.account
        label = device.label
        code = device.quarantine ?? .journalFork
        since = try row.time("quarantined_ms")
        journalEpoch = device.journalEpoch
        journalEntries = device.journalEntries
        evidence = try connection.rows(
            """
            SELECT fork_alarm.*, journal_entry.hash AS held FROM fork_alarm LEFT JOIN journal_entry ON journal_entry.device_id = fork_alarm.device_id
                AND journal_entry.epoch = fork_alarm.epoch AND journal_entry.seq = fork_alarm.seq
            WHERE fork_alarm.device_id = ? AND resolved_ms IS NULL ORDER BY fork_alarm.epoch, fork_alarm.seq, fork_alarm.raised_ms
            """, [.text(device.id.rawValue)]
        ).map(Evidence.init)
    }
}

extension DeviceFork.Evidence {
    init(_ row: SQLRow) throws {
        guard let hash = EntryHash(try row.blob("hash")) else { throw HubStorageError.damaged }
        self.hash = hash
        epoch = try row.integer("epoch")
        seq = try row.integer("seq")
        held = try row.blobOrNil("held").flatMap(EntryHash.init)
        kind = try row.textOrNil("entry_kind").flatMap(EntryKind.init(rawValue:))
        api = try row.textOrNil("entry_api").flatMap(APIName.init(rawValue:))
        units = try row.integer("entry_units")
        time = try row.timeOrNil("entry_wall_ms")
        raised = try row.time("raised_ms")
    }
}

extension UnaccountedUse {
    init(_ row: SQLRow) throws {
        guard let device = DeviceID(rawValue: try row.text("device_id")), let account = AccountID(rawValue: try row.text("account_id")),
            let api = APIName(rawValue: try row.text("api"))
        else { throw HubStorageError.damaged }
        self.device = device
        self.account = account
        self.api = api
        epoch = try row.integer("epoch")
        seq = try row.integer("seq")
        units = try row.integer("units")
        ground = try row.text("ground")
        noted = try row.time("noted_ms")
    }
}
