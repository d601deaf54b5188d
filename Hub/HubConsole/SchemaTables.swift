import HubAPI
import HubDomain
import RecognitionAPI

/// What goes over the wire as rows to read, from the very schemas that check it.
struct SchemaTables {
    let language: Language
    let components: [String: Schema]

    private func say(_ english: String, _ chinese: String) -> String { language.text(english, chinese) }

    /// The members of an object, those of objects within it after it; types that have a name are left to their own table.
    func fields(_ schema: Schema, under prefix: String = "") -> [FieldView] {
        switch schema {
        case .object(let fields):
            return fields.flatMap { field in
                let name: String = prefix + field.name
                let row = FieldView(
                    field: name, types: words(field.schema), isOptional: !field.isRequired, meaning: Translation.of(field.about, in: language))
                return [row] + inner(field.schema, under: name)
            }
        case .reference(let name): return components[name].map { fields($0, under: prefix) } ?? []
        default: return [FieldView(field: prefix, types: words(schema), isOptional: false, meaning: "")]
        }
    }

    private func inner(_ schema: Schema, under name: String) -> [FieldView] {
        switch schema {
        case .object: fields(schema, under: name + ".")
        case .array(let item, _): inner(item, under: name + "[]")
        default: []
        }
    }

    /// Types with names, those first that are met first.
    func types(in schemas: [Schema]) -> [TypeView] {
        var names: [String] = []
        func visit(_ schema: Schema, isTop: Bool) {
            switch schema {
            case .object(let fields): for field in fields { visit(field.schema, isTop: false) }
            case .array(let item, _), .map(let item): visit(item, isTop: false)
            case .reference(let name):
                guard let component = components[name] else { return }
                if isTop { return visit(component, isTop: false) }
                guard !names.contains(name) else { return }
                names.append(name)
                visit(component, isTop: false)
            default: return
            }
        }
        for schema in schemas { visit(schema, isTop: true) }
        return names.map { TypeView(name: $0, fields: fields(.reference($0))) }
    }

    func words(_ schema: Schema) -> [FieldView.WordView] {
        switch schema {
        case .reference(let name): [.init(word: name, target: name)]
        case .array(let item, let most):
            [.init(word: say("list of ", "列表："), target: nil)] + words(item)
                + (most < .max ? [.init(word: say(", at most \(most)", "，最多 \(most) 项"), target: nil)] : [])
        default: [.init(word: text(schema), target: nil)]
        }
    }

    func text(_ schema: Schema) -> String {
        switch schema {
        case .string(let length, let form): string(length, form)
        case .choice(let values): say("one of ", "取值 ") + values.joined(separator: say(", ", "、"))
        case .integer(let range):
            range.upperBound == .max
                ? (range.lowerBound == .min ? say("integer", "整数") : say("integer, \(range.lowerBound) or more", "整数，不小于 \(range.lowerBound)"))
                : say("integer, \(range.lowerBound) to \(range.upperBound)", "整数，\(range.lowerBound) 至 \(range.upperBound)")
        case .number(let range):
            range.lowerBound.isFinite && range.upperBound.isFinite
                ? say(
                    "number, \(Self.plain(range.lowerBound)) to \(Self.plain(range.upperBound))",
                    "数，\(Self.plain(range.lowerBound)) 至 \(Self.plain(range.upperBound))")
                : say("number", "数")
        case .numbers(let values): say("one of ", "取值 ") + values.map(\.description).joined(separator: say(", ", "、"))
        case .boolean: "true, false"
        case .array: words(schema).map(\.word).joined()
        case .object, .map: say("object", "对象")
        case .reference(let name): name
        case .anything: say("any", "任意")
        }
    }

    private func string(_ length: ClosedRange<Int>, _ form: Schema.Form?) -> String {
        switch form {
        case .email?: say("mail address", "电子邮箱")
        case .uri?: say("address", "网址")
        case .dateTime?: say("time, RFC 3339", "时间，RFC 3339")
        case .identifier?: say("identifier", "标识")
        case .digest?: say("SHA-256, 64 hexadecimal digits", "SHA-256，64 位十六进制")
        case .password?: say("password", "密码")
        case .base64?: say("picture, base64", "图片，base64")
        case nil:
            length.upperBound == .max
                ? say("text", "文本") : say("text, \(length.lowerBound) to \(length.upperBound) characters", "文本，\(length.lowerBound) 至 \(length.upperBound) 字符")
        }
    }

    private static func plain(_ number: Double) -> String { number == number.rounded() ? String(Int(number)) : number.description }
}
