import RecognitionAPI
import WireModel

/// What the answer of a custom variant looks like: chosen from the base answer by a document that says what, never how.
/// Nothing in it runs.
package struct VariantDefinition: Sendable {
    package enum Format: String, Sendable, CaseIterable {
        case json, csv, xml

        package var mediaType: String {
            switch self {
            case .json: MediaType.json
            case .csv: "text/csv; charset=utf-8"
            case .xml: "application/xml; charset=utf-8"
            }
        }
    }

    package enum Records: String, Sendable, CaseIterable {
        /// One record of the whole call.
        case call
        /// One of each face.
        case face
    }

    package enum Delivery: String, Sendable, CaseIterable {
        /// In the answer to the call.
        case answer
        /// To the account's webhook endpoints.
        case webhook
    }

    /// A value that is written as it is.
    enum Scalar: Sendable, Hashable {
        case null
        case boolean(Bool)
        case integer(Int64)
        case number(Double)
        case text(String)
    }

    struct Value: Sendable, Hashable {
        let path: AnswerPath
        let leaf: AnswerLeaf
        let unit: AnswerUnit
        /// After the point; `nil` writes what is known.
        let decimals: Int?
        /// In place of a value that the answer lacks.
        let absent: Scalar
        /// Other words for outcomes.
        let words: [String: String]
    }

    indirect enum Content: Sendable, Hashable {
        case value(Value)
        case constant(Scalar)
        case group([Field])
        /// One group for each element of a list of the answer.
        case each(list: String, [Field])
    }

    struct Field: Sendable, Hashable {
        let name: String
        let content: Content
    }

    /// The bounds of a definition.
    package static let mostFields: Int = 100
    package static let mostDepth: Int = 8
    package static let mostBytes: Int = 16_384

    /// The base API whose answers it is of.
    package let base: APIName
    package let format: Format
    package let records: Records
    package let delivery: Set<Delivery>
    let only: Set<DecisionOutcome>
    let fields: [Field]
    /// JSON: the member around the whole, if any. XML: the outermost element.
    let root: String?
    /// XML: the element of one record.
    let record: String
    /// CSV: whether the first line names the columns.
    let hasHeader: Bool
    let delimiter: Character
    /// The document itself, with the base's name and nothing added.
    package let document: JSONValue
}

extension VariantDefinition: Encodable {
    package func encode(to encoder: any Encoder) throws { try document.encode(to: encoder) }
}

/// What is wrong with a definition, and where.
package struct DefinitionFault: Sendable, Hashable, Codable {
    /// JSON pointer (RFC 6901) into the definition.
    package let pointer: String
    package let fault: String
}

/// Everything that is wrong with a definition.
package struct DefinitionFaults: Error, Sendable, Hashable {
    package let faults: [DefinitionFault]

    /// The first ten, with their pointers.
    package var problem: Problem {
        let told: [String] = faults.prefix(10).map { "\($0.pointer.isEmpty ? "(the whole)" : $0.pointer): \($0.fault)" }
        let rest: String = faults.count > 10 ? "; and \(faults.count - 10) more" : ""
        return Problem(
            .definitionInvalid, "The definition cannot be served.", detail: String((told.joined(separator: "; ") + rest).prefix(2_000)),
            remedy: "Correct each place and try it with POST /v1/account/customisation-previews.")
    }
}
