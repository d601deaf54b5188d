import Biometrics
import HubAccess
import HubStorage
import WireModel

/// Whom a row of an import is about.
package enum ImportPerson: Sendable, Hashable {
    case known(PersonID)
    /// The person of that label, made where the gallery has none.
    case new(NewPerson)
}

/// Many persons, enrolled row by row. What became of each row is written in the row's own transaction: cut off anywhere, an
/// import goes on where it was, and a row that is sent again is answered as before.
struct GalleryImports {
    let connection: any SQLConnection
    let sealer: SecretSealer
    let gallery: GalleryID

    /// A row's key is the caller's and may be a name: it is found by its MAC, and read again only with the hub's key.
    func mac(_ row: String, of id: ImportID) -> String { sealer.mac(row, context: "import-row/" + id.rawValue) }
    private func context(_ id: ImportID) -> String { "import-row/" + id.rawValue }

    /// - Throws: `notFound`.
    func find(_ id: ImportID) throws -> ImportResult {
        let row: SQLRow? = try connection.firstRow(
            "SELECT * FROM gallery_import WHERE gallery_id = ? AND id = ?", [.text(gallery.rawValue), .text(id.rawValue)])
        guard let row else { throw Problem.nothing("import", id.rawValue) }
        return try ImportResult(row)
    }

    func answer(_ row: SQLRow, _ id: ImportID) throws -> ImportRowResult {
        guard let outcome = ImportRowOutcome(rawValue: try row.text("outcome")) else { throw HubStorageError.damaged }
        return ImportRowResult(
            row: String(decoding: try sealer.open(try row.blob("sealed_row"), context: context(id)), as: UTF8.self), outcome: outcome,
            person: try row.textOrNil("person_id").flatMap(PersonID.init(rawValue:)),
            template: try row.textOrNil("template_id").flatMap(TemplateID.init(rawValue:)),
            problem: try row.textOrNil("problem").map { try JSON.value(Problem.self, from: $0) })
    }

    func row(_ key: String, of id: ImportID) throws -> SQLRow? {
        try connection.firstRow("SELECT * FROM gallery_import_row WHERE import_id = ? AND row_mac = ?", [.text(id.rawValue), .text(mac(key, of: id))])
    }

    /// Writes what became of a row; an earlier refusal of the same row gives way.
    func record(_ result: ImportRowResult, of id: ImportID) throws {
        let known: SQLRow? = try row(result.row, of: id)
        if let known { try count(try answer(known, id).outcome, by: -1, of: id) }
        try count(result.outcome, by: 1, of: id)
        let place: Int64 =
            try known?.integer("seq")
            ?? connection.rows("SELECT coalesce(max(seq), 0) + 1 AS seq FROM gallery_import_row WHERE import_id = ?", [.text(id.rawValue)])[0].integer("seq")
        try connection.execute(
            """
            INSERT INTO gallery_import_row (import_id, row_mac, sealed_row, seq, outcome, person_id, template_id, problem)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (import_id, row_mac) DO UPDATE SET outcome = excluded.outcome,
                person_id = excluded.person_id, template_id = excluded.template_id, problem = excluded.problem
            """,
            [
                .text(id.rawValue), .text(mac(result.row, of: id)), .blob(try sealer.seal(Array(result.row.utf8), context: context(id))),
                .integer(place), .text(result.outcome.rawValue), SQLValue(result.person?.rawValue), SQLValue(result.template?.rawValue),
                SQLValue(try result.problem.map { try JSON.text($0) }),
            ])
        // All that was announced is done.
        try connection.execute(
            "UPDATE gallery_import SET closed_ms = coalesce(closed_ms, created_ms) WHERE id = ? AND total IS NOT NULL AND accepted + duplicate >= total",
            [.text(id.rawValue)])
    }
}

extension GalleryImports {
    private func count(_ outcome: ImportRowOutcome, by step: Int64, of id: ImportID) throws {
        let column: String =
            switch outcome {
            case .accepted: "accepted"
            case .duplicate: "duplicate"
            case .refused: "refused"
            }
        try connection.execute("UPDATE gallery_import SET \(column) = \(column) + ? WHERE id = ?", [.integer(step), .text(id.rawValue)])
    }
}

