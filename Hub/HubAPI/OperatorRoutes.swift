import HTTPTypes
import HubAccess
import HubDomain
import RecognitionAPI
import WireModel

/// What the provider's staff do; `vultus-hub admin` does the same at the shell.
struct OperatorRoutes {
    let hub: Hub

    private struct Order: Decodable {
        let kind: MeasureType
        let api: String?
        let perMinute: Int64?
        let ground: String
        let statement: String
        let expires: Timestamp?
    }

    private struct Draft: Decodable {
        let document: String
        let rule: AcceptanceRule
        let effective: Timestamp
        let texts: [String: String]
    }

    private static let support: Access = .operator([.administrator, .support])
    private static let administrators: Access = .operator([.administrator])

    var routes: [Route] { accounts + measures + staff }

    private var accounts: [Route] {
        [
            Route(.get, "/v1/operator/accounts", .everyOperator, "Every account.", success: (200, Schemas.items("Account"))) { _ in
                try .json(Items(items: try await hub.accounts()))
            },
            Route(
                .post, "/v1/operator/accounts", Self.support, "Open an account and invite its owner by mail.",
                body: .object([
                    .required("name", Schemas.name), .required("kind", .choices(AccountType.self)), .required("email", .email),
                    .optional("language", Schemas.language),
                ]), success: (201, .reference("Account"))
            ) { call in
                let account: Account = try await hub.openAccount(
                    name: call.text("name"), kind: AccountType(rawValue: call.text("kind")) ?? .individual, owner: try EmailAddress(call.text("email")),
                    language: Language(rawValue: call.text("language")) ?? call.language, by: try call.actor)
                return try .json(account, status: 201)
            },
            Route(.get, "/v1/operator/accounts/{account}", .everyOperator, "One account, whole.", success: (200, .reference("OperatorView"))) { call in
                let id: AccountID = try call.id("account")
                return try .json(try await hub.view(account: id.rawValue))
            },
            Route(
                .post, "/v1/operator/accounts/{account}/owner", Self.support, "Invite an owner by mail, where the account has none.",
                body: .object([.required("email", .email), .optional("language", Schemas.language)]), success: (201, .reference("Member"))
            ) { call in
                let id: AccountID = try call.id("account")
                let invited: Member = try await hub.inviteOwner(
                    try EmailAddress(call.text("email")), to: id.rawValue, language: Language(rawValue: call.text("language")) ?? call.language,
                    by: try call.actor)
                return try .json(invited, status: 201)
            },
            Route(
                .post, "/v1/operator/closures/{closure}/decision", Self.support, "Approve or refuse a request to close.",
                body: .object([.required("approve", .boolean), .required("answer", .text(1...1_000))]), success: (200, .reference("Closure"))
            ) { call in
                try .json(
                    try await hub.decideClosure(
                        try call.id("closure"), approve: call.body["approve"] == .boolean(true), answer: call.text("answer"), by: try call.actor))
            },
        ]
    }

