import HubDomain
import RecognitionAPI
import WireModel

extension HubRecognition {
    func addImport(_ draft: ImportDraft, to gallery: GalleryID, for caller: RecognitionCaller) async throws -> ImportResult {
        try await hub.openImport(into: gallery, total: draft.total, of: try caller.owner, by: caller.actor)
    }

    func importState(_ id: ImportID, of gallery: GalleryID, for caller: RecognitionCaller) async throws -> ImportResult {
        try await hub.importState(id, in: gallery, of: try caller.owner)
    }

    func closeImport(_ id: ImportID, of gallery: GalleryID, for caller: RecognitionCaller) async throws -> ImportResult {
        try await hub.closeImport(id, in: gallery, of: try caller.owner, by: caller.actor)
    }

    func importRows(
        of id: ImportID, in gallery: GalleryID, outcome: ImportRowOutcome?, after cursor: String?, limit: Int, for caller: RecognitionCaller
    ) async throws -> Page<ImportRowResult> {
        var after: Int64 = 0
        if let cursor {
            guard let place = Int64(plain: cursor), place > 0 else { throw Self.badCursor }
            after = place
        }
        let rows: [(place: Int64, result: ImportRowResult)] = try await hub.importRows(
            of: id, outcome: outcome, after: after, limit: limit + 1, in: gallery, of: try caller.owner)
        return Page(items: rows.prefix(limit).map(\.result), next: rows.count > limit ? String(rows[limit - 1].place) : nil)
    }

    func acceptedRows(_ rows: [String], of id: ImportID, in gallery: GalleryID, for caller: RecognitionCaller) async throws -> [String: ImportRowResult] {
        try await hub.doneImportRows(rows, of: id, in: gallery, of: try caller.owner)
    }

    func add(_ row: ImportRowDraft, to id: ImportID, in gallery: GalleryID, for caller: RecognitionCaller) async throws -> ImportRowResult {
        let owner: GalleryOwner = try caller.owner
        switch row.content {
        case .refused(let problem): return try await hub.refuseImportRow(row.row, problem, of: id, in: gallery, of: owner, by: caller.actor)
        case .template(let draft, let person):
            let whom: ImportPerson =
                switch person {
                case .known(let id): .known(id)
                case .draft(let draft): .new(NewPerson(draft))
                }
            return try await hub.importRow(
                row.row, draft.template, quality: draft.quality, as: whom, of: id, in: gallery, of: owner, by: caller.actor)
        }
    }
}
