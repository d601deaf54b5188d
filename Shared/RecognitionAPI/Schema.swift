import WireModel

/// The part of JSON Schema 2020-12 that the API uses: the same value checks requests and is written into the OpenAPI
/// document, so that what is documented is what is enforced.
package indirect enum Schema: Sendable {
    /// Length in Unicode scalars, as JSON Schema counts.
    case string(length: ClosedRange<Int>, form: Form?)
    case choice([String])
    case integer(ClosedRange<Int64>)
    case number(ClosedRange<Double>)
    /// One of these.
    case numbers([Double])
    case boolean
    case array(Schema, most: Int)
    case object([Field])
    /// Any member names, one schema for the values.
    case map(Schema)
    /// A schema under `#/components/schemas`.
    case reference(String)
    case anything

    package enum Form: String, Sendable {
        case email, uri
        case dateTime = "date-time"
        case identifier
        case digest
        case password
        /// Bytes as base64 text; its decoder says what is wrong with it.
        case base64
    }

    package struct Field: Sendable {
        package let name: String
        package let schema: Schema
        package let isRequired: Bool
        package let about: String

        package static func required(_ name: String, _ schema: Schema, _ about: String = "") -> Field {
            Field(name: name, schema: schema, isRequired: true, about: about)
        }

        package static func optional(_ name: String, _ schema: Schema, _ about: String = "") -> Field {
            Field(name: name, schema: schema, isRequired: false, about: about)
        }
    }
}

extension Schema {
    package static func text(_ length: ClosedRange<Int>) -> Schema { .string(length: length, form: nil) }
    package static let time: Schema = .string(length: 20...30, form: .dateTime)
    package static let email: Schema = .string(length: 3...254, form: .email)
    package static let identifier: Schema = .string(length: 5...64, form: .identifier)
    package static let digest: Schema = .string(length: 64...64, form: .digest)
    package static let count: Schema = .integer(0...Int64.max)
    package static let anyNumber: Schema = .number(-Double.infinity...Double.infinity)
    /// A picture in JSON.
    package static let picture: Schema = .string(length: 1...Int.max, form: .base64)
    package static func list(_ item: Schema) -> Schema { .array(item, most: .max) }
    package static func choices<Value: RawRepresentable & CaseIterable>(_ type: Value.Type) -> Schema where Value.RawValue == String {
        .choice(type.allCases.map(\.rawValue))
    }

    private static let identifierPattern: String = "^[a-z]{3}_[0-9a-f]{32}$"
    private static let digestPattern: String = "^[0-9a-f]{64}$"

    /// - Returns: the schema as JSON Schema.
    package var json: JSONValue {
        switch self {
        case .string(let length, let form):
            var members: [String: JSONValue] = ["type": "string"]
            if length.lowerBound > 0 { members["minLength"] = .integer(Int64(length.lowerBound)) }
            if length.upperBound < .max { members["maxLength"] = .integer(Int64(length.upperBound)) }
            switch form {
            case .identifier?: return ["type": "string", "pattern": .string(Self.identifierPattern)]
            case .digest?: return ["type": "string", "pattern": .string(Self.digestPattern)]
            case .dateTime?: return ["type": "string", "format": "date-time"]
            case .base64?: members["contentEncoding"] = "base64"
            case let form?: members["format"] = .string(form.rawValue)
            case nil: break
            }
            return .object(members)
        case .choice(let values): return ["type": "string", "enum": .array(values.map(JSONValue.string))]
        case .integer(let range):
            var members: [String: JSONValue] = ["type": "integer", "format": "int64", "minimum": .integer(range.lowerBound)]
            if range.upperBound < .max { members["maximum"] = .integer(range.upperBound) }
            return .object(members)
        case .number(let range):
            var members: [String: JSONValue] = ["type": "number"]
            if range.lowerBound.isFinite { members["minimum"] = .number(range.lowerBound) }
            if range.upperBound.isFinite { members["maximum"] = .number(range.upperBound) }
            return .object(members)
        case .numbers(let values): return ["type": "number", "enum": .array(values.map(JSONValue.number))]
        case .boolean: return ["type": "boolean"]
        case .array(let item, let most):
            var members: [String: JSONValue] = ["type": "array", "items": item.json]
            if most < .max { members["maxItems"] = .integer(Int64(most)) }
            return .object(members)
        case .object(let fields):
            var members: [String: JSONValue] = ["type": "object", "additionalProperties": false]
            members["properties"] = .object(
                fields.reduce(into: [:]) { properties, field in
                    guard case .object(var schema) = field.schema.json else { return }
                    if !field.about.isEmpty, schema["$ref"] == nil { schema["description"] = .string(field.about) }
                    properties[field.name] = .object(schema)
                })
            let required: [JSONValue] = fields.filter(\.isRequired).map { .string($0.name) }
            if !required.isEmpty { members["required"] = .array(required) }
            return .object(members)
        case .map(let value): return ["type": "object", "additionalProperties": value.json]
        case .reference(let name): return ["$ref": .string("#/components/schemas/\(name)")]
        case .anything: return [:]
        }
    }

