import HTTPTypes
import HubAPI
import HubDomain
import WireModel

/// Somebody at a page: who, in which language, with which form.
struct Visit: Sendable {
    let call: Call
    let hub: Hub
    let language: Language
    /// Without the query.
    let path: String

    static let languageCookie: String = "__Host-vultus-language"

    init(_ call: Call, hub: Hub) {
        self.call = call
        self.hub = hub
        language = Self.language(call.headers, query: call.query["language"], otherwise: call.language)
        path = String(call.target.prefix { $0 != "?" })
    }

    static func language(_ headers: HTTPFields, query: String? = nil, otherwise: Language) -> Language {
        (query ?? Cookie.value(languageCookie, in: headers)).flatMap(Language.init(rawValue:)) ?? otherwise
    }

    func say(_ english: String, _ chinese: String) -> String { language.text(english, chinese) }

    /// What the form of this page sent.
    var sent: FormFields { call.form }

    /// What forms of this page prove themselves with; empty for visitors.
    var csrf: String { call.token.isEmpty ? "" : hub.csrfToken(session: call.token) }

    func may(_ roles: Set<MemberRole>) -> Bool { (try? call.member).map { roles.contains($0.role) } ?? false }

    func form(_ action: String, _ submit: String, _ fields: [InputView] = [], about: [ProblemCode: String] = [:]) -> FormView {
        let prefix: String = String(action.dropFirst()).replacing("/", with: "-")
        return FormView(
            action: action, submit: submit, fields: fields.map { field in field.with { $0.form = prefix } }, csrf: csrf,
            about: about.reduce(into: [:]) { $0[$1.key.rawValue] = $1.value })
    }

    /// One button of a table's row.
    func button(_ action: String, _ submit: String, of what: String, isDangerous: Bool = false, hidden: [String: String] = [:]) -> FormView {
        var form: FormView = form(action, submit)
        form.isInline = true
        form.isDangerous = isDangerous
        form.spoken = what
        form.hidden = hidden.sorted { $0.key < $1.key }.map { .init(hiddenName: $0.key, hiddenValue: $0.value) }
        return form
    }

    func shown(_ time: Timestamp) -> String { CatalogueWords.shown(time) }
    func number(_ number: Int64) -> String { CatalogueWords.grouped(number) }
}
