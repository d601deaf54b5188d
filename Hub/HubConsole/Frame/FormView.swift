import HubAPI

/// A form as a page shows it, with what was typed and what was wrong with it.
struct FormView {
    let action: String
    let submit: String
    var fields: [InputView] = []
    var hidden: [HiddenView] = []
    var csrf: String = ""
    var isDangerous: Bool = false
    var isMultipart: Bool = false
    /// One button in a table's cell.
    var isInline: Bool = false
    /// Many short fields beside each other.
    var isWide: Bool = false
    /// Shown once asked for, by these words.
    var folded: String?
    /// What the button means to who does not see the row.
    var spoken: String?
    /// Why it was refused, where it was.
    var problem: Refusal?
    /// Which field a refusal is about, by its code.
    var about: [String: String] = [:]

    struct HiddenView {
        let hiddenName: String
        let hiddenValue: String
    }

    /// With what was sent, and the refusal beside the field it is about. Passwords are not sent back.
    mutating func fill(_ sent: FormFields, _ refusal: Refusal) {
        let name: String? = refusal.field.flatMap { field in fields.first { $0.name == field }?.name } ?? about[refusal.code]
        for index in fields.indices {
            fields[index].take(sent)
            if fields[index].name == name { fields[index].fault = refusal }
        }
        problem = name == nil ? refusal : nil
        folded = nil
    }
}

struct InputView: Shown {
    enum Kind { case line(String), lines, choice([OptionView]), tick(String), file(String) }

    let name: String
    let label: String
    var hint: String?
    var isRequired: Bool = true
    var autocomplete: String?
    var least: Int?
    var most: Int = 200
    var value: String = ""
    var fault: Refusal?
    /// What is ticked, to be read first.
    var reading: LinkView?
    /// Where every field of a form may stay empty, none says so.
    var hidesOptional: Bool = false
    /// Many lines are read at once.
    var isTall: Bool = false
    /// Before every field's identifier, so that two forms of a page do not share one.
    var form: String = ""
    /// After the name where several fields of a form have the same.
    var suffix: String = ""

    let isLine: Bool
    let isLines: Bool
    let isChoice: Bool
    let isTick: Bool
    let isFile: Bool
    var isTicked: Bool = false
    let type: String
    let accepted: String
    let tickValue: String
    var options: [OptionView]

    struct OptionView {
        let option: String
        let optionName: String
        var isChosen: Bool = false
    }

    init(_ name: String, _ label: String, _ kind: Kind = .line("text")) {
        self.name = name
        self.label = label
        (isLine, isLines, isChoice, isTick, isFile) = (kind.isLine, kind.isLines, kind.isChoice, kind.isTick, kind.isFile)
        type = if case .line(let type) = kind { type } else { "" }
        accepted = if case .file(let types) = kind { types } else { "" }
        tickValue = if case .tick(let value) = kind { value } else { "" }
        options = if case .choice(let options) = kind { options } else { [] }
    }

    private var id: String { "\(form)-\(name)\(suffix.isEmpty ? "" : "-")\(suffix)" }
    private var describedBy: String? {
        let parts: [String] = (hint == nil ? [] : ["\(id)-hint"]) + (fault == nil ? [] : ["\(id)-fault"])
        return parts.isEmpty ? nil : parts.joined(separator: " ")
    }

    func computed(_ name: String) -> Any? {
        switch name {
        case "id": id
        case "describedBy": describedBy
        case "isUnrequired": !isRequired && !isTick && !hidesOptional
        default: nil
        }
    }

    func with(_ change: (inout InputView) -> Void) -> InputView {
        var field: InputView = self
        change(&field)
        return field
    }

    fileprivate mutating func take(_ sent: FormFields) {
        if isTick {
            isTicked = sent.all(name).contains(tickValue)
        } else if isChoice {
            for index in options.indices { options[index].isChosen = options[index].option == sent[name] }
        } else if type != "password", !isFile {
            value = sent[name] ?? value
        }
    }
}

extension InputView.Kind {
    var isLine: Bool { if case .line = self { true } else { false } }
    var isLines: Bool { if case .lines = self { true } else { false } }
    var isChoice: Bool { if case .choice = self { true } else { false } }
    var isTick: Bool { if case .tick = self { true } else { false } }
    var isFile: Bool { if case .file = self { true } else { false } }
}

extension FormView {
    func with(_ change: (inout FormView) -> Void) -> FormView {
        var form: FormView = self
        change(&form)
        return form
    }
}
