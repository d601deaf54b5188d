import HubDomain
import HubStorage
import ServiceSupport
import TestKit
import Testing
import WireModel

@Suite("Tariffs")
struct TariffTests {
    private let tariff: Tariff = try! Tariff(  // steps that ascend
        free: 10, steps: [.init(through: 100, price: 50), .init(through: 1_000, price: 40), .init(through: nil, price: 30)])

    @Test("what units cost, whatever way they are grouped")
    func telescopes() {
        #expect(tariff.cost(10) == 0)
        #expect(tariff.cost(11) == 50)
        #expect(tariff.cost(100) == 90 * 50)
        #expect(tariff.cost(1_000) == 90 * 50 + 900 * 40)
        #expect(tariff.cost(1_001) == 90 * 50 + 900 * 40 + 30)
        var random = SystemRandomNumberGenerator()
        for _ in 0..<50 {
            var (sum, at): (Int64, Int64) = (0, 0)
            while at < 2_000 {
                let next: Int64 = min(2_000, at + Int64.random(in: 1...200, using: &random))
                sum += tariff.cost(next) - tariff.cost(at)
                at = next
            }
            #expect(sum == tariff.cost(2_000))
        }
    }

    @Test("the dearest place of a span bounds what its units cost")
    func bound() {
        for first in [Int64(1), 5, 11, 90, 101, 999, 1_001] {
            for last in [first, first + 3, first + 200, first + 2_000] {
                #expect(tariff.cost(last) - tariff.cost(first - 1) <= (last - first + 1) * tariff.highest(first...last))
            }
        }
        #expect(tariff.highest(1...10) == 0)
    }

    @Test("steps that do not ascend, or of which the last one ends, are refused")
    func refuses() {
        #expect(throws: Problem.self) { try Tariff(steps: []) }
        #expect(throws: Problem.self) { try Tariff(steps: [.init(through: 5, price: 1)]) }
        #expect(throws: Problem.self) { try Tariff(free: 10, steps: [.init(through: 10, price: 1), .init(through: nil, price: 1)]) }
        #expect(throws: Problem.self) { try Tariff(steps: [.init(through: nil, price: -1)]) }
    }

    @Test("dearer means dearer at some volume")
    func dearer() throws {
        let flat = Tariff(flat: 40)
        #expect(flat.isDearer(than: tariff))
        #expect(tariff.isDearer(than: flat))
        #expect(!tariff.isDearer(than: tariff))
        #expect(try !Tariff(free: 20, steps: tariff.steps).isDearer(than: tariff))
    }
}

@Suite("Money")
struct BillingTests {
    @Test("a balance pays what it covers and no more; credit goes as far as its limit")
    func balance() async throws {
        let fixture = try await MeterFixture(price: "1", balance: "2")
        #expect(try await fixture.use() == nil)
        #expect(try await fixture.use(2) == .balanceExhausted)
        #expect(try await fixture.use() == nil)
        #expect(try await fixture.use() == .balanceExhausted)
        #expect(try await fixture.balance.amount == 0)
        _ = try await fixture.hub.setCredit(try Money("1", currency: "CNY"), account: "Acme", by: .test)
        #expect(try await fixture.use() == nil)
        #expect(try await fixture.use() == .balanceExhausted)
        #expect(try await fixture.balance.amount == -1_000_000)
        await #expect(throws: Problem.self) { _ = try await fixture.hub.setCredit(try Money("0.5", currency: "CNY"), account: "Acme", by: .test) }
        #expect(try await fixture.faults() == [])
    }

    @Test("calls at once never spend one balance twice")
    func crowd() async throws {
        let fixture = try await MeterFixture(price: "1", balance: "20", terms: OfferTerms(frequency: .init(calls: 100_000, seconds: 1)))
        let refused: Int = try await withThrowingTaskGroup(of: ProblemCode?.self) { group in
            for _ in 0..<80 { group.addTask { try await fixture.use() } }
            return try await group.reduce(0) { $0 + ($1 == .balanceExhausted ? 1 : 0) }
        }
        #expect(refused == 60)
        #expect(try await fixture.balance.amount == 0)
        #expect(try await fixture.faults() == [])
    }

