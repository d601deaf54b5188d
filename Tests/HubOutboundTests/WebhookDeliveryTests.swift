import Foundation
import HubDomain
import HubOutbound
import HubStorage
import RecognitionAPI
import TestKit
import Testing
import WireModel

@Suite("Webhooks", .serialized)
struct WebhookDeliveryTests {
    @Test("a variant's answer is sent once, signed so that the receiver can tell, in the variant's form; the same call again is no second message")
    func once() async throws {
        let fixture = try await WebhookFixture()
        let (webhook, variant): (Webhook, Variant) = (try await fixture.webhook(), try await fixture.variant())
        #expect(try await fixture.enqueue(variant, id: "mtr_1") == 1)
        _ = try await fixture.enqueue(variant, id: "mtr_1")
        #expect(try await fixture.enqueue(variant, id: "mtr_2", outcome: "unknown") == 0)
        let transport: HTTPSWebhooks = try fixture.transport()
        #expect(try await fixture.hub.deliverWebhooks(through: transport) == 1)
        _ = try await fixture.enqueue(variant, id: "mtr_1")
        #expect(try await fixture.hub.deliverWebhooks(through: transport) == 0)
        let messages: [WebhookFixture.Message] = try fixture.messages()
        #expect(messages.count == 1)
        let message: WebhookFixture.Message = try #require(messages.first)
        #expect(message.id == "mtr_1" && message.signedBy == [0] && message.event == "variant.result" && message.path == "/hook")
        #expect(message.body == "who\r\nper_a\r\n" && message.type == "text/csv; charset=utf-8")
        #expect(message.timestamp == fixture.hub.now().milliseconds / 1_000)
        let log: WebhookDelivery = try #require(try await fixture.deliveries(webhook).first)
        #expect(log.state == .delivered && log.status == 204 && log.attempts == 1 && log.fault == nil)
    }

    @Test("notices reach whoever takes notices, and nobody else")
    func notices() async throws {
        let fixture = try await WebhookFixture()
        _ = try await fixture.webhook([.variantResult])
        let taker: Webhook = try await fixture.webhook([.notice])
        _ = try await fixture.hub.order(MeasureOrder(kind: .warning, ground: "g", statement: "Mind the <terms>."), account: "Acme", by: .test)
        #expect(try await fixture.hub.deliverWebhooks(through: try fixture.transport()) == 1)
        let message: WebhookFixture.Message = try #require(try fixture.messages().first)
        let notice: Notice = try #require(try await fixture.hub.notices(fixture.account.id).first { $0.kind == "measure" })
        let body: JSONValue = try JSON.value(JSONValue.self, from: message.body)
        #expect(message.signedBy == [1] && message.id == notice.id.rawValue && message.event == "notice")
        #expect(body["type"] == "notice" && body["data"]?["kind"] == "measure" && body["data"]?["body"]?.text == notice.body)
        #expect(try await fixture.deliveries(taker).count == 1)
    }

