import HubDomain
import RecognitionAPI

/// Requests, quotes, variants and webhooks as they go over the wire.
extension Schemas {
    static let definitionAbout: String =
        "declares the answer: format (json, csv, xml), records (call, face), only (outcomes), units (score, box, angle, time), fields (name with from, constant, or fields and each; default, unit, decimals, words), root, record, csv (header, delimiter), delivery (answer, webhook)"
    static let decimal: Schema = .text(1...17)
    private static let apiName: Schema = .text(3...64)

    static let customisation: [String: Schema] = [
        "Customisation": .object([
            .required("id", .identifier), .required("account", .identifier), .required("base", apiName), .required("name", .text(1...40)),
            .required("words", .text(1...4_000)), .optional("definition", .map(.anything)), .required("expectedMonthly", .count),
            .optional("variant", .identifier), .required("state", .choices(CustomisationState.self)), .optional("answer", .text(1...1_000)),
            .required("requested", .time), .required("changed", .time), .required("quotes", .list(.reference("Quote")), "newest first"),
        ]),
        "Quote": .object([
            .required("id", .identifier), .required("number", .integer(1...Int64.max)), .required("state", .choices(QuoteState.self)),
            .required("api", apiName), .required("definition", .map(.anything)), .required("unitPrice", decimal), .required("setupFee", decimal),
            .required("currency", .text(3...3)), .required("monthlyAllowance", .count), .required("monthlyQuota", .count), .required("words", .text(1...4_000)),
            .required("validUntil", .time), .optional("effective", .time), .required("quoted", .time),
        ]),
        "VariantPreview": .object([
            .required("mediaType", .text(1...100)), .required("output", .text(0...Int.max), "as it would be sent"), .required("records", .count),
            .required(
                "readings",
                .list(
                    .object([
                        .required("field", .text(1...1_000)), .required("from", .text(1...200)), .required("unit", .text(1...20)),
                        .required("about", .text(0...300)),
                    ])), "how each value is to be read"),
        ]),
        "Variant": .object([
            .required("id", .identifier), .required("account", .identifier), .required("api", apiName), .required("base", apiName),
            .required("created", .time), .optional("ends", .time), .optional("endGround", .text(1...500)),
            .required(
                "versions",
                .list(
                    .object([
                        .required("number", .integer(1...Int64.max)), .required("definition", .map(.anything)), .required("quote", .identifier),
                        .required("effective", .time),
                    ])), "newest first"),
            .optional("inForce", .integer(1...Int64.max), "the version that answers now"),
        ]),
        "Webhook": .object([
            .required("id", .identifier), .required("url", .text(9...2_000)), .required("about", .text(0...200)),
            .required("topics", .list(.choices(WebhookTopic.self))), .required("state", .choices(WebhookState.self)),
            .optional("ground", .choices(WebhookGround.self)), .required("created", .time), .optional("lastDelivered", .time),
            .optional("overlapUntil", .time, "until then messages are signed with the secret before, too"),
        ]),
        "IssuedWebhook": .object([
            .required("secret", .text(40...80), "the key of signatures, shown only now"), .required("webhook", .reference("Webhook")),
        ]),
        "WebhookDelivery": .object([
            .required("id", .identifier), .required("webhook", .identifier), .required("message", .text(1...100), "webhook-id of every attempt"),
            .required("kind", .text(1...40)), .required("state", .choices(DeliveryState.self)), .required("attempts", .count),
            .optional("status", .integer(0...999), "of the last answer"), .optional("fault", .text(0...200)), .required("created", .time),
            .optional("tried", .time), .optional("next", .time), .optional("delivered", .time), .required("isReplayable", .boolean),
        ]),
    ]
}
