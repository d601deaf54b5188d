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

extension Device {
    /// - Throws: `not_found`.
    static func find(_ id: DeviceID, _ connection: any SQLConnection) throws -> Device {
        guard let row = try connection.firstRow("SELECT * FROM device WHERE id = ?", [.text(id.rawValue)]) else { throw missing(id) }
        return try Device(row)
    }

    static func missing(_ id: DeviceID) -> Problem {
        Problem(.notFound, "There is no such device.", detail: id.rawValue, remedy: "`vultus-hub device list` shows all devices.")
    }
}

extension Hub {
    package func devices() async throws -> [Device] {
        try await database.read { try $0.rows("SELECT * FROM device ORDER BY id", []).map(Device.init) }
    }
}