    @Test("what is not taken is tried again at growing distances for three days, always under its first id; then the endpoint is off, and its owners are told")
    func retries() async throws {
        let fixture = try await WebhookFixture()
        let (webhook, variant): (Webhook, Variant) = (try await fixture.webhook(), try await fixture.variant())
        let transport: HTTPSWebhooks = try fixture.transport()
        try await fixture.enqueue(variant, id: "mtr_1")
        try fixture.answer(500)
        let began: Timestamp = fixture.hub.now()
        var waits: [Int64] = []
        while try await fixture.deliveries(webhook)[0].state == .queued {
            #expect(try await fixture.hub.deliverWebhooks(through: transport) == 0)
            let log: WebhookDelivery = try await fixture.deliveries(webhook)[0]
            #expect(log.status == 500 && log.fault == "status 500")
            guard let next = log.next else { break }
            waits.append(next.since(fixture.hub.now()).components.seconds)
            // Not before its time.
            #expect(try await fixture.hub.deliverWebhooks(through: transport) == 0)
            // Past the endpoint's own rest, too.
            fixture.clock.advance(by: max(next.since(fixture.hub.now()), .seconds(301)))
        }
        let steps: [Int64] = [5, 30, 120, 600, 1_800, 3_600, 7_200, 14_400, 28_800]
        for (wait, step) in zip(waits, steps) { #expect(abs(wait - step) <= step / 5 + 1) }
        #expect(waits.count >= 14 && waits.count <= 20)
        #expect(fixture.hub.now().since(began) > .seconds(2 * 86_400 + 43_200) && fixture.hub.now().since(began) <= .seconds(3 * 86_400))
        let messages: [WebhookFixture.Message] = try fixture.messages()
        #expect(messages.count == waits.count + 1 && Set(messages.map(\.id)) == ["mtr_1"] && messages.allSatisfy { $0.signedBy == [0] })
        #expect(Set(messages.map(\.timestamp)).count == messages.count)
        let off: Webhook = try await fixture.hub.webhook(webhook.id, account: fixture.account.id)
        #expect(off.state == .disabled && off.ground == .unreachable)
        #expect(try await fixture.hub.notices(fixture.account.id).filter { $0.kind == "webhook" }.count == 1)
        #expect(try await fixture.hub.auditEntries(account: fixture.account.id).first?.action == "webhook.disable")
        // Off: nothing is put in; on again, what failed can be sent again.
        #expect(try await fixture.enqueue(variant, id: "mtr_2") == 0)
        _ = try await fixture.hub.changeWebhook(webhook.id, settings: nil, isActive: true, account: fixture.account.id, by: .test)
        try fixture.answer(200)
        let failed: WebhookDelivery = try await fixture.deliveries(webhook)[0]
        _ = try await fixture.hub.replayDelivery(failed.id, of: webhook.id, account: fixture.account.id, by: .test)
        #expect(try await fixture.hub.deliverWebhooks(through: transport) == 1)
        #expect(try fixture.messages().last?.id == "mtr_1")
    }

    @Test("an endpoint asks for time and gets it, is gone and is left alone; a redirect is not followed")
    func answers() async throws {
        let fixture = try await WebhookFixture()
        let (webhook, variant): (Webhook, Variant) = (try await fixture.webhook(), try await fixture.variant())
        let transport: HTTPSWebhooks = try fixture.transport()
        try await fixture.enqueue(variant, id: "mtr_1")
        try fixture.answer(503, retryAfter: 4_000)
        _ = try await fixture.hub.deliverWebhooks(through: transport)
        #expect(try await fixture.deliveries(webhook)[0].next?.since(fixture.hub.now()) == .seconds(4_000))
        fixture.clock.advance(by: .seconds(4_000))
        try fixture.answer(307)
        _ = try await fixture.hub.deliverWebhooks(through: transport)
        #expect(try await fixture.deliveries(webhook)[0].fault == "a redirect, which is not followed")
        #expect(try fixture.messages().map(\.path) == ["/hook", "/hook"])
        fixture.clock.advance(by: .seconds(600))
        try fixture.answer(410)
        _ = try await fixture.hub.deliverWebhooks(through: transport)
        #expect(try await fixture.hub.webhook(webhook.id, account: fixture.account.id).ground == .gone)
        #expect(try await fixture.deliveries(webhook)[0].state == .failed)
    }

    @Test("one message that is never taken does not switch off an endpoint that takes others")
    func poison() async throws {
        let fixture = try await WebhookFixture()
        let (webhook, variant): (Webhook, Variant) = (try await fixture.webhook(), try await fixture.variant())
        let transport: HTTPSWebhooks = try fixture.transport()
        try await fixture.enqueue(variant, id: "mtr_bad")
        try fixture.answer(400)
        _ = try await fixture.hub.deliverWebhooks(through: transport)
        fixture.clock.advance(by: .seconds(1))
        try fixture.answer(200)
        try await fixture.enqueue(variant, id: "mtr_good")
        #expect(try await fixture.hub.deliverWebhooks(through: transport) == 1)
        try fixture.answer(400)
        fixture.clock.advance(by: .seconds(3 * 86_400))
        _ = try await fixture.hub.deliverWebhooks(through: transport)
        #expect(try await fixture.deliveries(webhook).map(\.state) == [.delivered, .failed])
        #expect(try await fixture.hub.webhook(webhook.id, account: fixture.account.id).state == .active)
    }

    @Test("private addresses, strangers' certificates and silence are refused before anything is said, in words that tell nothing of the hub's network")
    func refusals() async throws {
        let fixture = try await WebhookFixture()
        let (webhook, variant): (Webhook, Variant) = (try await fixture.webhook(), try await fixture.variant())
        let attempts: [(HTTPSWebhooks, String)] = [
            (try fixture.transport(allowPrivate: false), "the host has no public address"),
            (try fixture.transport(isTrusted: false), "the certificate is not trusted"),
        ]
        try await fixture.enqueue(variant, id: "mtr_1")
        for (transport, fault) in attempts {
            _ = try await fixture.hub.deliverWebhooks(through: transport)
            #expect(try await fixture.deliveries(webhook)[0].fault == fault)
            fixture.clock.advance(by: .seconds(600))
        }
        #expect(try fixture.messages().isEmpty)
        // What a name resolves to decides, whatever it looks like; so do literal addresses.
        for host in ["127.0.0.1", "[::1]", "10.0.0.1", "169.254.169.254", "[::ffff:127.0.0.1]", "2130706433", "0x7f000001"] {
            let url: String = "https://\(host):1/hook"
            guard WebhookAddress.fault(in: url) == nil else { continue }
            await #expect(throws: WebhookTransportError.forbiddenAddress, "\(host)") {
                _ = try await fixture.transport(allowPrivate: false).post(WebhookPost(url: url, headers: [], body: []))
            }
        }
        try fixture.answer(200, delay: 3)
        _ = try await fixture.hub.deliverWebhooks(through: try fixture.transport(timeout: .milliseconds(300)))
        #expect(try await fixture.deliveries(webhook)[0].fault == "no answer in time")
    }

