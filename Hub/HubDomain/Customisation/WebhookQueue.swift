import HubAccess
import HubStorage
import WireModel

/// What is to be sent to an account's endpoints, written in the transaction that gives rise to it. Bodies are sealed.
struct WebhookQueue {
    let connection: any SQLConnection
    let sealer: SecretSealer
    let now: Timestamp

    /// Tried this long.
    static let patience: Duration = .seconds(3 * 86_400)

    static func context(_ id: String) -> String { "webhook-delivery:" + id }

    private struct NoticeMessage: Encodable {
        struct Data: Encodable {
            let id: NoticeID
            let kind: String
            let title: String
            let body: String
            let link: String?
        }

        let type: String
        let timestamp: Timestamp
        let data: Data
    }

    private struct PingMessage: Encodable {
        let type: String
        let timestamp: Timestamp
        let data: [String: String]
    }

    /// - Returns: how many endpoints take it.
    @discardableResult
    func put(_ notice: Notice, account: AccountID) throws -> Int {
        let endpoints: [WebhookID] = try takers(of: .notice, account: account)
        guard !endpoints.isEmpty else { return 0 }
        let data = NoticeMessage.Data(id: notice.id, kind: notice.kind, title: notice.title, body: notice.body, link: notice.link)
        let body: [UInt8] = try JSON.bytes(NoticeMessage(type: WebhookTopic.notice.rawValue, timestamp: notice.created, data: data))
        for id in endpoints {
            try put(body, MediaType.json, kind: WebhookTopic.notice.rawValue, message: notice.id.rawValue, to: id, account: account)
        }
        return endpoints.count
    }

    /// - Parameter call: its id is the message's: the same call put again is one message still.
    func put(_ answer: RenderedAnswer, of call: VariantCall, account: AccountID) throws -> Int {
        let endpoints: [WebhookID] = try takers(of: .variantResult, account: account)
        for id in endpoints {
            try put(answer.bytes, answer.mediaType, kind: WebhookTopic.variantResult.rawValue, message: call.id, to: id, account: account)
        }
        return endpoints.count
    }

    func ping(_ id: WebhookID, account: AccountID) throws -> WebhookDelivery {
        let message: String = WebhookDeliveryID(at: now).rawValue
        let body: [UInt8] = try JSON.bytes(PingMessage(type: "ping", timestamp: now, data: ["webhook": id.rawValue]))
        try put(body, MediaType.json, kind: "ping", message: message, to: id, account: account)
        return try WebhookDelivery(
            connection.rows("SELECT * FROM webhook_delivery WHERE webhook_id = ? AND message_id = ?", [.text(id.rawValue), .text(message)])[0])
    }

    fileprivate func takers(of topic: WebhookTopic, account: AccountID) throws -> [WebhookID] {
        try connection.rows("SELECT id, kinds FROM webhook WHERE account_id = ? AND state = 'active' ORDER BY id", [.text(account.rawValue)]).compactMap {
            try JSON.value([WebhookTopic].self, from: try $0.text("kinds")).contains(topic) ? WebhookID(rawValue: try $0.text("id")) : nil
        }
    }

    private func put(_ body: [UInt8], _ type: String, kind: String, message: String, to webhook: WebhookID, account: AccountID) throws {
        let id: String = WebhookDeliveryID(at: now).rawValue
        try connection.execute(
            """
            INSERT INTO webhook_delivery (id, webhook_id, account_id, message_id, kind, media_type, sealed, state, next_ms, give_up_ms, created_ms)
            VALUES (?, ?, ?, ?, ?, ?, ?, 'queued', ?, ?, ?) ON CONFLICT (webhook_id, message_id) DO NOTHING
            """,
            [
                .text(id), .text(webhook.rawValue), .text(account.rawValue), .text(message), .text(kind), .text(type),
                .blob(try sealer.seal(body, context: Self.context(id))), .integer(now.milliseconds),
                .integer(now.advanced(by: Self.patience).milliseconds), .integer(now.milliseconds),
            ])
    }
}

package enum DeliveryState: String, Codable, Sendable, CaseIterable {
    case queued, delivered, failed
}

/// One message to one endpoint and what became of it.
package struct WebhookDelivery: Sendable, Codable {
    package let id: WebhookDeliveryID
    package let webhook: WebhookID
    /// `webhook-id` of every attempt.
    package let message: String
    package let kind: String
    package let state: DeliveryState
    package let attempts: Int64
    /// HTTP status of the last answer.
    package let status: Int64?
    package let fault: String?
    package let created: Timestamp
    package let tried: Timestamp?
    package let next: Timestamp?
    package let delivered: Timestamp?
    /// Whether it can be sent again: its body is still kept.
    package let isReplayable: Bool

    init(_ row: SQLRow) throws {
        guard let id = WebhookDeliveryID(rawValue: try row.text("id")), let webhook = WebhookID(rawValue: try row.text("webhook_id")),
            let state = DeliveryState(rawValue: try row.text("state"))
        else { throw HubStorageError.damaged }
        self.id = id
        self.webhook = webhook
        message = try row.text("message_id")
        kind = try row.text("kind")
        self.state = state
        attempts = try row.integer("attempts")
        status = try row.integerOrNil("status")
        fault = try row.textOrNil("fault")
        created = try row.time("created_ms")
        tried = try row.timeOrNil("tried_ms")
        next = state == .queued ? try row.time("next_ms") : nil
        delivered = try row.timeOrNil("delivered_ms")
        isReplayable = try row.blobOrNil("sealed") != nil
    }
}

