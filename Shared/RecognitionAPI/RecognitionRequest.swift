import Biometrics
import FacePipeline
import WireModel

/// One call of one route, everything in it held against the route's schemas.
package struct RecognitionRequest: Sendable {
    /// By the names in the route's path.
    package let path: [String: String]
    /// Only what the route knows; each value fits its schema.
    package let query: [String: JSONValue]
    /// The body's members but the pictures that came as bytes; null where the route takes none.
    package let json: JSONValue
    /// Pictures that came as bytes, by member.
    let pictures: [String: [UInt8]]

    init(path: [String: String], query: [String: JSONValue], json: JSONValue, pictures: [String: [UInt8]]) {
        self.path = path
        self.query = query
        self.json = json
        self.pictures = pictures
    }

    /// Reads a call.
    /// - Parameters:
    ///   - path: the route's parameters, escapes undone.
    ///   - query: escapes undone; names that the route does not know are left out.
    ///   - contentType: as sent.
    ///   - bytes: the whole body.
    /// - Throws: `invalid_request`, `media_type_unsupported`, `body_too_large`.
    package init<Backend>(
        _ route: RecognitionRoute<Backend>, path: [String: String], query: [(name: String, value: String)], contentType: String?, bytes: [UInt8]
    ) throws(Problem) {
        let values: [String: JSONValue] = try Self.query(query, of: route.query)
        let body = try BodyContent(bytes, contentType: contentType, for: route.body)
        self.init(path: path, query: values, json: body.json, pictures: body.pictures)
    }

    private static func query(_ sent: [(name: String, value: String)], of parameters: [RecognitionParameter]) throws(Problem) -> [String: JSONValue] {
        var values: [String: JSONValue] = [:]
        for parameter in parameters {
            guard let text = sent.first(where: { $0.name == parameter.name })?.value else { continue }
            let value: JSONValue = parameter.schema.value(plain: text)
            if let fault = parameter.schema.fault(in: value, at: "?\(parameter.name)") {
                throw Problem(.invalidRequest, "A parameter of the query does not fit.", detail: fault, remedy: "See the route in /openapi.json.")
            }
            values[parameter.name] = value
        }
        return values
    }

    /// A path parameter as an identifier. One that is none names nothing.
    func id<Kind: IdentifierKind>(_ name: String) throws(Problem) -> Identifier<Kind> {
        guard let id = Identifier<Kind>(rawValue: path[name] ?? "") else { throw Self.missing(name) }
        return id
    }

    static func missing(_ name: String) -> Problem {
        Problem(.notFound, "There is no such \(name).", remedy: "Check the identifier against the list.")
    }

    func integer(_ name: String, otherwise standard: Int) -> Int {
        if case .integer(let value)? = query[name] { Int(value) } else { standard }
    }

    func flag(_ name: String) -> Bool { query[name] == .boolean(true) }

    func text(_ name: String) -> String? { query[name]?.text }

    /// The picture of a member, however it came; `nil` when it did not.
    func picture(_ member: String) throws(Problem) -> [UInt8]? {
        if let bytes = pictures[member] { return bytes }
        guard let text = json[member]?.text else { return nil }
        return try Base64Picture.decode(text, member: member)
    }
}
