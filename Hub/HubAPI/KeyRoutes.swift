import HTTPTypes
import HubAccess
import HubDomain
import RecognitionAPI
import WireModel

/// Applications and their keys; and what the holder of a key may ask of the gate.
struct KeyRoutes {
    let hub: Hub

    private struct NewKey: Decodable {
        let application: String
        let name: String
        let environment: KeyEnvironment?
        let apis: [String]?
        let addresses: [String]?
        let expires: Timestamp?
        let perMinute: Int64?
        let scopes: [KeyPermission]?
    }

    private struct PassageAnswer: Encodable {
        let account: AccountID
        let environment: KeyEnvironment
        let key: APIKeyID?
        let application: ApplicationID?
        let layers: [Passage.Layer]
        let grace: [Passage.Grace]

        init(_ passage: Passage) {
            account = passage.account
            environment = passage.environment
            key = passage.key
            application = passage.application
            layers = passage.layers
            grace = passage.grace
        }
    }

    private static let makers: Access = .member([.owner, .admin, .developer])

    var routes: [Route] { applications + keys + access }

    private var applications: [Route] {
        [
            Route(.get, "/v1/account/applications", .everyMember, "The account's applications.", success: (200, Schemas.items("Application"))) { call in
                try .json(Items(items: try await hub.applications(try call.member.account)))
            },
            Route(
                .post, "/v1/account/applications", Self.makers, "Make an application.", body: .object([.required("name", Schemas.name)]),
                success: (201, .reference("Application"))
            ) { call in
                try .json(try await hub.makeApplication(call.text("name"), account: try call.member.account, by: try call.actor), status: 201)
            },
            Route(
                .delete, "/v1/account/applications/{application}", Self.makers, "Archive an application; freezes its keys.",
                success: (200, .reference("Application"))
            ) { call in
                try .json(try await hub.archiveApplication(try call.id("application"), account: try call.member.account, by: try call.actor))
            },
        ]
    }

    private var keys: [Route] {
        [
            Route(.get, "/v1/account/keys", .everyMember, "The account's keys, newest first; never a key itself.", success: (200, Schemas.items("Key"))) {
                call in
                try .json(Items(items: try await hub.apiKeys(try call.member.account)))
            },
            Route(.get, "/v1/account/keys/{key}", .everyMember, "One key.", success: (200, .reference("Key"))) { call in
                try .json(try await hub.apiKey(try call.id("key"), account: try call.member.account))
            },
            Route(
                .post, "/v1/account/keys", Self.makers, "Make a key; it is shown once.",
                body: .object([
                    .required("application", .identifier), .required("name", Schemas.name), .optional("environment", .choices(KeyEnvironment.self)),
                    .optional("apis", .array(.text(3...64), most: 50), "what it may call; empty for all"),
                    .optional("addresses", .array(.text(2...50), most: 100), "where from: addresses or CIDR ranges; empty for anywhere"),
                    .optional("expires", .time), .optional("perMinute", .integer(1...100_000), "calls a minute, at most"),
                    .optional("scopes", .array(.choices(KeyPermission.self), most: 10), "what it may do beyond calling, where the account's terms allow it"),
                ]), success: (201, .reference("IssuedKey"))
            ) { call in try .json(try await make(call), status: 201) },
            Route(
                .post, "/v1/account/keys/{key}/rotate", Self.makers, "Make a new key of the same scope; the old one goes on for the overlap.",
                body: .object([.required("overlapSeconds", .integer(0...7_776_000))]), success: (201, .reference("IssuedKey"))
            ) { call in
                guard case .integer(let seconds)? = call.body["overlapSeconds"] else { throw Problem(.invalidRequest, "No overlap.", remedy: "Name it.") }
                return try .json(
                    try await hub.rotateKey(
                        try call.id("key"), overlap: .seconds(seconds), account: try call.member.account, by: try call.actor), status: 201)
            },
            Route(
                .post, "/v1/account/keys/{key}/freeze", Self.makers, "Freeze a key at once and for good.",
                body: .object([.required("ground", .text(1...200))]), success: (200, .reference("Key")), isForEnded: true
            ) { call in
                try .json(
                    try await hub.freezeKey(try call.id("key"), ground: call.text("ground"), account: try call.member.account, by: try call.actor))
            },
        ]
    }

    private func make(_ call: Call) async throws -> IssuedKey {
        let body: NewKey = try call.value(NewKey.self)
        guard let application = ApplicationID(rawValue: body.application) else {
            throw Problem(.notFound, "There is no such application.", detail: body.application, remedy: "See /v1/account/applications.")
        }
        let variants: [APIName] = try await hub.variants(try call.member.account).map(\.api)
        let apis: [APIName] = try (body.apis ?? []).map { text in
            guard let api = APIName(rawValue: text), (APIName.all + variants).contains(api) else {
                throw Problem(
                    .invalidRequest, "There is no such API.", detail: text, remedy: "Choose among \(APIName.all.map(\.rawValue).joined(separator: ", ")).")
            }
            return api
        }
        let addresses: [AddressRange] = try (body.addresses ?? []).map { text in
            guard let range = AddressRange(text) else {
                throw Problem(.invalidRequest, "That is not an address or range.", detail: text, remedy: "Write 203.0.113.7, 10.0.0.0/8 or 2001:db8::/32.")
            }
            return range
        }
        let scope = KeyScope(
            name: body.name, environment: body.environment ?? .live, apis: apis, addresses: addresses, expires: body.expires,
            perMinute: body.perMinute, scopes: body.scopes ?? [])
        return try await hub.makeKey(scope, application: application, account: try call.member.account, by: try call.actor)
    }

    private var access: [Route] {
        [
            Route(
                .get, "/v1/access", .key, "Whether the key's account may call at all, and under which terms.", success: (200, .reference("Passage"))
            ) { call in try answer(call) },
            Route(
                .get, "/v1/access/{api}", .key, "Whether the key may call an API: what a call would be told, without calling.",
                success: (200, .reference("Passage"))
            ) { call in
                _ = try call.api
                return try answer(call)
            },
        ]
    }

    private func answer(_ call: Call) throws -> Reply {
        guard case .key(let passage) = call.caller else { throw GateRefusal.keyMissing }
        var reply: Reply = try .json(PassageAnswer(passage))
        if !passage.grace.isEmpty { reply.headers[.vultusAgreementPending] = passage.grace.map { "\($0.document)/\($0.number)" }.joined(separator: ", ") }
        return reply
    }
}
