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
                let result: ImportRowResult = try await add(key, row, backend, caller)
                if result.outcome == .accepted { accepted[key] = result }
                items.append(result)
            } catch {
                // Nothing was looked at: the call fails. Otherwise what was made is made and has to be told and settled.
                if items.isEmpty { throw error }
                problem = Problem(describing: error)
                break
            }
        }
        let units = Int64(items.count { $0.outcome == .accepted })
        return (ImportAnswer(import: try await backend.importState(id, of: gallery, for: caller), items: items, problem: problem), units)
    }

    /// - Throws: what would stop every row.
    private func add<Backend: RecognitionBackend>(_ key: String, _ row: JSONValue, _ backend: Backend, _ caller: Backend.Caller) async throws -> ImportRowResult
    {
        do {
            let draft = ImportRowDraft(row: key, content: try await content(row, backend))
            return try await backend.add(draft, to: id, in: gallery, for: caller)
        } catch {
            let problem = Problem(describing: error)
            guard problem.isOfARow else { throw error }
            // A person that is not there, say: kept like any other refusal. A closed import refuses this too.
            return try await backend.add(ImportRowDraft(row: key, content: .refused(problem)), to: id, in: gallery, for: caller)
        }
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
