import HTTPTypes
import HubDomain
import RecognitionAPI
import WireModel

/// What an account's people see of its galleries, and what its operator decides about templates. What is in galleries is
/// for the holders of keys.
struct GalleryRoutes {
    let hub: Hub

    private struct Overview: Encodable {
        let tally: PersonTally
        let items: [Gallery]
    }

    private struct Consent: Decodable {
        let reference: String
        let purpose: String
        let days: Int64
        let onDevices: Bool?
    }

    private static let deciders: Access = .member([.owner, .admin])
    private static let path: String = "/v1/account/applications/{application}/consent"

    var routes: [Route] {
        [
            Route(
                .get, "/v1/account/galleries", .everyMember, "How many persons the account keeps, and in which galleries.",
                success: (200, .reference("GalleryOverview"))
            ) { call in
                let account: AccountID = try call.member.account
                return try .json(Overview(tally: try await hub.personTally(account), items: try await hub.galleries(account: account)))
            },
            Route(
                .get, Self.path, .everyMember, "The consent under which an application enrols persons through the CompreFace interface.",
                success: (200, .reference("StandingConsent"))
            ) { call in
                let owner: GalleryOwner = try owner(call)
                guard let consent = try await hub.standingConsent(owner) else {
                    throw Problem(.notFound, "The application has no standing consent.", detail: owner.application.rawValue, remedy: "Set one: PUT.")
                }
                return try .json(consent)
            },
            Route(
                .put, Self.path, Self.deciders, "Say under which consent an application enrols persons through the CompreFace interface.",
                body: .object([
                    .required("reference", .text(1...200), "where the consents are kept"), .required("purpose", .text(1...500), "what they are given for"),
                    .required("days", .integer(1...3_650), "how long after enrolment they hold; persons are erased then"),
                    .optional("onDevices", .boolean, "those enrolled from now on agree that templates are kept on terminals; false where it is missing"),
                ]), success: (200, .reference("StandingConsent"))
            ) { call in
                let body: Consent = try call.value(Consent.self)
                let consent = StandingConsent(reference: body.reference, purpose: body.purpose, days: body.days, onDevices: body.onDevices ?? false)
                try await hub.setStandingConsent(consent, of: try owner(call), by: try call.actor)
                return try .json(consent)
            },
            Route(
                .delete, Self.path, Self.deciders, "Let the application enrol nobody that way any more; who was stays.", success: (204, nil)
            ) { call in
                try await hub.setStandingConsent(nil, of: try owner(call), by: try call.actor)
                return .nothing
            },
            Route(
                .put, "/v1/operator/accounts/{account}/templates", .operator([.administrator]),
                "Say whether an account's terms let its keys read the numbers of templates.",
                body: .object([.required("allowed", .boolean)]), success: (200, .reference("Account"))
            ) { call in
                let id: AccountID = try call.id("account")
                return try .json(try await hub.setTemplates(allowed: call.body["allowed"] == .boolean(true), account: id.rawValue, by: try call.actor))
            },
        ]
    }

    private func owner(_ call: Call) throws -> GalleryOwner {
        GalleryOwner(account: try call.member.account, application: try call.id("application"))
    }
}

extension Schemas {
    static let galleries: [String: Schema] = [
        "GalleryOverview": .object([
            .required(
                "tally",
                .object([
                    .required("persons", .count, "in all galleries"), .required("warning", .count, "from here on you are warned"),
                    .required("filing", .count, "from here on the law asks for a filing"),
                ])),
            .required("items", .list(.reference("OwnGallery"))),
        ]),
        "OwnGallery": .object([
            .required("id", .identifier), .required("account", .identifier), .required("application", .identifier), .required("name", .text(1...100)),
            .required("target", .number(0...1), "false-match rate of its searches"), .optional("retentionDays", .integer(1...3_650)),
            .required("pad", .choices(PADPolicy.self), "what a live presentation at a device must show before a match is one"), .required("version", .count),
            .required("persons", .count), .required("templates", .count), .required("created", .time),
            .optional("deleted", .time),
        ]),
        "StandingConsent": .object([
            .required("reference", .text(1...200)), .required("purpose", .text(1...500)), .required("days", .integer(1...3_650)),
            .required("onDevices", .boolean),
        ]),
    ]
}