    private var measures: [Route] {
        [
            Route(
                .post, "/v1/operator/accounts/{account}/measures", Self.support, "Warn, throttle, pause one API, suspend or end an account.",
                body: .object([
                    .required("kind", .choices(MeasureType.self)), .optional("api", .text(3...64), "with pause_api"),
                    .optional("perMinute", .integer(1...100_000), "with throttle"), .required("ground", .text(1...100)),
                    .required("statement", .text(1...2_000), "what the account is told"), .optional("expires", .time),
                ]), success: (201, .reference("Measure"))
            ) { call in
                let order: Order = try call.value(Order.self)
                let api: APIName? = try order.api.map { text in
                    guard let api = APIName(rawValue: text), APIName.all.contains(api) else {
                        throw Problem(.invalidRequest, "There is no such API.", detail: text, remedy: "See the catalogue.")
                    }
                    return api
                }
                let id: AccountID = try call.id("account")
                let measure: Measure = try await hub.order(
                    MeasureOrder(
                        kind: order.kind, api: api, perMinute: order.perMinute, ground: order.ground, statement: order.statement, expires: order.expires),
                    account: id.rawValue, by: try call.actor)
                return try .json(measure, status: 201)
            },
            Route(
                .post, "/v1/operator/measures/{measure}/lift", Self.support, "End a measure before its time.",
                body: .object([.required("ground", .text(1...500))]), success: (200, .reference("Measure"))
            ) { call in try .json(try await hub.lift(try call.id("measure"), ground: call.text("ground"), by: try call.actor)) },
            Route(
                .post, "/v1/operator/agreements", Self.administrators, "Publish a new version of an agreement.",
                body: .object([
                    .required("document", .text(1...80)), .required("rule", .choices(AcceptanceRule.self)), .required("effective", .time),
                    .required("texts", .object([.required("en", .text(10...200_000)), .required("zh", .text(10...200_000))]), "Markdown"),
                ]), success: (201, .reference("AgreementVersion")), bodyLimit: 1_000_000
            ) { call in
                let draft: Draft = try call.value(Draft.self)
                let texts: [Language: String] = draft.texts.reduce(into: [:]) { texts, pair in
                    if let language = Language(rawValue: pair.key) { texts[language] = pair.value }
                }
                let version: AgreementVersion = try await hub.publish(
                    AgreementDraft(document: draft.document, rule: draft.rule, effective: draft.effective, texts: texts), by: try call.actor)
                return try .json(version, status: 201)
            },
        ]
    }

    private var staff: [Route] {
        [
            Route(
                .get, "/v1/operator/audit", .operator([.administrator, .auditor]), "The audit log, newest first.",
                query: [
                    .init(name: "before", schema: .count, about: "only entries before this place"),
                    .init(name: "limit", schema: .integer(1...500), about: "at most this many; 100 otherwise"),
                ], success: (200, Schemas.items("AuditEntry"))
            ) { call in
                try .json(
                    Items(
                        items: try await hub.auditEntries(
                            before: call.query["before"].flatMap(Int64.init) ?? 0, limit: call.query["limit"].flatMap(Int.init) ?? 100)))
            },
            Route(.get, "/v1/operator/operators", .everyOperator, "The provider's staff.", success: (200, Schemas.items("Operator"))) { _ in
                try .json(Items(items: try await hub.operators()))
            },
            Route(
                .post, "/v1/operator/operators", Self.administrators, "Invite an operator by mail.",
                body: .object([.required("email", .email), .required("role", .choices(OperatorRole.self)), .optional("language", Schemas.language)]),
                success: (201, .reference("Operator"))
            ) { call in
                let invited: OperatorAccount = try await hub.inviteOperator(
                    try EmailAddress(call.text("email")), role: OperatorRole(rawValue: call.text("role")) ?? .auditor,
                    language: Language(rawValue: call.text("language")) ?? call.language, by: try call.actor)
                return try .json(invited, status: 201)
            },
            Route(
                .patch, "/v1/operator/operators/{operator}", Self.administrators, "Change an operator's role; nobody changes their own.",
                body: .object([.required("role", .choices(OperatorRole.self))]), success: (200, Schemas.items("Operator"))
            ) { call in
                try await hub.setOperator(call.path["operator"] ?? "", role: OperatorRole(rawValue: call.text("role")), by: try call.actor)
                return try .json(Items(items: try await hub.operators()))
            },
            Route(
                .delete, "/v1/operator/operators/{operator}", Self.administrators, "Take an operator out; ends their sessions.", success: (204, nil)
            ) { call in
                try await hub.setOperator(call.path["operator"] ?? "", role: nil, by: try call.actor)
                return .nothing
            },
            Route(
                .post, "/v1/operator/invitations/accept", .open, "Become an operator with a mailed token.",
                body: .object([.required("token", Schemas.mailToken), .required("password", Schemas.password)]), success: (200, .reference("Operator"))
            ) { call in
                try .json(try await hub.acceptOperatorInvitation(token: call.text("token"), password: call.text("password"), address: call.address))
            },
        ]
    }
}
