import HubAccess
import HubDomain
import HubStorage
import RecognitionAPI
import ServiceSupport
import TestKit
import Testing
import WireModel

/// A hub with one account that asks for variants.
final class CustomisationFixture {
    let fixture: HubFixture
    let account: Account
    var hub: Hub { fixture.hub }
    var clock: ManualClock { fixture.clock }

    static let definition: JSONValue = ["fields": [["name": "who", "from": "faces[0].person"]]]
    static let api = APIName(rawValue: "face.search.acme-door")!

    init() async throws {
        fixture = try await HubFixture()
        account = try await fixture.hub.openTestAccount()
    }

    func wish(_ base: APIName = .search, name: String = "acme-door", definition: JSONValue? = nil, variant: VariantID? = nil) -> CustomisationWish {
        CustomisationWish(base: base, name: name, words: "A door.", definition: definition, expectedMonthly: 1_000, variant: variant)
    }

    func ask(variant: VariantID? = nil, account: Account? = nil) async throws -> Customisation {
        try await hub.requestCustomisation(wish(variant: variant), account: (account ?? self.account).id, by: .test)
    }

    func terms(
        _ api: APIName = api, definition: JSONValue = definition, price: Int64 = 20_000, quota: Int64 = 500, days: Int64 = 10, fee: Int64 = 0,
        effective: Timestamp? = nil
    ) -> QuoteTerms {
        QuoteTerms(
            api: api, definition: definition, unitPrice: Money(millionths: price, currency: "CNY"), monthlyAllowance: 100, monthlyQuota: quota,
            setupFee: Money(millionths: fee, currency: "CNY"), words: "As agreed.", validUntil: hub.now().advanced(by: .seconds(days * 86_400)),
            effective: effective)
    }

    @discardableResult
    func accept(_ customisation: Customisation) async throws -> Customisation {
        try await hub.acceptQuote(try #require(customisation.quotes.first).id, of: customisation.id, account: account.id, by: .test)
    }

    /// Asked, quoted, accepted.
    func variant(_ definition: JSONValue = definition) async throws -> VariantRecord {
        let asked: Customisation = try await ask()
        try await accept(try await hub.quote(terms(definition: definition), for: asked.id, by: .test))
        return try await hub.variants(account.id)[0]
    }
}

private func expectCode(_ code: ProblemCode, _ body: () async throws -> Void, _ place: SourceLocation = #_sourceLocation) async {
    await #expect(sourceLocation: place) { try await body() } throws: { ($0 as? Problem)?.code == code }
}

@Suite("The road to a variant")
struct CustomisationTests {
    @Test("asked, quoted and accepted, the variant is there at once under its own name, with its price and quota, all of it told and audited")
    func road() async throws {
        let fixture = try await CustomisationFixture()
        let (hub, account): (Hub, Account) = (fixture.hub, fixture.account)
        let asked: Customisation = try await fixture.ask()
        #expect(asked.state == .requested && asked.quotes.isEmpty)
        #expect(try await hub.variant(CustomisationFixture.api, account: account.id) == nil)
        let quoted: Customisation = try await hub.quote(fixture.terms(), for: asked.id, by: .test)
        #expect(quoted.state == .quoted && quoted.quotes[0].state == .open)
        let accepted: Customisation = try await fixture.accept(quoted)
        #expect(accepted.state == .accepted && accepted.quotes[0].state == .accepted)

        let variant: Variant = try #require(try await hub.variant(CustomisationFixture.api, account: account.id))
        #expect(variant.number == 1 && variant.base == .search && variant.isAnswered && !variant.isSent)
        let answer: [UInt8] = try JSON.bytes(VariantRenderingTests.answer)
        #expect(String(decoding: try variant.render(answer, id: "x", time: hub.now()).bytes, as: UTF8.self) == #"{"who":"per_a"}"#)
        let price: Price = try #require(try await hub.prices().last)
        #expect(price.api == CustomisationFixture.api && price.unitPrice == Money(millionths: 20_000, currency: "CNY"))
        #expect(try await hub.quotas(account: "Acme").first { $0.api == CustomisationFixture.api }?.units == 500)

        #expect(Set(["variant", "customisation"]).isSubset(of: try await hub.notices(account.id).map(\.kind)))
        let actions: [String] = try await hub.auditEntries(account: account.id).map(\.action)
        #expect(actions.prefix(5) == ["quota.set", "price.set", "variant.open", "customisation.accept", "customisation.quote"])
        #expect(price.tariff.free == 100)
        #expect(try await hub.verify().allSatisfy { $0.faults.isEmpty })
    }