extension Hub {
    /// Puts a variant's answer in the outbox, in the transaction that settles its call; once, however often the call is repeated.
    /// - Parameter call: its id is that of the metering record.
    /// - Returns: how many endpoints it goes to. None when no outcome was one of those asked for.
    @discardableResult
    package static func enqueueVariantDelivery(
        _ connection: any SQLConnection, sealer: SecretSealer, variant: Variant, call: VariantCall, answer: RenderedAnswer, now: Timestamp
    ) throws -> Int {
        guard variant.isSent, answer.records > 0 else { return 0 }
        return try WebhookQueue(connection: connection, sealer: sealer, now: now).put(answer, of: call, account: variant.account)
    }

    /// Whether an endpoint of the account takes results of variants now.
    package func takesResults(_ account: AccountID) async throws -> Bool {
        let (now, sealer): (Timestamp, SecretSealer) = (now(), sealer)
        return try await database.read { try !WebhookQueue(connection: $0, sealer: sealer, now: now).takers(of: .variantResult, account: account).isEmpty }
    }

    /// For ``settle``: the delivery exists exactly if the charge does.
    package func delivering(_ variant: Variant, _ answer: RenderedAnswer) -> @Sendable (any SQLConnection, MeteringRecord, Timestamp) throws -> Void {
        let sealer = sealer
        return { connection, record, now in
            _ = try Self.enqueueVariantDelivery(
                connection, sealer: sealer, variant: variant, call: VariantCall(id: record.id, api: variant.api, time: now), answer: answer, now: now)
        }
    }

    /// Newest first, at most 200.
    /// - Parameter before: only those before this one.
    package func deliveries(of id: WebhookID, before: WebhookDeliveryID?, account: AccountID) async throws -> [WebhookDelivery] {
        try await database.read { connection in
            _ = try Self.webhookRow(connection, id, account)
            return try connection.rows(
                "SELECT * FROM webhook_delivery WHERE webhook_id = ? AND (id < ? OR ? = 1) ORDER BY id DESC LIMIT 200",
                [.text(id.rawValue), .text(before?.rawValue ?? ""), SQLValue(before == nil)]
            ).map(WebhookDelivery.init)
        }
    }

    /// A message that says nothing, to see whether an endpoint takes messages.
    package func pingWebhook(_ id: WebhookID, account: AccountID) async throws -> WebhookDelivery {
        let sealer = sealer
        let now: Timestamp = now()
        return try await database.write { connection in
            let webhook = try Webhook(try Self.webhookRow(connection, id, account), now: now)
            guard webhook.state == .active else {
                throw Problem(.conflict, "That webhook is switched off.", detail: id.rawValue, remedy: "Switch it on: PATCH with active true.")
            }
            let minute: Int64 = try AttemptWindow(connection: connection, now: now).count("webhook-ping:\(account)", within: .seconds(60))
            guard minute <= 20 else { throw Problem(.tooManyAttempts, "Twenty pings a minute are enough.", remedy: "Wait a minute.") }
            return try WebhookQueue(connection: connection, sealer: sealer, now: now).ping(id, account: account)
        }
    }

    /// Sends a message again, under the same `webhook-id`, with a new signature.
    package func replayDelivery(_ id: WebhookDeliveryID, of webhook: WebhookID, account: AccountID, by actor: Actor) async throws -> WebhookDelivery {
        try await act(actor) { connection, trail, now in
            let row: SQLRow? = try connection.firstRow(
                "SELECT * FROM webhook_delivery WHERE id = ? AND webhook_id = ? AND account_id = ?",
                [.text(id.rawValue), .text(webhook.rawValue), .text(account.rawValue)])
            guard let row else { throw Problem.nothing("delivery", id.rawValue) }
            let delivery = try WebhookDelivery(row)
            guard delivery.isReplayable, delivery.state != .queued else {
                throw Problem(
                    .conflict, delivery.state == .queued ? "That message is still under way." : "That message's body is no longer kept.", detail: id.rawValue,
                    remedy: delivery.state == .queued ? "Wait for it." : "Bodies are kept for seven days; call the API again.")
            }
            try trail.record(.webhookReplay, account: account, subject: id.rawValue)
            return try WebhookDelivery(
                connection.rows(
                    """
                    UPDATE webhook_delivery SET state = 'queued', next_ms = ?, give_up_ms = ?, claim = NULL, delivered_ms = NULL WHERE id = ? RETURNING *
                    """,
                    [.integer(now.milliseconds), .integer(now.advanced(by: WebhookQueue.patience).milliseconds), .text(id.rawValue)])[0])
        }
    }
}
