import HubAPI
import HubDomain
import RecognitionAPI
import TestKit
import Testing
import WireModel

@testable import HubConsole

@Suite("Documentation pages")
struct PageTests {
    private let served: ServedHub
    private let reader: APIClient

    init() async throws {
        served = try await ServedHub()
        reader = try served.visitor()
    }

    private static let pages: [String] = ["/docs", "/docs/start", "/docs/errors"] + APIName.all.map { "/docs/\($0)" } + ["/docs/agreements/general/1"]

    @Test("every link on every page, in both languages, leads to something that is there, down to the place on the page")
    func links() async throws {
        var waiting: [String] = ["/docs", "/docs?language=zh"]
        var answers: [String: APIAnswer] = [:]
        var (links, pages): (Int, Int) = (0, 0)
        while let address = waiting.popLast() {
            let parts: [Substring] = address.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
            let path = String(parts[0])
            if answers[path] == nil {
                let answer: APIAnswer = try await reader.get(path)
                answers[path] = answer
                #expect(answer.status == 200, "\(path): \(answer.status)")
                if answer[header: "content-type"]?.hasPrefix("text/html") == true {
                    pages += 1
                    let page = PageText(html: answer.text)
                    for link in page.attributes("href") + page.attributes("src") {
                        links += 1
                        #expect(link.hasPrefix("/") || link.hasPrefix("#"), "\(path): \(link) is elsewhere")
                        waiting.append(link.hasPrefix("#") ? path + link : link)
                    }
                }
            }
            if parts.count == 2 {
                let ids: [String] = PageText(html: answers[path]?.text ?? "").attributes("id")
                #expect(ids.contains(String(parts[1])), "\(address) is not on the page")
            }
        }
        // Each as it comes, and in each language by name.
        #expect(pages >= 3 * Self.pages.count && links > 200, "\(pages) pages, \(links) links")
        #expect(try await reader.get("/docs/nowhere").status == 404)
    }

    @Test("a page runs no script, takes nothing from elsewhere, is framed by nobody, and is whole: elements closed, identifiers once, headings in order")
    func safety() async throws {
        for path in Self.pages + ["/docs/nowhere"] {
            let answer: APIAnswer = try await reader.get(path)
            let policy: String = answer[header: "content-security-policy"] ?? ""
            #expect(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'") && !policy.contains("script-src"))
            #expect(!policy.contains("unsafe") && answer[header: "x-content-type-options"] == "nosniff")
            let page = PageText(html: answer.text)
            for text in ["<script", " onclick", " style=", "javascript:", "http://", "{{", "}}", "Optional("] {
                #expect(!answer.text.replacing(#/<pre.*?</pre>/#.dotMatchesNewlines(), with: "").contains(text), "\(path): \(text)")
            }
            #expect(page.unbalanced.isEmpty, "\(path): \(page.unbalanced)")
            let ids: [String] = page.attributes("id")
            #expect(Set(ids).count == ids.count, "\(path): \(Dictionary(grouping: ids) { $0 }.filter { $0.value.count > 1 }.keys)")
            for landmark in ["<main", "<header", "<footer", "<nav aria-label", "<h1>", "class=\"skip\""] {
                #expect(answer.text.contains(landmark), "\(path): \(landmark)")
            }
            #expect(PageText.matches(of: "<th(?![^>]*scope)([^>e]*)>", in: answer.text).isEmpty, "\(path): a table's header without its scope")
        }
    }

    @Test("the language asked for by name goes before the browser's, stays chosen, and every word of the page is in it")
    func language() async throws {
        await reader.send(always: ["Accept-Language: zh-CN"])
        for path in Self.pages {
            let (browsers, named): (APIAnswer, APIAnswer) = (try await reader.get(path), try await reader.get(path + "?language=en"))
            #expect(browsers[header: "content-language"] == "zh" && browsers.text.contains("<html lang=\"zh-CN\">"))
            #expect(named[header: "content-language"] == "en" && named[header: "vary"] == "Accept-Language")
            #expect(PageText(html: named.text).attributes("href").contains("/docs?language=en"))
            #expect(!named.text.unicodeScalars.contains { (0x4E00...0x9FFF).contains($0.value) && $0 != "中" && $0 != "文" })
        }
        #expect(try await reader.get("/docs?language=xx").status == 200)
    }

    @Test("every word that a template says is known, and none is kept for nothing")
    func words() {
        let templates: String = Templates.Name.allCases.map(\.text).joined()
        let said: Set<String> = Set(PageText.matches(of: #"\{\{w\.([A-Za-z]+)\}\}"#, in: templates).map { $0[0] })
        let known: Set<String> = Set(Words.table.keys).union(ConsoleWords.table.keys)
        #expect(said == known, "\(said.symmetricDifference(known).sorted())")
    }

    @Test("every sentence of the recognition routes, their schemas and headers has its Chinese")
    func translations() async throws {
        var sentences: Set<String> = Set(DocumentedHeader.all.map(\.about) + OperationView.pathMeanings.values)
        func collect(_ schema: Schema) {
            switch schema {
            case .object(let fields):
                for field in fields {
                    sentences.insert(field.about)
                    collect(field.schema)
                }
            case .array(let item, _), .map(let item): collect(item)
            default: return
            }
        }
        for route in HubServer.routes(served.hub) where route.isDocumented {
            guard case .call = route.access, route.path.hasPrefix("/v1/") else { continue }
            sentences.insert(route.summary)
            for parameter in route.query { sentences.insert(parameter.about) }
            for schema in [route.body, route.success.schema] { schema.map(collect) }
        }
        RecognitionSchemas.components.values.forEach(collect)
        sentences.remove("")
        #expect(sentences.count > 40)
        let missing: [String] = sentences.subtracting(Translation.chinese.keys).sorted()
        #expect(missing.isEmpty, "\(missing)")
    }

    @Test("every code has a meaning and a next step in both languages, in one group, and where a refusal is thrown with a sentence of its own it is that one")
    func codes() throws {
        for code in ProblemCode.allCases {
            for language in Language.allCases {
                let meaning = ProblemMeaning(code, language)
                #expect(!meaning.title.isEmpty && !meaning.remedy.isEmpty, "\(code)")
                #expect(meaning.title.unicodeScalars.contains { (0x4E00...0x9FFF).contains($0.value) } == (language == .zh), "\(code): \(meaning.title)")
            }
        }
        let refusals: [Problem] = GateRefusal.kinds(of: .search).map { $0.problem(in: .zh) } + MeterRefusal.kinds(of: .search).map { $0.problem(in: .zh) }
        for (code, problems) in Dictionary(grouping: refusals, by: \.code) {
            #expect(problems.map(\.title).contains(ProblemMeaning(code, .zh).title), "\(code)")
            #expect(code.guide == nil, "\(code) is worded twice")
        }
        let listed: [String] = ProblemGroups(language: .en).all.flatMap { $0.rows.map(\.code) }
        #expect(listed.sorted() == ProblemCode.allCases.map(\.rawValue).sorted())
    }
}
