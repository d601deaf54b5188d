import HTTPTypes
import HubAPI
import HubDomain
import RecognitionAPI
import WireModel

/// The documentation, made anew for every reader from the catalogue that is enforced and the routes that are served: a page cannot say
/// another price or another parameter than those in force.
package struct DocumentationRoutes: Sendable {
    private let hub: Hub
    /// What the pages describe.
    private let documented: [Route]

    package init(hub: Hub, documenting routes: [Route]) {
        self.hub = hub
        documented = routes
    }

    private static let query: [Route.Parameter] = [
        Route.Parameter(name: "language", schema: .text(0...20), about: "en or zh; Accept-Language otherwise")
    ]

    package var routes: [Route] {
        [
            page("/docs", "Every API: what it costs and allows.") { reader in
                try reader.html(.index, title: reader.say("Documentation", "文档"), page: IndexPage(try await hub.catalogue(in: reader.language), reader))
            },
            page("/docs/start", "From nothing to a first call.") { reader in
                try reader.html(.start, title: reader.say("From nothing to a first call", "从零到第一次调用"), page: StartPage(reader))
            },
            page("/docs/errors", "Every code that Vultus declines with.") { reader in
                try reader.html(.codes, title: reader.say("Errors", "错误"), page: try CodesPage(reader))
            },
            page("/docs/{api}", "One API: interface, price, terms, changes to come, examples.") { reader in
                guard let api = APIName(rawValue: reader.call.path["api"] ?? ""), APIName.all.contains(api) else {
                    return try reader.missing()
                }
                let entry: CatalogueEntry = try await hub.catalogueEntry(api, in: reader.language)
                let page = APIPage(entry, layers: try await hub.layers(of: api), routes: documented, reader)
                return try reader.html(.api, title: entry.title, description: entry.summary, page: page)
            },
            page("/docs/agreements/{document}/{number}", "The text of a version of an agreement.") { reader in
                guard let number = Int64(reader.call.path["number"] ?? ""), number > 0 else { return try reader.missing() }
                do {
                    let text: AgreementText = try await hub.agreementText(
                        reader.call.path["document"] ?? "", number: number, language: reader.language)
                    return try reader.html(.agreement, title: text.title, page: AgreementPage(text, reader))
                } catch let problem as Problem where problem.code == .notFound {
                    return try reader.missing()
                }
            },
            Route(.get, "/docs/style.css", .open, "The pages' style.", success: (200, nil), isDocumented: false) { _ in
                var reply = Reply(status: 200, body: Templates.stylesheet, type: "text/css; charset=utf-8")
                reply.headers[.cacheControl] = "public, max-age=86400"
                reply.headers[.xContentTypeOptions] = "nosniff"
                return reply
            },
        ]
    }

    private func page(_ path: String, _ summary: String, _ content: @escaping @Sendable (Reader) async throws -> Reply) -> Route {
        Route(.get, path, .open, summary, query: Self.query, success: (200, nil), isDocumented: false) { call in
            try await content(Reader(call, path: path, now: hub.now()))
        }
    }
}

/// Who reads a page: in which language, and where they came to it.
struct Reader: Sendable {
    let call: Call
    let language: Language
    private let isChosen: Bool
    private let path: String
    private let now: Timestamp

    init(_ call: Call, path: String, now: Timestamp) {
        let chosen: Language? = call.query["language"].flatMap(Language.init(rawValue:))
        self.call = call
        language = chosen ?? call.language
        isChosen = chosen != nil
        self.path = call.path.reduce(path) { $0.replacing("{\($1.key)}", with: $1.value) }
        self.now = now
    }

    func say(_ english: String, _ chinese: String) -> String { language.text(english, chinese) }

    /// What an address within the documentation ends with.
    var suffix: String { isChosen ? "?language=\(language.rawValue)" : "" }

    func address(of api: APIName) -> String { "/docs/\(api)\(suffix)" }

    private var other: Language { language == .en ? .zh : .en }

    func html(_ template: Templates.Name, title: String, description: String = "", page: Any, status: Int = 200) throws -> Reply {
        let navigation: [(String, String)] = [
            (say("APIs", "接口"), "/docs"), (say("Start", "入门"), "/docs/start"), (say("Errors", "错误"), "/docs/errors"),
        ]
        let frame = PageFrame(
            language: language == .zh ? "zh-CN" : "en", title: title, description: description.isEmpty ? title : description,
            stylesheet: "/docs/style.css?v=\(Self.styleVersion)", suffix: suffix, otherLanguage: other == .zh ? "zh-CN" : "en",
            otherLanguageName: other == .zh ? "中文" : "English", otherAddress: "\(path)?language=\(other.rawValue)",
            navigation: navigation.map { PageFrame.Link(name: $0.0, address: $0.1 + suffix, isHere: $0.1 == path) }, made: now.description,
            madeShown: CatalogueWords.shown(now), w: Words.all(in: language), page: page)
        var reply = Reply(status: status, body: try Templates.render(frame, with: template), type: "text/html; charset=utf-8")
        reply.headers[.contentLanguage] = language.rawValue
        reply.headers[.vary] = "Accept-Language"
        reply.headers[.cacheControl] = "no-cache"
        reply.headers[.xContentTypeOptions] = "nosniff"
        // No script, nothing from elsewhere, in nobody's frame.
        reply.headers[HTTPField.Name("Content-Security-Policy")!] =
            "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        reply.headers[HTTPField.Name("Referrer-Policy")!] = "same-origin"
        return reply
    }

    func missing() throws -> Reply {
        try html(.missing, title: say("No such page", "没有此页面"), page: [String: String](), status: 404)
    }

    /// Another one whenever the style changes, so that browsers may keep it (FNV-1a).
    private static let styleVersion: String = {
        var hash: UInt32 = 2_166_136_261
        for byte in Templates.stylesheet { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
        return String(hash, radix: 16)
    }()
}