    @Test("each step is possible only where it belongs; what is decided stays decided")
    func transitions() async throws {
        let fixture = try await CustomisationFixture()
        let (hub, id): (Hub, AccountID) = (fixture.hub, fixture.account.id)
        enum Step: CaseIterable { case quote, accept, decline, refuse, withdraw }
        func take(_ step: Step, _ customisation: Customisation) async throws {
            switch step {
            case .quote: _ = try await hub.quote(fixture.terms(), for: customisation.id, by: .test)
            case .accept: try await fixture.accept(try await hub.customisation(customisation.id, account: id))
            case .decline: _ = try await hub.declineQuote(of: customisation.id, reason: "no", account: id, by: .test)
            case .refuse: _ = try await hub.refuseCustomisation(customisation.id, reason: "no", by: .test)
            case .withdraw: _ = try await hub.withdrawCustomisation(customisation.id, account: id, by: .test)
            }
        }
        let asked: Customisation = try await fixture.ask()
        await expectCode(.conflict) { try await take(.decline, asked) }
        // Decided in each way there is: no way leads on.
        for last in [Step.decline, .refuse, .withdraw] {
            let one: Customisation = try await fixture.ask()
            try await take(.quote, one)
            try await take(last, one)
            for step in Step.allCases { await expectCode(.conflict) { try await take(step, one) } }
        }
        try await take(.quote, asked)
        try await take(.accept, asked)
        for step in Step.allCases { await expectCode(.conflict) { try await take(step, asked) } }
        #expect(try await hub.variants(id).count == 1)
    }

    @Test("a quote lapses on its day, whether a job has noted it or not; it is told once, and can be quoted anew")
    func lapse() async throws {
        let fixture = try await CustomisationFixture()
        let (hub, id): (Hub, AccountID) = (fixture.hub, fixture.account.id)
        let quoted: Customisation = try await hub.quote(fixture.terms(days: 3), for: try await fixture.ask().id, by: .test)
        fixture.clock.advance(by: .seconds(3 * 86_400 - 1))
        #expect(try await hub.lapseCustomisations() == 0)
        #expect(try await hub.customisation(quoted.id, account: id).state == .quoted)
        fixture.clock.advance(by: .seconds(1))
        #expect(try await hub.customisation(quoted.id, account: id).state == .lapsed)
        await expectCode(.conflict) { try await fixture.accept(quoted) }
        #expect(try await hub.lapseCustomisations() == 1)
        #expect(try await hub.lapseCustomisations() == 0)
        #expect(try await hub.notices(id).filter { $0.title.contains("lapsed") }.count == 1)
        let again: Customisation = try await hub.quote(fixture.terms(), for: quoted.id, by: .test)
        #expect(again.state == .quoted && again.quotes.map(\.state) == [.open, .lapsed])
        try await fixture.accept(again)
    }

    @Test("accepting names the quote that was read: one replaced meanwhile is not accepted, nor is another's")
    func replaced() async throws {
        let fixture = try await CustomisationFixture()
        let hub: Hub = fixture.hub
        let first: Customisation = try await hub.quote(fixture.terms(), for: try await fixture.ask().id, by: .test)
        _ = try await hub.quote(fixture.terms(price: 90_000), for: first.id, by: .test)
        await expectCode(.conflict) { try await fixture.accept(first) }
        let other: Customisation = try await hub.quote(
            fixture.terms(APIName(rawValue: "face.search.other")!), for: try await fixture.ask().id, by: .test)
        await expectCode(.notFound) {
            _ = try await hub.acceptQuote(other.quotes[0].id, of: first.id, account: fixture.account.id, by: .test)
        }
        #expect(try await hub.variants(nil).isEmpty)
    }