extension ImportResult {
    fileprivate init(_ row: SQLRow) throws {
        guard let id = ImportID(rawValue: try row.text("id")) else { throw HubStorageError.damaged }
        self.init(
            id: id, state: try row.integerOrNil("closed_ms") == nil ? .open : .closed, total: try row.integerOrNil("total"),
            accepted: try row.integer("accepted"), duplicate: try row.integer("duplicate"), refused: try row.integer("refused"),
            created: try row.time("created_ms"))
    }
}

extension Hub {
    private static let mostOpenImports: Int64 = 20
    /// Rows of one import.
    package static let mostImportRows: Int64 = 200_000

    /// - Parameter total: how many rows are to come; `nil` when the caller does not know.
    package func openImport(into gallery: GalleryID, total: Int64?, of owner: GalleryOwner, by actor: Actor) async throws -> ImportResult {
        guard total.map({ (1...Self.mostImportRows).contains($0) }) ?? true else {
            throw Problem(.invalidRequest, "An import has 1 to \(Self.mostImportRows) rows.", remedy: "Divide the rows among several imports.")
        }
        return try await act(actor) { connection, trail, now in
            _ = try GalleryRows(connection: connection, owner: owner).gallery(gallery)
            let open: Int64 = try connection.rows(
                "SELECT count(*) AS n FROM gallery_import WHERE gallery_id = ? AND closed_ms IS NULL", [.text(gallery.rawValue)])[0].integer("n")
            guard open < Self.mostOpenImports else {
                throw Problem(.conflict, "A gallery has at most \(Self.mostOpenImports) open imports.", remedy: "Close those that are done.")
            }
            let id = ImportID(at: now)
            let row: SQLRow = try connection.rows(
                "INSERT INTO gallery_import (id, gallery_id, total, created_ms) VALUES (?, ?, ?, ?) RETURNING *",
                [.text(id.rawValue), .text(gallery.rawValue), SQLValue(total), .integer(now.milliseconds)])[0]
            try trail.record(
                .importOpen, account: owner.account, subject: id.rawValue, ["gallery": gallery.rawValue, "total": total.map(String.init) ?? "open"])
            return try ImportResult(row)
        }
    }

    package func importState(_ id: ImportID, in gallery: GalleryID, of owner: GalleryOwner) async throws -> ImportResult {
        let sealer = sealer
        return try await database.read { connection in
            _ = try GalleryRows(connection: connection, owner: owner).gallery(gallery)
            return try GalleryImports(connection: connection, sealer: sealer, gallery: gallery).find(id)
        }
    }

    package func closeImport(_ id: ImportID, in gallery: GalleryID, of owner: GalleryOwner, by actor: Actor) async throws -> ImportResult {
        let sealer = sealer
        return try await act(actor) { connection, trail, now in
            _ = try GalleryRows(connection: connection, owner: owner).gallery(gallery)
            let imports = GalleryImports(connection: connection, sealer: sealer, gallery: gallery)
            let before: ImportResult = try imports.find(id)
            guard before.state == .open else { return before }
            try connection.execute("UPDATE gallery_import SET closed_ms = ? WHERE id = ?", [.integer(now.milliseconds), .text(id.rawValue)])
            try trail.record(
                .importClose, account: owner.account, subject: id.rawValue,
                ["gallery": gallery.rawValue, "accepted": "\(before.accepted)", "duplicate": "\(before.duplicate)", "refused": "\(before.refused)"])
            return try imports.find(id)
        }
    }

    /// What became of an import's rows, in the order they were first sent.
    /// - Parameters:
    ///   - outcome: only those.
    ///   - after: the place of the last row of the page before; 0 for the first page.
    /// - Returns: with each row its place.
    package func importRows(
        of id: ImportID, outcome: ImportRowOutcome? = nil, after: Int64 = 0, limit: Int, in gallery: GalleryID, of owner: GalleryOwner
    ) async throws -> [(place: Int64, result: ImportRowResult)] {
        let sealer = sealer
        return try await database.read { connection in
            _ = try GalleryRows(connection: connection, owner: owner).gallery(gallery)
            let imports = GalleryImports(connection: connection, sealer: sealer, gallery: gallery)
            _ = try imports.find(id)
            return try connection.rows(
                "SELECT * FROM gallery_import_row WHERE import_id = ? AND seq > ? AND (? = '' OR outcome = ?) ORDER BY seq LIMIT ?",
                [
                    .text(id.rawValue), .integer(after), .text(outcome?.rawValue ?? ""), .text(outcome?.rawValue ?? ""), .integer(Int64(limit)),
                ]
            ).map { (try $0.integer("seq"), try imports.answer($0, id)) }
        }
    }

