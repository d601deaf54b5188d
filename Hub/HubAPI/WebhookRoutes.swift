import HTTPTypes
import HubDomain
import RecognitionAPI
import WireModel

/// Where an account's notices and results are sent to.
struct WebhookRoutes {
    let hub: Hub

    private struct Change: Decodable {
        let url: String?
        let about: String?
        let topics: [WebhookTopic]?
        let active: Bool?
    }

    private static let makers: Access = .member([.owner, .admin, .developer])
    private static let topics: Schema = .array(.choices(WebhookTopic.self), most: 10)
    private static let url: Schema = .text(9...2_000)

    var routes: [Route] { endpoints + deliveries }

    private var endpoints: [Route] {
        [
            Route(.get, "/v1/account/webhooks", .everyMember, "The account's webhooks.", success: (200, Schemas.items("Webhook"))) { call in
                try .json(Items(items: try await hub.webhooks(try call.member.account)))
            },
            Route(
                .post, "/v1/account/webhooks", Self.makers, "Make a webhook; its secret is shown once. Messages are signed as Standard Webhooks 1.0 says.",
                body: .object([
                    .required("url", Self.url, "https only"), .optional("about", .text(0...200)), .required("topics", Self.topics, "what it is sent"),
                ]), success: (201, .reference("IssuedWebhook"))
            ) { call in
                let body: Change = try call.value(Change.self)
                let settings = WebhookSettings(url: body.url ?? "", about: body.about ?? "", topics: body.topics ?? [])
                return try .json(try await hub.makeWebhook(settings, account: try call.member.account, by: try call.actor), status: 201)
            },
            Route(.get, "/v1/account/webhooks/{webhook}", .everyMember, "One webhook.", success: (200, .reference("Webhook"))) { call in
                try .json(try await hub.webhook(try call.id("webhook"), account: try call.member.account))
            },
            Route(
                .patch, "/v1/account/webhooks/{webhook}", Self.makers, "Change a webhook, or switch it off or on.",
                body: .object([
                    .optional("url", Self.url), .optional("about", .text(0...200)), .optional("topics", Self.topics), .optional("active", .boolean),
                ]), success: (200, .reference("Webhook"))
            ) { call in
                let body: Change = try call.value(Change.self)
                return try .json(
                    try await hub.changeWebhook(
                        try call.id("webhook"),
                        settings: { before in
                            WebhookSettings(url: body.url ?? before.url, about: body.about ?? before.about, topics: body.topics ?? before.topics)
                        }, isActive: body.active, account: try call.member.account, by: try call.actor))
            },
            Route(
                .delete, "/v1/account/webhooks/{webhook}", Self.makers, "Remove a webhook with its log and what was still to be sent.", success: (204, nil),
                isForEnded: true
            ) { call in
                try await hub.removeWebhook(try call.id("webhook"), account: try call.member.account, by: try call.actor)
                return .nothing
            },
            Route(
                .post, "/v1/account/webhooks/{webhook}/rotate", Self.makers, "Make a new secret; messages are signed with both for the overlap.",
                body: .object([.required("overlapSeconds", .integer(0...2_592_000))]), success: (201, .reference("IssuedWebhook"))
            ) { call in
                guard case .integer(let seconds)? = call.body["overlapSeconds"] else { throw Problem(.invalidRequest, "No overlap.", remedy: "Name it.") }
                return try .json(
                    try await hub.rotateWebhook(
                        try call.id("webhook"), overlap: .seconds(seconds), account: try call.member.account, by: try call.actor), status: 201)
            },
        ]
    }

    private var deliveries: [Route] {
        [
            Route(
                .post, "/v1/account/webhooks/{webhook}/ping", Self.makers, "Send a message that says nothing, to see whether it is taken.",
                success: (201, .reference("WebhookDelivery"))
            ) { call in try .json(try await hub.pingWebhook(try call.id("webhook"), account: try call.member.account), status: 201) },
            Route(
                .get, "/v1/account/webhooks/{webhook}/deliveries", .everyMember, "What was sent and what became of it, newest first.",
                query: [.init(name: "before", schema: .identifier, about: "only deliveries before this one")],
                success: (200, Schemas.items("WebhookDelivery"))
            ) { call in
                try .json(
                    Items(
                        items: try await hub.deliveries(
                            of: try call.id("webhook"), before: call.query["before"].flatMap(WebhookDeliveryID.init(rawValue:)),
                            account: try call.member.account)))
            },
            Route(
                .post, "/v1/account/webhooks/{webhook}/deliveries/{delivery}/replay", Self.makers, "Send a message again, under the same webhook-id.",
                success: (200, .reference("WebhookDelivery"))
            ) { call in
                try .json(
                    try await hub.replayDelivery(
                        try call.id("delivery"), of: try call.id("webhook"), account: try call.member.account, by: try call.actor))
            },
        ]
    }
}
