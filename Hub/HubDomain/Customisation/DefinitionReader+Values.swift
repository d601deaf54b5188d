import RecognitionAPI
import WireModel

extension DefinitionReader {
    mutating func value(_ members: [String: JSONValue], at pointer: String, lists: [String]) -> VariantDefinition.Content? {
        guard let (path, leaf): (AnswerPath, AnswerLeaf) = path(members["from"], at: pointer + "/from") else { return nil }
        if format == .csv, !lists.contains("faces"), path.steps.starts(with: [.member("faces"), .every]) {
            note(pointer + "/from", "a CSV cell holds one value: choose one face (faces[0]) or one record per face")
        }
        var unit: AnswerUnit = AnswerUnit.kind(of: leaf).flatMap { units[$0] } ?? .base
        if let named = members["unit"] { unit = self.unit(named, of: AnswerUnit.kind(of: leaf), at: pointer + "/unit") ?? unit }
        let decimals: Int? = self.decimals(members["decimals"], of: leaf, at: pointer + "/decimals")
        let absent: VariantDefinition.Scalar = members["default"].flatMap { scalar($0, at: pointer + "/default") } ?? .null
        return .value(
            VariantDefinition.Value(
                path: path, leaf: leaf, unit: unit, decimals: decimals, absent: absent, words: words(members["words"], of: leaf, at: pointer + "/words")))
    }

    private mutating func path(_ value: JSONValue?, at pointer: String) -> (AnswerPath, AnswerLeaf)? {
        guard let text = value?.text, let path = AnswerPath(text) else {
            note(pointer, "is not a path such as faces[].person or width")
            return nil
        }
        if path.memberNames.contains(where: { AnswerShape.templateWords.contains($0.lowercased()) }) {
            note(pointer, "the numbers of a template are never given out, whatever is agreed")
            return nil
        }
        guard let leaf = shape.leaves[path.key] else {
            note(pointer, "the answer of \(base.rawValue) has no such value")
            return nil
        }
        return (path, leaf)
    }

    private mutating func unit(_ value: JSONValue, of kind: String?, at pointer: String) -> AnswerUnit? {
        guard let kind, let units = AnswerUnit.kinds.first(where: { $0.name == kind })?.units else {
            note(pointer, "this value has no unit to choose")
            return nil
        }
        guard let unit = value.text.flatMap(AnswerUnit.init(rawValue:)), units.contains(unit) else {
            note(pointer, "is not one of \(units.map(\.rawValue).joined(separator: ", "))")
            return nil
        }
        return unit
    }

    mutating func readUnits(_ value: JSONValue?) {
        guard let value, let members = object(value, at: "/units", knowing: Set(AnswerUnit.kinds.map(\.name))) else { return }
        for (kind, _) in AnswerUnit.kinds {
            if let named = members[kind] { units[kind] = unit(named, of: kind, at: "/units/\(kind)") }
        }
    }

    private mutating func decimals(_ value: JSONValue?, of leaf: AnswerLeaf, at pointer: String) -> Int? {
        guard let value else { return nil }
        switch leaf {
        case .number, .score, .threshold, .rate, .across, .down, .angle: break
        default:
            note(pointer, "this value is no number with decimals")
            return nil
        }
        guard case .integer(let count) = value, (0...12).contains(count) else {
            note(pointer, "a whole number from 0 to 12 is wanted")
            return nil
        }
        return Int(count)
    }

    private mutating func words(_ value: JSONValue?, of leaf: AnswerLeaf, at pointer: String) -> [String: String] {
        guard let value else { return [:] }
        guard leaf == .outcome else {
            note(pointer, "only an outcome has other words")
            return [:]
        }
        guard let members = object(value, at: pointer, knowing: Set(DecisionOutcome.allCases.map(\.rawValue))) else { return [:] }
        var words: [String: String] = [:]
        for (outcome, word) in members.sorted(by: { $0.key < $1.key }) {
            if let word = text(word, 0...200, at: "\(pointer)/\(outcome)") { words[outcome] = word }
        }
        return words
    }

