import EdgeStore
import RecognitionAPI
import WireModel

extension LocalBackend {
    package func addImport(_ draft: ImportDraft, to gallery: GalleryID, for caller: Void) throws -> ImportResult {
        try check(gallery)
        return try withStore { store throws(EdgeStoreError) in try store.addImport(total: draft.total) }
    }

    package func importState(_ id: ImportID, of gallery: GalleryID, for caller: Void) throws -> ImportResult {
        try check(gallery)
        return try withStore { store throws(EdgeStoreError) in try store.importState(id) }
    }

    package func closeImport(_ id: ImportID, of gallery: GalleryID, for caller: Void) throws -> ImportResult {
        try check(gallery)
        return try withStore { store throws(EdgeStoreError) in try store.closeImport(id) }
    }

    package func importRows(
        of id: ImportID, in gallery: GalleryID, outcome: ImportRowOutcome?, after cursor: String?, limit: Int, for caller: Void
    ) throws -> Page<ImportRowResult> {
        try check(gallery)
        var last: Int64 = 0
        if let cursor {
            guard let ordinal = Int64(cursor), ordinal > 0 else { throw Self.cursor }
            last = ordinal
        }
        let found: [(ordinal: Int64, result: ImportRowResult)] = try withStore { store throws(EdgeStoreError) in
            try store.importRows(of: id, outcome: outcome, after: last, limit: limit + 1)
        }
        let page = found.prefix(limit)
        return Page(items: page.map(\.result), next: found.count > limit ? page.last.map { "\($0.ordinal)" } : nil)
    }

    package func acceptedRows(_ rows: [String], of id: ImportID, in gallery: GalleryID, for caller: Void) throws -> [String: ImportRowResult] {
        try check(gallery)
        return try withStore { store throws(EdgeStoreError) in try store.acceptedRows(rows, of: id) }
    }

    package func add(_ row: ImportRowDraft, to id: ImportID, in gallery: GalleryID, for caller: Void) throws -> ImportRowResult {
        try check(gallery)
        switch row.content {
        case .refused(let problem): return try withStore { store throws(EdgeStoreError) in try store.refuseRow(row.row, of: id, problem) }
        case .template(let draft, .known(let person)): return try add(row.row, draft, of: .known(person), to: id)
        case .template(let draft, .draft(let person)):
            try checkEnd(of: person.consent)
            return try add(row.row, draft, of: .labelled(person.label, isMinor: person.isMinor, person.consent), to: id)
        }
    }

    private func add(_ row: String, _ draft: TemplateDraft, of person: RowPerson, to id: ImportID) throws(Problem) -> ImportRowResult {
        try withStore { store throws(EdgeStoreError) in
            try store.addRow(row, of: id, template: draft.template, quality: draft.quality, person: person)
        }
    }
}
