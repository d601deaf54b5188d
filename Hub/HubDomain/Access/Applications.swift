import HubStorage
import WireModel

/// What an account's own program is called here; keys and entitlements belong to one.
package struct Application: Sendable, Codable {
    package let id: ApplicationID
    package let name: String
    package let created: Timestamp
    package let archived: Timestamp?

    init(_ row: SQLRow) throws {
        guard let id = ApplicationID(rawValue: try row.text("id")) else { throw HubStorageError.damaged }
        self.id = id
        name = try row.text("name")
        created = try row.time("created_ms")
        archived = try row.timeOrNil("archived_ms")
    }
}

extension Hub {
    private static let mostApplications: Int64 = 200

    package func applications(_ account: AccountID) async throws -> [Application] {
        try await database.read {
            try $0.rows("SELECT * FROM application WHERE account_id = ? ORDER BY id", [.text(account.rawValue)]).map(Application.init)
        }
    }

    package func makeApplication(_ name: String, account: AccountID, by actor: Actor) async throws -> Application {
        let name: String = try Self.checkName(name)
        return try await act(actor) { connection, trail, now in
            let count: Int64 = try connection.rows(
                "SELECT count(*) AS n FROM application WHERE account_id = ? AND archived_ms IS NULL", [.text(account.rawValue)])[0].integer("n")
            guard count < Self.mostApplications else {
                throw Problem(.conflict, "An account has at most \(Self.mostApplications) applications.", remedy: "Archive one that is not used.")
            }
            let id = ApplicationID(at: now)
            let row: SQLRow = try connection.rows(
                "INSERT INTO application (id, account_id, name, created_ms) VALUES (?, ?, ?, ?) RETURNING *",
                [.text(id.rawValue), .text(account.rawValue), .text(name), .integer(now.milliseconds)])[0]
            try trail.record(.applicationMake, account: account, subject: id.rawValue)
            return try Application(row)
        }
    }

    /// Its keys stop working with it, and its entitlements end.
    package func archiveApplication(_ id: ApplicationID, account: AccountID, by actor: Actor) async throws -> Application {
        try await act(actor) { connection, trail, now in
            let rows: [SQLRow] = try connection.rows(
                "UPDATE application SET archived_ms = coalesce(archived_ms, ?) WHERE id = ? AND account_id = ? RETURNING *",
                [.integer(now.milliseconds), .text(id.rawValue), .text(account.rawValue)])
            guard let row = rows.first else { throw Problem.nothing("application", id.rawValue) }
            try connection.execute(
                "UPDATE api_key SET frozen_ms = ?, frozen_ground = 'application archived' WHERE application_id = ? AND frozen_ms IS NULL",
                [.integer(now.milliseconds), .text(id.rawValue)])
            try connection.execute(
                "UPDATE entitlement SET state = 'ended', ended_ms = ? WHERE application_id = ? AND ended_ms IS NULL",
                [.integer(now.milliseconds), .text(id.rawValue)])
            try trail.record(.applicationArchive, account: account, subject: id.rawValue)
            return try Application(row)
        }
    }
}