    mutating func csv(_ value: JSONValue?) -> (hasHeader: Bool, delimiter: Character) {
        guard let value else { return (true, ",") }
        if format != .csv { note("/csv", "goes with the format csv only") }
        guard let members = object(value, at: "/csv", knowing: ["header", "delimiter"]) else { return (true, ",") }
        var hasHeader: Bool = true
        if let header = members["header"] {
            if case .boolean(let isThere) = header { hasHeader = isThere } else { note("/csv/header", "true or false is wanted") }
        }
        let delimiters: [String: Character] = ["comma": ",", "semicolon": ";", "tab": "\t"]
        guard let named = members["delimiter"] else { return (hasHeader, ",") }
        guard let delimiter = named.text.flatMap({ delimiters[$0] }) else {
            note("/csv/delimiter", "is not one of \(delimiters.keys.sorted().joined(separator: ", "))")
            return (hasHeader, ",")
        }
        return (hasHeader, delimiter)
    }

    // MARK: Parts

    mutating func object(_ value: JSONValue, at pointer: String, knowing known: Set<String>) -> [String: JSONValue]? {
        guard case .object(let members) = value else {
            note(pointer, "an object is wanted")
            return nil
        }
        for name in members.keys.sorted() where !known.contains(name) {
            let escaped: String = String(name.prefix(64)).replacing("~", with: "~0").replacing("/", with: "~1")
            note("\(pointer)/\(escaped)", "is not known; known are \(known.sorted().joined(separator: ", "))")
        }
        return members
    }

    mutating func choice<Value: RawRepresentable & CaseIterable>(_ value: JSONValue?, at pointer: String, of type: Value.Type) -> Value?
    where Value.RawValue == String {
        guard let value else { return nil }
        if let chosen = value.text.flatMap(Value.init(rawValue:)) { return chosen }
        note(pointer, "is not one of \(Value.allCases.map(\.rawValue).joined(separator: ", "))")
        return nil
    }

    mutating func list<Value: RawRepresentable & CaseIterable>(_ value: JSONValue?, at pointer: String, of type: Value.Type) -> [Value]
    where Value.RawValue == String {
        guard let value else { return [] }
        guard case .array(let items) = value, (1...10).contains(items.count) else {
            note(pointer, "a list of at least one is wanted")
            return []
        }
        return items.enumerated().compactMap { choice($1, at: "\(pointer)/\($0)", of: type) }
    }

    mutating func scalar(_ value: JSONValue?, at pointer: String) -> VariantDefinition.Scalar? {
        switch value {
        case .null?: return .null
        case .boolean(let value)?: return .boolean(value)
        case .integer(let value)?: return .integer(value)
        case .number(let value)?: return .number(value)
        case .string?: return value.flatMap { text($0, 0...1_000, at: pointer) }.map { .text($0) }
        case .array?, .object?, nil:
            note(pointer, "a text, a number, true, false or null is wanted")
            return nil
        }
    }

    mutating func text(_ value: JSONValue, _ length: ClosedRange<Int>, at pointer: String) -> String? {
        guard let text = value.text, length.contains(text.unicodeScalars.count),
            text.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control || $0 == "\n" || $0 == "\t" })
        else {
            note(pointer, "a text of \(length.lowerBound) to \(length.upperBound) characters without control characters is wanted")
            return nil
        }
        return text
    }

    /// The name of a field or element: anything in JSON and CSV, what XML allows in XML.
    mutating func name(_ value: JSONValue?, at pointer: String) -> String? {
        guard let value, let name = text(value, 1...64, at: pointer) else { return nil }
        if format == .xml, !XMLName.isGood(name) {
            note(pointer, "is not the name of an XML element without a prefix")
            return nil
        }
        return name
    }
}
