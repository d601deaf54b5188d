import HubStorage
import WireModel

/// Who asked to be mailed of incidents: each word on the public record, when it is written.
struct IncidentReaders {
    let connection: any SQLConnection

    func isReading(_ principal: String) throws -> Bool {
        try connection.firstRow("SELECT principal_id FROM incident_reader WHERE principal_id = ?", [.text(principal)]) != nil
    }

    func tell(_ incident: Incident, through outbox: Outbox) throws {
        for row in try connection.rows(
            """
            SELECT principal.* FROM incident_reader JOIN principal ON principal.id = principal_id
                WHERE principal.state = 'active' AND principal.email_verified_ms IS NOT NULL ORDER BY principal.id
            """, [])
        { try outbox.mail(.incident(incident), to: try Principal(row)) }
    }
}

extension Hub {
    /// - Parameter principal: somebody's identifier.
    package func isReadingIncidents(_ principal: String) async throws -> Bool {
        try await database.read { try IncidentReaders(connection: $0).isReading(principal) }
    }

    package func readIncidents(_ isReading: Bool, principal id: String, by actor: Actor) async throws {
        try await act(actor) { connection, trail, now in
            guard let row = try connection.firstRow("SELECT account_id FROM principal WHERE id = ?", [.text(id)]) else {
                throw Problem.nothing("member", id)
            }
            guard try IncidentReaders(connection: connection).isReading(id) != isReading else { return }
            if isReading {
                try connection.execute("INSERT INTO incident_reader (principal_id, since_ms) VALUES (?, ?)", [.text(id), .integer(now.milliseconds)])
            } else {
                try connection.execute("DELETE FROM incident_reader WHERE principal_id = ?", [.text(id)])
            }
            try trail.record(
                .incidentMail, account: try row.textOrNil("account_id").flatMap(AccountID.init(rawValue:)), subject: id, ["on": "\(isReading)"])
        }
    }
}
