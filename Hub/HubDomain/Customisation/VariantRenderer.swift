import RecognitionAPI
import WireModel

/// What every call has besides its answer.
package struct VariantCall: Sendable, Hashable {
    /// Of the metering record.
    package let id: String
    package let api: APIName
    package let time: Timestamp

    package init(id: String, api: APIName, time: Timestamp) {
        self.id = id
        self.api = api
        self.time = time
    }
}

/// An answer in the variant's form.
package struct RenderedAnswer: Sendable, Hashable {
    package let bytes: [UInt8]
    package let mediaType: String
    /// Records in it; none when no outcome was one of those asked for.
    package let records: Int
}

extension VariantDefinition {
    /// Writes a base answer as this definition says. Pure: the same answer gives the same bytes.
    package func render(_ answer: JSONValue, of call: VariantCall) -> RenderedAnswer {
        let rendering = Rendering(definition: self, answer: chosen(from: answer), call: call)
        let records: [RenderedValue] = rendering.records
        let text: String =
            switch format {
            case .json: JSONWriter.text(of: records, definition: self)
            case .csv: CSVWriter(delimiter: delimiter).text(of: records, columns: hasHeader ? fields.map(\.name) : nil)
            case .xml: XMLWriter.text(of: records, definition: self)
            }
        return RenderedAnswer(bytes: Array(text.utf8), mediaType: format.mediaType, records: records.count)
    }

    /// The answer with the faces whose outcome is wanted, and no others: `faces[0]` is the first of these.
    private func chosen(from answer: JSONValue) -> JSONValue {
        guard !only.isEmpty, case .object(var members) = answer, case .array(let faces)? = members["faces"] else { return answer }
        members["faces"] = .array(faces.filter { isWanted($0) })
        return .object(members)
    }

    fileprivate func isWanted(_ decision: JSONValue) -> Bool {
        only.isEmpty || decision["outcome"]?.text.flatMap(DecisionOutcome.init(rawValue:)).map(only.contains) ?? false
    }
}

/// One answer on its way into one form.
private struct Rendering {
    let definition: VariantDefinition
    let answer: JSONValue
    let call: VariantCall

    var records: [RenderedValue] {
        switch definition.records {
        case .call:
            // Where the outcome is the call's own, it decides whether there is a record at all.
            if AnswerShape.of(definition.base)?.outcomePath == "outcome", !definition.isWanted(answer) { return [] }
            return [.group(members(definition.fields, at: [:]))]
        case .face: return (0..<count(of: "faces", at: [:])).map { .group(members(definition.fields, at: ["faces": $0])) }
        }
    }

    private func count(of list: String, at places: [String: Int]) -> Int {
        AnswerPath(list + "[]")?.values(in: answer, at: places).count ?? 0
    }

    private func members(_ fields: [VariantDefinition.Field], at places: [String: Int]) -> [RenderedValue.Member] {
        fields.map { field in
            let value: RenderedValue
            switch field.content {
            case .constant(let scalar): value = RenderedValue(scalar)
            case .group(let fields): value = .group(members(fields, at: places))
            case .each(let list, let fields):
                value = .list(
                    (0..<count(of: list, at: places)).map { index in .group(members(fields, at: places.merging([list: index]) { $1 })) })
            case .value(let wanted): value = self.value(wanted, at: places)
            }
            return RenderedValue.Member(name: field.name, value: value)
        }
    }

    private func value(_ wanted: VariantDefinition.Value, at places: [String: Int]) -> RenderedValue {
        if wanted.path.steps.first == .member("call") { return callFact(wanted) }
        if wanted.path.isList(inside: Array(places.keys)) {
            // A list of scores has its thresholds in the same order.
            return .list(elements(wanted, at: places))
        }
        guard let found = wanted.path.values(in: answer, at: places).first else { return RenderedValue(wanted.absent) }
        return write(found, wanted, threshold: threshold(of: wanted, at: places).first)
    }

    private func elements(_ wanted: VariantDefinition.Value, at places: [String: Int]) -> [RenderedValue] {
        // Through faces one by one, so that what one face lacks does not move what the next has.
        guard places["faces"] == nil, wanted.path.steps.starts(with: [.member("faces"), .every]) else {
            let threshold: Double? = threshold(of: wanted, at: places).first
            return wanted.path.values(in: answer, at: places).map { write($0, wanted, threshold: threshold) }
        }
        return (0..<count(of: "faces", at: places)).flatMap { index -> [RenderedValue] in
            let place: [String: Int] = places.merging(["faces": index]) { $1 }
            if wanted.path.isList(inside: Array(place.keys)) { return elements(wanted, at: place) }
            return [value(wanted, at: place)]
        }
    }

    private func callFact(_ wanted: VariantDefinition.Value) -> RenderedValue {
        switch wanted.path.key {
        case "call.id": .text(call.id)
        case "call.api": .text(call.api.rawValue)
        default: time(call.time, wanted.unit)
        }
    }

    private func time(_ time: Timestamp, _ unit: AnswerUnit) -> RenderedValue {
        unit == .unixMilliseconds ? .integer(time.milliseconds) : .text(time.description)
    }

    // MARK: Leaves

    private func threshold(of wanted: VariantDefinition.Value, at places: [String: Int]) -> [Double] {
        guard case .score(let key) = wanted.leaf else { return [] }
        // In the same elements as the score, also where these are named by number.
        guard let path = AnswerPath(key) else { return [] }
        let steps: [AnswerPath.Step] = path.steps.enumerated().map { index, step in
            step == .every && wanted.path.steps.indices.contains(index) ? wanted.path.steps[index] : step
        }
        return AnswerPath(steps: steps).values(in: answer, at: places).compactMap(\.double)
    }

    private func write(_ found: JSONValue, _ wanted: VariantDefinition.Value, threshold: Double?) -> RenderedValue {
        switch wanted.leaf {
        case .outcome: return found.text.map { .text(wanted.words[$0] ?? $0) } ?? RenderedValue(wanted.absent)
        case .text: return found.text.map { .text($0) } ?? RenderedValue(wanted.absent)
        case .boolean: if case .boolean(let value) = found { return .boolean(value) }
        case .count: if case .integer(let value) = found { return .integer(value) }
        case .time: return found.text.flatMap(Timestamp.init).map { time($0, wanted.unit) } ?? RenderedValue(wanted.absent)
        case .number, .score, .threshold, .rate, .across, .down, .angle:
            if let number = found.double, let value = number.isFinite ? self.number(number, wanted, threshold: threshold) : nil { return .number(value) }
        }
        return RenderedValue(wanted.absent)
    }

    private func number(_ value: Double, _ wanted: VariantDefinition.Value, threshold: Double?) -> Double? {
        let whole: Double? =
            switch wanted.leaf {
            case .across(let side), .down(let side): AnswerPath(side)?.values(in: answer, at: [:]).first?.double
            default: nil
            }
        guard let converted = wanted.unit.convert(value, whole: whole) else { return nil }
        guard let decimals = wanted.decimals ?? wanted.unit.standardDecimals else { return converted }
        switch wanted.leaf {
        case .rate: return Rounding.up(converted, decimals: decimals)
        case .score: return Rounding.score(converted, threshold: threshold.flatMap { wanted.unit.convert($0) }, decimals: decimals)
        default: return Rounding.nearest(converted, decimals: decimals)
        }
    }
}

extension JSONValue {
    fileprivate var double: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }
}
