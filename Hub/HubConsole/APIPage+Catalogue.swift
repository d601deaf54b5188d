import HubAPI
import HubDomain
import RecognitionAPI
import WireModel

extension APIPage {
    /// - Parameters:
    ///   - layers: agreements in force that bind a call.
    ///   - routes: all that is served.
    init(_ entry: CatalogueEntry, layers: [Passage.Layer], routes: [Route], _ reader: Reader) {
        let language: Language = reader.language
        let words = CatalogueWords(language: language)
        let tables = SchemaTables(language: language, components: OpenAPIDocument.components)
        let own: [Route] = routes.filter { route in
            guard case .call(let apis) = route.access else { return false }
            return route.isDocumented && route.path.hasPrefix("/v1/") && apis.contains(entry.api)
        }
        let charged: [Route] = own.filter { $0.metered == entry.api }
        let free: [Route] = own.filter { $0.metered == nil }
        let changes: [ChangeView] = words.changes(entry)
        let types: [TypeView] = tables.types(in: own.flatMap { [$0.body, $0.success.schema].compactMap(\.self) })
        let examples: [ExampleView] = Examples.of(entry.api)
        self.init(
            api: entry.api.rawValue, name: entry.title, summary: entry.summary, isClosed: !entry.offer.terms.isOpen, hasChanges: !changes.isEmpty,
            plans: entry.plans.map(words.plan), terms: words.terms(entry.offer.terms) + [Self.charged(entry.api, reader)],
            hasProducts: !entry.products.isEmpty, products: entry.products.map { words.product($0, entry.offer.terms) },
            agreements: layers.map { Self.agreement($0, reader) }, changes: changes, operations: charged.map { OperationView($0, tables) },
            hasManagement: !free.isEmpty, management: free.map { OperationView($0, tables) }, hasTypes: !types.isEmpty, types: types,
            hasExamples: !examples.isEmpty, variables: Examples.variables(of: entry.api, language), examples: examples,
            headers: DocumentedHeader.all.map { HeaderView($0, language) }, errors: ProblemGroups(language: language).groups(of: entry.api, own))
    }

    private static func charged(_ api: APIName, _ reader: Reader) -> TermView {
        TermView(name: reader.say("What is charged", "计费方式"), value: api.charged(in: reader.language))
    }

    private static func agreement(_ layer: Passage.Layer, _ reader: Reader) -> AgreementView {
        AgreementView(
            document: layer.document, version: reader.say("version \(layer.number)", "第 \(layer.number) 版"),
            address: "/docs/agreements/\(layer.document)/\(layer.number)\(reader.suffix)")
    }
}

extension HeaderView {
    init(_ header: DocumentedHeader, _ language: Language) {
        let place: String =
            switch header.place {
            case .request: language.text("request", "请求")
            case .writingRequest: language.text("request, but GET", "请求（GET 除外）")
            case .answer: language.text("answer", "应答")
            case .refusal(let statuses):
                language.text("answer ", "应答 ") + statuses.sorted().map(String.init).joined(separator: language.text(", ", "、"))
            }
        self.init(header: header.name, where: place, meaning: Translation.of(header.about, in: language))
    }
}

extension CodesPage {
    init(_ reader: Reader) throws {
        let problem: Problem = MeterRefusal.notApplied(.search, lastAnswer: nil).problem(in: reader.language)
        sample = Self.indented(try JSON.text(problem))
        errors = ProblemGroups(language: reader.language).all
    }

    /// One member a line; no text of the sample holds a brace or a comma before a quotation mark.
    private static func indented(_ json: String) -> String {
        "{\n  " + json.dropFirst().dropLast().replacing(",\"", with: ",\n  \"").replacing("\":", with: "\": ") + "\n}"
    }
}
