import HubAPI
import HubDomain
import HubOutbound
import RecognitionAPI
import Synchronization
import TestKit
import Testing
import WireModel

@testable import HubConsole

/// An endpoint whose answer the test says.
private final class PlayedEndpoint: WebhookTransport {
    private let state = Mutex<(status: Int, posts: [WebhookPost])>((200, []))

    var posts: [WebhookPost] { state.withLock { $0.posts } }
    func answer(_ status: Int) { state.withLock { $0.status = status } }

    func post(_ message: WebhookPost) async throws(WebhookTransportError) -> WebhookReply {
        state.withLock {
            $0.posts.append(message)
            return WebhookReply(status: $0.status, retryAfter: nil)
        }
    }
}

@Suite("Webhooks in the user centre")
struct WebhookPageTests {
    private let served: ServedHub
    private let clock: ManualClock
    private let endpoint = PlayedEndpoint()

    init() async throws {
        clock = ManualClock.startingNow()
        served = try await ServedHub(clock: clock)
    }

    private var hub: Hub { served.hub }
    private static let list: String = "/account/webhooks"

    private func owner(_ name: String = "Acme") async throws -> (account: Account, visitor: ConsoleVisitor) {
        let email: String = "owner@\(name.lowercased()).example"
        let account: Account = try await hub.openTestAccount(name, email: email)
        return (account, ConsoleVisitor(client: try await served.member(email)))
    }

    private func secret(_ answer: APIAnswer) throws -> String {
        try #require(PageText.matches(of: #"value="(whsec_[^"]+)""#, in: answer.text).first?[0], "\(answer.status)")
    }

    @Test("a webhook is added and its secret shown once; what is no address, or is sent nothing, is refused with what was typed")
    func adding() async throws {
        let (account, visitor): (Account, ConsoleVisitor) = try await owner()
        let wrong: [(String, [String], String)] = [("http://hooks.acme.example/x", ["notice"], "url"), ("https://hooks.acme.example/x", [], "topics")]
        for (url, topics, field) in wrong {
            let refused: APIAnswer = try await visitor.submit(
                Self.list, on: Self.list, [("url", url), ("about", "the <door>")] + topics.map { ("topics", $0) })
            #expect(refused.status == 400 && refused.text.contains("value=\"\(url)\"") && refused.text.contains("value=\"the &lt;door&gt;\""), "\(field)")
            #expect(refused.text.contains("class=\"field wrong"))
        }
        #expect(try await hub.webhooks(account.id).isEmpty)
        let made: APIAnswer = try await visitor.submit(
            Self.list, on: Self.list,
            [("url", " https://hooks.acme.example/x "), ("about", "the <door>"), ("topics", "notice"), ("topics", "variant.result")])
        let secret: String = try secret(made)
        let webhook: Webhook = try await hub.webhooks(account.id)[0]
        #expect(webhook.url == "https://hooks.acme.example/x" && webhook.topics == [.notice, .variantResult])
        for path in [Self.list, "\(Self.list)/\(webhook.id)"] {
            for language in ["en", "zh"] {
                let page = PageText(html: try await visitor.get("\(path)?language=\(language)").text)
                #expect(!page.html.contains(PageText.plain(secret)) && page.html.contains("the &lt;door&gt;"))
                #expect(page.unbalanced.isEmpty && Set(page.attributes("id")).count == page.attributes("id").count, "\(path)")
            }
        }
    }

