import EdgeAgent
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import ServiceLifecycle
import WireModel

/// The page on which people see what the agent sees.
package struct PreviewServer {
    private let address: PreviewAddress
    private let token: PreviewToken
    private let feed: LiveFeed
    private let decisions: DecisionFeed
    private let standing: AgentStanding
    private let logger: Logger

    package init(
        address: PreviewAddress, token: PreviewToken = PreviewToken(), feed: LiveFeed, decisions: DecisionFeed, standing: AgentStanding, logger: Logger
    ) {
        (self.address, self.token, self.feed) = (address, token, feed)
        (self.decisions, self.standing, self.logger) = (decisions, standing, logger)
    }

    /// - Parameters:
    ///   - directory: the device's; the address lies there in `preview-url` until the agent ends.
    ///   - onListening: told the address without and with the token once it is open.
    package func service(directory: String, onListening: @escaping @Sendable (_ url: String, _ whole: String) async -> Void) -> some Service {
        let router = Router(context: PreviewRequestContext.self)
        router.add(middleware: PreviewManners())
        RouteTable(
            token: token, pictures: MovingPicture(feed: feed, viewfinder: Viewfinder(feed: feed)),
            events: SceneEvents(feed: feed, decisions: decisions, standing: standing)
        ).add(to: router)
        let (address, token, logger): (PreviewAddress, PreviewToken, Logger) = (address, token, logger)
        return Application(
            router: router, server: .http1(configuration: .init(idleTimeout: .seconds(60))),
            configuration: ApplicationConfiguration(address: .hostname(address.host, port: address.port), serverName: nil),
            onServerRunning: { channel in
                let url: String = address.url(port: channel.localAddress?.port ?? address.port)
                do throws(Problem) { await onListening(url, try token.publish(url, in: directory)) } catch {
                    logger.error("the preview's address could not be written", metadata: ["code": "\(error.code.rawValue)"])
                }
            }, logger: logger)
    }
}

struct PreviewRequestContext: RequestContext {
    var coreContext: CoreRequestContextStorage

    init(source: ApplicationRequestContextSource) { coreContext = CoreRequestContextStorage(source: source) }
}

/// Errors as problem documents, and what every answer tells the browser not to allow.
struct PreviewManners: RouterMiddleware {
    /// Nothing from elsewhere, nothing inline, in nobody's frame; `blob:` is the picture that a page in pause keeps.
    static let policy: String =
        "default-src 'none'; img-src 'self' blob:; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

    func handle(
        _ request: Request, context: PreviewRequestContext, next: (Request, PreviewRequestContext) async throws -> Response
    ) async throws -> Response {
        var response: Response
        do { response = try await next(request, context) } catch {
            let problem: Problem =
                if let status = (error as? any HTTPResponseError)?.status {
                    status == .notFound
                        ? Problem(.notFound, "There is nothing at that path.", remedy: "Open /.")
                        : Problem(.invalidRequest, "The request cannot be served.", detail: "HTTP \(status.code)", remedy: "Open /.")
                } else {
                    Problem(describing: error)
                }
            response = Response(
                status: .init(code: problem.code.status), headers: [.contentType: MediaType.problem, .cacheControl: "no-store"],
                body: ResponseBody(byteBuffer: ByteBuffer(bytes: try JSON.bytes(problem))))
        }
        response.headers[.contentSecurityPolicy] = Self.policy
        for (name, value) in [
            ("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer"), ("Cross-Origin-Resource-Policy", "same-origin"),
            ("Cross-Origin-Opener-Policy", "same-origin"), ("X-Frame-Options", "DENY"),
        ] { if let name = HTTPField.Name(name) { response.headers[name] = value } }
        return response
    }
}
