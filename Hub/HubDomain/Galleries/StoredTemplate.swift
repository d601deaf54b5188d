import Biometrics
import HubStorage
import WireModel

/// A template that is kept, without its numbers.
package struct StoredTemplate: Sendable, Codable, Hashable {
    package let id: TemplateID
    package let person: PersonID
    package let model: String
    package let quality: QualityResult
    package let created: Timestamp

    init(_ row: SQLRow) throws {
        guard let id = TemplateID(rawValue: try row.text("id")), let person = PersonID(rawValue: try row.text("person_id")) else {
            throw HubStorageError.damaged
        }
        self.id = id
        self.person = person
        model = try row.text("model")
        quality = try JSON.value(QualityResult.self, from: try row.text("quality"))
        created = try row.time("created_ms")
    }
}

/// The rows of one gallery's templates; as with ``Persons``, the gallery has been found for its owner before.
struct StoredTemplates {
    let connection: any SQLConnection
    let gallery: GalleryID

    private static func purpose(_ id: String, _ model: String) -> String { "template \(id) \(model)" }

    static func open(_ row: SQLRow, with key: PersonKey) throws -> Template {
        let model: String = try row.text("model")
        let bytes: [UInt8] = try key.open(try row.blob("sealed"), as: purpose(try row.text("id"), model))
        return try Template(model: ModelID(rawValue: model), littleEndianBytes: bytes)
    }

    func rows(of person: String) throws -> [SQLRow] {
        try connection.rows("SELECT * FROM template WHERE gallery_id = ? AND person_id = ? ORDER BY id", [.text(gallery.rawValue), .text(person)])
    }

    func row(_ id: TemplateID) throws -> SQLRow? {
        try connection.firstRow("SELECT * FROM template WHERE gallery_id = ? AND id = ?", [.text(gallery.rawValue), .text(id.rawValue)])
    }

    func insert(_ template: Template, quality: QualityResult, person: String, key: PersonKey, version: Int64, now: Timestamp) throws -> StoredTemplate {
        let id = TemplateID(at: now)
        let sealed: [UInt8] = try key.seal(template.littleEndianBytes, as: Self.purpose(id.rawValue, template.model.rawValue))
        return try StoredTemplate(
            connection.rows(
                "INSERT INTO template (id, gallery_id, person_id, model, sealed, quality, version, created_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING *",
                [
                    .text(id.rawValue), .text(gallery.rawValue), .text(person), .text(template.model.rawValue), .blob(sealed),
                    .text(try JSON.text(quality)), .integer(version), .integer(now.milliseconds),
                ])[0])
    }

    /// Gives a template to another person: sealed anew, under that one's key.
    func move(_ row: SQLRow, from key: PersonKey, to person: String, _ other: PersonKey, version: Int64) throws {
        let template: Template = try Self.open(row, with: key)
        let id: String = try row.text("id")
        try connection.execute(
            "UPDATE template SET person_id = ?, sealed = ?, version = ? WHERE id = ?",
            [
                .text(person), .blob(try other.seal(template.littleEndianBytes, as: Self.purpose(id, template.model.rawValue))), .integer(version), .text(id),
            ])
    }
}
