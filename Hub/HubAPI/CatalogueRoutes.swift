import HTTPTypes
import HubDomain
import RecognitionAPI
import WireModel

/// What is sold, for anybody to read; what operators change of it, and what an account has of it.
struct CatalogueRoutes {
    let hub: Hub

    private static let makers: Access = .member([.owner, .admin, .developer])
    private static let managers: Access = .member([.owner, .admin])
    private static let sellers: Access = .operator([.administrator, .finance])
    private static let support: Access = .operator([.administrator, .support])

    private struct Application: Decodable {
        let api: APIName
        let isTrial: Bool?
        let plan: String?
        let reason: String?
        let accept: [AcceptedText]?
    }

    private struct Decision: Decodable {
        let approve: Bool
        let units: Int64?
        let answer: String
    }

    private struct Limit: Decodable {
        let units: Int64?
        let period: UsePeriod?
    }

    private struct NewPrice: Decodable {
        let api: APIName
        let plan: String?
        let account: String?
        let currency: String
        let tariff: Tariff
        let effective: Timestamp?
        let leaseUnits: Int64?
        let leaseDays: Int64?
        let whenExhausted: ExhaustionPolicy?
        let hardLimit: Int64?
        let graceHours: Int64?
    }

    private struct NewOffer: Decodable {
        let api: APIName
        let effective: Timestamp?
        let terms: OfferTerms
    }

    private struct NewProduct: Decodable {
        let api: APIName
        let kind: Product.Kind
        let name: String
        let units: Int64
        let validDays: Int64
        let price: Int64
        let currency: String
    }

    var routes: [Route] { open + applying + deciding + selling }

    private var open: [Route] {
        [
            Route(
                .get, "/v1/catalogue", .open, "Every API: what it costs and allows now, and what is due to change.",
                success: (200, Schemas.items("CatalogueEntry"))
            ) { call in try .json(Items(items: try await hub.catalogue(in: call.language))) },
            Route(.get, "/v1/catalogue/{api}", .open, "One API of the catalogue.", success: (200, .reference("CatalogueEntry"))) { call in
                try .json(try await hub.catalogueEntry(try call.api, in: call.language))
            },
        ]
    }

    private var applying: [Route] {
        [
            Route(
                .post, "/v1/account/applications/{application}/entitlements", Self.makers,
                "Apply for an API in the name of an application: a trial begins at once; regular use at once, or after approval.",
                body: .object([
                    .required("api", Schemas.api), .optional("isTrial", .boolean), .optional("plan", Schemas.plan),
                    .optional("reason", .text(0...1_000), "what it is for"),
                    .optional("accept", Schemas.accepted, "the API's own terms, by the hash of the text you read"),
                ]), success: (201, .reference("Entitlement"))
            ) { call in
                let body: Application = try call.value(Application.self)
                let member = try call.member
                guard ((body.accept ?? []).isEmpty && body.plan == nil) || [.owner, .admin].contains(member.role) else {
                    throw Problem(
                        .roleInsufficient, "Your role neither accepts terms for the account nor chooses what it pays by.", detail: member.role.rawValue,
                        remedy: "Ask an owner or admin to accept the API's terms and choose the plan, then apply without `accept` and `plan`.")
                }
                let entitlement: Entitlement = try await hub.apply(
                    EntitlementRequest(
                        api: body.api, isTrial: body.isTrial ?? false, plan: body.plan, reason: body.reason ?? "", accepted: body.accept ?? []),
                    application: try call.id("application"), account: member.account, by: try call.actor, accepting: member.principal)
                return try .json(entitlement, status: 201)
            },
            Route(.get, "/v1/account/entitlements", .everyMember, "What the account's applications may call.", success: (200, Schemas.items("Entitlement"))) {
                call in try .json(Items(items: try await hub.entitlements(try call.member.account)))
            },
            Route(.get, "/v1/account/entitlements/{entitlement}", .everyMember, "One entitlement.", success: (200, .reference("Entitlement"))) { call in
                try .json(try await hub.entitlement(try call.id("entitlement"), account: try call.member.account))
            },
            Route(
                .patch, "/v1/account/entitlements/{entitlement}", Self.makers, "Limit an application's use of an API; without units, lift the limit.",
                body: Self.limit, success: (200, .reference("Entitlement"))
            ) { call in try await limit(call, try call.member.account) },
            Route(.post, "/v1/account/entitlements/{entitlement}/pause", Self.makers, "Pause it.", success: (200, .reference("Entitlement"))) { call in
                try .json(try await hub.pauseEntitlement(try call.id("entitlement"), account: try call.member.account, by: try call.actor))
            },
            Route(.post, "/v1/account/entitlements/{entitlement}/resume", Self.makers, "Resume it.", success: (200, .reference("Entitlement"))) { call in
                try .json(try await hub.resumeEntitlement(try call.id("entitlement"), account: try call.member.account, by: try call.actor))
            },
            Route(.post, "/v1/account/entitlements/{entitlement}/end", Self.makers, "End it for good.", success: (200, .reference("Entitlement"))) { call in
                try .json(try await hub.endEntitlement(try call.id("entitlement"), account: try call.member.account, by: try call.actor))
            },
            Route(
                .post, "/v1/account/plans/{api}", Self.managers, "Choose the plan that the account pays an API by, from now on.",
                body: .object([.required("plan", Schemas.plan)]), success: (204, nil)
            ) { call in
                try await hub.choosePlan(call.text("plan"), api: try call.api, account: try call.member.account, by: try call.actor)
                return .nothing
            },
        ]
    }