    @Test("three hubs at one outbox: every message is taken once, and what was acknowledged never comes again")
    func together() async throws {
        let fixture = try await WebhookFixture()
        let variant: Variant = try await fixture.variant()
        _ = try await fixture.webhook()
        for number in 0..<60 { try await fixture.enqueue(variant, id: "mtr_\(number)") }
        var hubs: [Hub] = [fixture.hub]
        for _ in 0..<2 {
            hubs.append(
                try await Hub.open(
                    directory: fixture.database.folderForKeys, database: fixture.database.location, mayMake: false, clock: fixture.clock, passwords: .quick))
        }
        let taken: Int = try await withThrowingTaskGroup(of: Int.self) { group in
            for hub in hubs {
                let transport: HTTPSWebhooks = try fixture.transport()
                group.addTask { try await hub.deliverWebhooks(through: transport) }
            }
            return try await group.reduce(0, +)
        }
        let ids: [String] = try fixture.messages().map(\.id)
        #expect(taken == 60 && ids.count == 60 && Set(ids).count == 60)
        for hub in hubs { #expect(try await hub.deliverWebhooks(through: try fixture.transport()) == 0) }
        fixture.clock.advance(by: .seconds(4 * 86_400))
        #expect(try await fixture.hub.deliverWebhooks(through: try fixture.transport()) == 0)
        #expect(try fixture.messages().count == 60)
        for hub in hubs.dropFirst() { await hub.close() }
    }

    @Test("a hub that died with a message in hand is stood in for after two minutes; the message keeps its id")
    func died() async throws {
        let fixture = try await WebhookFixture()
        let variant: Variant = try await fixture.variant()
        let webhook: Webhook = try await fixture.webhook()
        try await fixture.enqueue(variant, id: "mtr_1")
        // Claimed by a hub that is gone.
        try await fixture.database.execute(
            "UPDATE webhook_delivery SET attempts = 1, claim = 'gone', next_ms = ?", [.integer(fixture.hub.now().advanced(by: .seconds(120)).milliseconds)])
        #expect(try await fixture.hub.deliverWebhooks(through: try fixture.transport()) == 0)
        fixture.clock.advance(by: .seconds(120))
        #expect(try await fixture.hub.deliverWebhooks(through: try fixture.transport()) == 1)
        #expect(try fixture.messages().map(\.id) == ["mtr_1"])
        #expect(try await fixture.deliveries(webhook)[0].attempts == 2)
    }

    @Test("while secrets overlap both sign, afterwards the new one alone; a ping says nothing but that it is one")
    func rotation() async throws {
        let fixture = try await WebhookFixture()
        let webhook: Webhook = try await fixture.webhook()
        let (hub, id): (Hub, AccountID) = (fixture.hub, fixture.account.id)
        let new: IssuedWebhook = try await hub.rotateWebhook(webhook.id, overlap: .seconds(3_600), account: id, by: .test)
        fixture.secrets.append(new.secret)
        try fixture.answer(200)
        func ping() async throws -> WebhookFixture.Message {
            _ = try await hub.pingWebhook(webhook.id, account: id)
            #expect(try await hub.deliverWebhooks(through: try fixture.transport()) == 1)
            return try #require(try fixture.messages().last)
        }
        let first: WebhookFixture.Message = try await ping()
        #expect(first.signedBy == [0, 1] && first.event == "ping" && first.type == "application/json")
        fixture.clock.advance(by: .seconds(3_600))
        #expect(try await ping().signedBy == [1])
        let third: IssuedWebhook = try await hub.rotateWebhook(webhook.id, overlap: .zero, account: id, by: .test)
        fixture.secrets.append(third.secret)
        try fixture.answer(200)
        #expect(try await ping().signedBy == [2])
    }

    @Test("an endpoint that does not answer rests, and holds nothing up: others get theirs in the same round")
    func fairness() async throws {
        let fixture = try await WebhookFixture()
        let variant: Variant = try await fixture.variant()
        // Nothing listens there.
        let dead: Webhook = try await fixture.webhook(url: "https://localhost:1/")
        _ = try await fixture.webhook()
        for number in 0..<40 { try await fixture.enqueue(variant, id: "mtr_\(number)") }
        #expect(try await fixture.hub.deliverWebhooks(through: try fixture.transport()) == 40)
        let tried: Int = try await fixture.deliveries(dead).filter { $0.attempts > 0 }.count
        #expect(tried >= 1 && tried <= 4)
        #expect(try await fixture.deliveries(dead).allSatisfy { $0.fault == nil || $0.fault == "no connection" })
    }

    @Test("bodies are kept sealed, for a week after delivery; rows for a month")
    func cleared() async throws {
        let fixture = try await WebhookFixture()
        let (webhook, variant): (Webhook, Variant) = (try await fixture.webhook(), try await fixture.variant())
        try await fixture.enqueue(variant, id: "mtr_1")
        _ = try await fixture.hub.deliverWebhooks(through: try fixture.transport())
        let sealed: [UInt8] = try await fixture.database.rows("SELECT sealed FROM webhook_delivery")[0].blob("sealed")
        #expect(!String(decoding: sealed, as: UTF8.self).contains("per_a"))
        fixture.clock.advance(by: .seconds(8 * 86_400))
        try await fixture.hub.clearWebhooks()
        let log: WebhookDelivery = try await fixture.deliveries(webhook)[0]
        #expect(!log.isReplayable)
        await #expect { _ = try await fixture.hub.replayDelivery(log.id, of: webhook.id, account: fixture.account.id, by: .test) } throws: {
            ($0 as? Problem)?.code == .conflict
        }
        fixture.clock.advance(by: .seconds(23 * 86_400))
        try await fixture.hub.clearWebhooks()
        #expect(try await fixture.deliveries(webhook).isEmpty)
    }

    @Test("addresses are https, of one host, without user names, fragments or characters that URLs have not")
    func addresses() {
        for url in ["https://a.example", "https://a.example:8443/x?y=1", "https://192.0.2.1/", "https://[2001:db8::1]:443/", "https://xn--fiq.example/%E4"] {
            #expect(WebhookAddress.fault(in: url) == nil, "\(url)")
        }
        for url in [
            "http://a.example", "https://", "https:///x", "https://u@a.example", "https://u:p@a.example/", "https://a.example#x", "https://a.example/ x",
            "https://a.example:0", "https://a.example:65536", "https://a.example:x", "https://例.example", "ftp://a.example", "https://a.example\n",
            "https://a b/",
            "https://a.example/" + String(repeating: "x", count: 2_000), "https://[::1", "https://a\\b.example",
        ] {
            #expect(WebhookAddress.fault(in: url) != nil, "\(url)")
        }
    }
}
