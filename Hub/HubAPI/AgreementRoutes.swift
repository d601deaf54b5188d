import HTTPTypes
import HubDomain
import RecognitionAPI
import WireModel

/// What anybody may read of the terms, and what members decide.
struct AgreementRoutes {
    let hub: Hub

    private static let documentQuery: [Route.Parameter] = [
        .init(name: "language", schema: Schemas.language, about: "en or zh; Accept-Language otherwise")
    ]

    private struct Layers: Encodable {
        let api: String
        let layers: [Passage.Layer]
        let above: String
    }

    private struct Decision: Decodable {
        let document: String
        let number: Int64
        let hash: String
        let decision: AcceptanceDecision
    }

    var routes: [Route] {
        [
            Route(.get, "/v1/agreements", .open, "The agreements in force.", success: (200, Schemas.items("AgreementVersion"))) { _ in
                try .json(Items(items: try await hub.agreementsInForce()))
            },
            Route(
                .get, "/v1/agreements/{document}", .open, "Every version of an agreement, announced ones included, newest first.",
                success: (200, Schemas.items("AgreementVersion"))
            ) { call in
                let versions: [AgreementVersion] = try await hub.agreementVersions(of: call.path["document"])
                guard !versions.isEmpty else {
                    throw Problem(.notFound, "There is no such agreement.", detail: call.path["document"] ?? "", remedy: "See /v1/agreements.")
                }
                return try .json(Items(items: versions))
            },
            Route(
                .get, "/v1/agreements/{document}/versions/{number}", .open, "The text of one version.", query: Self.documentQuery,
                success: (200, .reference("AgreementText"))
            ) { call in
                guard let number = Int64(plain: call.path["number"] ?? ""), number > 0 else {
                    throw Problem(.notFound, "There is no such version.", detail: call.path["number"] ?? "", remedy: "Versions count from 1.")
                }
                let language: Language = call.query["language"].flatMap(Language.init(rawValue:)) ?? call.language
                return try .json(try await hub.agreementText(call.path["document"] ?? "", number: number, language: language))
            },
            Route(
                .get, "/v1/terms/{api}", .open, "The layers of terms that bind a call of an API, the one that prevails first.",
                success: (200, .reference("Layers"))
            ) { call in
                let api: APIName = try call.api
                return try .json(
                    Layers(
                        api: api.rawValue, layers: try await hub.layers(of: api),
                        above: call.language.text(
                            "Law, and the privacy rules that follow from it: no term, of the provider or of an account, can switch them off.",
                            "法律及由其产生的隐私规则：服务方或账户方的任何条款均不得排除。")))
            },
            Route(
                .get, "/v1/account/agreements", .everyMember, "Where the account stands with each agreement.",
                success: (200, Schemas.items("AgreementStatus"))
            ) { call in try .json(Items(items: try await hub.agreementStatus(try call.member.account))) },
            Route(
                .post, "/v1/account/agreements/decisions", .member([.owner, .admin]), "Accept or decline a version, by the hash of its text.",
                body: .object([
                    .required("document", .text(1...80)), .required("number", .integer(1...1_000_000)), .required("hash", .digest),
                    .required("decision", .choices(AcceptanceDecision.self)),
                ]), success: (200, Schemas.items("AgreementStatus"))
            ) { call in
                let decision: Decision = try call.value(Decision.self)
                let member = try call.member
                try await hub.decide(
                    AcceptedText(document: decision.document, number: decision.number, hash: decision.hash), decision: decision.decision,
                    account: member.account, person: member.principal, address: call.address)
                return try .json(Items(items: try await hub.agreementStatus(member.account)))
            },
        ]
    }
}
