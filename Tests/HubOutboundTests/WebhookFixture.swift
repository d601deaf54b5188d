import Foundation
import HubAccess
import HubDomain
import HubOutbound
import HubStorage
import RecognitionAPI
import TestKit
import WireModel

/// A hub with one account, a variant that is sent by webhook, and a receiver over HTTPS.
final class WebhookFixture {
    struct Message: Decodable {
        let id: String
        let timestamp: Int64
        let event: String
        let type: String
        let path: String
        let body: String
        let status: Int
        let signedBy: [Int]
    }

    private struct Control: Encodable {
        let status: Int
        let retryAfter: Int?
        let delay: Double
        let secrets: [String]
    }

    static let api = APIName(rawValue: "face.search.acme-door")!

    let database: TestDatabase
    let hub: Hub
    let clock = ManualClock()
    let account: Account
    private let folder: Folder
    private let authority: Authority
    private let peer: Peer
    var secrets: [String] = []
    var url: String { "https://localhost:\(peer.greeting)/hook" }

    init() async throws {
        folder = try Folder()
        authority = try Authority()
        database = try TestDatabase()
        hub = try await Hub.open(directory: database.folderForKeys, database: database.location, mayMake: true, clock: clock, passwords: .quick)
        account = try await hub.openTestAccount()
        peer = try Peer(
            Peer.python,
            [
                Peer.scripts + "webhook_peer.py", "--record", folder.file("record"), "--control", folder.file("control"), "--certificate", authority.server,
            ])
        try answer(204)
    }

    /// What the receiver answers from now on.
    func answer(_ status: Int, retryAfter: Int? = nil, delay: Double = 0) throws {
        try JSONEncoder().encode(Control(status: status, retryAfter: retryAfter, delay: delay, secrets: secrets))
            .write(to: URL(filePath: folder.file("control")), options: .atomic)
    }

    /// What it was sent, in order.
    func messages() throws -> [Message] { try folder.lines("record").map { try JSONDecoder().decode(Message.self, from: Data($0.utf8)) } }

    func transport(allowPrivate: Bool = true, isTrusted: Bool = true, timeout: Duration = .seconds(10)) throws -> HTTPSWebhooks {
        try HTTPSWebhooks(allowPrivateAddresses: allowPrivate, caFile: isTrusted ? authority.caFile : nil, timeout: timeout)
    }

    func webhook(_ topics: [WebhookTopic] = [.variantResult], url: String? = nil) async throws -> Webhook {
        let issued: IssuedWebhook = try await hub.makeWebhook(
            WebhookSettings(url: url ?? self.url, about: "", topics: topics), account: account.id, by: .test)
        if url == nil {
            secrets.append(issued.secret)
            try answer(204)
        }
        return issued.webhook
    }

    /// A variant that is delivered by webhook.
    func variant(delivery: JSONValue = ["webhook"]) async throws -> Variant {
        let asked: Customisation = try await hub.requestCustomisation(
            CustomisationWish(base: .search, name: "acme-door", words: "A door.", definition: nil, expectedMonthly: 1, variant: nil), account: account.id,
            by: .test)
        let definition: JSONValue = [
            "format": "csv", "records": "face", "only": ["match"], "delivery": delivery, "fields": [["name": "who", "from": "faces[].person"]],
        ]
        let free = Money(millionths: 0, currency: "CNY")
        let quoted: Customisation = try await hub.quote(
            QuoteTerms(
                api: Self.api, definition: definition, unitPrice: free, monthlyAllowance: 0, monthlyQuota: 100, setupFee: free, words: "w",
                validUntil: hub.now().advanced(by: .seconds(60)), effective: nil), for: asked.id, by: .test)
        _ = try await hub.acceptQuote(quoted.quotes[0].id, of: asked.id, account: account.id, by: .test)
        return try await hub.variant(Self.api, account: account.id)!
    }

    /// A call's answer put in the outbox, as the settling of a call does.
    @discardableResult
    func enqueue(_ variant: Variant, id: String, outcome: String = "match") async throws -> Int {
        let answer: JSONValue = ["width": 1, "height": 1, "faces": [["outcome": .string(outcome), "person": "per_a"]]]
        let now: Timestamp = hub.now()
        let rendered: RenderedAnswer = try variant.render(try JSON.bytes(answer), id: id, time: now)
        let sealer = SecretSealer(key: hub.keys.sealingKey)
        return try await hub.database.write {
            try Hub.enqueueVariantDelivery(
                $0, sealer: sealer, variant: variant, call: VariantCall(id: id, api: variant.api, time: now), answer: rendered, now: now)
        }
    }

    func deliveries(_ webhook: Webhook) async throws -> [WebhookDelivery] { try await hub.deliveries(of: webhook.id, before: nil, account: account.id) }
}
