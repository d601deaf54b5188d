import WireModel

/// The body of a request, taken apart.
package struct BodyContent: Sendable {
    package let json: JSONValue
    let pictures: [String: [UInt8]]

    /// - Throws: `invalid_request`, `media_type_unsupported`, `body_too_large`.
    package init(_ bytes: [UInt8], contentType: String?, for body: RecognitionBody) throws(Problem) {
        guard let schema = body.schema else {
            (json, pictures) = (.null, [:])
            return
        }
        guard bytes.count <= body.limit else {
            throw Problem(.bodyTooLarge, "The request is too large.", detail: "\(bytes.count) bytes, at most \(body.limit)", remedy: "Send less at a time.")
        }
        let type: String = (contentType ?? "").prefix { $0 != ";" }.filter { $0 != " " && $0 != "\t" }.lowercased()
        guard body.mediaTypes.contains(type) else {
            throw Problem(
                .mediaTypeUnsupported, "The body is of a type that this route does not take.", detail: type.isEmpty ? "no Content-Type" : "",
                remedy: "Send Content-Type: \(body.mediaTypes.joined(separator: ", or ")).")
        }
        switch body {
        case .none: (json, pictures) = (.null, [:])
        case .json: (json, pictures) = (try Self.json(bytes), [:])
        case .pictures(_, let members, let raw):
            if type == MediaType.json {
                (json, pictures) = (try Self.json(bytes), [:])
            } else if type == MediaType.form {
                (json, pictures) = try Self.form(bytes, contentType: contentType ?? "", schema: schema, members: members)
            } else {
                (json, pictures) = ([:], [raw ?? "": bytes])
            }
        }
        // A picture that came as bytes stands where its text would.
        var whole: JSONValue = json
        if case .object(var values) = json {
            for name in pictures.keys { values[name] = "-" }
            whole = .object(values)
        }
        if let fault = schema.fault(in: whole) {
            throw Problem(.invalidRequest, "The body does not fit this route.", detail: fault, remedy: "See the route in /openapi.json.")
        }
    }

    /// The picture of a member, however it came; `nil` when it did not.
    package func picture(_ member: String) throws(Problem) -> [UInt8]? {
        if let bytes = pictures[member] { return bytes }
        guard let text = json[member]?.text else { return nil }
        return try Base64Picture.decode(text, member: member)
    }

    private static let notJSON = Problem(.invalidRequest, "The body is not JSON.", remedy: "Send one JSON object in UTF-8.")

    private static func json(_ bytes: [UInt8]) throws(Problem) -> JSONValue {
        // RFC 8259 §8.1: UTF-8; the decoder would take other encodings too, by their zeros.
        guard !bytes.contains(0), String(validating: bytes, as: UTF8.self) != nil else { throw notJSON }
        do { return try JSON.value(JSONValue.self, from: bytes) } catch { throw notJSON }
    }

    private static func form(
        _ bytes: [UInt8], contentType: String, schema: Schema, members: [String]
    ) throws(Problem) -> (json: JSONValue, pictures: [String: [UInt8]]) {
        guard case .object(let fields) = schema else { return ([:], [:]) }
        var values: [String: JSONValue] = [:]
        var pictures: [String: [UInt8]] = [:]
        for part in try MultipartForm(bytes, contentType: contentType).parts {
            guard values[part.name] == nil, pictures[part.name] == nil else {
                throw Problem(.invalidRequest, "The form names a member twice.", remedy: "Send each member once.")
            }
            if members.contains(part.name) {
                pictures[part.name] = Array(bytes[part.content])
                continue
            }
            guard let text = String(validating: bytes[part.content], as: UTF8.self) else {
                throw Problem(.invalidRequest, "A field of the form is not UTF-8.", remedy: "Send text fields in UTF-8.")
            }
            // A member that nobody knows is left to the schema, which says so.
            values[part.name] = fields.first { $0.name == part.name }?.schema.value(plain: text) ?? .string(text)
        }
        return (.object(values), pictures)
    }
}
