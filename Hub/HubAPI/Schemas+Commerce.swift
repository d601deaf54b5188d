import HubDomain
import RecognitionAPI
import WireModel

extension Schemas {
    private static let money: Schema = .object([
        .required("millionths", .integer(Int64.min...Int64.max), "of the currency's unit"), .required("currency", .text(3...3), "ISO 4217"),
    ])

    static let tariff: Schema = .object([
        .optional("free", .integer(0...1_000_000_000_000), "units of a month that cost nothing"),
        .required(
            "steps",
            .array(
                .object([
                    .optional("through", .integer(1...1_000_000_000_000), "the last unit of the month it holds for; none for all that follow"),
                    .required("price", .integer(0...Tariff.highestPrice), "millionths per unit"),
                ]), most: 20), "ascending, the last one without an end"),
    ])

    static let offerTerms: Schema = .object([
        .required("interfaceVersion", .integer(1...1_000)),
        .required("frequency", .object([.required("calls", .integer(1...1_000_000)), .required("seconds", .integer(1...86_400))]), "of one application"),
        .optional(
            "allowance", .object([.required("units", .integer(0...1_000_000_000_000)), .required("period", .choices(UsePeriod.self))]),
            "what an account may use, devices and calls together"),
        .optional(
            "trial", .object([.required("units", .integer(1...1_000_000)), .required("days", .integer(1...366)), .required("isFree", .boolean)])),
        .required("needsApproval", .boolean), .required("isOpen", .boolean, "whether applications are taken"),
    ])

    static let commerce: [String: Schema] = [
        "Offer": .object([
            .required("api", api), .required("version", .count, "0 until terms were set"), .required("notice", .time), .required("effective", .time),
            .required("terms", offerTerms),
        ]),
        "Price": .object([
            .required("id", .identifier), .required("api", api), .required("version", .integer(1...Int64.max)), .required("unitPrice", money),
            .required("effective", .time), .required("plan", plan), .optional("account", .identifier, "whose contract it is"), .required("tariff", tariff),
            .required(
                "lease",
                .object([
                    .required("units", .integer(1...Int64.max)), .required("termMilliseconds", .integer(1...Int64.max)),
                    .required("whenExhausted", .choices(ExhaustionPolicy.self)), .required("hardLimit", .count),
                    .required("graceMilliseconds", .count, "uses go on for so long after the term"),
                ]), "what a device takes along"),
        ]),
        "Product": .object([
            .required("id", .identifier), .required("api", api), .required("kind", .choices(Product.Kind.self)), .required("name", .text(1...100)),
            .required("units", .integer(1...Int64.max)), .required("validDays", .integer(1...3_660)), .required("price", money), .required("effective", .time),
            .optional("withdrawn", .time),
        ]),
        "CatalogueEntry": .object([
            .required("api", api), .required("title", .text(1...100)), .required("summary", .text(0...500)), .required("offer", .reference("Offer")),
            .required("offersToCome", .list(.reference("Offer"))),
            .required(
                "plans",
                .list(
                    .object([
                        .required("plan", plan), .optional("price", .reference("Price"), "in force now"), .required("pricesToCome", .list(.reference("Price"))),
                    ]))),
            .required("products", .list(.reference("Product"))), .required("agreements", .list(.text(1...80)), "that bind a call; the first prevails"),
            .required("documentation", .text(1...200)),
        ]),
        "Entitlement": .object([
            .required("id", .identifier), .required("account", .identifier), .required("application", .identifier), .required("api", api),
            .required("state", .choices(Entitlement.State.self)), .optional("pausedBy", .choice(["account", "operator"])),
            .optional("units", .count, "the most it may use in the period"), .optional("ceiling", .count, "the operator's own limit on that"),
            .required("period", .choices(UsePeriod.self)), .required("used", .count),
            .optional("trialEnds", .time), .optional("applied", .time), .required("reason", .text(0...1_000)), .optional("answer", .text(0...1_000)),
            .required("created", .time), .optional("decided", .time), .optional("ended", .time),
        ]),
        "Quota": .object([
            .required("account", .identifier), .required("api", api), .required("units", .count), .required("period", .choices(UsePeriod.self)),
            .required("settled", .count, "used in the present period"), .required("reserved", .count, "in leases, or claimed by calls under way"),
        ]),
        "MeteringRecord": .object([
            .required("id", .text(1...100)), .required("account", .identifier), .optional("application", .identifier), .optional("key", .identifier),
            .optional("device", .identifier), .optional("epoch", .count), .optional("seq", .count), .required("api", api), .required("units", .count),
            .required("state", .choices(MeteringRecord.State.self)), .required("used", .time), .optional("booked", .time), .optional("price", .identifier),
            .required("currency", .text(0...3)), .required("amount", .integer(0...Int64.max), "millionths"), .required("packUnits", .count),
            .required("isTrial", .boolean), .required("isOverdraft", .boolean), .optional("transaction", .identifier), .optional("fault", .text(1...80)),
        ]),
        "Balance": .object([
            .required("account", .identifier), .required("currency", .text(3...3)), .required("amount", .integer(Int64.min...Int64.max), "millionths"),
            .required("held", .count, "for calls under way and leases of devices"), .required("due", .count, "late uses that nothing covered yet"),
            .required("creditLimit", .count),
        ]),
        "LedgerTransaction": .object([
            .required("id", .identifier), .required("kind", .choices(MoneyMove.self)), .required("amount", money), .required("reason", .text(1...500)),
            .optional("reference", .text(1...200)), .optional("corrects", .identifier), .required("actor", .text(1...100)), .required("time", .time),
        ]),
        "Purchase": .object([
            .required("id", .identifier), .required("product", .identifier), .required("kind", .choices(Product.Kind.self)), .required("api", api),
            .required("units", .integer(1...Int64.max)), .required("used", .count), .required("begins", .time), .required("ends", .time),
            .optional("transaction", .identifier),
        ]),
        "Statement": .object([
            .required("account", .identifier), .required("name", .text(1...120)), .required("month", month), .required("isOpen", .boolean),
            .required(
                "lines",
                .list(
                    .object([
                        .required("line", .text(5...120), "its handle"), .required("api", api), .required("plan", plan), .required("monthOfUse", month),
                        .required("records", .count), .required("units", .count), .required("packUnits", .count), .required("priceText", .text(1...1_000)),
                        .required("amount", money),
                    ]))), .required("entries", .list(.reference("LedgerTransaction")), "everything but charges"),
            .required(
                "totals",
                .list(
                    .object([
                        .required("currency", .text(3...3)), .required("opening", money), .required("charges", money), .required("other", money),
                        .required("closing", money),
                    ]))),
        ]),
        "WhatIf": .object([
            .required("api", api), .required("month", month), .required("units", .count), .required("paid", .list(money)),
            .required(
                "plans",
                .list(
                    .object([
                        .required("plan", plan), .required("version", .count), .required("words", .text(1...1_000)), .required("amount", money),
                    ]))),
        ]),
        "Alert": .object([
            .required("id", .identifier), .required("kind", .choices(Alert.Kind.self)), .optional("api", api), .required("level", .count),
            .optional("currency", .text(3...3)), .optional("fired", .time), .required("created", .time),
        ]),
    ]
}