    @Test("it is pinged, changed, switched off and on, given another secret with an overlap, and deleted once that was ticked")
    func changing() async throws {
        let (account, visitor): (Account, ConsoleVisitor) = try await owner()
        let issued: IssuedWebhook = try await hub.makeWebhook(
            WebhookSettings(url: "https://hooks.acme.example/x", about: "", topics: [.notice]), account: account.id, by: .test)
        let page: String = "\(Self.list)/\(issued.webhook.id)"
        func submit(_ path: String, _ fields: [(String, String)] = []) async throws -> APIAnswer {
            try await visitor.submit("\(page)/\(path)", on: page, fields)
        }
        func now() async throws -> Webhook { try await hub.webhook(issued.webhook.id, account: account.id) }
        #expect(try await submit("ping").status == 303)
        #expect(try await hub.deliverWebhooks(through: endpoint) == 1)
        #expect(try await visitor.get(page).text.contains(#"<span class="badge good">taken</span>"#))
        #expect(try await submit("settings", [("url", "https://hooks.acme.example/y"), ("about", "door"), ("topics", "variant.result")]).status == 303)
        #expect(try await now().url == "https://hooks.acme.example/y")
        #expect(try await now().topics == [.variantResult])
        #expect(try await submit("state", [("active", "no")]).status == 303)
        #expect(try await now().state == .disabled)
        #expect(try await !visitor.get(page).text.contains("\(page)/ping"))
        #expect(try await submit("state", [("active", "yes")]).status == 303)
        #expect(try await now().state == .active)
        let rotated: APIAnswer = try await submit("rotate", [("overlap", "24")])
        #expect(try secret(rotated) != issued.secret)
        #expect(try await now().overlapUntil.map { $0.since(hub.now()) > .seconds(86_000) } == true)
        #expect(try await submit("rotate", [("overlap", "9999")]).status == 400)
        #expect(try await submit("delete").status == 400)
        #expect(try await submit("delete", [("sure", "yes")]).status == 303)
        #expect(try await hub.webhooks(account.id).isEmpty)
        let acts: Set<String> = Set(try await hub.auditEntries(account: account.id).filter { $0.actorKind == "member" }.map(\.action))
        #expect(acts.isSuperset(of: ["webhook.change", "webhook.rotate", "webhook.remove"]), "\(acts)")
    }

    @Test("what became of each message is told, and one that was taken or failed is sent again under its id; the list is paged, each once")
    func deliveries() async throws {
        let (account, visitor): (Account, ConsoleVisitor) = try await owner()
        let webhook: Webhook = try await hub.makeWebhook(
            WebhookSettings(url: "https://hooks.acme.example/x", about: "", topics: [.notice]), account: account.id, by: .test
        ).webhook
        let page: String = "\(Self.list)/\(webhook.id)"
        endpoint.answer(410)
        let ping: WebhookDelivery = try await hub.pingWebhook(webhook.id, account: account.id)
        _ = try await hub.deliverWebhooks(through: endpoint)
        let gone: String = try await visitor.get(page).text
        #expect(gone.contains("it answered 410") && gone.contains("It is off: it answered that it is gone (410)."))
        endpoint.answer(503)
        #expect(try await visitor.submit("\(page)/state", on: page, [("active", "yes")]).status == 303)
        #expect(try await visitor.submit("\(page)/deliveries/\(ping.id)/replay", on: page, []).status == 303)
        _ = try await hub.deliverWebhooks(through: endpoint)
        #expect(try await visitor.get(page).text.contains("is tried again"))
        endpoint.answer(204)
        clock.advance(by: .seconds(60))
        #expect(try await hub.deliverWebhooks(through: endpoint) == 1)
        let ids: [String] = endpoint.posts.compactMap { $0.headers.first { $0.hasPrefix("webhook-id") } }
        #expect(ids.count == 3 && Set(ids).count == 1)
        for _ in 0..<205 {
            clock.advance(by: .seconds(4))
            _ = try await hub.pingWebhook(webhook.id, account: account.id)
        }
        func shown(_ text: String) -> [String] { PageText.matches(of: #"data-label="Message">ping<small>([^<]+)</small>"#, in: text).map { $0[0] } }
        let first: String = try await visitor.get(page).text
        let next: String = try #require(PageText.matches(of: ##"href="[^"]*(\?before=[^"#]*)#deliveries""##, in: first).first?[0])
        let pages: [String] = shown(first) + shown(try await visitor.get(page + PageText.plain(next)).text)
        #expect(pages.count == 206 && Set(pages).count == 206)
    }

    @Test("another account has no such webhook, and who may not make one sees no form")
    func others() async throws {
        let account: Account = try await served.enterprise("Acme", domain: "acme.example")
        let webhook: Webhook = try await hub.makeWebhook(
            WebhookSettings(url: "https://hooks.acme.example/x", about: "", topics: [.notice]), account: account.id, by: .test
        ).webhook
        let stranger: ConsoleVisitor = try await owner("Other").visitor
        for path in ["\(Self.list)/\(webhook.id)", "/account/live/webhooks/\(webhook.id)"] { #expect(try await stranger.get(path).status == 404) }
        try await served.join("reader@acme.example", role: .billing, to: account)
        let reader = ConsoleVisitor(client: try await served.member("reader@acme.example"))
        for path in [Self.list, "\(Self.list)/\(webhook.id)"] {
            let page = PageText(html: try await reader.get(path).text)
            #expect(page.html.contains(webhook.url) && page.attributes("action") == ["/sign-out"], "\(path)")
        }
    }
}
