import HubAPI
import HubDomain
import RecognitionAPI
import TestKit
import Testing
import WireModel

@testable import HubConsole

@Suite("Packs, and lists by the page")
struct PackPageTests {
    private let served: ServedHub
    private let clock: ManualClock

    init() async throws {
        clock = ManualClock.startingNow()
        served = try await ServedHub(clock: clock)
    }

    private var hub: Hub { served.hub }
    private static let packs: String = "/account/packs"

    private func owner() async throws -> (account: Account, visitor: ConsoleVisitor) {
        let account: Account = try await hub.openTestAccount("Acme", email: "owner@acme.example")
        return (account, ConsoleVisitor(client: try await served.member("owner@acme.example")))
    }

    private func pay(_ amount: String, _ account: Account) async throws {
        _ = try await hub.book(MoneyOrder(kind: .topUp, amount: try Money(amount, currency: "CNY"), reason: "paid"), account: account.id.rawValue, by: .test)
    }

    @Test("an operator offers a pack, an account sees what it comes to and buys it once however often the page is sent; sold no more, it goes on")
    func buying() async throws {
        let (account, member): (Account, ConsoleVisitor) = try await owner()
        let staff = ConsoleVisitor(client: try await served.staff(.finance))
        let catalogue: String = "/operator/catalogue"
        var form: [(String, String)] = [
            ("api", "face.search"), ("kind", "pack"), ("name", "1,000 <searches>"), ("units", "1000"), ("days", "30"), ("price", "12.5"), ("currency", "CNY"),
        ]
        for (index, wrong) in [(3, ("units", "0")), (4, ("days", "soon")), (5, ("price", "-1"))] {
            var bad: [(String, String)] = form
            bad[index] = wrong
            let refused: APIAnswer = try await staff.submit("\(catalogue)/products", on: catalogue, bad)
            #expect(refused.status == 400 && refused.text.contains("value=\"1,000 &lt;searches&gt;\""), "\(wrong)")
        }
        #expect(try await staff.submit("\(catalogue)/products", on: catalogue, form).status == 303)
        form[1] = ("kind", "frequency")
        form[2] = ("name", "faster")
        #expect(try await staff.submit("\(catalogue)/products", on: catalogue, form).status == 303)
        let products: [Product] = try await hub.products().map(\.product)
        let pack: Product = try #require(products.first { $0.kind == .pack })
        let list: String = try await member.get(Self.packs).text
        #expect(list.contains("1,000 &lt;searches&gt;") && list.contains("12.50 CNY") && list.contains("1,000 more calls in"))

        let page: String = "\(Self.packs)/buy?product=\(pack.id)"
        let poor: String = try await member.get(page).text
        #expect(poor.contains("The balance does not cover it."))
        func submit(_ once: String) async throws -> APIAnswer {
            try await member.submit("\(Self.packs)/buy", on: page, [("product", pack.id.rawValue), ("once", once)])
        }
        #expect(try await submit("a").status != 303)
        try await pay("20", account)
        let shown: String = try await member.get(page).text
        #expect(shown.contains("20.00 CNY") && shown.contains("7.50 CNY") && !shown.contains("does not cover"))
        for _ in 0..<2 { #expect(try await submit("b").status == 303) }
        #expect(try await hub.purchases(account.id).count == 1)
        #expect(try await hub.balances(account.id).map(\.amount) == [7_500_000])
        #expect(try await member.get(Self.packs).text.contains("1,000 of 1,000"))
        #expect(try await staff.submit("\(catalogue)/products/\(pack.id)/withdraw", on: catalogue, []).status == 303)
        #expect(try await member.get(page).status == 404)
        #expect(try await member.get(Self.packs).text.contains("1,000 of 1,000"))
        clock.advance(by: .seconds(31 * 86_400))
        let later = ConsoleVisitor(client: try await served.member("owner@acme.example"))
        #expect(try await later.get(Self.packs).text.contains(#"<span class="badge plain">ended</span>"#))
    }

    @Test("pages are whole in both languages, and who may not pay sees no button")
    func whole() async throws {
        // A person's account has one member; an enterprise's has several.
        let account: Account = try await served.enterprise("Acme", domain: "acme.example")
        let member = ConsoleVisitor(client: try await served.member("owner@acme.example"))
        let pack: Product = try await hub.addProduct(
            ProductDraft(api: .search, kind: .pack, name: "pack", units: 10, validDays: 30, price: try Money("1", currency: "CNY")), by: .test)
        try await pay("5", account)
        _ = try await hub.buy(pack.id, account: account.id, by: .test)
        try await served.join("developer@acme.example", role: .developer, to: account)
        let developer = ConsoleVisitor(client: try await served.member("developer@acme.example"))
        for path in ["\(Self.packs)?", "\(Self.packs)/buy?product=\(pack.id)&"] {
            for language in Language.allCases {
                let page = PageText(html: try await member.get("\(path)language=\(language.rawValue)").text)
                #expect(page.unbalanced.isEmpty && Set(page.attributes("id")).count == page.attributes("id").count, "\(path)")
            }
            #expect(PageText(html: try await developer.get(path).text).attributes("action") == ["/sign-out"])
        }
        #expect(try await !developer.get(Self.packs).text.contains("/buy?product"))
    }

    @Test("entries, notices and reports come a page at a time, each once, to the account and to the operator")
    func paging() async throws {
        let (account, member): (Account, ConsoleVisitor) = try await owner()
        let staff = ConsoleVisitor(client: try await served.staff())
        for number in 0..<60 {
            clock.advance(by: .seconds(1))
            _ = try await hub.book(
                MoneyOrder(kind: .topUp, amount: try Money("1", currency: "CNY"), reason: "payment number \(number) of many"), account: account.id.rawValue,
                by: .test)
        }
        for number in 0..<60 {
            clock.advance(by: .seconds(1))
            let opened: FeedbackCase = try await hub.openCase(
                FeedbackDraft(kind: .opinion, category: nil, subject: "report number \(number) of many", body: "b"), account: account.id, by: .test)
            _ = try await hub.write("done", to: opened.id, account: nil, closes: true, by: Actor(.operator, "opr_x"))
        }
        /// Every page's words that match, following its link onward.
        func walk(_ visitor: ConsoleVisitor, _ path: String, _ pattern: String, _ query: String) async throws -> [[String]] {
            var (pages, next): ([[String]], String?) = ([], path)
            while let here = next, pages.count < 20 {
                let text: String = try await visitor.get(here).text
                pages.append(PageText.matches(of: pattern, in: text).map { $0[0] })
                next = PageText.matches(of: ##"href="(\##(path)\?\##(query)=[^"#]*)(?:#[a-z]+)?""##, in: text).first.map { PageText.plain($0[0]) }
            }
            return pages
        }
        let operators: String = "/operator/accounts/\(account.id)"
        for (visitor, path, pattern, size) in [
            (member, "/account/bills", "(payment number \\d+ of many)", 50), (staff, operators, "(payment number \\d+ of many)", 30),
            (member, "/account/feedback", "(report number \\d+ of many)", 50), (staff, "/operator/feedback", "(report number \\d+ of many)", 50),
        ] {
            let pages: [[String]] = try await walk(visitor, path, pattern, "before")
            #expect(
                pages.count == 2 && pages[0].count == size && pages.joined().count == 60 && Set(pages.joined()).count == 60, "\(path) \(pages.map(\.count))")
            #expect(pages[0].first?.contains("number 59") == true)
        }
        let notices: [Notice] = try await hub.notices(account.id)
        #expect(notices.count > 100)
        let read: [[String]] = try await walk(member, "/account/notices", #"action="/account/notices/(ntc_[0-9a-f]+)/read""#, "before")
        #expect(
            read.count >= 3 && read[0].count == 50 && Set(read.joined()).isSuperset(of: notices.map(\.id.rawValue))
                && Set(read.joined()).count == read.joined().count)
    }
}
