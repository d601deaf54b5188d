import WireModel

/// JSON (RFC 8259) with members in the definition's order, which no dictionary keeps.
enum JSONWriter {
    static func text(of records: [RenderedValue], definition: VariantDefinition) -> String {
        let whole: RenderedValue =
            switch definition.records {
            case .call: records.first ?? .null
            case .face: .list(records)
            }
        var text: String = ""
        write(definition.root.map { .group([RenderedValue.Member(name: $0, value: whole)]) } ?? whole, to: &text)
        return text
    }

    private static func write(_ value: RenderedValue, to text: inout String) {
        switch value {
        case .null: text += "null"
        case .boolean, .integer: text += value.plain
        case .number(let number): text += PlainNumber.text(number) ?? "null"
        case .text(let string): write(string: string, to: &text)
        case .list(let items):
            text += "["
            for (index, item) in items.enumerated() {
                if index > 0 { text += "," }
                write(item, to: &text)
            }
            text += "]"
        case .group(let members):
            text += "{"
            for (index, member) in members.enumerated() {
                if index > 0 { text += "," }
                write(string: member.name, to: &text)
                text += ":"
                write(member.value, to: &text)
            }
            text += "}"
        }
    }

    private static func write(string: String, to text: inout String) {
        text += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            // Line separators end a line in JavaScript before 2019, though not in JSON.
            case "\u{2028}", "\u{2029}": text += "\\u" + String(scalar.value, radix: 16)
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                let digits: String = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }
}

/// CSV by RFC 4180: CRLF after every line, quotes where they are needed; and no cell that a spreadsheet takes for a formula.
package struct CSVWriter {
    let delimiter: Character

    /// - Parameter columns: the first line, if there is to be one.
    func text(of records: [RenderedValue], columns: [String]?) -> String {
        var text: String = ""
        if let columns { text += line(columns.map { cell(.text($0)) }) }
        for case .group(let members) in records { text += line(members.map { cell($0.value) }) }
        return text
    }

    private func line(_ cells: [String]) -> String { cells.joined(separator: String(delimiter)) + "\r\n" }

    private func cell(_ value: RenderedValue) -> String {
        switch value {
        case .text(let text): Self.quoted(Self.disarmed(text))
        case .list(let items): Self.quoted(Self.disarmed(items.map(\.plain).joined(separator: " ")))
        default: Self.quoted(value.plain)
        }
    }

    /// - Returns: the text, with an apostrophe before it where a spreadsheet would read a formula (OWASP, “CSV Injection”).
    package static func disarmed(_ text: String) -> String {
        guard let first = text.unicodeScalars.first(where: { $0 != " " && $0 != "\u{A0}" && $0 != "\u{3000}" && $0 != "\u{FEFF}" }) else { return text }
        return "=+-@\t\r\n＝＋－＠".unicodeScalars.contains(first) ? "'" + text : text
    }

    package static func quoted(_ text: String) -> String {
        let needsQuotes: Bool = text.unicodeScalars.contains { "\"\r\n,;\t".unicodeScalars.contains($0) } || text.hasPrefix(" ") || text.hasSuffix(" ")
        return needsQuotes ? "\"" + text.replacing("\"", with: "\"\"") + "\"" : text
    }
}

/// XML 1.0, well-formed whatever the texts are: what XML cannot say becomes U+FFFD.
enum XMLWriter {
    static func text(of records: [RenderedValue], definition: VariantDefinition) -> String {
        var text: String = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        let root: String = definition.root ?? "answer"
        let members: [RenderedValue.Member]
        switch (definition.records, records.first) {
        case (.call, .group(let fields)?): members = fields
        case (.call, _): members = []
        case (.face, _): members = records.map { RenderedValue.Member(name: definition.record, value: $0) }
        }
        write(RenderedValue.Member(name: root, value: .group(members)), to: &text)
        return text + "\n"
    }

    private static func write(_ member: RenderedValue.Member, to text: inout String) {
        switch member.value {
        case .list(let items): for item in items { write(RenderedValue.Member(name: member.name, value: item), to: &text) }
        case .group(let members) where !members.isEmpty:
            text += "<\(member.name)>"
            for inner in members { write(inner, to: &text) }
            text += "</\(member.name)>"
        default:
            let plain: String = member.value.plain
            text += plain.isEmpty ? "<\(member.name)/>" : "<\(member.name)>\(escaped(plain))</\(member.name)>"
        }
    }

    private static func escaped(_ text: String) -> String {
        text.unicodeScalars.reduce(into: "") { escaped, scalar in
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            // A bare one would be read as a line feed (XML 1.0 §2.11).
            case "\r": escaped += "&#13;"
            case "\n", "\t": escaped.unicodeScalars.append(scalar)
            case _ where scalar.value < 0x20 || scalar.value == 0xFFFE || scalar.value == 0xFFFF: escaped += "\u{FFFD}"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
    }
}