    @Test("of twenty who accept one quote at once, one makes the variant")
    func once() async throws {
        let fixture = try await CustomisationFixture()
        let quoted: Customisation = try await fixture.hub.quote(fixture.terms(), for: try await fixture.ask().id, by: .test)
        let (hub, account): (Hub, AccountID) = (fixture.hub, fixture.account.id)
        let accepted: Int = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<20 {
                group.addTask { (try? await hub.acceptQuote(quoted.quotes[0].id, of: quoted.id, account: account, by: .test)) != nil }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(accepted == 1)
        #expect(try await hub.variants(account).map(\.versions.count) == [1])
        #expect(try await hub.prices().count == 1)
    }

    @Test("a new version is asked, quoted and accepted again; the old one answers until its day, and each side of it has its own price")
    func versions() async throws {
        let fixture = try await CustomisationFixture()
        let (hub, id): (Hub, AccountID) = (fixture.hub, fixture.account.id)
        let variant: VariantRecord = try await fixture.variant()
        let day: Timestamp = hub.now().advanced(by: .seconds(5 * 86_400))
        let asked: Customisation = try await fixture.ask(variant: variant.id)
        await expectCode(.conflict) {
            _ = try await hub.quote(fixture.terms(APIName(rawValue: "face.search.renamed")!), for: asked.id, by: .test)
        }
        let terms: QuoteTerms = fixture.terms(
            definition: ["fields": [["name": "person", "from": "faces[0].person"]]], price: 30_000, quota: 900, effective: day)
        try await fixture.accept(try await hub.quote(terms, for: asked.id, by: .test))
        func text() async throws -> String {
            let current: Variant = try #require(try await hub.variant(CustomisationFixture.api, account: id))
            return String(decoding: try current.render(try JSON.bytes(VariantRenderingTests.answer), id: "x", time: hub.now()).bytes, as: UTF8.self)
        }
        #expect(try await hub.variant(variant.id, account: id).inForce == 1)
        #expect(try await text() == #"{"who":"per_a"}"#)
        fixture.clock.advance(by: .seconds(5 * 86_400 - 1))
        #expect(try await text() == #"{"who":"per_a"}"#)
        fixture.clock.advance(by: .seconds(1))
        #expect(try await text() == #"{"person":"per_a"}"#)
        #expect(try await hub.variant(variant.id, account: id).inForce == 2)
        #expect(try await hub.prices().map(\.effective).last == day)
        #expect(try await hub.quotas(account: "Acme").first { $0.api == CustomisationFixture.api }?.units == 900)
    }

    @Test("the fee is taken on acceptance or nothing is accepted; each application of the account may call the variant at once")
    func fee() async throws {
        let fixture = try await CustomisationFixture()
        let (hub, id): (Hub, AccountID) = (fixture.hub, fixture.account.id)
        let application: Application = try await hub.makeApplication("door", account: id, by: .test)
        let quoted: Customisation = try await hub.quote(fixture.terms(fee: 5_000_000), for: try await fixture.ask().id, by: .test)
        await #expect(throws: (any Error).self) { try await fixture.accept(quoted) }
        #expect(try await hub.customisation(quoted.id, account: id).state == .quoted)
        #expect(try await hub.variants(id).isEmpty)
        #expect(try await hub.prices().isEmpty)
        _ = try await hub.book(
            MoneyOrder(kind: .topUp, amount: Money(millionths: 6_000_000, currency: "CNY"), reason: "paid"), account: "Acme", by: .test)
        try await fixture.accept(quoted)
        #expect(try await hub.balances(id).map(\.amount) == [1_000_000])
        let entitlement: Entitlement = try #require(try await hub.entitlements(id).first)
        #expect(entitlement.api == CustomisationFixture.api && entitlement.application == application.id && entitlement.state == .active)
        // A later version makes no second one.
        let asked: Customisation = try await fixture.ask(variant: try await hub.variants(id)[0].id)
        try await fixture.accept(try await hub.quote(fixture.terms(), for: asked.id, by: .test))
        #expect(try await hub.entitlements(id).count == 1)
    }

    @Test("the operator retires with notice, the account ends at once; then nothing answers, and the name is not given away")
    func ends() async throws {
        let fixture = try await CustomisationFixture()
        let (hub, id): (Hub, AccountID) = (fixture.hub, fixture.account.id)
        let variant: VariantRecord = try await fixture.variant()
        let soon: Timestamp = hub.now().advanced(by: .seconds(29 * 86_400))
        await expectCode(.invalidRequest) { _ = try await hub.retireVariant(variant.id, ends: soon, ground: "g", by: .test) }
        let day: Timestamp = hub.now().advanced(by: .seconds(30 * 86_400))
        _ = try await hub.retireVariant(variant.id, ends: day, ground: "The base changes.", by: .test)
        await expectCode(.conflict) { _ = try await fixture.ask(variant: variant.id) }
        #expect(try await hub.variant(CustomisationFixture.api, account: id) != nil)
        fixture.clock.advance(by: .seconds(30 * 86_400))
        #expect(try await hub.variant(CustomisationFixture.api, account: id) == nil)
        #expect(try await hub.lapseCustomisations() == 1)
        #expect(try await hub.lapseCustomisations() == 0)
        #expect(try await hub.notices(id).filter { $0.kind == "variant" }.count == 3)
        let asked: Customisation = try await fixture.ask()
        await expectCode(.conflict) { _ = try await hub.quote(fixture.terms(), for: asked.id, by: .test) }

        let second = APIName(rawValue: "face.search.second")!
        try await fixture.accept(try await hub.quote(fixture.terms(second), for: asked.id, by: .test))
        let record: VariantRecord = try #require(try await hub.variants(id).first { $0.api == second })
        _ = try await hub.endVariant(record.id, ground: "Not needed.", account: id, by: .test)
        #expect(try await hub.variant(second, account: id) == nil)
        await expectCode(.conflict) { _ = try await hub.endVariant(record.id, ground: "Again.", account: id, by: .test) }
    }

    @Test("an account sees and moves its own only; others' answer as what is not there")
    func tenants() async throws {
        let fixture = try await CustomisationFixture()
        let hub: Hub = fixture.hub
        let other: Account = try await hub.openTestAccount("Other", email: "owner@other.example")
        let variant: VariantRecord = try await fixture.variant()
        let quoted: Customisation = try await hub.quote(
            fixture.terms(APIName(rawValue: "face.search.two")!), for: try await fixture.ask().id, by: .test)
        #expect(try await hub.variant(CustomisationFixture.api, account: other.id) == nil)
        #expect(try await hub.customisations(other.id).isEmpty)
        #expect(try await hub.variants(other.id).isEmpty)
        await expectCode(.notFound) { _ = try await hub.customisation(quoted.id, account: other.id) }
        await expectCode(.notFound) { _ = try await hub.acceptQuote(quoted.quotes[0].id, of: quoted.id, account: other.id, by: .test) }
        await expectCode(.notFound) { _ = try await hub.declineQuote(of: quoted.id, reason: "r", account: other.id, by: .test) }
        await expectCode(.notFound) { _ = try await hub.withdrawCustomisation(quoted.id, account: other.id, by: .test) }
        await expectCode(.notFound) { _ = try await hub.variant(variant.id, account: other.id) }
        await expectCode(.notFound) { _ = try await hub.endVariant(variant.id, ground: "g", account: other.id, by: .test) }
        await expectCode(.notFound) { _ = try await fixture.ask(variant: variant.id, account: other) }
        // An open quote holds its name.
        let theirs: Customisation = try await fixture.ask(account: other)
        await expectCode(.conflict) { _ = try await hub.quote(fixture.terms(APIName(rawValue: "face.search.two")!), for: theirs.id, by: .test) }
        await expectCode(.conflict) { _ = try await hub.quote(fixture.terms(), for: theirs.id, by: .test) }
    }

    @Test("a name is one group after its base's, a definition is checked when asked and when quoted, a quote stands for a year at most")
    func checks() async throws {
        let fixture = try await CustomisationFixture()
        let (hub, id): (Hub, AccountID) = (fixture.hub, fixture.account.id)
        for name in ["", "a.b", "Acme", "a b", String(repeating: "x", count: 60)] {
            await expectCode(.invalidRequest) { _ = try await hub.requestCustomisation(fixture.wish(name: name), account: id, by: .test) }
        }
        await expectCode(.definitionInvalid) {
            _ = try await hub.requestCustomisation(fixture.wish(definition: ["fields": [["name": "t", "from": "faces[].template"]]]), account: id, by: .test)
        }
        let asked: Customisation = try await fixture.ask()
        for api in ["face.search", "face.compare.acme", "face.search.a.b", "face.other"] {
            await expectCode(.invalidRequest) { _ = try await hub.quote(fixture.terms(APIName(rawValue: api)!), for: asked.id, by: .test) }
        }
        await expectCode(.definitionInvalid) {
            _ = try await hub.quote(fixture.terms(definition: ["fields": []]), for: asked.id, by: .test)
        }
        await expectCode(.invalidRequest) { _ = try await hub.quote(fixture.terms(days: 0), for: asked.id, by: .test) }
        await expectCode(.invalidRequest) { _ = try await hub.quote(fixture.terms(days: 367), for: asked.id, by: .test) }
        await expectCode(.invalidRequest) { _ = try await hub.quote(fixture.terms(price: -1), for: asked.id, by: .test) }
        await expectCode(.invalidRequest) { _ = try await hub.quote(fixture.terms(price: 10_000_000_001), for: asked.id, by: .test) }
        for _ in 0..<19 { _ = try await fixture.ask() }
        await expectCode(.conflict) { _ = try await fixture.ask() }
    }
}
