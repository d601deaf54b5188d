import HTTPTypes
import HubAPI
import HubConsole
import HubDomain
import RecognitionAPI
import TestKit
import Testing
import WireModel

@Suite("Documentation follows the catalogue")
struct FreshnessTests {
    /// Renders a page once and then goes on showing it: what must not happen.
    private actor Stale {
        private var kept: Reply?

        func reply(_ fresh: () async throws -> Reply) async throws -> Reply {
            if let kept { return kept }
            let reply: Reply = try await fresh()
            kept = reply
            return reply
        }
    }

    private static func planted(_ hub: Hub) -> [Route] {
        guard let page = DocumentationRoutes(hub: hub, documenting: []).routes.first(where: { $0.path == "/docs/{api}" }) else { return [] }
        let stale = Stale()
        return [
            Route(.get, "/stale/{api}", .open, "A page that was kept.", success: (200, nil), isDocumented: false) { call in
                try await stale.reply { try await page.handler(call) }
            }
        ]
    }

    private let served: ServedHub
    private let reader: APIClient

    init() async throws {
        served = try await ServedHub(planted: Self.planted)
        reader = try served.visitor()
    }

    private func faults(_ path: String) async throws -> [String] {
        CatalogueFacts(entry: try await reader.get("/v1/catalogue/face.search").json, page: PageText(html: try await reader.get(path).text)).faults
    }

    /// Every kind of change an operator makes, one after the other.
    private func changes() -> [(String, @Sendable (Hub) async throws -> Void)] {
        let lease = LeaseTerms(units: 100, termMilliseconds: 86_400_000, whenExhausted: .refuse, hardLimit: 0)
        func price(_ millionths: Int64, plan: String = "standard", tariff: Tariff? = nil, after days: Double? = nil) -> @Sendable (Hub) async throws -> Void {
            { hub in
                let effective: Timestamp? = days.map { hub.now().advanced(by: .seconds(86_400 * $0)) }
                _ = try await hub.setPrice(
                    api: .search, unitPrice: Money(millionths: millionths, currency: "CNY"), effective: effective, lease: lease, plan: plan, tariff: tariff,
                    by: .test)
            }
        }
        func terms(_ terms: OfferTerms, after days: Double? = nil) -> @Sendable (Hub) async throws -> Void {
            { hub in
                _ = try await hub.setOffer(.search, terms: terms, effective: days.map { hub.now().advanced(by: .seconds(86_400 * $0)) }, by: .test)
            }
        }
        let volume = try! Tariff(free: 1_000, steps: [.init(through: 10_000, price: 12_000), .init(through: nil, price: 8_500)])  // ascending
        return [
            ("a first price", price(15_000)), ("another price", price(14_000)), ("a second plan", price(12_000, plan: "volume", tariff: volume)),
            ("a price to come", price(20_000, after: 40)),
            ("terms", terms(OfferTerms(frequency: .init(calls: 1_200, seconds: 60), allowance: .init(units: 50_000, period: .month)))),
            (
                "a trial and approval",
                terms(
                    OfferTerms(
                        frequency: .init(calls: 1_200, seconds: 60), allowance: .init(units: 50_000, period: .month),
                        trial: .init(units: 100, days: 14, isFree: true), needsApproval: true))
            ),
            ("terms to come", terms(OfferTerms(frequency: .init(calls: 300, seconds: 60)), after: 50)),
            (
                "a pack",
                { hub in
                    _ = try await hub.addProduct(
                        ProductDraft(
                            api: .search, kind: .pack, name: "<b>10,000</b> & more", units: 10_000, validDays: 365,
                            price: Money(millionths: 99_000_000, currency: "CNY")), by: .test)
                }
            ),
        ]
    }

    @Test("after every change of price, terms and packs, the page says what the catalogue says; a page that was kept is noticed each time")
    func followed() async throws {
        #expect(try await faults("/docs/face.search").isEmpty)
        #expect(try await faults("/stale/face.search").isEmpty)
        for (what, change) in changes() {
            try await change(served.hub)
            let fresh: [String] = try await faults("/docs/face.search")
            #expect(fresh.isEmpty, "\(what): \(fresh)")
            #expect(try await !faults("/stale/face.search").isEmpty, "\(what) was not missed on a page from before")
        }
        // What an operator typed is text on the page, not markup.
        let page: String = try await reader.get("/docs/face.search").text
        #expect(page.contains("&lt;b&gt;10,000&lt;/b&gt; &amp; more") && !page.contains("<b>10,000"))
        let overview: String = try await reader.get("/docs").text
        for text in ["0.014 CNY each", "0.012 CNY each", "100 uses in 14 days, free", "1,200 calls in 60 s", "volume: 1,000"] {
            #expect(overview.contains(text), "\(text)")
        }
    }
}
