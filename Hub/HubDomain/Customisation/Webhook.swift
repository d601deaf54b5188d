import HubAccess
import HubOutbound
import HubStorage
import ServiceSupport
import WireModel

/// What an endpoint may be sent.
package enum WebhookTopic: String, Codable, Sendable, CaseIterable {
    /// What the account is told in the user centre.
    case notice
    /// Answers of variants that are delivered by webhook.
    case variantResult = "variant.result"
}

package enum WebhookState: String, Codable, Sendable, CaseIterable {
    case active, disabled
}

/// An endpoint of an account's, as its members see it: never its secret.
package struct Webhook: Sendable, Codable {
    package let id: WebhookID
    package let url: String
    package let about: String
    package let topics: [WebhookTopic]
    package let state: WebhookState
    package let ground: WebhookGround?
    package let created: Timestamp
    package let lastDelivered: Timestamp?
    /// Until then messages are signed with the secret before, too.
    package let overlapUntil: Timestamp?

    init(_ row: SQLRow, now: Timestamp) throws {
        guard let id = WebhookID(rawValue: try row.text("id")), let state = WebhookState(rawValue: try row.text("state")) else { throw HubStorageError.damaged }
        self.id = id
        url = try row.text("url")
        about = try row.text("about")
        topics = try JSON.value([WebhookTopic].self, from: try row.text("kinds"))
        self.state = state
        ground = try row.textOrNil("ground").flatMap(WebhookGround.init(rawValue:))
        created = try row.time("created_ms")
        lastDelivered = try row.timeOrNil("delivered_ms")
        overlapUntil = try row.timeOrNil("previous_until_ms").flatMap { $0 > now ? $0 : nil }
    }
}

/// A secret as it is handed out, once.
package struct IssuedWebhook: Sendable, Codable {
    /// `whsec_` and Base64 of the key. The hub keeps it sealed and does not show it again.
    package let secret: String
    package let webhook: Webhook
}

/// What an endpoint is to be.
package struct WebhookSettings: Sendable {
    package let url: String
    package let about: String
    package let topics: [WebhookTopic]

    package init(url: String, about: String, topics: [WebhookTopic]) {
        self.url = url
        self.about = about
        self.topics = topics
    }

    func checked() throws(Problem) -> WebhookSettings {
        if let fault = WebhookAddress.fault(in: url) {
            throw Problem(.invalidRequest, "That is not an address for a webhook.", detail: fault, remedy: "Write https://hooks.example.com/vultus.")
        }
        guard !topics.isEmpty, about.unicodeScalars.count <= 200 else {
            throw Problem(
                .invalidRequest, "A webhook takes at least one topic.", remedy: "Choose among \(WebhookTopic.allCases.map(\.rawValue).joined(separator: ", "))."
            )
        }
        return WebhookSettings(url: url, about: about, topics: Set(topics).sorted { $0.rawValue < $1.rawValue })
    }
}

/// The key of an endpoint's signatures.
struct WebhookSecret {
    static let prefix: String = "whsec_"
    let bytes: [UInt8]

    static func generate() -> WebhookSecret { WebhookSecret(bytes: SystemRandom.bytes(32)) }

    var text: String { Self.prefix + PaddedBase64.text(bytes) }

    static func context(_ id: WebhookID) -> String { "webhook:" + id.rawValue }
}

extension Hub {
    private static let mostWebhooks: Int64 = 20

    package func webhooks(_ account: AccountID) async throws -> [Webhook] {
        let now: Timestamp = now()
        return try await database.read {
            try $0.rows("SELECT * FROM webhook WHERE account_id = ? ORDER BY id DESC", [.text(account.rawValue)]).map { try Webhook($0, now: now) }
        }
    }

    package func webhook(_ id: WebhookID, account: AccountID) async throws -> Webhook {
        let now: Timestamp = now()
        return try await database.read { try Webhook(try Self.webhookRow($0, id, account), now: now) }
    }

    static func webhookRow(_ connection: any SQLConnection, _ id: WebhookID, _ account: AccountID) throws -> SQLRow {
        guard let row = try connection.firstRow("SELECT * FROM webhook WHERE id = ? AND account_id = ?", [.text(id.rawValue), .text(account.rawValue)])
        else { throw Problem.nothing("webhook", id.rawValue) }
        return row
    }

