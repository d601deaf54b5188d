import HTTPTypes
import HubAPI
import HubDomain
import RecognitionAPI
import WireModel

/// What came of a form.
enum Outcome: Sendable {
    /// Another page shows it; a reload does not send the form again (RFC 9110 §15.4.4).
    case to(String)
    /// Shown here and not again.
    case page(ConsolePage)
    case reply(Reply)
}

/// What every page of the console stands on: how a route, a form and a refusal become a page.
struct Console: Sendable {
    typealias Making = @Sendable (Visit) async throws -> ConsolePage

    let hub: Hub
    /// What the hub serves to programs.
    let served: [Route]

    static let formType: String = "application/x-www-form-urlencoded"

    private static let query: [Route.Parameter] = [
        Route.Parameter(name: "language", schema: .text(0...20), about: "en or zh; the visitor's choice or Accept-Language otherwise"),
        Route.Parameter(name: "done", schema: .text(0...40), about: "what was just done"),
        Route.Parameter(name: "to", schema: .text(0...200), about: "where to go on afterwards"),
        Route.Parameter(name: "from", schema: .text(0...20), about: "what to compare with"),
    ]

    /// - Parameter query: what the page's own filters and pager send, texts up to 200 characters.
    func page(_ path: String, _ access: Access, _ summary: String, query: [String] = [], _ make: @escaping Making) -> Route {
        Route(
            .get, path, access, summary,
            query: Self.query + query.map { Route.Parameter(name: $0, schema: .text(0...200), about: "a filter of the page, or its place in a list") },
            success: (200, nil), isForEnded: true, isDocumented: false, page: rules(access)
        ) { call in
            let visit = Visit(call, hub: hub)
            var page: ConsolePage = try await make(visit)
            if let done = Done(rawValue: call.query["done"] ?? "") { page.blocks.insert(.notice(.good, done.words(visit.language)), at: 0) }
            return try ConsoleFrame.reply(page, visit, status: 200)
        }
    }

    /// A form's own route.
    /// - Parameters:
    ///   - fields: what the form sends beside the session's token.
    ///   - back: the page that shows the form, shown again with what was typed where the work refuses.
    func action(
        _ path: String, _ access: Access, _ summary: String, fields: [Schema.Field] = [], isUpload: Bool = false, isForEnded: Bool = false,
        bodyLimit: Int = 65_536, back: @escaping Making, work: @escaping @Sendable (Visit) async throws -> Outcome
    ) -> Route {
        Route(
            .post, path, access, summary, query: Self.query, body: .object(fields), mediaTypes: [isUpload ? MediaType.form : Self.formType],
            success: (303, nil), isForEnded: isForEnded, isDocumented: false, bodyLimit: isUpload ? 9 << 20 : bodyLimit, page: rules(access)
        ) { call in
            let visit = Visit(call, hub: hub)
            do {
                switch try await work(visit) {
                case .to(let address): return Self.redirect(address)
                case .page(let page): return try ConsoleFrame.reply(page, visit, status: 200)
                case .reply(let reply): return reply
                }
            } catch {
                let refusal = Refusal(error, in: visit.language)
                var page: ConsolePage = try await back(visit)
                page.refuse(refusal, at: visit.path) { $0.fill(call.form, refusal) }
                return try ConsoleFrame.reply(page, visit, status: refusal.status)
            }
        }
    }

    /// A file that a page offers.
    func file(_ path: String, _ access: Access, _ summary: String, _ make: @escaping @Sendable (Visit) async throws -> Reply) -> Route {
        Route(.get, path, access, summary, query: Self.query, success: (200, nil), isForEnded: true, isDocumented: false, page: rules(access)) { call in
            try await make(Visit(call, hub: hub))
        }
    }

    /// Parts of a page, told again whenever they have changed: a page names the address in ``Block/follow(_:)``.
    func live(_ path: String, _ access: Access, _ summary: String, _ make: @escaping @Sendable (Visit) async throws -> [Block]) -> Route {
        Route(.get, path, access, summary, query: Self.query, success: (200, nil), isForEnded: true, isDocumented: false, page: rules(access)) { call in
            let visit = Visit(call, hub: hub)
            // What is not there is refused before anything is promised.
            _ = try await make(visit)
            return try EventFeed.reply { try ConsoleFrame.part(try await make(visit), visit) }
        }
    }

    static func redirect(_ address: String, cookies: [String] = []) -> Reply {
        var reply = Reply(status: 303, body: [], type: "")
        reply.headers[.location] = address
        for cookie in cookies { reply.headers.append(HTTPField(name: .setCookie, value: cookie)) }
        return reply
    }

    /// An address of this site, or the other one: nobody is sent elsewhere by a link that somebody else made.
    static func own(_ address: String?, otherwise standard: String) -> String {
        guard let address, address.hasPrefix("/"), !address.hasPrefix("//"), !address.contains("\\"), address.allSatisfy({ !$0.isWhitespace }) else {
            return standard
        }
        return address
    }

    /// Refusals before the work: who is not signed in is asked to, everybody else is told.
    private func rules(_ access: Access) -> PageRules {
        let side: ConsolePage.Side =
            switch access {
            case .member: .member
            case .operator: .staff
            default: .visitor
            }
        return PageRules { error, refused in
            let language: Language = Visit.language(refused.headers, otherwise: refused.language)
            let refusal = Refusal(error, in: language)
            let path = String(refused.target.prefix { $0 != "?" })
            if refusal.code == ProblemCode.signInRequired.rawValue {
                return Self.redirect((side == .staff ? "/operator/sign-in" : "/sign-in") + "?to=" + Self.own(path, otherwise: "/account"))
            }
            let page = ConsolePage(
                side: .visitor, title: language.text("That is not possible", "无法完成"),
                blocks: [
                    .notice(.bad, refusal.what, refusal.detail), .text(refusal.remedy), .facts([(language.text("Code", "错误码"), refusal.code)]),
                ], isNarrow: true)
            return try ConsoleFrame.reply(page, language: language, path: path, csrf: "", status: refusal.status)
        }
    }
}