    private static let limit: Schema = .object([.optional("units", .count), .optional("period", .choices(UsePeriod.self), "total unless named")])

    private func limit(_ call: Call, _ account: AccountID?) async throws -> Reply {
        let body: Limit = try call.value(Limit.self)
        return try .json(
            try await hub.limitEntitlement(
                try call.id("entitlement"), account: account, units: body.units, period: body.period ?? .total, by: try call.actor))
    }

    private static let ground: Schema = .object([.required("ground", .text(1...500), "what the account is told")])

    private var deciding: [Route] {
        [
            Route(
                .get, "/v1/operator/entitlements", .everyOperator, "Applications for APIs, newest first.",
                query: [.init(name: "waiting", schema: .boolean, about: "only those that wait for a decision")],
                success: (200, Schemas.items("Entitlement"))
            ) { call in try .json(Items(items: try await hub.entitlements(waiting: call.query["waiting"] == "true"))) },
            Route(
                .post, "/v1/operator/entitlements/{entitlement}/decision", Self.support, "Approve or refuse an application for an API.",
                body: .object([
                    .required("approve", .boolean), .optional("units", .count, "the most it may use in all"),
                    .required("answer", .text(1...1_000), "what the account is told"),
                ]), success: (200, .reference("Entitlement"))
            ) { call in
                let body: Decision = try call.value(Decision.self)
                return try .json(
                    try await hub.decideEntitlement(
                        try call.id("entitlement"), approve: body.approve, units: body.units, answer: body.answer, by: try call.actor))
            },
            Route(
                .patch, "/v1/operator/entitlements/{entitlement}", Self.support, "Limit it; without units, lift the limit.", body: Self.limit,
                success: (200, .reference("Entitlement"))
            ) { call in try await limit(call, nil) },
            Route(
                .post, "/v1/operator/entitlements/{entitlement}/pause", Self.support, "Pause it, until an operator resumes it.", body: Self.ground,
                success: (200, .reference("Entitlement"))
            ) { call in
                try .json(try await hub.pauseEntitlement(try call.id("entitlement"), account: nil, ground: call.text("ground"), by: try call.actor))
            },
            Route(
                .post, "/v1/operator/entitlements/{entitlement}/resume", Self.support, "Resume it.", success: (200, .reference("Entitlement"))
            ) { call in try .json(try await hub.resumeEntitlement(try call.id("entitlement"), account: nil, by: try call.actor)) },
            Route(
                .post, "/v1/operator/entitlements/{entitlement}/end", Self.support, "End it for good.", body: Self.ground,
                success: (200, .reference("Entitlement"))
            ) { call in
                try .json(try await hub.endEntitlement(try call.id("entitlement"), account: nil, ground: call.text("ground"), by: try call.actor))
            },
        ]
    }