    /// What those rows were answered that were accepted before: asked before any work is done on pictures.
    /// - Throws: `conflict` when the import takes no rows any more and not all of these are done.
    package func doneImportRows(
        _ rows: [String], of id: ImportID, in gallery: GalleryID, of owner: GalleryOwner
    ) async throws -> [String: ImportRowResult] {
        let sealer = sealer
        return try await database.read { connection in
            _ = try GalleryRows(connection: connection, owner: owner).gallery(gallery)
            let imports = GalleryImports(connection: connection, sealer: sealer, gallery: gallery)
            let state: ImportResult = try imports.find(id)
            var done: [String: ImportRowResult] = [:]
            for row in rows {
                if let known = try imports.row(row, of: id).map({ try imports.answer($0, id) }), known.outcome != .refused { done[row] = known.again }
            }
            guard state.state == .open || rows.allSatisfy({ done[$0] != nil }) else { throw GalleryImports.closed(id) }
            return done
        }
    }

    /// Enrols one row: template, person where there is none, and the row's answer, all or nothing.
    /// - Parameter row: the caller's key of the row, 1 to 200 characters.
    /// - Returns: of a row that was accepted before, `duplicate` with what was made then.
    package func importRow(
        _ row: String, _ template: Template, quality: QualityResult, as person: ImportPerson, of id: ImportID, in gallery: GalleryID,
        of owner: GalleryOwner, by actor: Actor
    ) async throws -> ImportRowResult {
        try Self.check(row: row)
        return try await enrolling(into: gallery, of: owner, by: actor) { enrolment in
            let imports: GalleryImports = try enrolment.imports(id)
            if let known = try imports.row(row, of: id).map({ try imports.answer($0, id) }), known.outcome != .refused { return known.again }
            try imports.checkOpen(id)
            let made: Enrolment =
                switch person {
                case .known(let id): try enrolment.addTemplate(template, quality: quality, to: id)
                case .new(let draft): try enrolment.enrol(template, quality: quality, as: draft)
                }
            let result = ImportRowResult(
                row: row, outcome: made.isDuplicate ? .duplicate : .accepted, person: made.person, template: made.template.id, problem: nil)
            try imports.record(result, of: id)
            return result
        }
    }

    /// Writes down that nothing came of a row, and why. A row that was accepted stays so.
    package func refuseImportRow(
        _ row: String, _ problem: Problem, of id: ImportID, in gallery: GalleryID, of owner: GalleryOwner, by actor: Actor
    ) async throws -> ImportRowResult {
        try Self.check(row: row)
        return try await enrolling(into: gallery, of: owner, by: actor) { enrolment in
            let imports: GalleryImports = try enrolment.imports(id)
            if let known = try imports.row(row, of: id).map({ try imports.answer($0, id) }), known.outcome != .refused { return known.again }
            try imports.checkOpen(id)
            let result = ImportRowResult(row: row, outcome: .refused, person: nil, template: nil, problem: problem)
            try imports.record(result, of: id)
            return result
        }
    }

    private static func check(row: String) throws(Problem) {
        guard (1...200).contains(row.unicodeScalars.count), row.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control }) else {
            throw Problem(.invalidRequest, "A row's key has 1 to 200 characters on one line.", remedy: "Use the reference by which you know the row.")
        }
    }
}

extension GalleryEnrolment {
    /// Moves nothing: the gallery is looked up for its owner only.
    func imports(_ id: ImportID) throws -> GalleryImports {
        _ = try GalleryRows(connection: connection, owner: owner).gallery(self.id)
        return GalleryImports(connection: connection, sealer: sealer, gallery: self.id)
    }
}

extension GalleryImports {
    static func closed(_ id: ImportID) -> Problem {
        Problem(.conflict, "The import is closed.", detail: id.rawValue, remedy: "Open another for what is left.")
    }

    func checkOpen(_ id: ImportID) throws {
        let state: ImportResult = try find(id)
        guard state.state == .open else { throw Self.closed(id) }
        guard state.accepted + state.duplicate + state.refused < Hub.mostImportRows else {
            throw Problem(.conflict, "An import has at most \(Hub.mostImportRows) rows.", detail: id.rawValue, remedy: "Open another for what is left.")
        }
    }
}

extension ImportRowResult {
    /// The answer to a row that was done before: nothing is made twice.
    fileprivate var again: ImportRowResult { ImportRowResult(row: row, outcome: .duplicate, person: person, template: template, problem: nil) }
}
