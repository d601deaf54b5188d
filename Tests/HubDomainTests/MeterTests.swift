import HubAccess
import HubDomain
import ServiceSupport
import TestKit
import Testing
import WireModel

@Suite("Metering of calls")
struct MeterTests {
    @Test("a settled call is charged what it used and not what it claimed; a failed one nothing")
    func settleAndRelease() async throws {
        let fixture = try await MeterFixture()
        _ = try await fixture.hub.setQuota(account: "Acme", api: .compare, units: 100, by: .test)
        let used: MeteringRecordID = try #require(try await fixture.claim(10))
        let failed: MeteringRecordID = try #require(try await fixture.claim(5))
        #expect(try await fixture.quota.reserved == 15)
        #expect(try await fixture.balance.held == 150_000)
        try await fixture.hub.settle(used, units: 3, answer: nil)
        try await fixture.hub.release(failed, fault: .noFace)
        #expect(try await fixture.quota.reserved == 0)
        #expect(try await fixture.quota.settled == 3)
        #expect(try await fixture.balance.amount == 100_000_000 - 30_000)
        #expect(try await fixture.balance.held == 0)
        let records: [MeteringRecord] = try await fixture.hub.meteringRecords(fixture.account.id, api: nil, before: nil, limit: 10)
        #expect(Set(records.map(\.state)) == [.settled, .released])
        #expect(records.first { $0.state == .released }?.fault == .noFace)
        #expect(try await fixture.faults() == [])
    }

    @Test("a settlement that comes twice is charged once")
    func settleTwice() async throws {
        let fixture = try await MeterFixture()
        let id: MeteringRecordID = try #require(try await fixture.claim())
        #expect(try await fixture.hub.settle(id, units: 1, answer: nil))
        #expect(try await !fixture.hub.settle(id, units: 1, answer: nil))
        try await fixture.hub.release(id, fault: nil)
        #expect(try await fixture.balance.amount == 100_000_000 - 10_000)
        #expect(try await fixture.faults() == [])
    }

    @Test("the same call again gets the same answer and is charged once; another body under its key is refused")
    func idempotency() async throws {
        let fixture = try await MeterFixture()
        let id = MeteringRecordID(rawValue: "mtr_" + String(repeating: "a", count: 32))!
        let request: ClaimRequest = fixture.request(id, hash: "one")
        guard case .granted = try await fixture.hub.claim(request) else { throw Unexpected() }
        guard case .refused(.inProgress) = try await fixture.hub.claim(request) else { throw Unexpected() }
        try await fixture.hub.settle(id, units: 1, answer: KeptAnswer(status: 200, mediaType: "application/json", body: Array("{}".utf8)))
        guard case .repeated(let answer) = try await fixture.hub.claim(request) else { throw Unexpected() }
        #expect(answer.body == Array("{}".utf8))
        guard case .refused(.mismatch) = try await fixture.hub.claim(fixture.request(id, hash: "two")) else { throw Unexpected() }
        fixture.clock.advance(by: .seconds(2 * 86_400))
        try await fixture.hub.clearExpired()
        guard case .refused(.answerGone) = try await fixture.hub.claim(request) else { throw Unexpected() }
        #expect(try await fixture.balance.amount == 100_000_000 - 10_000)
    }

    @Test("a call that failed, or whose hub was killed, can be done again under its key")
    func again() async throws {
        let fixture = try await MeterFixture()
        let id = MeteringRecordID(rawValue: "mtr_" + String(repeating: "b", count: 32))!
        let request: ClaimRequest = fixture.request(id, hash: "one")
        _ = try await fixture.hub.claim(request)
        try await fixture.hub.release(id, fault: .noFace)
        guard case .granted = try await fixture.hub.claim(request) else { throw Unexpected() }
        // The hub dies here; the claim is abandoned.
        fixture.clock.advance(by: .seconds(601))
        guard case .granted = try await fixture.hub.claim(request) else { throw Unexpected() }
        try await fixture.hub.settle(id, units: 1, answer: nil)
        #expect(try await fixture.balance.amount == 100_000_000 - 10_000)
        #expect(try await fixture.balance.held == 0)
        #expect(try await fixture.faults() == [])
    }

