import HubStorage
import WireModel

/// A command to a device, as its operator sees it.
package struct IssuedCommand: Sendable, Codable, Hashable {
    package let id: CommandID
    package let device: DeviceID
    package let kind: String
    package let issued: Timestamp
    /// Whoever issued it, as the audit log names them.
    package let issuedBy: String
    package let expires: Timestamp
    /// When an answer first carried it; the device may have lost that answer.
    package let delivered: Timestamp?
    package let finished: Timestamp?
    package let outcome: CommandReceipt.Outcome?
    package let detail: String?

    init(_ row: SQLRow) throws {
        guard let id = CommandID(rawValue: try row.text("id")), let device = DeviceID(rawValue: try row.text("device_id")) else {
            throw HubStorageError.damaged
        }
        self.id = id
        self.device = device
        kind = try row.text("kind")
        issued = try row.time("issued_ms")
        issuedBy = try row.text("issued_by")
        expires = try row.time("expires_ms")
        delivered = try row.integerOrNil("delivered_ms").map(Timestamp.init(milliseconds:))
        finished = try row.integerOrNil("finished_ms").map(Timestamp.init(milliseconds:))
        outcome = try row.textOrNil("outcome").map { CommandReceipt.Outcome(rawValue: $0) ?? .failed }
        detail = try row.textOrNil("detail")
    }

    /// For readers whom what the device had to say is not for: an account does not see the operator's diagnostics.
    package var withoutDetail: IssuedCommand {
        IssuedCommand(
            id: id, device: device, kind: kind, issued: issued, issuedBy: "", expires: expires, delivered: delivered, finished: finished, outcome: outcome,
            detail: nil)
    }

    private init(
        id: CommandID, device: DeviceID, kind: String, issued: Timestamp, issuedBy: String, expires: Timestamp, delivered: Timestamp?, finished: Timestamp?,
        outcome: CommandReceipt.Outcome?, detail: String?
    ) {
        (self.id, self.device, self.kind, self.issued, self.issuedBy, self.expires) = (id, device, kind, issued, issuedBy, expires)
        (self.delivered, self.finished, self.outcome, self.detail) = (delivered, finished, outcome, detail)
    }

    /// One word: what became of it so far.
    package func progress(at now: Timestamp) -> String {
        if let outcome { return outcome.rawValue }
        if expires <= now { return "expired" }
        return delivered == nil ? "waiting" : "delivered"
    }
}

package enum CommandLimit {
    package static let term: ClosedRange<Duration> = Duration.seconds(60)...Duration.seconds(90 * 86_400)
    package static let standardTerm: Duration = .seconds(86_400)
    /// Open at once for one device.
    package static let open: Int64 = 20
}

extension Hub {
    /// - Parameter term: for how long the device may still begin with it.
    /// - Throws: `device_revoked`, or `conflict` when too many wait.
    package func command(_ kind: RemoteCommandKind, to device: DeviceID, term: Duration = CommandLimit.standardTerm, by actor: Actor) async throws
        -> IssuedCommand
    {
        guard CommandLimit.term.contains(term) else {
            throw Problem(.invalidRequest, "A command lives from a minute to 90 days.", remedy: "Choose a term in between.")
        }
        return try await act(actor) { connection, trail, now in
            let target: FleetDevice = try Fleet(connection: connection, now: now).device(device)
            if let row = try connection.firstRow("SELECT id, revoked_ms, stolen_ms FROM device WHERE id = ?", [.text(device.rawValue)]),
                let problem = try Self.outOfService(row)
            {
                throw problem
            }
            guard target.openCommands < CommandLimit.open else {
                throw Problem(
                    .conflict, "\(target.openCommands) commands wait for that device already.",
                    remedy: "Cancel those that are not wanted any more: `vultus-hub device commands`.")
            }
            let id = CommandID(at: now)
            if kind == .rotateCertificate {
                try connection.execute("UPDATE device SET rotate_ms = ? WHERE id = ?", [.integer(now.milliseconds), .text(device.rawValue)])
            }
            try connection.execute(
                "INSERT INTO device_command (id, device_id, kind, issued_ms, issued_by, expires_ms) VALUES (?, ?, ?, ?, ?, ?)",
                [
                    .text(id.rawValue), .text(device.rawValue), .text(kind.rawValue), .integer(now.milliseconds), .text(actor.id),
                    .integer(now.advanced(by: term).milliseconds),
                ])
            try trail.record(.commandIssue, account: target.device.account, subject: device.rawValue, ["command": id.rawValue, "kind": kind.rawValue])
            return try IssuedCommand(try connection.rows("SELECT * FROM device_command WHERE id = ?", [.text(id.rawValue)])[0])
        }
    }

