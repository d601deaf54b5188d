import HTTPTypes
import HubDomain
import RecognitionAPI
import WireModel

/// Use and money, as the account sees them; what operators book.
struct BillingRoutes {
    let hub: Hub

    private static let payers: Access = .member([.owner, .admin, .billing])
    private static let finance: Access = .operator([.administrator, .finance])

    private struct NewAlert: Decodable {
        let kind: Alert.Kind
        let level: Int64
        let api: APIName?
        let currency: String?
    }

    private struct NewEntry: Decodable {
        let kind: MoneyMove
        let amount: Int64
        let currency: String
        let reason: String
        let reference: String?
        let corrects: LedgerTransactionID?
    }

    private struct NewCredit: Decodable {
        let limit: Int64
        let currency: String
    }

    private struct NewQuota: Decodable {
        let api: APIName
        let units: Int64
        let period: UsePeriod?
    }

    private struct Months: Encodable {
        let items: [CalendarMonth]
    }

    var routes: [Route] { use + money + statements + alerts + operators }

    private static let language: Route.Parameter = .init(name: "language", schema: Schemas.language, about: "en or zh; Accept-Language otherwise")

    private static let ledgerPage: [Route.Parameter] = [
        .init(name: "before", schema: .identifier, about: "only entries before this one"),
        .init(name: "limit", schema: .integer(1...500), about: "at most this many; 100 otherwise"),
    ]

    private func ledger(_ call: Call, of account: AccountID) async throws -> Reply {
        let before: LedgerTransactionID? = call.query["before"].flatMap(LedgerTransactionID.init(rawValue:))
        return try .json(Items(items: try await hub.ledger(account, before: before, limit: call.query["limit"].flatMap(Int.init) ?? 100)))
    }

    private var use: [Route] {
        [
            Route(.get, "/v1/account/quotas", .everyMember, "What the account may use, has used and has reserved.", success: (200, Schemas.items("Quota"))) {
                call in try .json(Items(items: try await hub.quotas(account: try call.member.account.rawValue)))
            },
            Route(
                .get, "/v1/account/usage", .everyMember, "Metering records, newest first: one for each call and each decision of a device.",
                query: [
                    .init(name: "before", schema: .text(1...100), about: "only records that come after this one in the list"),
                    .init(name: "limit", schema: .integer(1...500), about: "at most this many; 100 otherwise"),
                    .init(name: "api", schema: Schemas.api, about: "of this API alone"),
                ], success: (200, Schemas.items("MeteringRecord"))
            ) { call in
                try .json(
                    Items(
                        items: try await hub.meteringRecords(
                            try call.member.account, api: call.query["api"].flatMap(APIName.init(rawValue:)), before: call.query["before"],
                            limit: call.query["limit"].flatMap(Int.init) ?? 100)))
            },
        ]
    }

    private var money: [Route] {
        [
            Route(.get, "/v1/account/balance", .everyMember, "The account's money, by currency.", success: (200, Schemas.items("Balance"))) { call in
                try .json(Items(items: try await hub.balances(try call.member.account)))
            },
            Route(
                .get, "/v1/account/ledger", .everyMember, "Entries of the books, newest first.",
                query: Self.ledgerPage, success: (200, Schemas.items("LedgerTransaction"))
            ) { call in try await ledger(call, of: try call.member.account) },
            Route(.get, "/v1/account/purchases", .everyMember, "Packs and frequency that were bought, newest first.", success: (200, Schemas.items("Purchase")))
            {
                call in try .json(Items(items: try await hub.purchases(try call.member.account)))
            },
            Route(
                .post, "/v1/account/purchases", Self.payers,
                "Buy a product of the catalogue out of the balance; once, however often one Idempotency-Key is sent.",
                body: .object([.required("product", .identifier)]), success: (201, .reference("Purchase"))
            ) { call in
                guard let product = ProductID(rawValue: call.text("product")) else {
                    throw Problem(.notFound, "There is no such product.", detail: call.text("product"), remedy: "See /v1/catalogue.")
                }
                return try .json(try await hub.buy(product, account: try call.member.account, key: try call.idempotencyKey, by: try call.actor), status: 201)
            },
            Route(
                .get, "/v1/account/what-if", .everyMember, "What a month's uses would have cost by each plan as it is now.",
                query: [.init(name: "month", schema: Schemas.month, about: "the month before this one otherwise"), Self.language],
                success: (200, Schemas.items("WhatIf"))
            ) { call in
                let month: CalendarMonth = try call.query["month"].map(Self.month) ?? CalendarMonth(hub.now()).previous
                return try .json(Items(items: try await hub.whatIf(try call.member.account, month: month, in: call.spoken)))
            },
        ]
    }

    private static func month(_ text: String) throws(Problem) -> CalendarMonth {
        guard let month = CalendarMonth(text) else { throw Problem(.notFound, "There is no such month.", detail: text, remedy: "Write it as 2026-11.") }
        return month
    }