    /// - Returns: what does not fit, by JSON pointer; `nil` when everything does. Values are never quoted.
    package func fault(in value: JSONValue, at pointer: String = "") -> String? {
        let place: String = pointer.isEmpty ? "the body" : pointer
        switch (self, value) {
        // Megabytes, that are looked at once, where they are decoded.
        case (.string(let length, .base64), .string(let text)): return text.utf8.count < length.lowerBound ? "\(place): is empty" : nil
        case (.string(let length, let form), .string(let text)):
            let count: Int = text.unicodeScalars.count
            if form != .dateTime, !length.contains(count) { return "\(place): a text of \(length.lowerBound) to \(length.upperBound) characters is wanted" }
            // They could make a terminal or a log show something else than was sent.
            let isClean: Bool = text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control || $0 == "\n" || $0 == "\t" || $0 == "\r" }
            if !isClean { return "\(place): control characters other than line ends and tabs are not taken" }
            return Self.fits(text, form) ? nil : "\(place): is not of the form “\(form?.rawValue ?? "")”"
        case (.choice(let values), .string(let text)):
            return values.contains(text) ? nil : "\(place): is not one of \(values.joined(separator: ", "))"
        case (.integer(let range), .integer(let number)):
            return range.contains(number) ? nil : "\(place): is not from \(range.lowerBound) to \(range.upperBound)"
        case (.number(let range), .number(let number)):
            return range.contains(number) ? nil : "\(place): is not from \(range.lowerBound) to \(range.upperBound)"
        case (.number, .integer(let number)): return fault(in: .number(Double(number)), at: pointer)
        case (.numbers(let values), .number(let number)):
            return values.contains { abs(number - $0) <= abs($0) * 1e-6 } ? nil : "\(place): is not one of \(values.map(\.description).joined(separator: ", "))"
        case (.numbers, .integer(let number)): return fault(in: .number(Double(number)), at: pointer)
        case (.boolean, .boolean), (.anything, _): return nil
        case (.array(let item, let most), .array(let items)):
            if items.count > most { return "\(place): has more than \(most) items" }
            for (index, element) in items.enumerated() {
                if let fault = item.fault(in: element, at: "\(pointer)/\(index)") { return fault }
            }
            return nil
        case (.map(let schema), .object(let members)):
            for (name, member) in members {
                if let fault = schema.fault(in: member, at: "\(pointer)/\(name)") { return fault }
            }
            return nil
        case (.object(let fields), .object(let members)):
            for field in fields {
                guard let member = members[field.name] else {
                    if field.isRequired { return "\(pointer)/\(field.name): is missing" }
                    continue
                }
                if let fault = field.schema.fault(in: member, at: "\(pointer)/\(field.name)") { return fault }
            }
            let known: Set<String> = Set(fields.map(\.name))
            return members.keys.sorted().first { !known.contains($0) }.map { _ in "\(place): has a member that is not known here" }
        default: return "\(place): is of another type than wanted"
        }
    }

    private static func fits(_ text: String, _ form: Form?) -> Bool {
        switch form {
        case .identifier?: text.utf8.count == 36 && text.dropFirst(4).utf8.allSatisfy(isLowerHex) && text.dropFirst(3).first == "_"
        case .digest?: text.utf8.count == 64 && text.utf8.allSatisfy(isLowerHex)
        case .dateTime?: Timestamp(text) != nil
        default: true
        }
    }

    private static func isLowerHex(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte) }
}
