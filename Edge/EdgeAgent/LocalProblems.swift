import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import RecognitionAPI
import WireModel

/// What a handler knows of a request beside the request.
struct LocalRequestContext: RequestContext {
    var coreContext: CoreRequestContextStorage

    init(source: ApplicationRequestContextSource) { coreContext = CoreRequestContextStorage(source: source) }
}

/// Turns every error into `application/problem+json` and names every request. The log names routes and codes; never a body or token.
struct LocalProblems: RouterMiddleware {
    func handle(
        _ request: Request, context: LocalRequestContext, next: (Request, LocalRequestContext) async throws -> Response
    ) async throws -> Response {
        var response: Response
        do {
            response = try await next(request, context)
        } catch {
            let problem: Problem = (error as? any HTTPResponseError).map { self.problem($0.status, path: request.uri.path) } ?? Problem(describing: error)
            context.logger.log(
                level: problem.code.status >= 500 ? .error : .info, "request declined",
                metadata: ["code": "\(problem.code.rawValue)", "route": "\(context.endpointPath ?? "none")"])
            response = try answer(problem)
        }
        // Not `context.id`, which traps when the log handler keeps no metadata.
        response.headers[.requestID] = context.logger[metadataKey: "hb.request.id"].map { "\($0)" }
        return response
    }

    private func answer(_ problem: Problem) throws -> Response {
        var headers: HTTPFields = [.contentType: MediaType.problem, .cacheControl: "no-store"]
        switch problem.code {
        case .overloaded: headers[.retryAfter] = "1"
        case .storeBusy, .storeFull, .storeUnavailable: headers[.retryAfter] = "30"
        case .methodNotAllowed: headers[.allow] = problem.detail
        case .keyMissing: headers[.wwwAuthenticate] = "Bearer"
        default: break
        }
        return Response(
            status: HTTPResponse.Status(code: problem.code.status), headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: try JSON.bytes(problem)))
        )
    }

    private func problem(_ status: HTTPResponse.Status, path: String) -> Problem {
        // A path that exists with another method is not «not found» (RFC 9110 §15.5.6).
        let methods: Set<String> = status == .notFound ? RouteTable.methods(of: path) : []
        return switch status {
        case .notFound where !methods.isEmpty:
            Problem(
                .methodNotAllowed, "That path does not take this method.", detail: methods.sorted().joined(separator: ", "),
                remedy: "Use one of the methods named.")
        case .notFound: Problem(.notFound, "There is no such route.", remedy: "See /openapi.json.")
        case .contentTooLarge: Problem(.bodyTooLarge, "The request is too large.", remedy: "Send a smaller picture, or less at a time.")
        default: Problem(.invalidRequest, "The request cannot be served.", detail: "HTTP \(status.code)", remedy: "Check the method, path and body.")
        }
    }
}

extension HTTPField.Name {
    static var requestID: Self { Self("X-Request-Id")! }
    static var lastEventID: Self { Self("Last-Event-ID")! }
    static var retryAfter: Self { Self("Retry-After")! }
}