    private var statements: [Route] {
        [
            Route(
                .get, "/v1/account/statements", .everyMember, "The months there are statements of, newest first.",
                success: (200, .object([.required("items", .list(Schemas.month))]))
            ) {
                call in try .json(Months(items: try await hub.statementMonths(try call.member.account)))
            },
            Route(
                .get, "/v1/account/statements/{month}", .everyMember, "One month's statement: JSON, CSV, or a page to print.",
                query: [.init(name: "format", schema: .choice(["json", "csv", "html"]), about: "json unless named"), Self.language],
                success: (200, .reference("Statement")), textTypes: ["text/csv", "text/html"]
            ) { call in
                let statement: Statement = try await hub.statement(
                    try call.member.account, month: try Self.month(call.path["month"] ?? ""), in: call.spoken)
                return try StatementReply.reply(
                    statement, format: call.query["format"] ?? "json", language: call.spoken, provider: try await hub.setting(.providerName))
            },
            Route(
                .get, "/v1/account/statements/{month}/records", .everyMember, "The records behind one line of a statement.",
                query: [
                    .init(name: "line", schema: .text(5...120), about: "as the statement has it: face.search/v1/2026-11"),
                    .init(name: "after", schema: .text(1...100), about: "only records after this one"),
                    .init(name: "limit", schema: .integer(1...1_000), about: "at most this many; 500 otherwise"),
                ], success: (200, Schemas.items("MeteringRecord"))
            ) { call in
                try .json(
                    Items(
                        items: try await hub.records(
                            try call.member.account, month: try Self.month(call.path["month"] ?? ""), line: call.query["line"] ?? "",
                            after: call.query["after"] ?? "", limit: call.query["limit"].flatMap(Int.init) ?? 500)))
            },
        ]
    }

    private var alerts: [Route] {
        [
            Route(.get, "/v1/account/alerts", .everyMember, "Levels at which the account is told.", success: (200, Schemas.items("Alert"))) { call in
                try .json(Items(items: try await hub.alerts(try call.member.account)))
            },
            Route(
                .post, "/v1/account/alerts", Self.payers, "Be told by notice and mail when a level is reached.",
                body: .object([
                    .required("kind", .choices(Alert.Kind.self)),
                    .required("level", .integer(0...1_000_000_000_000_000), "millionths of the currency; percent for quota"),
                    .optional("api", Schemas.api, "with quota"), .optional("currency", .text(3...3), "with spend and balance"),
                ]), success: (201, .reference("Alert"))
            ) { call in
                let body: NewAlert = try call.value(NewAlert.self)
                return try .json(
                    try await hub.addAlert(
                        body.kind, level: body.level, api: body.api, currency: body.currency, account: try call.member.account, by: try call.actor), status: 201
                )
            },
            Route(.delete, "/v1/account/alerts/{alert}", Self.payers, "Be told no more.", success: (204, nil)) { call in
                try await hub.removeAlert(try call.id("alert"), account: try call.member.account, by: try call.actor)
                return .nothing
            },
        ]
    }

    private var operators: [Route] {
        [
            Route(
                .get, "/v1/operator/accounts/{account}/balance", .everyOperator, "An account's money, by currency.", success: (200, Schemas.items("Balance"))
            ) { call in try .json(Items(items: try await hub.balances(try await account(call)))) },
            Route(
                .get, "/v1/operator/accounts/{account}/ledger", .everyOperator, "Entries of an account's books, newest first.",
                query: Self.ledgerPage, success: (200, Schemas.items("LedgerTransaction"))
            ) { call in try await ledger(call, of: try await account(call)) },
            Route(
                .post, "/v1/operator/accounts/{account}/ledger", Self.finance,
                "Book a payment, credit, compensation, refund or correction; once for an Idempotency-Key. What was wrong is undone by another entry.",
                body: .object([
                    .required("kind", .choice(["top_up", "credit", "compensation", "refund", "correction"])),
                    .required("amount", .integer(-1_000_000_000_000_000...1_000_000_000_000_000), "millionths; positive is to the account's favour"),
                    .required("currency", .text(3...3)), .required("reason", .text(1...500)), .optional("reference", .text(1...200)),
                    .optional("corrects", .identifier, "with correction: the entry it undoes"),
                ]), success: (201, .reference("LedgerTransaction"))
            ) { call in
                let body: NewEntry = try call.value(NewEntry.self)
                let order = MoneyOrder(
                    kind: body.kind, amount: try Money(checked: body.amount, currency: body.currency), reason: body.reason, reference: body.reference,
                    corrects: body.corrects)
                return try .json(
                    try await hub.book(order, account: try await account(call).rawValue, key: try call.idempotencyKey, by: try call.actor), status: 201)
            },
            Route(
                .put, "/v1/operator/accounts/{account}/credit", Self.finance, "How far below zero an account's balance may go.",
                body: .object([.required("limit", .integer(0...1_000_000_000_000_000), "millionths"), .required("currency", .text(3...3))]),
                success: (200, .reference("Balance"))
            ) { call in
                let body: NewCredit = try call.value(NewCredit.self)
                return try .json(
                    try await hub.setCredit(
                        try Money(checked: body.limit, currency: body.currency), account: try await account(call).rawValue, by: try call.actor))
            },
            Route(
                .get, "/v1/operator/accounts/{account}/quotas", .everyOperator, "What an account may use.", success: (200, Schemas.items("Quota"))
            ) { call in try .json(Items(items: try await hub.quotas(account: try await account(call).rawValue))) },
            Route(
                .put, "/v1/operator/accounts/{account}/quotas", Self.finance, "Set what an account may use of an API, devices and calls together.",
                body: .object([.required("api", Schemas.api), .required("units", .count), .optional("period", .choices(UsePeriod.self), "total unless named")]),
                success: (200, .reference("Quota"))
            ) { call in
                let body: NewQuota = try call.value(NewQuota.self)
                return try .json(
                    try await hub.setQuota(
                        account: try await account(call).rawValue, api: body.api, units: body.units, period: body.period ?? .total, by: try call.actor))
            },
        ]
    }

    /// The path's account, which must be there.
    private func account(_ call: Call) async throws -> AccountID {
        let id: AccountID = try call.id("account")
        return try await hub.account(id.rawValue).id
    }
}

extension Call {
    /// The language that was asked for by name, else by header.
    var spoken: Language { query["language"].flatMap(Language.init(rawValue:)) ?? language }
}
