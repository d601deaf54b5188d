import RecognitionAPI
import WireModel

/// What a definition makes of an answer, without anything being kept.
package struct VariantPreview: Sendable, Encodable {
    /// How one value of the definition is to be read.
    package struct Reading: Sendable, Encodable, Hashable {
        /// Names from the outermost field inwards, joined by `/`.
        package let field: String
        package let from: String
        package let unit: String
        package let about: String
    }

    package let mediaType: String
    /// As it would be sent.
    package let output: String
    package let records: Int
    package let readings: [Reading]
}

extension VariantDefinition {
    /// - Parameter answer: a base answer; `nil` takes a sample.
    package func preview(_ answer: JSONValue?) -> VariantPreview {
        let call = VariantCall(id: SampleAnswer.call.id, api: base, time: SampleAnswer.call.time)
        let rendered: RenderedAnswer = render(answer ?? SampleAnswer.of(base), of: call)
        return VariantPreview(
            mediaType: rendered.mediaType, output: String(decoding: rendered.bytes, as: UTF8.self), records: rendered.records,
            readings: Self.readings(fields, inside: ""))
    }

    private static func readings(_ fields: [Field], inside outer: String) -> [VariantPreview.Reading] {
        fields.flatMap { field -> [VariantPreview.Reading] in
            let name: String = outer.isEmpty ? field.name : outer + "/" + field.name
            switch field.content {
            case .constant: return []
            case .group(let fields), .each(_, let fields): return readings(fields, inside: name)
            case .value(let value):
                return [VariantPreview.Reading(field: name, from: value.path.key, unit: value.unitName, about: value.about)]
            }
        }
    }
}

extension VariantDefinition.Value {
    fileprivate var unitName: String {
        if unit != .base { return unit.rawValue }
        return switch leaf {
        case .score, .threshold: AnswerUnit.cosine.rawValue
        case .across, .down: AnswerUnit.pixels.rawValue
        case .angle: AnswerUnit.degrees.rawValue
        case .time: AnswerUnit.rfc3339.rawValue
        case .text, .boolean, .outcome, .count, .number, .rate: "none"
        }
    }

    fileprivate var about: String {
        switch leaf {
        case .score: "the comparison score s as \(unit.scoreFormula); its threshold is converted alike, and rounding never carries a score over it"
        case .threshold: "the threshold s as \(unit.scoreFormula)"
        case .rate: "0 to 1; rounded up, so that a rate that is not zero never reads as zero"
        case .across: unit == .fraction ? "of the picture's width, from its left edge" : "pixels of the upright picture, from its left edge"
        case .down: unit == .fraction ? "of the picture's height, from its top" : "pixels of the upright picture, from its top"
        case .angle: "0 looks at the camera"
        case .time: unit == .unixMilliseconds ? "milliseconds since 1970-01-01T00:00:00Z" : "UTC"
        case .outcome: "match, unknown or undecided\(words.isEmpty ? "" : ", in the definition's own words")"
        case .text, .boolean, .count, .number: ""
        }
    }
}
