import Crypto
import FoundationEssentials
import HubAccess
import HubOutbound
import HubStorage
import WireModel

/// Signs as Standard Webhooks 1.0 asks: whoever knows the secret can tell that a message is the hub's, and when it was sent.
enum WebhookSignature {
    /// - Parameter keys: the secret, and the one before while both hold.
    /// - Returns: `Name: value` of the three headers.
    static func headers(message: String, body: [UInt8], at now: Timestamp, keys: [[UInt8]]) -> [String] {
        let seconds: Int64 = now.milliseconds / 1_000
        let signed: [UInt8] = Array("\(message).\(seconds).".utf8) + body
        let signatures: [String] = keys.map { "v1," + PaddedBase64.text(Array(HMAC<SHA256>.authenticationCode(for: signed, using: SymmetricKey(data: $0)))) }
        return ["webhook-id: \(message)", "webhook-timestamp: \(seconds)", "webhook-signature: \(signatures.joined(separator: " "))"]
    }
}

/// Base64 with padding (RFC 4648 §4), as other people's libraries read it.
enum PaddedBase64 {
    static func text(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }
}

/// When a message that was not taken is sent again.
enum WebhookSchedule {
    private static let steps: [Int64] = [5, 30, 120, 600, 1_800, 3_600, 7_200, 14_400, 28_800]

    /// - Parameters:
    ///   - attempts: made so far, from 1.
    ///   - retryAfter: seconds that the endpoint asked for.
    ///   - jitter: −1…1; moves the time by up to a fifth, so that what failed together is not sent again together.
    static func wait(attempts: Int64, retryAfter: Int64?, jitter: Double) -> Duration {
        let step: Int64 = steps[Int(min(max(attempts - 1, 0), Int64(steps.count - 1)))]
        let milliseconds = Int64(Double(step) * (1_000 + 200 * jitter))
        return .milliseconds(max(milliseconds, min(retryAfter ?? 0, 86_400) * 1_000))
    }
}

/// A message in one hub's hands.
struct ClaimedDelivery: Sendable {
    let row: SQLRow
    let webhook: SQLRow
    /// Tells this claim from a later one.
    let claim: String
}

extension Hub {
    /// How long a hub that took a message may work on it before another takes it over: longer than any transport waits.
    private static let webhookClaim: Duration = .seconds(120)

    /// Sends what is due, `lanes` at once. Several hubs may do so together: SQL gives each message to one of them. A hub that
    /// dies between the endpoint's answer and noting it makes the message go out again, under the same `webhook-id`.
    /// - Returns: how many were taken by their endpoints.
    package func deliverWebhooks(through transport: any WebhookTransport, limit: Int = 500, lanes: Int = 4) async throws -> Int {
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<lanes {
                group.addTask {
                    var taken: Int = 0
                    for _ in 0..<(limit + lanes - 1) / lanes where !Task.isCancelled {
                        // What is in hand is finished, noted too, when the hub is told to stop.
                        let outcome: Bool? = try await Task { try await deliverNextWebhook(through: transport) }.value
                        guard let outcome else { break }
                        if outcome { taken += 1 }
                    }
                    return taken
                }
            }
            return try await group.reduce(0, +)
        }
    }

    private func claimWebhook() async throws -> ClaimedDelivery? {
        let now: Timestamp = now()
        let claim: String = SecretToken.generate(prefix: "")
        // An endpoint that just failed rests, with all that waits for it; so it never holds up the others.
        let due: String = """
            SELECT webhook_delivery.id FROM webhook_delivery JOIN webhook ON webhook.id = webhook_id
            WHERE webhook_delivery.state = 'queued' AND next_ms <= ? AND webhook.state = 'active' AND rest_until_ms <= ? ORDER BY next_ms, webhook_delivery.id LIMIT 1
            """
        let values: [SQLValue] = [.integer(now.milliseconds), .integer(now.milliseconds)]
        guard try await database.read({ try $0.firstRow(due, values) }) != nil else { return nil }
        return try await database.write { connection in
            let rows: [SQLRow] = try connection.rows(
                "UPDATE webhook_delivery SET next_ms = ?, claim = ?, attempts = attempts + 1, tried_ms = ? WHERE id = (\(due)) RETURNING *",
                [.integer(now.advanced(by: Self.webhookClaim).milliseconds), .text(claim), .integer(now.milliseconds)] + values)
            guard let row = rows.first else { return nil }
            let webhook: [SQLRow] = try connection.rows("SELECT * FROM webhook WHERE id = ?", [.text(try row.text("webhook_id"))])
            return ClaimedDelivery(row: row, webhook: webhook[0], claim: claim)
        }
    }

    /// - Returns: whether the endpoint took it; `nil` when nothing is due.
    private func deliverNextWebhook(through transport: any WebhookTransport) async throws -> Bool? {
        guard let claimed = try await claimWebhook() else { return nil }
        let now: Timestamp = now()
        let id: String = try claimed.row.text("id")
        guard let webhook = WebhookID(rawValue: try claimed.webhook.text("id")) else { throw HubStorageError.damaged }
        let body: [UInt8] = try sealer.open(try claimed.row.blobOrNil("sealed") ?? [], context: WebhookQueue.context(id))
        var sealed: [[UInt8]] = [try claimed.webhook.blob("sealed")]
        if let previous = try claimed.webhook.blobOrNil("previous_sealed"), try claimed.webhook.timeOrNil("previous_until_ms").map({ $0 > now }) ?? false {
            sealed.append(previous)
        }
        let keys: [[UInt8]] = try sealed.map { try sealer.open($0, context: WebhookSecret.context(webhook)) }
        let headers: [String] =
            ["Content-Type: \(try claimed.row.text("media_type"))", "vultus-event: \(try claimed.row.text("kind"))"]
            + WebhookSignature.headers(message: try claimed.row.text("message_id"), body: body, at: now, keys: keys)
        let post = WebhookPost(url: try claimed.webhook.text("url"), headers: headers, body: body)
        let answer: Result<WebhookReply, WebhookTransportError>
        do throws(WebhookTransportError) { answer = .success(try await transport.post(post)) } catch { answer = .failure(error) }
        return try await note(answer, claimed, webhook)
    }
}
