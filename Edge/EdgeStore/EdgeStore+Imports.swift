import Biometrics
import FoundationEssentials
import GRDB
import ServiceSupport
import WireModel

/// Whom a row of an import enrols.
package enum RowPerson: Sendable {
    case known(PersonID)
    /// The person of that label, made when there is none.
    case labelled(String, isMinor: Bool, ConsentRecord)
}

/// Bulk enrolment: each row is kept with what it made in one transaction, so that after a power failure it is known which are done.
extension EdgeStore {
    package func addImport(total: Int64?) throws(EdgeStoreError) -> ImportResult {
        let now = clock.now()
        return try write { database in
            let id = ImportID(at: now.wall)
            try database.run(
                sql: "INSERT INTO import (id, total, is_open, created_ms) VALUES (?, ?, 1, ?)", arguments: [id.rawValue, total, now.wall.milliseconds])
            return try self.importState(id, database)
        }
    }

    /// - Throws: `.absent`.
    package func importState(_ id: ImportID) throws(EdgeStoreError) -> ImportResult {
        try read { try self.importState(id, $0) }
    }

    /// - Throws: `.absent`.
    package func closeImport(_ id: ImportID) throws(EdgeStoreError) -> ImportResult {
        try write { database in
            try database.run(sql: "UPDATE import SET is_open = 0 WHERE id = ?", arguments: [id.rawValue])
            return try self.importState(id, database)
        }
    }

    /// Which of these rows made a template, or found theirs there.
    /// - Throws: `.absent`, `.importClosed`.
    package func acceptedRows(_ rows: [String], of id: ImportID) throws(EdgeStoreError) -> [String: ImportRowResult] {
        try read { database in
            guard try self.importState(id, database).state == .open else { throw EdgeStoreError.importClosed }
            return try rows.reduce(into: [:]) { found, row in
                guard let stored = try self.row(row, of: id, database) else { return }
                let result: ImportRowResult = try self.result(stored)
                if result.outcome != .refused { found[row] = result }
            }
        }
    }

    /// - Throws: `.absent` when the person is not there, `.importClosed`.
    package func addRow(
        _ row: String, of id: ImportID, template: Template, quality: QualityResult, person: RowPerson
    ) throws(EdgeStoreError) -> ImportRowResult {
        let now = clock.now()
        return try write { database in
            if let done = try self.openRow(row, of: id, database) { return done }
            let owner: PersonID
            switch person {
            case .known(let id): owner = id
            case .labelled(let label, let isMinor, let consent):
                owner =
                    try self.personID(labelled: label, database)
                    ?? self.addPerson(database, label: label, isMinor: isMinor, consent: consent, at: now.wall)
            }
            let (template, isNew): (TemplateID, Bool) = try self.add(database, template, quality: quality, to: owner, at: now)
            let result = ImportRowResult(row: row, outcome: isNew ? .accepted : .duplicate, person: owner, template: template, problem: nil)
            try self.keep(result, of: id, database)
            return result
        }
    }

    /// Keeps that a row was refused; it may be sent again.
    /// - Throws: `.absent`, `.importClosed`.
    package func refuseRow(_ row: String, of id: ImportID, _ problem: Problem) throws(EdgeStoreError) -> ImportRowResult {
        try write { database in
            if let done = try self.openRow(row, of: id, database) { return done }
            let result = ImportRowResult(row: row, outcome: .refused, person: nil, template: nil, problem: problem)
            try self.keep(result, of: id, database)
            return result
        }
    }

    /// By the order in which rows were first sent.
    /// - Parameter ordinal: of the last one seen, from 1.
    /// - Returns: results with their ordinals.
    /// - Throws: `.absent`.
    package func importRows(
        of id: ImportID, outcome: ImportRowOutcome?, after ordinal: Int64, limit: Int
    ) throws(EdgeStoreError) -> [(ordinal: Int64, result: ImportRowResult)] {
        try read { database in
            _ = try self.importState(id, database)
            let rows = try database.rows(
                sql: "SELECT * FROM import_row WHERE import_id = ? AND ordinal > ? AND outcome = ifnull(?, outcome) ORDER BY ordinal LIMIT ?",
                arguments: [id.rawValue, ordinal, outcome?.rawValue, limit])
            return try rows.map { ($0["ordinal"], try self.result($0)) }
        }
    }

