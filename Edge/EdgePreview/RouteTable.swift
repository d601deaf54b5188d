import EdgeAgent
import HTTPTypes
import Hummingbird
import NIOCore
import WireModel

/// What the preview serves: a page, what belongs to it, and two streams. Nothing changes anything.
struct RouteTable: Sendable {
    let token: PreviewToken
    let pictures: MovingPicture
    let events: SceneEvents
    /// Pictures and events count together: a page takes two.
    let seats = Seats(16)

    func add(to router: Router<PreviewRequestContext>) {
        router.get("/") { request, _ in
            // The address with the token is good for one thing: a cookie, and it is out of sight.
            if let sent = request.uri.queryParameters["token"].map(String.init), token.admits(sent) {
                return Response(status: .seeOther, headers: [.location: "/", .setCookie: token.setCookie])
            }
            let language = PageLanguage(request)
            guard isAdmitted(request) else { return PreviewPage.locked(language) }
            return PreviewPage.page(language, sources: pictures.feed.sources)
        }
        router.get("/style.css") { _, _ in Self.file(PackageResources.style_css, "text/css; charset=utf-8") }
        router.get("/script.js") { _, _ in Self.file(PackageResources.script_js, "text/javascript; charset=utf-8") }
        router.get("/favicon.ico") { _, _ in Response(status: .noContent) }
        router.get("/picture") { request, _ in
            try admit(request)
            let source: String = request.uri.queryParameters["source"].map(String.init) ?? pictures.feed.sources.first ?? ""
            guard pictures.feed.sources.contains(source) else {
                throw Problem(.notFound, "There is no such source.", detail: source, remedy: "Leave ?source= away, or name one of those the page has.")
            }
            return pictures.answer(source, seat: try seats.take())
        }
        router.get("/events") { request, _ in
            try admit(request)
            return events.answer(seat: try seats.take())
        }
    }

    private func isAdmitted(_ request: Request) -> Bool {
        token.admits(request.cookies[token.cookie]?.value) || token.admits(request.uri.queryParameters["token"].map(String.init))
    }

    /// - Throws: `key_missing`.
    private func admit(_ request: Request) throws(Problem) {
        guard isAdmitted(request) else {
            throw Problem(
                .keyMissing, "The preview needs its token.", detail: "a cookie, or ?token=",
                remedy: "Open the address that is in the file preview-url of the device's directory.")
        }
    }

    private static func file(_ bytes: [UInt8], _ type: String) -> Response {
        Response(status: .ok, headers: [.contentType: type, .cacheControl: "no-cache"], body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }
}