    private var selling: [Route] {
        [
            Route(
                .get, "/v1/operator/catalogue/{api}/offers", .everyOperator, "Every version of an API's terms, newest first.",
                success: (200, Schemas.items("Offer"))
            ) { call in try .json(Items(items: try await hub.offers(try call.api))) },
            Route(
                .post, "/v1/operator/catalogue/offers", Self.sellers,
                "Give an API new terms, from now on or from a date to come; lesser terms need notice.",
                body: .object([.required("api", Schemas.api), .optional("effective", .time), .required("terms", Schemas.offerTerms)]),
                success: (201, .reference("Offer"))
            ) { call in
                let body: NewOffer = try call.value(NewOffer.self)
                return try .json(try await hub.setOffer(body.api, terms: body.terms, effective: body.effective, by: try call.actor), status: 201)
            },
            Route(
                .get, "/v1/operator/catalogue/prices", .everyOperator, "Every price, past, present and to come, contracts among them.",
                success: (200, Schemas.items("Price"))
            ) { _ in try .json(Items(items: try await hub.prices())) },
            Route(
                .post, "/v1/operator/catalogue/prices", Self.sellers,
                "Price a plan of an API, or one account's contract, from now on or from a date to come; dearer prices need notice.",
                body: .object([
                    .required("api", Schemas.api), .optional("plan", Schemas.plan, "standard unless named"),
                    .optional("account", .text(1...120), "whose contract it is"), .required("currency", .text(3...3)), .required("tariff", Schemas.tariff),
                    .optional("effective", .time), .optional("leaseUnits", .integer(1...1_000_000_000)), .optional("leaseDays", .integer(1...3_650)),
                    .optional("whenExhausted", .choices(ExhaustionPolicy.self)), .optional("hardLimit", .integer(0...1_000_000_000)),
                    .optional("graceHours", .integer(0...8_760), "uses go on for so long after the term, flagged as late"),
                ]), success: (201, .reference("Price"))
            ) { call in try .json(try await price(call), status: 201) },
            Route(
                .post, "/v1/operator/catalogue/products", Self.sellers, "Offer a pack of units or more frequency.",
                body: .object([
                    .required("api", Schemas.api), .required("kind", .choices(Product.Kind.self)), .required("name", Schemas.name),
                    .required("units", .integer(1...1_000_000_000), "of a pack; or calls on top of the API's frequency"),
                    .required("validDays", .integer(1...3_660)), .required("price", .integer(0...1_000_000_000_000_000), "millionths"),
                    .required("currency", .text(3...3)),
                ]), success: (201, .reference("Product"))
            ) { call in
                let body: NewProduct = try call.value(NewProduct.self)
                return try .json(
                    try await hub.addProduct(
                        ProductDraft(
                            api: body.api, kind: body.kind, name: body.name, units: body.units, validDays: body.validDays,
                            price: try Money(checked: body.price, currency: body.currency)), by: try call.actor), status: 201)
            },
            Route(
                .delete, "/v1/operator/catalogue/products/{product}", Self.sellers, "Sell a product no more; what was bought goes on.",
                success: (200, .reference("Product"))
            ) { call in try .json(try await hub.withdrawProduct(try call.id("product"), by: try call.actor)) },
        ]
    }

    private func price(_ call: Call) async throws -> Price {
        let body: NewPrice = try call.value(NewPrice.self)
        let lease = LeaseTerms(
            units: body.leaseUnits ?? 1_000, termMilliseconds: (body.leaseDays ?? 30) * 86_400_000, whenExhausted: body.whenExhausted ?? .refuse,
            hardLimit: body.hardLimit ?? 0, graceMilliseconds: (body.graceHours ?? 0) * 3_600_000)
        return try await hub.setPrice(
            api: body.api, unitPrice: try Money(checked: body.tariff.steps[0].price, currency: body.currency), effective: body.effective, lease: lease,
            plan: body.plan ?? Price.standardPlan, tariff: body.tariff, account: body.account, by: try call.actor)
    }
}
