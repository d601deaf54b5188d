import HubAccess
import HubDomain
import RecognitionAPI
import WireModel

/// What goes over the wire, by name.
enum Schemas {
    static let password: Schema = .string(length: 10...256, form: .password)
    /// A password that is checked, not set: of any length that ever was allowed.
    static let knownPassword: Schema = .string(length: 1...256, form: .password)
    static let name: Schema = .text(1...100)
    static let language: Schema = .choices(Language.self)
    static let mailToken: Schema = .text(20...100)
    static let code: Schema = .text(6...40)
    static let acceptedText: Schema = .object([
        .required("document", .text(1...80), "general, face-data, or api: and an API's name"), .required("number", .integer(1...1_000_000)),
        .required("hash", .digest, "SHA-256 of the text that was read, in either language"),
    ])
    static let accepted: Schema = .array(acceptedText, most: 50)
    static func items(_ name: String) -> Schema { .object([.required("items", .list(.reference(name)))]) }

    static let api: Schema = .text(3...64)
    static let plan: Schema = .text(1...40)
    static let month: Schema = .text(7...7)

    static let components: [String: Schema] = [commerce, galleries, word, fleet, health, UpdateRoutes.schemas, RecognitionSchemas.components].reduce(accounts) {
        $0.merging($1) { $1 }
    }

