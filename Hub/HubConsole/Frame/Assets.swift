import HTTPTypes
import HubAPI

/// The files that pages load, each under an address that changes with it, so that browsers may keep them.
enum Assets {
    static let stylesheets: [String] = [
        "/docs/style.css?v=\(version(Templates.stylesheet))", "/console/style.css?v=\(version(PackageResources.console_css))",
    ]
    static let script: String = "/console/script.js?v=\(version(PackageResources.console_js))"

    static var routes: [Route] {
        [
            file("/console/style.css", "The console's style.", PackageResources.console_css, "text/css; charset=utf-8"),
            file("/console/icon.svg", "The sign of the pages.", PackageResources.icon_svg, "image/svg+xml"),
            file("/console/script.js", "What helps where scripts run.", PackageResources.console_js, "text/javascript; charset=utf-8"),
        ]
    }

    private static func file(_ path: String, _ summary: String, _ content: [UInt8], _ type: String) -> Route {
        Route(.get, path, .open, summary, success: (200, nil), isDocumented: false) { _ in
            var reply = Reply(status: 200, body: content, type: type)
            reply.headers[.cacheControl] = "public, max-age=86400"
            reply.headers[.xContentTypeOptions] = "nosniff"
            return reply
        }
    }

    /// FNV-1a.
    static func version(_ content: [UInt8]) -> String {
        var hash: UInt32 = 2_166_136_261
        for byte in content { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
        return String(hash, radix: 16)
    }
}
