import RecognitionAPI
import WireModel

extension VariantDefinition {
    /// Reads a definition, whole: every fault is found, not only the first.
    /// - Parameter base: the API of the catalogue (or a variant of one) whose answer it shapes.
    package init(_ document: JSONValue, base: APIName) throws(DefinitionFaults) {
        guard let catalogue = base.base, let shape = AnswerShape.of(catalogue) else {
            throw DefinitionFaults(faults: [DefinitionFault(pointer: "", fault: "there is no base API of that name")])
        }
        guard let size = try? JSON.bytes(document).count, size <= Self.mostBytes else {
            throw DefinitionFaults(faults: [DefinitionFault(pointer: "", fault: "it is larger than \(Self.mostBytes) bytes")])
        }
        var reader = DefinitionReader(base: catalogue, shape: shape)
        let definition: VariantDefinition? = reader.read(document)
        guard reader.faults.isEmpty, let definition else { throw DefinitionFaults(faults: reader.faults) }
        self = definition
    }
}

/// Reads one definition and collects what is wrong with it.
struct DefinitionReader {
    let base: APIName
    let shape: AnswerShape
    private(set) var faults: [DefinitionFault] = []
    var format: VariantDefinition.Format = .json
    var units: [String: AnswerUnit] = [:]
    private var fieldCount: Int = 0

    init(base: APIName, shape: AnswerShape) {
        self.base = base
        self.shape = shape
    }

    mutating func note(_ pointer: String, _ fault: String) { faults.append(DefinitionFault(pointer: pointer, fault: fault)) }

    mutating func read(_ document: JSONValue) -> VariantDefinition? {
        guard let members = object(document, at: "", knowing: ["format", "records", "only", "units", "fields", "root", "record", "csv", "delivery"]) else {
            return nil
        }
        format = choice(members["format"], at: "/format", of: VariantDefinition.Format.self) ?? .json
        let records: VariantDefinition.Records = choice(members["records"], at: "/records", of: VariantDefinition.Records.self) ?? .call
        if records == .face, !shape.hasFaces { note("/records", "\(base.rawValue) does not answer with a list of faces") }
        let only: [DecisionOutcome] = list(members["only"], at: "/only", of: DecisionOutcome.self)
        if members["only"] != nil, shape.outcomePath == nil { note("/only", "\(base.rawValue) has no outcome to choose by") }
        let delivery: [VariantDefinition.Delivery] = list(members["delivery"], at: "/delivery", of: VariantDefinition.Delivery.self)
        readUnits(members["units"])
        let (hasHeader, delimiter): (Bool, Character) = csv(members["csv"])
        let fields: [VariantDefinition.Field] = self.fields(members["fields"], at: "/fields", depth: 1, lists: records == .face ? ["faces"] : [])
        let root: String? = name(members["root"], at: "/root")
        let record: String? = name(members["record"], at: "/record")
        if format == .csv, members["root"] != nil { note("/root", "CSV has no root") }
        if format != .xml, members["record"] != nil { note("/record", "only XML names its records") }
        return VariantDefinition(
            base: base, format: format, records: records, delivery: delivery.isEmpty ? [.answer] : Set(delivery), only: Set(only), fields: fields, root: root,
            record: record ?? "record", hasHeader: hasHeader, delimiter: delimiter, document: document)
    }

    // MARK: Fields

    private mutating func fields(_ value: JSONValue?, at pointer: String, depth: Int, lists: [String]) -> [VariantDefinition.Field] {
        guard case .array(let items)? = value, !items.isEmpty else {
            note(pointer, "a list of at least one field is wanted")
            return []
        }
        guard depth <= VariantDefinition.mostDepth else {
            note(pointer, "fields lie in one another \(VariantDefinition.mostDepth) deep at most")
            return []
        }
        fieldCount += items.count
        if fieldCount > VariantDefinition.mostFields, fieldCount - items.count <= VariantDefinition.mostFields {
            note(pointer, "a definition has \(VariantDefinition.mostFields) fields at most")
        }
        guard fieldCount <= VariantDefinition.mostFields else { return [] }
        var (fields, names): ([VariantDefinition.Field], Set<String>) = ([], [])
        for (index, item) in items.enumerated() {
            let place: String = "\(pointer)/\(index)"
            guard let field = field(item, at: place, depth: depth, lists: lists) else { continue }
            if !names.insert(field.name).inserted { note(place + "/name", "another field beside it has the same name") }
            fields.append(field)
        }
        return fields
    }

    private static let kinds: [String] = ["from", "constant", "fields"]

    private mutating func field(_ value: JSONValue, at pointer: String, depth: Int, lists: [String]) -> VariantDefinition.Field? {
        let known: Set<String> = ["name", "from", "constant", "fields", "each", "default", "unit", "decimals", "words"]
        guard let members = object(value, at: pointer, knowing: known) else { return nil }
        if members["name"] == nil { note(pointer + "/name", "is missing") }
        let name: String? = self.name(members["name"], at: pointer + "/name")
        let kinds: [String] = Self.kinds.filter { members[$0] != nil }
        guard kinds.count == 1 else {
            note(pointer, "exactly one of from, constant and fields is wanted")
            return nil
        }
        for (member, owner) in [("default", "from"), ("unit", "from"), ("decimals", "from"), ("words", "from"), ("each", "fields")]
        where members[member] != nil && kinds[0] != owner {
            note("\(pointer)/\(member)", "goes with \(owner) only")
        }
        let content: VariantDefinition.Content?
        switch kinds[0] {
        case "constant": content = scalar(members["constant"], at: pointer + "/constant").map { .constant($0) }
        case "from": content = self.value(members, at: pointer, lists: lists)
        default: content = group(members, at: pointer, depth: depth, lists: lists)
        }
        guard let name, let content else { return nil }
        return VariantDefinition.Field(name: name, content: content)
    }

    private mutating func group(_ members: [String: JSONValue], at pointer: String, depth: Int, lists: [String]) -> VariantDefinition.Content? {
        if format == .csv { note(pointer + "/fields", "CSV has no fields in fields") }
        guard let each = members["each"] else {
            return .group(fields(members["fields"], at: pointer + "/fields", depth: depth + 1, lists: lists))
        }
        guard let list = each.text, shape.leaves.keys.contains(where: { $0.hasPrefix(list + "[].") }) else {
            note(pointer + "/each", "is not a list of the answer of \(base.rawValue)")
            return nil
        }
        let outer: [Substring] = list.split(separator: "[].", omittingEmptySubsequences: false)
        if outer.count > 1, !lists.contains(outer.dropLast().joined(separator: "[].")) {
            note(pointer + "/each", "goes inside of a group for each of the list around it")
        }
        if lists.contains(list) { note(pointer + "/each", "that list is gone through already") }
        return .each(list: list, fields(members["fields"], at: pointer + "/fields", depth: depth + 1, lists: lists + [list]))
    }
}