    package func makeWebhook(_ settings: WebhookSettings, account: AccountID, by actor: Actor) async throws -> IssuedWebhook {
        let settings: WebhookSettings = try settings.checked()
        let sealer = sealer
        let secret: WebhookSecret = .generate()
        return try await act(actor) { connection, trail, now in
            let count: Int64 = try connection.rows("SELECT count(*) AS n FROM webhook WHERE account_id = ?", [.text(account.rawValue)])[0].integer("n")
            guard count < Self.mostWebhooks else {
                throw Problem(.conflict, "An account has at most \(Self.mostWebhooks) webhooks.", remedy: "Remove one that is not used.")
            }
            let id = WebhookID(at: now)
            let row: SQLRow = try connection.rows(
                "INSERT INTO webhook (id, account_id, url, about, kinds, sealed, state, created_ms) VALUES (?, ?, ?, ?, ?, ?, 'active', ?) RETURNING *",
                [
                    .text(id.rawValue), .text(account.rawValue), .text(settings.url), .text(settings.about), .text(try JSON.text(settings.topics)),
                    .blob(try sealer.seal(secret.bytes, context: WebhookSecret.context(id))), .integer(now.milliseconds),
                ])[0]
            try trail.record(.webhookMake, account: account, subject: id.rawValue)
            return IssuedWebhook(secret: secret.text, webhook: try Webhook(row, now: now))
        }
    }

    /// - Parameters:
    ///   - settings: `nil` leaves them.
    ///   - isActive: switches it on or off; `nil` leaves it as it is. What is queued goes out once it is on again.
    package func changeWebhook(
        _ id: WebhookID, settings: (@Sendable (Webhook) -> WebhookSettings)?, isActive: Bool?, account: AccountID, by actor: Actor
    ) async throws -> Webhook {
        try await act(actor) { connection, trail, now in
            let before = try Webhook(try Self.webhookRow(connection, id, account), now: now)
            if let settings = try settings?(before).checked() {
                try connection.execute(
                    "UPDATE webhook SET url = ?, about = ?, kinds = ?, failures = 0, rest_until_ms = 0 WHERE id = ?",
                    [.text(settings.url), .text(settings.about), .text(try JSON.text(settings.topics)), .text(id.rawValue)])
            }
            if let isActive {
                try connection.execute(
                    "UPDATE webhook SET state = ?, ground = ?, failures = 0, rest_until_ms = 0 WHERE id = ?",
                    [
                        .text((isActive ? WebhookState.active : .disabled).rawValue), isActive ? .null : .text(WebhookGround.switchedOff.rawValue),
                        .text(id.rawValue),
                    ])
            }
            try trail.record(.webhookChange, account: account, subject: id.rawValue, isActive.map { ["active": "\($0)"] } ?? [:])
            return try Webhook(try Self.webhookRow(connection, id, account), now: now)
        }
    }

    /// A new secret; messages are signed with both for `overlap`.
    package func rotateWebhook(_ id: WebhookID, overlap: Duration, account: AccountID, by actor: Actor) async throws -> IssuedWebhook {
        guard overlap >= .zero, overlap <= .seconds(30 * 86_400) else {
            throw Problem(.invalidRequest, "Old and new secret overlap for at most 30 days.", remedy: "Give fewer seconds; 0 ends the old one at once.")
        }
        let sealer = sealer
        let secret: WebhookSecret = .generate()
        return try await act(actor) { connection, trail, now in
            _ = try Self.webhookRow(connection, id, account)
            let until: Timestamp = now.advanced(by: overlap)
            try connection.execute(
                "UPDATE webhook SET previous_sealed = ?, previous_until_ms = ? WHERE id = ?",
                [
                    overlap == .zero ? .null : .blob(try Self.webhookRow(connection, id, account).blob("sealed")), .integer(until.milliseconds),
                    .text(id.rawValue),
                ])
            try connection.execute(
                "UPDATE webhook SET sealed = ? WHERE id = ?",
                [.blob(try sealer.seal(secret.bytes, context: WebhookSecret.context(id))), .text(id.rawValue)])
            try trail.record(.webhookRotate, account: account, subject: id.rawValue, ["overlap": "\(until)"])
            return IssuedWebhook(secret: secret.text, webhook: try Webhook(try Self.webhookRow(connection, id, account), now: now))
        }
    }

    /// With its log and what was still to be sent.
    package func removeWebhook(_ id: WebhookID, account: AccountID, by actor: Actor) async throws {
        try await act(actor) { connection, trail, _ in
            _ = try Self.webhookRow(connection, id, account)
            try connection.execute("DELETE FROM webhook_delivery WHERE webhook_id = ?", [.text(id.rawValue)])
            try connection.execute("DELETE FROM webhook WHERE id = ?", [.text(id.rawValue)])
            try trail.record(.webhookRemove, account: account, subject: id.rawValue)
        }
    }
}