    private static let accounts: [String: Schema] = [
        "Problem": .object([
            .required("type", .text(1...200)), .required("code", .text(1...80), "stable"), .required("title", .text(1...500)),
            .required("status", .integer(400...599)), .optional("detail", .text(0...2_000)), .optional("remedy", .text(0...2_000), "the next step"),
            .optional("link", .text(1...300)),
        ]),
        "Account": .object([
            .required("id", .identifier), .required("name", .text(1...120)), .required("kind", .choices(AccountType.self)),
            .required("standing", .choices(Standing.self)), .required("ground", .text(1...200)), .required("since", .time), .required("language", language),
            .required("created", .time),
        ]),
        "Registration": .object([
            .required("emailProven", .boolean), .optional("domainProven", .boolean, "enterprises only"), .required("agreementAccepted", .boolean),
        ]),
        "Profile": .object([
            .required("account", .reference("Account")), .required("registration", .reference("Registration")), .required("member", .reference("Member")),
            .required("next", .list(.text(1...300)), "what is to be done before calls pass"),
        ]),
        "Member": .object([
            .required("id", .identifier), .required("email", .text(0...254)), .required("role", .choices(MemberRole.self)),
            .required("state", .choice(["invited", "active", "removed"])), .required("language", language), .optional("emailVerified", .time),
            .optional("emailDue", .time, "by when the mailbox must be proven again"), .required("hasSecondFactor", .boolean), .optional("lastSignIn", .time),
            .required("created", .time),
        ]),
        "Operator": .object([
            .required("id", .identifier), .required("email", .text(0...254)), .required("role", .choices(OperatorRole.self)),
            .required("state", .choice(["invited", "active", "removed"])), .required("hasSecondFactor", .boolean), .optional("lastSignIn", .time),
            .required("created", .time),
        ]),
        "Session": .object([
            .required("id", .identifier), .required("created", .time), .required("seen", .time), .required("expires", .time),
            .required("address", .text(0...100)), .required("agent", .text(0...200)),
        ]),
        "SignedIn": .object([
            .required("csrfToken", .text(64...64), "to be sent as X-CSRF-Token"), .required("session", .reference("Session")),
            .required("email", .text(0...254)), .required("role", .text(1...40)), .optional("account", .identifier),
        ]),
        "SecondFactorOffer": .object([.required("secret", .text(16...64), "Base32"), .required("uri", .text(10...600), "otpauth://, for a QR code")]),
        "RecoveryCodes": .object([.required("recoveryCodes", .list(.text(10...40)), "each works once, in place of a code; shown only now")]),
        "DomainProof": .object([
            .required("domain", .text(1...253)), .required("challenge", .text(1...100), "the exact text to publish"), .required("recordName", .text(1...260)),
            .required("fileURL", .text(1...320)), .optional("method", .choice(["dns", "file", "operator"])), .optional("proven", .time),
            .optional("due", .time),
            .optional("checked", .time), .optional("fault", .text(0...600)),
        ]),
        "Application": .object([
            .required("id", .identifier), .required("name", .text(1...100)), .required("created", .time), .optional("archived", .time),
        ]),
        "Key": .object(keyFields),
        "IssuedKey": .object([.required("secret", .text(50...80), "the whole key, shown only now"), .required("key", .reference("Key"))]),
        "AgreementVersion": .object([
            .required("id", .identifier), .required("document", .text(1...80)), .required("number", .integer(1...Int64.max)),
            .required("rule", .choices(AcceptanceRule.self)), .required("notice", .time), .required("effective", .time), .optional("supersedes", .identifier),
            .required("hash", .digest), .required("titles", .map(.text(1...200))), .required("textHashes", .map(.digest)),
        ]),
        "AgreementText": .object([
            .required("document", .text(1...80)), .required("number", .integer(1...Int64.max)), .required("language", language),
            .required("title", .text(1...200)), .required("body", .text(1...200_000), "Markdown"), .required("hash", .digest),
        ]),
        "AgreementStatus": .object([
            .required("document", .text(1...80)), .required("inForce", .reference("AgreementVersion")),
            .optional("decision", .choices(AcceptanceDecision.self)),
            .optional("acceptedNumber", .integer(1...Int64.max)), .optional("upcoming", .reference("AgreementVersion")),
            .optional("upcomingDecision", .choices(AcceptanceDecision.self)),
        ]),
        "Layer": .object([.required("document", .text(1...80)), .required("number", .integer(1...Int64.max)), .required("hash", .digest)]),
        "Layers": .object([
            .required("api", .text(3...64)), .required("layers", .list(.reference("Layer")), "the one that prevails first"),
            .required("above", .text(1...300), "what stands above every layer"),
        ]),
        "Passage": .object([
            .required("account", .identifier), .required("environment", .choices(KeyEnvironment.self)), .optional("key", .identifier),
            .optional("application", .identifier), .required("layers", .list(.reference("Layer"))),
            .required(
                "grace",
                .list(.object([.required("document", .text(1...80)), .required("number", .integer(1...Int64.max)), .required("until", .time)])),
                "in force, not accepted yet, borne until then"),
        ]),
        "Measure": .object([
            .required("id", .identifier), .required("account", .identifier), .required("kind", .choices(MeasureType.self)), .optional("api", .text(3...64)),
            .optional("perMinute", .integer(1...100_000)), .required("ground", .text(1...100)), .required("statement", .text(1...2_000)),
            .required("begins", .time), .optional("expires", .time), .optional("ended", .time), .optional("endedGround", .text(1...500)),
        ]),
        "StandingChange": .object([
            .required("id", .identifier), .required("before", .choices(Standing.self)), .required("after", .choices(Standing.self)),
            .required("ground", .text(1...200)), .optional("measure", .identifier), .required("time", .time),
        ]),
        "StandingReport": .object([
            .required("account", .reference("Account")), .required("registration", .reference("Registration")),
            .required("history", .list(.reference("StandingChange"))), .required("measures", .list(.reference("Measure"))),
        ]),
        "Notice": .object([
            .required("id", .identifier), .required("kind", .text(1...40)), .required("title", .text(1...300)), .required("body", .text(0...5_000)),
            .optional("link", .text(1...300)), .required("created", .time), .optional("read", .time),
        ]),
        "Closure": .object([
            .required("id", .identifier), .required("account", .identifier), .required("reason", .text(0...1_000)),
            .required("state", .choice(["requested", "withdrawn", "approved", "refused"])), .optional("answer", .text(0...1_000)),
            .required("requested", .time),
            .optional("decided", .time),
        ]),
        "AuditEntry": .object([
            .required("seq", .count), .required("time", .time), .required("actorKind", .text(1...20)), .required("actor", .text(1...100)),
            .required("address", .text(0...100)), .required("action", .text(1...60)), .optional("account", .identifier), .required("subject", .text(0...300)),
            .required("detail", .text(0...5_000), "JSON"), .required("previous", .digest), .required("hash", .digest),
        ]),
        "OperatorView": .object([
            .required("account", .reference("Account")), .required("registration", .reference("Registration")),
            .required("members", .list(.reference("Member"))), .required("agreements", .list(.reference("AgreementStatus"))),
            .required("measures", .list(.reference("Measure"))),
            .required("history", .list(.reference("StandingChange"))), .required("closures", .list(.reference("Closure"))),
        ]),
    ]

    private static let keyFields: [Schema.Field] = [
        .required("id", .identifier), .required("application", .identifier), .required("name", .text(1...100)),
        .required("environment", .choices(KeyEnvironment.self)), .required("hint", .text(1...40)), .required("apis", .list(.text(3...64))),
        .required("addresses", .list(.text(2...50))), .required("scopes", .list(.choices(KeyPermission.self))), .required("created", .time),
        .optional("expires", .time), .optional("lastUsed", .time),
        .optional("lastAddress", .text(0...100)), .optional("frozen", .time), .optional("frozenGround", .text(0...200)),
        .optional("perMinute", .integer(1...100_000)),
        .optional("replacedBy", .identifier),
    ]
}

struct Items<Item: Encodable & Sendable>: Encodable, Sendable {
    let items: [Item]
}