    @Test("free units cost an empty balance nothing; steps are charged as the month goes, and anew with the next")
    func tiers() async throws {
        let fixture = try await MeterFixture(balance: nil, grants: false)
        try await fixture.price(
            "1", plan: "steps", tariff: try Tariff(free: 3, steps: [.init(through: 5, price: 1_000_000), .init(through: nil, price: 500_000)]))
        _ = try await fixture.hub.apply(
            EntitlementRequest(api: .compare, isTrial: false, plan: "steps", reason: "", accepted: []), application: fixture.application,
            account: fixture.account.id, by: .test)
        #expect(try await fixture.use(3) == nil)
        #expect(try await fixture.use() == .balanceExhausted)
        _ = try await fixture.hub.book(
            MoneyOrder(kind: .topUp, amount: try Money("10", currency: "CNY"), reason: "transfer"), account: "Acme", by: .test)
        for _ in 0..<4 { #expect(try await fixture.use() == nil) }
        #expect(try await fixture.balance.amount == 10_000_000 - 2 * 1_000_000 - 2 * 500_000)
        fixture.clock.advance(by: CalendarMonth(fixture.hub.now()).end.since(fixture.hub.now()))
        #expect(try await fixture.use(3) == nil)
        #expect(try await fixture.balance.amount == 10_000_000 - 3_000_000)
        #expect(try await fixture.faults() == [])
    }

    @Test("a price changed in mid-month bills each side of its date at its own price, and each statement line opens into its records")
    func midMonth() async throws {
        let fixture = try await MeterFixture()
        for _ in 0..<3 { try await fixture.use() }
        let change: Timestamp = fixture.hub.now().advanced(by: .seconds(3_600))
        try await fixture.price("0.02", effective: change)
        try await fixture.use()
        fixture.clock.advance(by: .seconds(3_600))
        for _ in 0..<5 { try await fixture.use() }
        let statement: Statement = try await fixture.statement()
        let month: String = statement.month.description
        #expect(statement.lines.map(\.line) == ["face.compare/v1/\(month)", "face.compare/v2/\(month)"])
        #expect(statement.lines.map(\.units) == [4, 5])
        #expect(statement.lines.map(\.amount.millionths) == [40_000, 100_000])
        #expect(statement.totals[0].charges.millionths == -140_000)
        #expect(statement.totals[0].closing.millionths == 100_000_000 - 140_000)
        for line in statement.lines {
            let records: [MeteringRecord] = try await fixture.hub.records(
                fixture.account.id, month: statement.month, line: line.line, after: "", limit: 1_000)
            #expect(records.reduce(0) { $0 + $1.units } == line.units)
            #expect(records.reduce(0) { $0 + $1.amount } == line.amount.millionths)
        }
    }

    @Test("uses that a device reports a year late are billed at the price of their time, into the month in which they arrive")
    func yearLate() async throws {
        let fixture = try await IntakeFixture(quota: 1_000, leaseUnits: 100)
        let hub: Hub = fixture.hub
        try await hub.set(.changeNoticeDays, to: "0", by: .test)
        let terms = LeaseTerms(units: 100, termMilliseconds: 400 * 86_400_000, whenExhausted: .refuse, hardLimit: 0)
        _ = try await hub.setPrice(api: .search, unitPrice: try Money("0.010", currency: "CNY"), effective: nil, lease: terms, by: .test)
        let device: PlayedDevice = try await fixture.device()
        try await device.sync()
        let change: Timestamp = hub.now().advanced(by: .seconds(10 * 86_400))
        _ = try await hub.setPrice(api: .search, unitPrice: try Money("0.030", currency: "CNY"), effective: change, lease: terms, by: .test)
        for _ in 0..<4 { device.use() }
        fixture.clock.advance(by: .seconds(20 * 86_400))
        for _ in 0..<2 { device.use() }
        fixture.clock.advance(by: .seconds(365 * 86_400))
        try await device.sync()
        let statement: Statement = try await hub.statement(fixture.account.id, month: CalendarMonth(hub.now()))
        #expect(statement.lines.map(\.units) == [4, 2])
        #expect(statement.lines.map(\.amount.millionths) == [40_000, 60_000])
        #expect(statement.lines.allSatisfy { $0.monthOfUse < statement.month })
        #expect(try await hub.verify().flatMap(\.faults) == [])
    }

    @Test("packs are used up before anything is charged, those that end first before others, and end with their date")
    func packs() async throws {
        let fixture = try await MeterFixture(price: "1", balance: "5")
        func pack(_ units: Int64, days: Int64, price: String) async throws {
            let product: Product = try await fixture.hub.addProduct(
                ProductDraft(api: .compare, kind: .pack, name: "pack", units: units, validDays: days, price: try Money(price, currency: "CNY")), by: .test)
            _ = try await fixture.hub.buy(product.id, account: fixture.account.id, by: .test)
        }
        try await pack(3, days: 100, price: "2")
        try await pack(2, days: 10, price: "1")
        #expect(try await fixture.balance.amount == 2_000_000)
        #expect(try await fixture.use(3) == nil)
        let left: [Purchase] = try await fixture.hub.purchases(fixture.account.id)
        #expect(left.sorted { $0.ends < $1.ends }.map(\.used) == [2, 1])
        #expect(try await fixture.balance.amount == 2_000_000)
        #expect(try await fixture.use(3) == nil)
        #expect(try await fixture.balance.amount == 1_000_000)
        try await pack(5, days: 1, price: "0")
        fixture.clock.advance(by: .seconds(86_400))
        #expect(try await fixture.use(2) == .balanceExhausted)
        await #expect(throws: MeterRefusal.self) { try await pack(5, days: 1, price: "2") }
        #expect(try await fixture.statement().lines.map(\.packUnits) == [5])
        #expect(try await fixture.faults() == [])
    }

    @Test("a contract's price goes before every plan, for that account alone and from its date")
    func contract() async throws {
        let fixture = try await MeterFixture()
        try await fixture.use()
        try await fixture.price("0.001", contract: true)
        fixture.clock.advance(by: .seconds(1))
        try await fixture.use()
        #expect(try await fixture.balance.amount == 100_000_000 - 10_000 - 1_000)
    }

    @Test("an order that is sent twice under one key is booked and bought once; another order under it is refused")
    func repeatedOrders() async throws {
        let fixture = try await MeterFixture(balance: nil)
        let hub: Hub = fixture.hub
        func pay(_ amount: Int64) async throws -> LedgerTransaction {
            try await hub.book(
                MoneyOrder(kind: .topUp, amount: Money(millionths: amount, currency: "CNY"), reason: "transfer"), account: "Acme", key: "k", by: .test)
        }
        #expect(try await pay(5_000_000).id == pay(5_000_000).id)
        await #expect(throws: MeterRefusal.self) { _ = try await pay(6_000_000) }
        #expect(try await fixture.balance.amount == 5_000_000)
        let pack: Product = try await hub.addProduct(
            ProductDraft(api: .compare, kind: .pack, name: "pack", units: 5, validDays: 9, price: try Money("1", currency: "CNY")), by: .test)
        let first: Purchase = try await hub.buy(pack.id, account: fixture.account.id, key: "k", by: .test)
        #expect(try await hub.buy(pack.id, account: fixture.account.id, key: "k", by: .test).id == first.id)
        #expect(try await fixture.balance.amount == 4_000_000)
        #expect(try await fixture.faults() == [])
    }

    @Test("what is wrong is undone by another entry, never changed; no more than there was; money goes back with a reason")
    func corrections() async throws {
        let fixture = try await MeterFixture(balance: nil)
        let hub: Hub = fixture.hub
        func book(_ kind: MoneyMove, _ amount: Int64, corrects: LedgerTransactionID? = nil) async throws -> LedgerTransaction {
            try await hub.book(
                MoneyOrder(kind: kind, amount: Money(millionths: amount, currency: "CNY"), reason: "because", corrects: corrects), account: "Acme", by: .test)
        }
        let wrong: LedgerTransaction = try await book(.topUp, 5_000_000)
        _ = try await book(.correction, -2_000_000, corrects: wrong.id)
        await #expect(throws: Problem.self) { _ = try await book(.correction, -4_000_000, corrects: wrong.id) }
        await #expect(throws: Problem.self) { _ = try await book(.correction, 1_000_000, corrects: wrong.id) }
        _ = try await book(.correction, -3_000_000, corrects: wrong.id)
        #expect(try await fixture.balance.amount == 0)
        _ = try await book(.credit, 1_000_000)
        _ = try await book(.compensation, 2_000_000)
        _ = try await book(.refund, -3_000_000)
        await #expect(throws: MeterRefusal.self) { _ = try await book(.refund, -1) }
        await #expect(throws: Problem.self) { _ = try await book(.charge, -1) }
        #expect(try await fixture.balance.amount == 0)
        #expect(try await hub.ledger(fixture.account.id, before: nil, limit: 100).count == 6)
        #expect(try await fixture.faults() == [])
    }

    @Test("late uses that nothing covers are due, not lost, and paid first with what comes in")
    func due() async throws {
        let fixture = try await IntakeFixture(quota: 1_000, leaseUnits: 10)
        let hub: Hub = fixture.hub
        let device: PlayedDevice = try await fixture.device()
        try await device.sync()
        // The credit it was granted on is gone when the uses arrive.
        _ = try await hub.setCredit(Money(millionths: 0, currency: "CNY"), account: "Acme", by: .test)
        for _ in 0..<4 { device.use() }
        try await device.sync()
        var balance: Balance = try await hub.balances(fixture.account.id)[0]
        #expect((balance.amount, balance.due) == (0, 60_000))
        _ = try await hub.book(MoneyOrder(kind: .topUp, amount: Money(millionths: 100_000, currency: "CNY"), reason: "t"), account: "Acme", by: .test)
        balance = try await hub.balances(fixture.account.id)[0]
        #expect((balance.amount, balance.due) == (40_000, 0))
        #expect(try await hub.verify().flatMap(\.faults) == [])
    }

    @Test("a device gets no more units than its account's money covers")
    func leases() async throws {
        let fixture = try await IntakeFixture(quota: 1_000, leaseUnits: 100)
        let hub: Hub = fixture.hub
        _ = try await hub.setCredit(Money(millionths: 0, currency: "CNY"), account: "Acme", by: .test)
        let device: PlayedDevice = try await fixture.device()
        let refused: SyncResponse = try await device.sync()
        #expect(refused.refusals.map(\.code) == [.balanceExhausted])
        _ = try await hub.book(MoneyOrder(kind: .topUp, amount: Money(millionths: 100_000, currency: "CNY"), reason: "t"), account: "Acme", by: .test)
        try await device.sync()
        #expect(device.lease?.units == 6)
        let balance: Balance = try await hub.balances(fixture.account.id)[0]
        #expect(balance.held == 90_000)
        for _ in 0..<6 { device.use() }
        try await device.sync()
        #expect(try await hub.balances(fixture.account.id)[0].held == 0)
        #expect(try await hub.balances(fixture.account.id)[0].amount == 10_000)
    }

    @Test(
        "the hub's own check finds one unit or one millionth that does not fit",
        arguments: [
            "UPDATE quota SET settled = settled + 1", "UPDATE quota SET claimed = 1", "UPDATE balance SET amount = amount + 1", "UPDATE balance SET due = 1",
            "UPDATE metering_record SET amount = amount + 1 WHERE state = 'settled'", "UPDATE metering_record SET units = units + 1 WHERE state = 'settled'",
            "DELETE FROM metering_record WHERE state = 'settled'", "UPDATE posting SET amount = amount - 1 WHERE ledger = 'balance'",
        ])
    func plantedFaults(_ sql: String) async throws {
        let fixture = try await MeterFixture()
        _ = try await fixture.hub.setQuota(account: "Acme", api: .compare, units: 10, by: .test)
        try await fixture.use()
        #expect(try await fixture.faults() == [])
        try await fixture.hub.database.write { _ = try $0.execute(sql, []) }
        #expect(try await !fixture.faults().isEmpty)
    }
}

@Suite("What changes, and who is told")
struct CatalogueTests {
    @Test("a dearer price of what somebody uses needs notice; a cheaper one none; it is told to them, and seen before it holds")
    func notice() async throws {
        let fixture = try await MeterFixture()
        let hub: Hub = fixture.hub
        try await hub.set(.changeNoticeDays, to: "30", by: .test)
        await #expect(throws: Problem.self) { try await fixture.price("0.02") }
        let date: Timestamp = hub.now().advanced(by: .seconds(31 * 86_400))
        try await fixture.price("0.02", effective: date)
        try await fixture.price("0.005")
        let plan: PlanEntry = try await hub.catalogueEntry(.compare, in: .en).plans[0]
        #expect(plan.price?.unitPrice.millionths == 5_000)
        #expect(plan.pricesToCome.map(\.unitPrice.millionths) == [20_000])
        #expect(try await hub.announceCatalogue() == 2)
        #expect(try await hub.announceCatalogue() == 0)
        #expect(try await hub.notices(fixture.account.id).count { $0.kind == "catalogue" } == 2)
        await #expect(throws: Problem.self) {
            _ = try await hub.setOffer(.compare, terms: OfferTerms(frequency: .init(calls: 1, seconds: 60)), effective: nil, by: .test)
            _ = try await hub.setOffer(
                .compare, terms: OfferTerms(frequency: .init(calls: 1, seconds: 3_600)), effective: hub.now().advanced(by: .seconds(1)), by: .test)
        }
    }

