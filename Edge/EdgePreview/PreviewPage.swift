import HTTPTypes
import Hummingbird
import NIOCore
import WireModel

/// The languages of the page.
enum PageLanguage: String, Sendable {
    case en, zh

    /// `?language=` comes before what the browser asks for (RFC 9110 §12.5.4); English when neither is asked for.
    init(_ request: Request) {
        if let wanted = request.uri.queryParameters["language"].flatMap({ PageLanguage(rawValue: String($0)) }) {
            self = wanted
            return
        }
        let wishes: [(language: PageLanguage, weight: Double)] = (request.headers[.acceptLanguage] ?? "").split(separator: ",").prefix(20).compactMap { part in
            let fields: [Substring] = part.split(separator: ";")
            guard let name = fields.first?.split(separator: "-").first?.filter({ $0 != " " }).lowercased(), let language = PageLanguage(rawValue: name)
            else { return nil }
            let weight: Double? = fields.dropFirst().first { $0.contains("q=") }.flatMap { Double($0.drop { $0 != "=" }.dropFirst()) }
            return (language, weight ?? 1)
        }
        self =
            wishes.filter { $0.weight > 0 }.reduce(nil as (language: PageLanguage, weight: Double)?) { $0.map { $0.weight } ?? 0 < $1.weight ? $1 : $0 }?
            .language ?? .en
    }
}

/// The page itself: `Page/page.html`, with its words in one language.
enum PreviewPage {
    static func page(_ language: PageLanguage, sources: [String]) -> Response {
        let words: PreviewWords = .of(language)
        let options: String = sources.map { "<option value=\"\(escaped($0))\">\(escaped(words.sources[$0] ?? $0))</option>" }.joined()
        let json: String = (try? JSON.text(words)) ?? "{}"
        // Inside a script element nothing but `</` could end it.
        return html(
            language, words, body: ["options": options, "words": json.replacing("<", with: "\\u003c"), "single": sources.count < 2 ? "hidden" : ""])
    }

    /// Who comes without the token learns where it is.
    static func locked(_ language: PageLanguage) -> Response {
        let words: PreviewWords = .of(language)
        let text: String = """
            <!doctype html><html lang="\(language == .zh ? "zh-CN" : "en")"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">\
            <meta name="color-scheme" content="light dark"><title>\(words.title) · Vultus</title><link rel="stylesheet" href="/style.css"></head>\
            <body class="locked"><main><h1>\(words.locked)</h1><p>\(words.lockedHow)</p><pre>sudo cat /var/lib/vultus-edge/preview-url</pre></main></body></html>
            """
        return Response(status: .unauthorized, headers: headers(language), body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }

    private static func html(_ language: PageLanguage, _ words: PreviewWords, body: [String: String]) -> Response {
        var text: String = String(decoding: PackageResources.page_html, as: UTF8.self)
        let all: [String: String] = words.labels.mapValues(escaped).merging(body) { $1 }.merging(["language": language == .zh ? "zh-CN" : "en"]) { $1 }
        for (name, value) in all { text = text.replacing("{{\(name)}}", with: value) }
        return Response(status: .ok, headers: headers(language), body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }

    private static func headers(_ language: PageLanguage) -> HTTPFields {
        [.contentType: "text/html; charset=utf-8", .cacheControl: "no-store", .contentLanguage: language == .zh ? "zh-CN" : "en", .vary: "Accept-Language"]
    }

    static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;").replacing("\"", with: "&quot;")
    }
}
