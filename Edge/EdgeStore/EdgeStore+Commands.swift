import GRDB
import ServiceSupport
import WireModel

/// Commands of the hub's operators: taken in with an answer, carried out once, told until the hub has heard.
extension EdgeStore {
    func take(_ commands: [RemoteCommand], told: [CommandID], _ database: Database, at time: Timestamp) throws {
        for id in told { try database.run(sql: "UPDATE remote_command SET is_told = 1 WHERE id = ? AND outcome IS NOT NULL", arguments: [id.rawValue]) }
        for command in commands {
            try database.run(
                sql: "INSERT OR IGNORE INTO remote_command (id, kind, issued_ms, expires_ms) VALUES (?, ?, ?, ?)",
                arguments: [command.id.rawValue, command.kind, command.issued.milliseconds, command.expires.milliseconds])
        }
        try database.run(sql: "DELETE FROM remote_command WHERE is_told = 1 AND expires_ms < ?", arguments: [time.milliseconds])
    }

    /// What is still to be done, in the order it was asked for. Those whose time is over are ended here, and so are those of an unknown kind.
    package func waitingCommands() throws(EdgeStoreError) -> [(id: CommandID, kind: RemoteCommandKind)] {
        let isEmpty: Bool = try read { try !$0.value(Bool.self, sql: "SELECT EXISTS (SELECT 1 FROM remote_command WHERE outcome IS NULL)")! }
        guard !isEmpty else { return [] }
        let now = clock.now()
        return try write { database in
            let time: Timestamp = try self.trustedTime(database, now)
            var waiting: [(id: CommandID, kind: RemoteCommandKind)] = []
            for row in try database.rows(sql: "SELECT * FROM remote_command WHERE outcome IS NULL ORDER BY issued_ms, id") {
                guard let id = CommandID(rawValue: row["id"]) else { continue }
                let ends = Timestamp(milliseconds: row["expires_ms"])
                guard time < ends else {
                    try self.finish(id, .expired, detail: "its time was over at \(ends)", database, at: time)
                    continue
                }
                guard let kind = RemoteCommandKind(rawValue: row["kind"]) else {
                    try self.finish(id, .unknown, detail: "this agent, \(ReleaseVersion.current), does not know it", database, at: time)
                    continue
                }
                waiting.append((id, kind))
            }
            return waiting
        }
    }

    /// Ends a command, with what it does to the store in the same transaction.
    package func finish(_ id: CommandID, _ kind: RemoteCommandKind, _ outcome: CommandReceipt.Outcome = .done, detail: String? = nil) throws(EdgeStoreError) {
        let now = clock.now()
        try write { database in
            let time: Timestamp = try self.trustedTime(database, now)
            if outcome == .done {
                switch kind {
                case .pause: try self.set(database, .paused, id.rawValue, at: time)
                case .resume: try self.set(database, .paused, nil, at: time)
                case .wipe:
                    try self.eraseEverybody(database, at: now)
                    try self.set(database, .wiping, id.rawValue, at: time)
                case .restart, .syncNow, .diagnostics, .rotateCertificate: break
                }
            }
            try self.finish(id, outcome, detail: detail, database, at: time)
        }
        if kind == .wipe { try truncateLog() }
    }

    private func finish(_ id: CommandID, _ outcome: CommandReceipt.Outcome, detail: String?, _ database: Database, at time: Timestamp) throws {
        let receipt = CommandReceipt(id: id, outcome: outcome, finished: time, detail: detail)
        try database.run(
            sql: "UPDATE remote_command SET outcome = ?, detail = ?, finished_ms = ? WHERE id = ? AND outcome IS NULL",
            arguments: [outcome.rawValue, receipt.detail, time.milliseconds, id.rawValue])
    }

    /// What the hub has not heard yet, the oldest first; as much as fits into a request.
    package func receipts() throws(EdgeStoreError) -> [CommandReceipt] {
        try read { database in
            try database.rows(sql: "SELECT * FROM remote_command WHERE outcome IS NOT NULL AND is_told = 0 ORDER BY finished_ms, id LIMIT 20").compactMap {
                row in
                guard let id = CommandID(rawValue: row["id"]), let outcome = CommandReceipt.Outcome(rawValue: row["outcome"] ?? "") else { return nil }
                return CommandReceipt(
                    id: id, outcome: outcome, finished: Timestamp(milliseconds: (row["finished_ms"] as Int64?) ?? 0), detail: row["detail"])
            }
        }
    }

    /// Whether the device is being wiped, and whether the hub has heard that everybody is erased.
    package func wiping() throws(EdgeStoreError) -> (isOrdered: Bool, isTold: Bool) {
        try read { database in
            guard let order = try self.conditions(database).first(where: { $0.condition == .wiping }) else { return (false, false) }
            // The row may have gone since.
            let isTold: Bool = try database.value(
                Bool.self, sql: "SELECT ifnull((SELECT is_told FROM remote_command WHERE id = ?), 1)", arguments: [order.detail])!
            return (true, isTold)
        }
    }

    /// A certificate of the same key in place of the present one.
    package func install(certificatePEM: String) throws(EdgeStoreError) {
        try write { try $0.run(sql: "UPDATE identity SET certificate_pem = ? WHERE device_id IS NOT NULL", arguments: [certificatePEM]) }
        _ = try? keepIdentityCopy()
    }

    private func eraseEverybody(_ database: Database, at now: ClockReading) throws {
        for id in try database.values(String.self, sql: "SELECT id FROM person ORDER BY id") { _ = try erase(database, try personID(id), at: now) }
        for id in try database.values(String.self, sql: "SELECT id FROM held_gallery ORDER BY id") {
            _ = try withdraw(try galleryID(id), database, at: now)
        }
        try database.execute(sql: "DELETE FROM decided_probe; DELETE FROM confusion")
    }
}
