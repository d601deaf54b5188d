import HubAccess
import HubOutbound
import HubStorage
import WireModel

/// What becomes of a message, and of its endpoint, after an attempt.
extension Hub {
    private static let longestRest: Int64 = 300

    /// - Returns: whether the endpoint took it.
    func note(_ answer: Result<WebhookReply, WebhookTransportError>, _ claimed: ClaimedDelivery, _ webhook: WebhookID) async throws -> Bool {
        switch answer {
        case .success(let reply) where (200...299).contains(reply.status):
            try await noteTaken(claimed, webhook, status: Int64(reply.status))
            return true
        case .success(let reply):
            let isBusy: Bool = reply.status >= 500 || reply.status == 429
            let refusal = Refusal(
                status: Int64(reply.status), fault: (300...399).contains(reply.status) ? "a redirect, which is not followed" : "status \(reply.status)",
                retryAfter: reply.retryAfter, isOfEndpoint: isBusy, isGone: reply.status == 410)
            try await noteRefused(claimed, webhook, refusal)
        case .failure(let error):
            try await noteRefused(
                claimed, webhook, Refusal(status: nil, fault: error.rawValue, retryAfter: nil, isOfEndpoint: true, isGone: false))
        }
        return false
    }

    private struct Refusal: Sendable {
        let status: Int64?
        let fault: String
        let retryAfter: Int64?
        /// Other messages would fare no better now.
        let isOfEndpoint: Bool
        let isGone: Bool
    }

    /// An answer counts whoever holds the claim by now.
    private func noteTaken(_ claimed: ClaimedDelivery, _ webhook: WebhookID, status: Int64) async throws {
        let now: Timestamp = now()
        let id: String = try claimed.row.text("id")
        try await database.write { connection in
            try connection.execute(
                "UPDATE webhook_delivery SET state = 'delivered', delivered_ms = ?, status = ?, fault = NULL, claim = NULL WHERE id = ? AND state = 'queued'",
                [.integer(now.milliseconds), .integer(status), .text(id)])
            try connection.execute(
                "UPDATE webhook SET delivered_ms = ?, failures = 0, rest_until_ms = 0 WHERE id = ?", [.integer(now.milliseconds), .text(webhook.rawValue)])
        }
    }

    private func noteRefused(_ claimed: ClaimedDelivery, _ webhook: WebhookID, _ refusal: Refusal) async throws {
        let id: String = try claimed.row.text("id")
        let jitter: Double = .random(in: -1...1)
        let wait: Duration = WebhookSchedule.wait(attempts: try claimed.row.integer("attempts"), retryAfter: refusal.retryAfter, jitter: jitter)
        let (created, giveUp): (Timestamp, Timestamp) = (try claimed.row.time("created_ms"), try claimed.row.time("give_up_ms"))
        let claim: String = claimed.claim
        let sealer = sealer
        try await act(.system("webhooks")) { connection, trail, now in
            let next: Timestamp = now.advanced(by: wait)
            let isOver: Bool = refusal.isGone || next > giveUp
            let changed: Int = try connection.execute(
                "UPDATE webhook_delivery SET state = ?, next_ms = ?, status = ?, fault = ?, claim = NULL WHERE id = ? AND claim = ? AND state = 'queued'",
                [
                    .text((isOver ? DeliveryState.failed : .queued).rawValue), .integer(next.milliseconds), SQLValue(refusal.status), .text(refusal.fault),
                    .text(id), .text(claim),
                ])
            guard changed > 0, let row = try connection.firstRow("SELECT * FROM webhook WHERE id = ?", [.text(webhook.rawValue)]) else { return }
            if refusal.isOfEndpoint {
                let failures: Int64 = try row.integer("failures") + 1
                let rest = Duration.seconds(min(Self.longestRest, 5 << min(failures - 1, 10)))
                try connection.execute(
                    "UPDATE webhook SET failures = ?, rest_until_ms = ? WHERE id = ?",
                    [.integer(failures), .integer(now.advanced(by: rest).milliseconds), .text(webhook.rawValue)])
            }
            // One message that is never taken, among others that are, says nothing of the endpoint.
            let isDead: Bool = try row.timeOrNil("delivered_ms").map { $0 < created } ?? true
            guard isOver, refusal.isGone || isDead else { return }
            try Self.disable(row, webhook, refusal.isGone ? .gone : .unreachable, connection, trail, sealer, now)
        }
    }

    private static func disable(
        _ row: SQLRow, _ webhook: WebhookID, _ ground: WebhookGround, _ connection: any SQLConnection, _ trail: AuditTrail, _ sealer: SecretSealer,
        _ now: Timestamp
    ) throws {
        guard let account = AccountID(rawValue: try row.text("account_id")) else { throw HubStorageError.damaged }
        let changed: Int = try connection.execute(
            "UPDATE webhook SET state = 'disabled', ground = ? WHERE id = ? AND state = 'active'", [.text(ground.rawValue), .text(webhook.rawValue)])
        guard changed > 0 else { return }
        try trail.record(.webhookDisable, account: account, subject: webhook.rawValue, ["ground": ground.rawValue])
        try Outbox(connection: connection, sealer: sealer, now: now).tell(
            account, .customisation(.webhookDisabled(webhook, ground: ground)), mailing: .owners)
    }

    /// Bodies a week after their end, rows after a month, secrets after their overlap; and what waited too long for an endpoint
    /// that is switched off has failed.
    package func clearWebhooks() async throws {
        let now: Timestamp = now()
        @Sendable func ago(_ days: Int64) -> SQLValue { .integer(now.advanced(by: .seconds(-days * 86_400)).milliseconds) }
        try await database.write { connection in
            try connection.execute(
                "UPDATE webhook_delivery SET state = 'failed', fault = coalesce(fault, 'switched off') WHERE state = 'queued' AND give_up_ms < ? AND next_ms < ?",
                [.integer(now.milliseconds), .integer(now.milliseconds)])
            try connection.execute(
                "UPDATE webhook_delivery SET sealed = NULL WHERE state <> 'queued' AND sealed IS NOT NULL AND coalesce(delivered_ms, tried_ms, created_ms) < ?",
                [ago(7)])
            try connection.execute("DELETE FROM webhook_delivery WHERE state <> 'queued' AND created_ms < ?", [ago(30)])
            try connection.execute("UPDATE webhook SET previous_sealed = NULL WHERE previous_until_ms < ?", [.integer(now.milliseconds)])
        }
    }
}