    /// What the row came to before, if it was accepted.
    private func openRow(_ row: String, of id: ImportID, _ database: Database) throws -> ImportRowResult? {
        guard try importState(id, database).state == .open else { throw EdgeStoreError.importClosed }
        guard let stored = try self.row(row, of: id, database) else { return nil }
        let former: ImportRowResult = try result(stored)
        guard former.outcome != .refused else { return nil }
        return ImportRowResult(row: row, outcome: .duplicate, person: former.person, template: former.template, problem: nil)
    }

    private func row(_ row: String, of id: ImportID, _ database: Database) throws -> Row? {
        try database.row(sql: "SELECT * FROM import_row WHERE import_id = ? AND mark = ?", arguments: [id.rawValue, Data(mark(of: row, in: id.rawValue))])
    }

    private func keep(_ result: ImportRowResult, of id: ImportID, _ database: Database) throws {
        let problem: String? = try result.problem.map { try JSON.text($0) }
        try database.run(
            sql: """
                INSERT INTO import_row (import_id, ordinal, mark, sealed_row, outcome, person_id, template_id, problem)
                VALUES (?, (SELECT ifnull(max(ordinal), 0) + 1 FROM import_row WHERE import_id = ?), ?, ?, ?, ?, ?, ?)
                ON CONFLICT (import_id, mark) DO UPDATE SET outcome = excluded.outcome, person_id = excluded.person_id,
                    template_id = excluded.template_id, problem = excluded.problem
                """,
            arguments: [
                id.rawValue, id.rawValue, Data(mark(of: result.row, in: id.rawValue)),
                Data(try Sealing.seal(Array(result.row.utf8), with: masterKey, for: "import-row \(id)")), result.outcome.rawValue, result.person?.rawValue,
                result.template?.rawValue, problem,
            ])
        try database.run(
            sql: """
                UPDATE import SET is_open = 0
                WHERE id = ? AND total <= (SELECT count(*) FROM import_row WHERE import_id = import.id AND outcome <> 'refused')
                """, arguments: [id.rawValue])
    }

    private func result(_ row: Row) throws -> ImportRowResult {
        let id: String = row["import_id"]
        let key: [UInt8] = try Sealing.open(bytes(row["sealed_row"]), with: masterKey, for: "import-row \(id)")
        guard let outcome = ImportRowOutcome(rawValue: row["outcome"]) else { throw EdgeStoreError.damaged(path: path, what: "an import's row") }
        return ImportRowResult(
            row: String(decoding: key, as: UTF8.self), outcome: outcome, person: try (row["person_id"] as String?).map(personID),
            template: try (row["template_id"] as String?).map(templateID),
            problem: try (row["problem"] as String?).map { try JSON.value(Problem.self, from: $0) })
    }

    private func importState(_ id: ImportID, _ database: Database) throws -> ImportResult {
        guard let row = try database.row(sql: "SELECT * FROM import WHERE id = ?", arguments: [id.rawValue]) else {
            throw EdgeStoreError.absent("import")
        }
        var counts: [String: Int64] = [:]
        for count in try database.rows(sql: "SELECT outcome, count(*) AS rows FROM import_row WHERE import_id = ? GROUP BY outcome", arguments: [id.rawValue]) {
            counts[count["outcome"]] = count["rows"]
        }
        return ImportResult(
            id: id, state: row["is_open"] ? .open : .closed, total: row["total"], accepted: counts["accepted"] ?? 0, duplicate: counts["duplicate"] ?? 0,
            refused: counts["refused"] ?? 0, created: Timestamp(milliseconds: row["created_ms"]))
    }
}