    @Test("no dearer price is slipped in: not behind an announced one, nor by a contract, nor by first terms; an agreed one needs no notice")
    func slipped() async throws {
        let fixture = try await MeterFixture()
        let hub: Hub = fixture.hub
        try await hub.set(.changeNoticeDays, to: "30", by: .test)
        try await fixture.price("1", effective: hub.now().advanced(by: .seconds(31 * 86_400)))
        await #expect(throws: Problem.self) { try await fixture.price("0.5") }
        await #expect(throws: Problem.self) { try await fixture.price("0.02", contract: true) }
        try await fixture.price("0.001", contract: true)
        await #expect(throws: Problem.self) {
            _ = try await hub.setOffer(.compare, terms: OfferTerms(frequency: .init(calls: 1, seconds: 60)), effective: nil, by: .test)
        }
        await #expect(throws: Problem.self) {
            _ = try await hub.setOffer(.compare, terms: OfferTerms(frequency: .init(calls: 10, seconds: 1)), effective: nil, by: .test)
        }
        // What was announced in time may come down, and be kept to.
        try await fixture.price("0.9", effective: hub.now().advanced(by: .seconds(32 * 86_400)))
        _ = try await hub.announceCatalogue()
        #expect(try await hub.notices(fixture.account.id).count { $0.kind == "catalogue" } == 3)
    }

    @Test("an alert is told once for each occasion")
    func alerts() async throws {
        let fixture = try await MeterFixture(price: "1", balance: "10")
        let hub: Hub = fixture.hub
        _ = try await hub.setQuota(account: "Acme", api: .compare, units: 10, period: .month, by: .test)
        _ = try await hub.addAlert(.spend, level: 2_000_000, api: nil, currency: "CNY", account: fixture.account.id, by: .test)
        _ = try await hub.addAlert(.balance, level: 7_000_000, api: nil, currency: "CNY", account: fixture.account.id, by: .test)
        _ = try await hub.addAlert(.quota, level: 50, api: .compare, currency: nil, account: fixture.account.id, by: .test)
        #expect(try await hub.raiseAlerts() == 0)
        try await fixture.use(2)
        #expect(try await hub.raiseAlerts() == 1)
        #expect(try await hub.raiseAlerts() == 0)
        try await fixture.use(3)
        #expect(try await hub.raiseAlerts() == 2)
        fixture.clock.advance(by: CalendarMonth(hub.now()).end.since(hub.now()))
        #expect(try await hub.raiseAlerts() == 0)
        try await fixture.use(5)
        #expect(try await hub.raiseAlerts() == 2)
        #expect(try await hub.notices(fixture.account.id).count { $0.kind == "alert" } == 5)
    }

    @Test("what a month would have cost by another plan")
    func whatIf() async throws {
        let fixture = try await MeterFixture()
        try await fixture.price("0.5", plan: "free", tariff: try Tariff(free: 5, steps: [.init(through: nil, price: 500_000)]))
        try await fixture.use(7)
        let answers: [WhatIf] = try await fixture.hub.whatIf(fixture.account.id, month: CalendarMonth(fixture.hub.now()), in: .en)
        #expect(answers.count == 1)
        #expect(answers[0].paid.map(\.millionths) == [70_000])
        #expect(answers[0].plans.map(\.plan) == ["free", "standard"])
        #expect(answers[0].plans.map(\.amount.millionths) == [1_000_000, 70_000])
    }
}
