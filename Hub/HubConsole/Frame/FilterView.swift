import HubAPI
import WireModel

/// What narrows a list: sent as the page's own query, so that a filtered list has an address.
struct FilterView {
    let address: String
    let narrow: String
    let fields: [InputView]
    /// Where everything is shown again; `nil` while nothing is narrowed.
    let whole: LinkView?

    /// - Parameter fields: filled with what the query says.
    init(_ visit: Visit, _ address: String, _ fields: [InputView]) {
        let isNarrowed: Bool = fields.contains { !(visit.call.query[$0.name] ?? "").isEmpty }
        self.address = address
        narrow = visit.say("Show", "筛选")
        whole = isNarrowed ? LinkView(words: visit.say("Show all", "显示全部"), to: address) : nil
        self.fields = fields.map { field in
            var field: InputView = field
            field.form = "filter"
            field.isRequired = false
            field.hidesOptional = true
            let value: String = visit.call.query[field.name] ?? ""
            if field.isTick {
                field.isTicked = value == field.tickValue
            } else if field.isChoice {
                for index in field.options.indices { field.options[index].isChosen = field.options[index].option == value }
            } else {
                field.value = value
            }
            return field
        }
    }
}

extension Visit {
    /// What a filter of the page's query says; `nil` for nothing.
    func asked(_ name: String) -> String? { call.query[name].flatMap { $0.isEmpty ? nil : $0 } }

    /// The page's address with other values in its query; an empty one is taken out.
    func address(_ path: String, keeping names: [String], _ changes: [String: String]) -> String {
        var pairs: [String] = []
        for name in names {
            guard let value = changes[name] ?? asked(name), !value.isEmpty else { continue }
            pairs.append("\(name)=\(value.percentEncoded)")
        }
        return pairs.isEmpty ? path : path + "?" + pairs.joined(separator: "&")
    }
}