    @Test("abandoned claims are released, and nothing of them is charged")
    func abandoned() async throws {
        let fixture = try await MeterFixture()
        _ = try await fixture.hub.setQuota(account: "Acme", api: .compare, units: 10, by: .test)
        for _ in 0..<3 { _ = try await fixture.claim(2) }
        #expect(try await fixture.hub.releaseAbandonedClaims() == 0)
        fixture.clock.advance(by: .seconds(601))
        #expect(try await fixture.hub.releaseAbandonedClaims() == 3)
        #expect(try await fixture.quota.reserved == 0)
        #expect(try await fixture.balance.held == 0)
        #expect(try await fixture.use(10) == nil)
        #expect(try await fixture.use() == .quotaExhausted)
        #expect(try await fixture.faults() == [])
    }

    @Test("a crowd on a quota uses exactly the quota")
    func crowd() async throws {
        let fixture = try await MeterFixture(terms: OfferTerms(frequency: .init(calls: 100_000, seconds: 1)))
        _ = try await fixture.hub.setQuota(account: "Acme", api: .compare, units: 50, by: .test)
        let codes: [ProblemCode?] = try await withThrowingTaskGroup(of: ProblemCode?.self) { group in
            for _ in 0..<200 { group.addTask { try await fixture.use() } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(codes.count { $0 == nil } == 50)
        #expect(Set(codes.compactMap(\.self)) == [.quotaExhausted])
        #expect(try await fixture.quota.settled == 50)
        #expect(try await fixture.faults() == [])
    }

    @Test("a quota of a month begins anew with the month, and use of the old one counts no further")
    func months() async throws {
        let fixture = try await MeterFixture()
        _ = try await fixture.hub.setQuota(account: "Acme", api: .compare, units: 2, period: .month, by: .test)
        #expect(try await fixture.use(2) == nil)
        #expect(try await fixture.use() == .quotaExhausted)
        let waiting: Duration = CalendarMonth(fixture.hub.now()).end.since(fixture.hub.now())
        fixture.clock.advance(by: waiting)
        #expect(try await fixture.quota.settled == 0)
        #expect(try await fixture.use(2) == nil)
        #expect(try await fixture.use() == .quotaExhausted)
        #expect(try await fixture.faults() == [])
    }

    @Test("a quota that is set while calls are under way counts them")
    func quotaMeanwhile() async throws {
        let fixture = try await MeterFixture()
        let id: MeteringRecordID = try #require(try await fixture.claim(8))
        await #expect(throws: Problem.self) { _ = try await fixture.hub.setQuota(account: "Acme", api: .compare, units: 7, by: .test) }
        _ = try await fixture.hub.setQuota(account: "Acme", api: .compare, units: 10, by: .test)
        #expect(try await fixture.use(3) == .quotaExhausted)
        #expect(try await fixture.use(2) == nil)
        try await fixture.hub.settle(id, units: 8, answer: nil)
        #expect(try await fixture.use() == .quotaExhausted)
        #expect(try await fixture.faults() == [])
    }

    @Test("frequency: as many calls as allowed at once, then one each time its share of the span has passed; bought frequency adds to it")
    func frequency() async throws {
        let fixture = try await MeterFixture(terms: OfferTerms(frequency: .init(calls: 6, seconds: 60)))
        for _ in 0..<6 { #expect(try await fixture.use() == nil) }
        guard case .refused(.rateLimited(let status, let retryAfter)) = try await fixture.hub.claim(fixture.request()) else { throw Unexpected() }
        #expect(status.remaining == 0)
        #expect(retryAfter == 10)
        fixture.clock.advance(by: .seconds(10))
        #expect(try await fixture.use() == nil)
        #expect(try await fixture.use() == .rateLimited)
        let boost: Product = try await fixture.hub.addProduct(
            ProductDraft(api: .compare, kind: .frequency, name: "faster", units: 54, validDays: 1, price: try Money("1", currency: "CNY")), by: .test)
        _ = try await fixture.hub.buy(boost.id, account: fixture.account.id, by: .test)
        fixture.clock.advance(by: .seconds(1))
        #expect(try await fixture.use() == nil)
        fixture.clock.advance(by: .seconds(2 * 86_400))
        for _ in 0..<6 { #expect(try await fixture.use() == nil) }
        #expect(try await fixture.use() == .rateLimited)
    }

    @Test("a key's own frequency binds that key alone")
    func keyFrequency() async throws {
        let fixture = try await MeterFixture()
        let key: APIKeyID = try await fixture.hub.makeKey(
            KeyScope(name: "slow", environment: .live, apis: [], addresses: [], expires: nil, perMinute: 1), application: fixture.application,
            account: fixture.account.id, by: .test
        ).key.id
        func outcome(_ key: APIKeyID?) async throws -> ProblemCode? {
            if case .refused(let refusal) = try await fixture.hub.claim(fixture.request(key: key, perMinute: key == nil ? nil : 1)) {
                refusal.code
            } else {
                nil
            }
        }
        #expect(try await outcome(key) == nil)
        #expect(try await outcome(key) == .rateLimited)
        #expect(try await outcome(nil) == nil)
    }

    struct Unexpected: Error {}
}

@Suite("The road of an entitlement")
struct EntitlementTests {
    private static let trial = OfferTerms(trial: .init(units: 3, days: 14, isFree: true), needsApproval: true)

    private func apply(_ fixture: MeterFixture, trial: Bool) async throws -> Entitlement {
        try await fixture.hub.apply(
            EntitlementRequest(api: .compare, isTrial: trial, plan: nil, reason: "doors", accepted: []), application: fixture.application,
            account: fixture.account.id, by: .test)
    }

    @Test("not applied, trial at once and free, its end, approval with a reason, paid use")
    func road() async throws {
        let fixture = try await MeterFixture(terms: Self.trial, grants: false)
        #expect(try await fixture.use() == .notApplied)
        let trial: Entitlement = try await apply(fixture, trial: true)
        #expect(trial.state == .trial)
        #expect(try await fixture.use(3) == nil)
        #expect(try await fixture.use() == .trialOver)
        #expect(try await fixture.balance.amount == 100_000_000)
        let applied: Entitlement = try await apply(fixture, trial: false)
        #expect(applied.isWaiting)
        #expect(try await fixture.hub.entitlements(waiting: true).map(\.id) == [applied.id])
        #expect(try await fixture.use() == .trialOver)
        let refused: Entitlement = try await fixture.hub.decideEntitlement(applied.id, approve: false, units: nil, answer: "Say more.", by: .test)
        #expect(refused.answer == "Say more.")
        _ = try await apply(fixture, trial: false)
        let active: Entitlement = try await fixture.hub.decideEntitlement(applied.id, approve: true, units: 2, answer: "Welcome.", by: .test)
        #expect(active.state == .active)
        #expect(try await fixture.use(2) == nil)
        #expect(try await fixture.use() == .quotaExhausted)
        #expect(try await fixture.balance.amount == 100_000_000 - 20_000)
        #expect(try await fixture.hub.notices(fixture.account.id).contains { $0.body.contains("Say more.") })
        await #expect(throws: Problem.self) { _ = try await apply(fixture, trial: true) }
        #expect(try await fixture.faults() == [])
    }

    @Test("a trial ends with its days, and an account has one of an API")
    func trialEnds() async throws {
        let fixture = try await MeterFixture(terms: Self.trial, grants: false)
        let trial: Entitlement = try await apply(fixture, trial: true)
        fixture.clock.advance(by: .seconds(14 * 86_400))
        #expect(try await fixture.use() == .trialOver)
        _ = try await fixture.hub.endEntitlement(trial.id, account: fixture.account.id, by: .test)
        let failure: Problem? = await #expect(throws: Problem.self) { _ = try await apply(fixture, trial: true) }
        #expect(failure?.code == .trialOver)
    }

    @Test("a refused application says why to whoever calls, and may be made again")
    func refused() async throws {
        let fixture = try await MeterFixture(terms: OfferTerms(needsApproval: true), grants: false)
        let applied: Entitlement = try await apply(fixture, trial: false)
        #expect(try await fixture.use() == .approvalPending)
        _ = try await fixture.hub.decideEntitlement(applied.id, approve: false, units: nil, answer: "Not for doors.", by: .test)
        guard case .refused(let refusal) = try await fixture.hub.claim(fixture.request()) else { throw MeterTests.Unexpected() }
        #expect(refusal.problem(in: .en).detail.contains("Not for doors."))
        #expect(try await apply(fixture, trial: false).state == .applied)
    }

    @Test("pausing and ending stop one application alone; what the operator paused only the operator resumes")
    func pause() async throws {
        let fixture = try await MeterFixture()
        let other: ApplicationID = try await fixture.hub.makeApplication("other", account: fixture.account.id, by: .test).id
        try await fixture.hub.grant(.compare, to: other, of: fixture.account)
        let entitlement: Entitlement = try await fixture.hub.entitlements(fixture.account.id).first { $0.application == fixture.application }!
        _ = try await fixture.hub.pauseEntitlement(entitlement.id, account: fixture.account.id, by: .test)
        #expect(try await fixture.use() == .entitlementPaused)
        let elsewhere = ClaimRequest(
            id: MeteringRecordID(at: fixture.hub.now()), account: fixture.account.id, application: other, key: nil, api: .compare, permissions: [.compare],
            units: 1, requestHash: nil, keyPerMinute: nil)
        guard case .granted = try await fixture.hub.claim(elsewhere) else { throw MeterTests.Unexpected() }
        _ = try await fixture.hub.pauseEntitlement(entitlement.id, account: nil, ground: "audit", by: .test)
        await #expect(throws: Problem.self) { _ = try await fixture.hub.resumeEntitlement(entitlement.id, account: fixture.account.id, by: .test) }
        _ = try await fixture.hub.resumeEntitlement(entitlement.id, account: nil, by: .test)
        #expect(try await fixture.use() == nil)
        _ = try await fixture.hub.endEntitlement(entitlement.id, account: fixture.account.id, by: .test)
        #expect(try await fixture.use() == .notApplied)
    }

    @Test("the operator's word stands: an account neither ends what the operator paused, nor begins anew what they ended, nor passes their limit")
    func operatorsWord() async throws {
        let fixture = try await MeterFixture(terms: OfferTerms(needsApproval: true), grants: false)
        let hub: Hub = fixture.hub
        let applied: Entitlement = try await apply(fixture, trial: false)
        let active: Entitlement = try await hub.decideEntitlement(applied.id, approve: true, units: 3, answer: "Three.", by: .test)
        await #expect(throws: Problem.self) {
            _ = try await hub.limitEntitlement(active.id, account: fixture.account.id, units: nil, period: .total, by: .test)
        }
        await #expect(throws: Problem.self) {
            _ = try await hub.limitEntitlement(active.id, account: fixture.account.id, units: 3, period: .day, by: .test)
        }
        #expect(try await hub.limitEntitlement(active.id, account: fixture.account.id, units: 2, period: .total, by: .test).units == 2)
        fixture.clock.advance(by: .seconds(1))
        _ = try await hub.setOffer(.compare, terms: OfferTerms(needsApproval: false), effective: nil, by: .test)
        _ = try await hub.pauseEntitlement(active.id, account: nil, ground: "audit", by: .test)
        await #expect(throws: Problem.self) { _ = try await hub.endEntitlement(active.id, account: fixture.account.id, by: .test) }
        _ = try await hub.endEntitlement(active.id, account: nil, ground: "breach", by: .test)
        #expect(try await apply(fixture, trial: false).state == .applied)
    }

    @Test("nobody applies for a variant that is not theirs")
    func variants() async throws {
        let fixture = try await MeterFixture(terms: Self.trial)
        let request = EntitlementRequest(api: APIName(rawValue: "face.compare.made-up")!, isTrial: true, plan: nil, reason: "", accepted: [])
        let failure: Problem? = await #expect(throws: Problem.self) {
            _ = try await fixture.hub.apply(request, application: fixture.application, account: fixture.account.id, by: .test)
        }
        #expect(failure?.code == .notFound)
    }

    @Test("an application's own limit binds it whatever the account may use, by period")
    func limit() async throws {
        let fixture = try await MeterFixture()
        let entitlement: Entitlement = try await fixture.hub.entitlements(fixture.account.id)[0]
        #expect(try await fixture.use() == nil)
        let limited: Entitlement = try await fixture.hub.limitEntitlement(entitlement.id, account: fixture.account.id, units: 2, period: .day, by: .test)
        #expect(limited.used == 1)
        #expect(try await fixture.use() == nil)
        #expect(try await fixture.use() == .quotaExhausted)
        fixture.clock.advance(by: .seconds(86_400))
        #expect(try await fixture.use() == nil)
        _ = try await fixture.hub.limitEntitlement(entitlement.id, account: fixture.account.id, units: nil, period: .total, by: .test)
        #expect(try await fixture.use(500) == nil)
    }
}
