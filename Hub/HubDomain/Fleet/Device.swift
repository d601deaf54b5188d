import Crypto
import HubStorage
import WireModel

/// A terminal enrolled under an account.
package struct Device: Sendable, Codable {
    package let id: DeviceID
    package let account: AccountID
    package let label: String
    package let created: Timestamp
    /// Last sync.
    package let contact: Timestamp?
    package let revoked: Timestamp?
    package let agentVersion: String
    /// Device minus hub at the last sync.
    package let clockSkewMilliseconds: Int64
    /// Counts its journals.
    package let journalEpoch: Int64
    /// Entries of the present one that the hub holds.
    package let journalEntries: Int64
    /// Why it gets nothing until an operator has looked.
    package let quarantine: ProblemCode?
    /// `nil` for a device in no group: it has no galleries and the standard configuration.
    package let group: DeviceGroupID?

    init(_ row: SQLRow) throws {
        guard let id = DeviceID(rawValue: try row.text("id")), let account = AccountID(rawValue: try row.text("account_id")) else {
            throw HubStorageError.damaged
        }
        self.id = id
        self.account = account
        label = try row.text("label")
        created = Timestamp(milliseconds: try row.integer("created_ms"))
        contact = try row.integerOrNil("contact_ms").map(Timestamp.init(milliseconds:))
        revoked = try row.integerOrNil("revoked_ms").map(Timestamp.init(milliseconds:))
        agentVersion = try row.text("agent_version")
        clockSkewMilliseconds = try row.integer("clock_skew_ms")
        journalEpoch = try row.integer("journal_epoch")
        journalEntries = try row.integer("head_seq")
        quarantine = try row.textOrNil("quarantine").map { ProblemCode(rawValue: $0) ?? .journalFork }
        group = try row.textOrNil("group_id").flatMap(DeviceGroupID.init(rawValue:))
    }
}

extension Hub {
    package func devices() async throws -> [Device] {
        try await database.read { try $0.rows("SELECT * FROM device ORDER BY id", []).map(Device.init) }
    }

    /// From now on every request of this device is refused; what it recorded before stays billed, and what it held of quota and money is free again.
    package func revokeDevice(_ id: DeviceID, by actor: Actor) async throws -> Device {
        try await act(actor) { connection, trail, now in
            try connection.execute("UPDATE device SET revoked_ms = coalesce(revoked_ms, ?) WHERE id = ?", [.integer(now.milliseconds), .text(id.rawValue)])
            guard let row = try connection.firstRow("SELECT * FROM device WHERE id = ?", [.text(id.rawValue)]) else {
                throw Problem(.notFound, "There is no such device.", detail: id.rawValue, remedy: "`vultus-hub device list` shows all devices.")
            }
            let device = try Device(row)
            let books = Books(connection: connection, now: now, actor: actor)
            for lease in try connection.rows(
                "SELECT held, currency FROM allotment JOIN price ON price.id = price_id WHERE device_id = ? AND held > 0", [.text(id.rawValue)])
            {
                try books.hold(-(try lease.integer("held")), device.account, try lease.text("currency"))
            }
            try books.flush()
            try connection.execute(
                "UPDATE allotment SET ceiling = CASE WHEN ceiling > spent THEN spent ELSE ceiling END, held = 0, settled_ms = ? WHERE device_id = ?",
                [.integer(now.milliseconds), .text(id.rawValue)])
            try trail.record(.deviceRevoke, account: device.account, subject: id.rawValue)
            return device
        }
    }

    /// Who a verified client certificate belongs to. Asked on every request, because a resumed TLS session keeps the
    /// identity it began with.
    /// - Throws: `certificateRefused` for a certificate this hub does not know, `deviceRevoked` for one it took back.
    package func device(certificateSerial: String) async throws -> DeviceID {
        let row: SQLRow? = try await database.read {
            try $0.firstRow("SELECT id, revoked_ms FROM device WHERE certificate_serial = ?", [.text(certificateSerial)])
        }
        guard let row, let id = DeviceID(rawValue: try row.text("id")) else {
            throw Problem(.certificateRefused, "The hub does not know this certificate.", remedy: "Join again with a new token.")
        }
        guard try row.integerOrNil("revoked_ms") == nil else {
            throw Problem(
                .deviceRevoked, "This device was taken out of service.", detail: id.rawValue, remedy: "Ask the operator; a new token makes it a new device.")
        }
        return id
    }
}