    /// Newest first.
    package func commands(of device: DeviceID, limit: Int64 = 100) async throws -> [IssuedCommand] {
        try await database.read {
            try $0.rows(
                "SELECT * FROM device_command WHERE device_id = ? ORDER BY issued_ms DESC, id DESC LIMIT \(max(1, min(limit, 1_000)))", [.text(device.rawValue)]
            ).map(IssuedCommand.init)
        }
    }

    /// A command that no receipt has come for ends now; a device that has heard of it may still carry it out, and its receipt then says so.
    package func cancelCommand(_ id: CommandID, by actor: Actor) async throws -> IssuedCommand {
        try await act(actor) { connection, trail, now in
            guard let row = try connection.firstRow("SELECT * FROM device_command WHERE id = ?", [.text(id.rawValue)]) else {
                throw Problem(.notFound, "There is no such command.", detail: id.rawValue, remedy: "`vultus-hub device commands DEVICE` shows them.")
            }
            let command = try IssuedCommand(row)
            guard command.outcome == nil else {
                throw Problem(.conflict, "That command is done with.", detail: command.progress(at: now), remedy: "Issue another that undoes it.")
            }
            try connection.execute(
                "UPDATE device_command SET expires_ms = ? WHERE id = ? AND expires_ms > ?",
                [.integer(now.milliseconds), .text(id.rawValue), .integer(now.milliseconds)])
            try trail.record(.commandCancel, account: nil, subject: command.device.rawValue, ["command": id.rawValue])
            return try IssuedCommand(try connection.rows("SELECT * FROM device_command WHERE id = ?", [.text(id.rawValue)])[0])
        }
    }
}

/// Commands down, receipts and the device's own report up, within a sync.
extension JournalIntake {
    func takeReceipts() throws {
        for receipt in request.receipts ?? [] {
            let changed: Int = try connection.execute(
                "UPDATE device_command SET finished_ms = ?, outcome = ?, detail = ?, delivered_ms = coalesce(delivered_ms, ?) WHERE id = ? AND device_id = ? AND outcome IS NULL",
                [
                    .integer(min(receipt.finished, now).milliseconds), .text(receipt.outcome.rawValue),
                    SQLValue(receipt.detail.map { String($0.prefix(CommandReceipt.longestDetail)) }), .integer(now.milliseconds), .text(receipt.id.rawValue),
                    .text(device.rawValue),
                ])
            guard changed > 0 else { continue }
            try trail.record(
                .commandFinish, account: account.id, subject: device.rawValue, ["command": receipt.id.rawValue, "outcome": receipt.outcome.rawValue])
        }
        if let reported = request.reported {
            try connection.execute(
                "UPDATE device SET reported = ?, reported_ms = ? WHERE id = ?",
                [.text(try JSON.text(reported)), .integer(now.milliseconds), .text(device.rawValue)])
        }
    }

    func commands() throws -> [RemoteCommand]? {
        let rows: [SQLRow] = try connection.rows(
            "SELECT * FROM device_command WHERE device_id = ? AND finished_ms IS NULL AND expires_ms > ? ORDER BY issued_ms, id",
            [.text(device.rawValue), .integer(now.milliseconds)])
        guard !rows.isEmpty else { return nil }
        try connection.execute(
            "UPDATE device_command SET delivered_ms = ? WHERE device_id = ? AND finished_ms IS NULL AND delivered_ms IS NULL AND expires_ms > ?",
            [.integer(now.milliseconds), .text(device.rawValue), .integer(now.milliseconds)])
        return try rows.map { row in
            let command = try IssuedCommand(row)
            return RemoteCommand(id: command.id, kind: command.kind, issued: command.issued, expires: command.expires)
        }
    }
}
