import HTTPTypes
import HubDomain
import HubStorage
import Hummingbird
import Logging
import WireModel

/// Turns every error into `application/problem+json`, or into what clients of CompreFace expect, logs it by code, and counts the
/// request. The log names routes, codes and identifiers; never a body, token or key.
struct ProblemMiddleware: RouterMiddleware {
    let counters: RequestCounters
    /// What this listener serves.
    let routes: [Route]
    private let compressible: Set<String>

    init(counters: RequestCounters, routes: [Route]) {
        self.counters = counters
        self.routes = routes
        compressible = Set(routes.filter(\.isCompressible).map(\.path))
    }

    func handle(
        _ request: Request, context: HubRequestContext, next: (Request, HubRequestContext) async throws -> Response
    ) async throws -> Response {
        var response: Response
        do {
            response = try await next(request, context)
        } catch {
            response = try answer(error, request: request, context: context)
        }
        // Not `context.id`, which traps when the log handler keeps no metadata.
        response.headers[.requestID] = context.logger[metadataKey: "hb.request.id"].map { "\($0)" }
        // RFC 7694: who sends compressed requests learns from every answer that this is understood.
        if let path = context.endpointPath, compressible.contains(path) { response.headers[.acceptEncoding] = "gzip" }
        await counters.count(route: context.endpointPath ?? "none", status: response.status.code)
        return response
    }

    private func answer(_ error: any Error, request: Request, context: HubRequestContext) throws -> Response {
        let problem: Problem
        let language = Language(acceptLanguage: request.headers[.acceptLanguage])
        if let refusal = error as? GateRefusal {
            problem = refusal.problem(in: language)
        } else if let refusal = error as? MeterRefusal {
            problem = refusal.problem(in: language)
        } else if let http = error as? any HTTPResponseError {
            problem = httpProblem(http.status, path: request.uri.path)
        } else if error is DecodingError {
            problem = Problem(.invalidRequest, "The request's body is not the JSON this route takes.", remedy: "See the route's documentation.")
        } else {
            problem = Problem(describing: error)
        }
        let told: Problem = Self.told(problem, language)
        let level: Logger.Level = problem.code.status >= 500 ? .error : .notice
        context.logger.log(
            level: level, "request declined",
            metadata: [
                "code": "\(problem.code.rawValue)", "route": "\(context.endpointPath ?? "none")", "error": "\(type(of: error))",
                "detail": "\(problem.code.status >= 500 ? problem.detail : "")",
            ])
        var headers = HTTPFields()
        headers[.contentType] = MediaType.problem
        headers[.cacheControl] = "no-store"
        switch problem.code {
        case .storeBusy, .storeFull, .storeUnavailable: headers[.retryAfter] = "30"
        case .overloaded: headers[.retryAfter] = "2"
        case .throttled: headers[.retryAfter] = "60"
        case .tooManyAttempts: headers[.retryAfter] = "900"
        case .methodNotAllowed: headers[.allow] = problem.detail
        case .keyMissing, .keyUnknown, .keyMalformed, .keyExpired: headers[.wwwAuthenticate] = "Bearer"
        default: break
        }
        if error is GateRefusal || error is MeterRefusal { headers[.contentLanguage] = language.rawValue }
        if let refusal = error as? MeterRefusal {
            headers[.retryAfter] = refusal.retryAfter.map(String.init)
            if case .rateLimited(let status, _) = refusal { RateHeaders.set([status], on: &headers) }
        }
        var (status, body): (Int, [UInt8]) = (problem.code.status, [])
        if request.uri.path.hasPrefix(CompreFaceRoutes.prefix) {
            let refusal: CompreFaceError = error as? CompreFaceError ?? CompreFaceError(told)
            (status, body) = (refusal.status, try refusal.body)
            headers[.contentType] = MediaType.json
        } else {
            body = try JSON.bytes(told)
        }
        return Response(status: HTTPResponse.Status(code: status), headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
    }

    /// What is wrong inside the hub is for its operator's log; whoever calls is told that it is not their fault, and when to come again.
    private static func told(_ problem: Problem, _ language: Language) -> Problem {
        switch problem.code {
        case .storeBusy, .storeFull, .storeDamaged, .storeUnavailable, .storeNewer, .internalFault, .auditBroken, .keysForeign:
            Problem(
                problem.code, language.text("The hub cannot answer at the moment.", "平台暂时无法应答。"),
                remedy: language.text(
                    "Try again in a while; if it stays, tell the operator the request's id (X-Request-Id).", "请稍后重试；如仍未恢复，请将请求编号（X-Request-Id）告知平台。"))
        default: problem
        }
    }

    private func httpProblem(_ status: HTTPResponse.Status, path: String) -> Problem {
        // A path that exists with another method is not «not found» (RFC 9110 §15.5.6).
        let methods: Set<String> = status == .notFound ? RouteTable.methods(of: path, in: routes) : []
        return switch status {
        case .notFound where !methods.isEmpty:
            Problem(
                .methodNotAllowed, "That path does not take this method.", detail: methods.sorted().joined(separator: ", "),
                remedy: "Use one of the methods named.")
        case .notFound: Problem(.notFound, "There is no such route.", remedy: "Check the path.")
        case .contentTooLarge: Problem(.bodyTooLarge, "The request is too large.", detail: "at most \(SyncLimits.bytes) bytes", remedy: "Send less at a time.")
        default: Problem(.invalidRequest, "The request cannot be served.", detail: "HTTP \(status.code)", remedy: "Check the method, path and body.")
        }
    }
}

extension HTTPField.Name {
    static var requestID: Self { Self("X-Request-Id")! }
    static var retryAfter: Self { Self("Retry-After")! }
}
