import FacePipeline
import WireModel

/// The answer to rows that were sent.
struct ImportAnswer: Encodable {
    let `import`: ImportResult
    let items: [ImportRowResult]
    let problem: Problem?
}

/// The rows of one request, enrolled one after the other: each is kept before the next is looked at.
struct ImportBatch {
    private let gallery: GalleryID
    private let id: ImportID
    private let rows: [JSONValue]

    init(_ request: RecognitionRequest) throws(Problem) {
        gallery = try request.id("gallery")
        id = try request.id("import")
        rows = request.json["rows"]?.items ?? []
    }

    func run<Backend: RecognitionBackend>(_ backend: Backend, _ caller: Backend.Caller) async throws -> (ImportAnswer, units: Int64) {
        var accepted: [String: ImportRowResult] = try await backend.acceptedRows(rows.map(Self.key), of: id, in: gallery, for: caller)
        var items: [ImportRowResult] = []
        var problem: Problem?
        for row in rows {
            let key: String = Self.key(row)
            if let known = accepted[key] {
                items.append(ImportRowResult(row: key, outcome: .duplicate, person: known.person, template: known.template, problem: nil))
                continue
            }
            do {
                let draft = ImportRowDraft(row: key, content: try await content(row, backend))
                let result: ImportRowResult = try await backend.add(draft, to: id, in: gallery, for: caller)
                if result.outcome == .accepted { accepted[key] = result }
                items.append(result)
            } catch {
                let known = Problem(describing: error)
                if known.isOfARow {
                    items.append(ImportRowResult(row: key, outcome: .refused, person: nil, template: nil, problem: known))
                } else if items.isEmpty {
                    throw error
                } else {
                    // What was made is made and has to be told and settled; the rest can be sent again.
                    problem = known
                    break
                }
            }
        }
        let units = Int64(items.count { $0.outcome == .accepted })
        return (ImportAnswer(import: try await backend.importState(id, of: gallery, for: caller), items: items, problem: problem), units)
    }

    /// - Throws: what would stop every row.
    private func content(_ row: JSONValue, _ backend: some RecognitionBackend) async throws(Problem) -> ImportRowDraft.Content {
        do {
            let person: ImportRowDraft.Person = try Self.person(row)
            let bytes: [UInt8] = try Base64Picture.decode(row["image"]?.text ?? "", member: "rows/image")
            let face = try await OneFace(bytes, largest: false, policy: .enrolment, in: backend.pictures)
            return .template(TemplateDraft(template: face.template, quality: face.side.quality), of: person)
        } catch {
            guard error.isOfARow else { throw error }
            return .refused(error)
        }
    }

    private static func person(_ row: JSONValue) throws(Problem) -> ImportRowDraft.Person {
        switch (row["person"]?.text, row["label"]?.text) {
        case (let text?, nil):
            guard let id = PersonID(rawValue: text) else { throw RecognitionRequest.missing("person") }
            return .known(id)
        case (nil, .some): return .draft(try PersonDraft(row))
        default:
            throw Problem(.invalidRequest, "A row names its person once.", detail: "person or label", remedy: "Send one of the two.")
        }
    }

    private static func key(_ row: JSONValue) -> String { row["row"]?.text ?? "" }
}

extension Problem {
    /// Whether another row may fare better.
    var isOfARow: Bool { [400, 404, 409, 413, 415].contains(code.status) }
}
