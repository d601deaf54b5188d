import HubAccess
import HubStorage
import WireModel

/// Something that interrupts or threatens the service, on record for everybody (S11).
package struct Incident: Sendable {
    package enum Kind: String, Sendable, CaseIterable {
        case fault, attack
        case forceMajeure = "force_majeure"
        case maintenance
    }

    package enum Impact: String, Sendable, CaseIterable { case none, degraded, outage }

    package enum State: String, Sendable, CaseIterable { case investigating, identified, monitoring, resolved }

    package struct Update: Sendable {
        package let state: State
        package let texts: [Language: String]
        package let written: Timestamp
    }

    package let id: IncidentID
    package let kind: Kind
    package let impact: Impact
    package let titles: [Language: String]
    package let begins: Timestamp
    package let resolved: Timestamp?
    /// Newest first.
    package let updates: [Update]

    init(_ row: SQLRow, _ updates: [SQLRow]) throws {
        guard let id = IncidentID(rawValue: try row.text("id")), let kind = Kind(rawValue: try row.text("kind")),
            let impact = Impact(rawValue: try row.text("impact"))
        else { throw HubStorageError.damaged }
        self.id = id
        self.kind = kind
        self.impact = impact
        titles = try Self.texts(row, "titles")
        begins = try row.time("begins_ms")
        resolved = try row.timeOrNil("resolved_ms")
        self.updates = try updates.map {
            guard let state = State(rawValue: try $0.text("state")) else { throw HubStorageError.damaged }
            return Update(state: state, texts: try Self.texts($0, "texts"), written: try $0.time("written_ms"))
        }
    }

    private static func texts(_ row: SQLRow, _ column: String) throws -> [Language: String] {
        let texts: [String: String] = try JSON.value([String: String].self, from: try row.text(column))
        return texts.reduce(into: [:]) { texts, pair in Language(rawValue: pair.key).map { texts[$0] = pair.value } }
    }

    static func stored(_ texts: [Language: String], most: Int) throws -> String {
        for language in Language.allCases where !(1...most).contains(texts[language]?.trimmed.count ?? 0) {
            throw Problem(
                .invalidRequest, "What is made public is said in each language.", detail: "/\(language.rawValue)",
                remedy: "Give 1 to \(most) characters in both.")
        }
        return try JSON.text(texts.reduce(into: [String: String]()) { $0[$1.key.rawValue] = $1.value.trimmed })
    }
}

extension Hub {
    private static func incidents(_ connection: any SQLConnection, _ condition: String, _ values: [SQLValue]) throws -> [Incident] {
        try connection.rows("SELECT * FROM incident WHERE \(condition) ORDER BY begins_ms DESC, id DESC LIMIT 100", values).map { row in
            let updates: [SQLRow] = try connection.rows(
                "SELECT * FROM incident_update WHERE incident_id = ? ORDER BY written_ms DESC, id DESC", [.text(try row.text("id"))])
            return try Incident(row, updates)
        }
    }

    /// The newest first, those under way and those that are over.
    package func incidents() async throws -> [Incident] { try await database.read { try Self.incidents($0, "1 = 1", []) } }

    package func openIncident(
        _ kind: Incident.Kind, impact: Incident.Impact, titles: [Language: String], texts: [Language: String], by actor: Actor
    ) async throws -> Incident {
        let titles: String = try Incident.stored(titles, most: 200)
        let texts: String = try Incident.stored(texts, most: 5_000)
        return try await act(actor) { [sealer] connection, trail, now in
            let id: String = IncidentID(at: now).rawValue
            try connection.execute(
                "INSERT INTO incident (id, kind, impact, titles, begins_ms) VALUES (?, ?, ?, ?, ?)",
                [.text(id), .text(kind.rawValue), .text(impact.rawValue), .text(titles), .integer(now.milliseconds)])
            try connection.execute(
                "INSERT INTO incident_update (id, incident_id, state, texts, written_ms) VALUES (?, ?, 'investigating', ?, ?)",
                [.text(IncidentID(at: now).rawValue), .text(id), .text(texts), .integer(now.milliseconds)])
            try trail.record(.incidentOpen, subject: id, ["kind": kind.rawValue, "impact": impact.rawValue])
            return try Self.told(try Self.incidents(connection, "id = ?", [.text(id)])[0], connection, sealer, now)
        }
    }

    /// What is known now. What was resolved stays so: another fault is another incident.
    package func updateIncident(_ id: IncidentID, state: Incident.State, texts: [Language: String], by actor: Actor) async throws -> Incident {
        let texts: String = try Incident.stored(texts, most: 5_000)
        return try await act(actor) { [sealer] connection, trail, now in
            guard try !connection.rows("SELECT id FROM incident WHERE id = ? AND resolved_ms IS NULL", [.text(id.rawValue)]).isEmpty else {
                throw Problem.nothing("incident under way", id.rawValue)
            }
            try connection.execute(
                "INSERT INTO incident_update (id, incident_id, state, texts, written_ms) VALUES (?, ?, ?, ?, ?)",
                [.text(IncidentID(at: now).rawValue), .text(id.rawValue), .text(state.rawValue), .text(texts), .integer(now.milliseconds)])
            if state == .resolved {
                try connection.execute("UPDATE incident SET resolved_ms = ? WHERE id = ?", [.integer(now.milliseconds), .text(id.rawValue)])
            }
            try trail.record(.incidentUpdate, subject: id.rawValue, ["state": state.rawValue])
            return try Self.told(try Self.incidents(connection, "id = ?", [.text(id.rawValue)])[0], connection, sealer, now)
        }
    }

    private static func told(_ incident: Incident, _ connection: any SQLConnection, _ sealer: SecretSealer, _ now: Timestamp) throws -> Incident {
        try IncidentReaders(connection: connection).tell(incident, through: Outbox(connection: connection, sealer: sealer, now: now))
        return incident
    }
}
