import HTTPTypes
import HubAPI
import HubDomain
import WireModel

/// Around every page of the console.
struct ConsoleFrame {
    let language: String
    let title: String
    let stylesheets: [String]
    let script: String
    let otherLanguage: String
    let otherLanguageName: String
    let otherAddress: String
    let home: String
    let isSignedIn: Bool
    let signOut: String
    let sessionToken: String
    let navigation: [PageFrame.Link]
    let hasNavigation: Bool
    let top: [PageFrame.Link]
    let w: [String: String]
    let page: ConsolePage

    private static let policy: String =
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

    private struct Part {
        let blocks: [Block]
        let w: [String: String]
    }

    /// Blocks without a page around them.
    static func part(_ blocks: [Block], _ visit: Visit) throws -> String {
        let part = Part(blocks: blocks, w: words(visit.language))
        return String(decoding: try Templates.render(part, with: .part), as: UTF8.self)
    }

    private static func words(_ language: Language) -> [String: String] { Words.all(in: language).merging(ConsoleWords.all(in: language)) { $1 } }

    static func reply(_ page: ConsolePage, _ visit: Visit, status: Int) throws -> Reply {
        try reply(page, language: visit.language, path: visit.path, csrf: visit.csrf, status: status)
    }

    static func reply(_ page: ConsolePage, language: Language, path: String, csrf: String, status: Int) throws -> Reply {
        let other: Language = language == .en ? .zh : .en
        let entries: [(String, String)] = Navigation.entries(page.side, language)
        let frame = ConsoleFrame(
            language: language == .zh ? "zh-CN" : "en", title: page.title, stylesheets: Assets.stylesheets, script: Assets.script,
            otherLanguage: other == .zh ? "zh-CN" : "en", otherLanguageName: other == .zh ? "中文" : "English",
            otherAddress: "/language/\(other.rawValue)?to=\(path)", home: page.side == .staff ? "/operator" : page.side == .member ? "/account" : "/",
            isSignedIn: page.side != .visitor, signOut: page.side == .staff ? "/operator/sign-out" : "/sign-out", sessionToken: csrf,
            navigation: entries.map { PageFrame.Link(name: $0.0, address: $0.1, isHere: $0.1 == page.section) }, hasNavigation: !entries.isEmpty,
            top: Navigation.top(page.side, language).map { PageFrame.Link(name: $0.0, address: $0.1, isHere: $0.1 == path) },
            w: words(language), page: page)
        var reply = Reply(status: status, body: try Templates.render(frame, with: .console), type: "text/html; charset=utf-8")
        reply.headers[.contentLanguage] = language.rawValue
        reply.headers[.vary] = "Accept-Language, Cookie"
        reply.headers[.cacheControl] = "no-store"
        reply.headers[.xContentTypeOptions] = "nosniff"
        reply.headers[HTTPField.Name("Content-Security-Policy")!] = policy
        reply.headers[HTTPField.Name("Referrer-Policy")!] = "same-origin"
        return reply
    }
}
