import HubAPI
import HubDomain
import RecognitionAPI
import WireModel

/// What can be bought beside use, what was bought, and how much of it is left.
struct PackPages: Sendable {
    let console: Console

    private var hub: Hub { console.hub }
    private static let here: String = "/account/packs"
    private static let payers: Set<MemberRole> = [.owner, .admin, .billing]

    var routes: [Route] {
        [
            console.page(Self.here, .everyMember, "Packs on sale, and those that were bought.", list),
            console.page("\(Self.here)/buy", .everyMember, "What buying a pack comes to.", query: ["product"], confirm),
            console.action(
                "\(Self.here)/buy", .member(Self.payers), "Buy a product out of the balance; once, however often the page's form is sent.",
                fields: [.required("product", .identifier), .required("once", .text(1...64))], back: confirm
            ) { visit in
                let once: String = visit.sent.text("once")
                _ = try await hub.buy(
                    try Self.asked(visit), account: try visit.call.member.account, key: once.isEmpty ? nil : String(once.prefix(64)), by: try visit.call.actor)
                return .to("\(Self.here)?done=bought")
            },
        ]
    }

    /// Which product: of the form, where one was sent, or of the address.
    private static func asked(_ visit: Visit) throws(Problem) -> ProductID {
        let text: String = visit.sent["product"] ?? visit.asked("product") ?? ""
        guard let id = ProductID(rawValue: text) else {
            throw Problem(.notFound, "There is no such product.", detail: text, remedy: "Choose one of the packs on sale.")
        }
        return id
    }

    @Sendable private func list(_ visit: Visit) async throws -> ConsolePage {
        let products: [Product] = try await hub.products().map(\.product)
        let names: [ProductID: String] = products.reduce(into: [:]) { $0[$1.id] = $1.name }
        let words = ProductWords(try await hub.catalogue(in: visit.language), visit)
        let now: Timestamp = hub.now()
        let purchases: [Purchase] = try await hub.purchases(try visit.call.member.account)
        let onSale: [Product] = products.filter { $0.withdrawn == nil && $0.effective <= now }.sorted {
            ($0.api.rawValue, $0.kind.rawValue, $0.price.millionths) < ($1.api.rawValue, $1.kind.rawValue, $1.price.millionths)
        }
        let mayPay: Bool = visit.may(Self.payers)
        return ConsolePage(
            side: .member, title: visit.say("Packs", "套餐"),
            lead: visit.say(
                "Bought out of the balance, in force at once, used before any use is charged. What is left when a pack ends is gone.",
                "以账户余额购买，立即生效，先于按量计费使用；到期后剩余次数作废。"), section: Self.here,
            blocks: [
                .heading(visit.say("On sale", "在售套餐"), id: "sale"),
                Block(
                    table: TableView(
                        visit.say("Packs on sale", "在售套餐"),
                        [
                            visit.say("Pack", "套餐"), visit.say("Gives", "内容"), visit.say("Lasts", "有效期"), visit.say("Price", "价格"), "",
                        ], numbers: [3],
                        rows: onSale.map { product in
                            [
                                .text(product.name, under: product.api.title(in: visit.language)), .text(words.gives(product)),
                                .text(words.lasts(product)), .text(product.price.text),
                                mayPay ? .link(visit.say("Buy", "购买"), "\(Self.here)/buy?product=\(product.id)") : .text(""),
                            ]
                        }, nothing: visit.say("None is on sale.", "暂无在售套餐。"))), .heading(visit.say("Bought", "已购套餐"), id: "bought"),
                Block(
                    table: TableView(
                        visit.say("Packs that were bought", "已购套餐"),
                        [
                            visit.say("Pack", "套餐"), visit.say("Left", "剩余"), visit.say("Bought", "购买时间"), visit.say("Until", "有效至"),
                            visit.say("State", "状态"),
                        ],
                        rows: purchases.map { purchase in
                            [
                                .text(names[purchase.product] ?? purchase.product.rawValue, under: purchase.api.title(in: visit.language)),
                                left(purchase, words, visit), .text(visit.shown(purchase.begins)), .text(visit.shown(purchase.ends)),
                                state(purchase, now, visit),
                            ]
                        }, nothing: visit.say("None was bought yet.", "尚未购买。"))),
            ])
    }

    private func left(_ purchase: Purchase, _ words: ProductWords, _ visit: Visit) -> CellView {
        guard purchase.kind == .pack else { return .text(words.gives(purchase.api, purchase.kind, purchase.units)) }
        let left: Int64 = purchase.units - purchase.used
        var cell: CellView = .text(
            visit.say("\(visit.number(left)) of \(visit.number(purchase.units))", "\(visit.number(left)) / \(visit.number(purchase.units))"))
        cell.bar = ShareBar(
            [.init(name: visit.say("left", "剩余"), count: left, tone: .ahead)], whole: purchase.units, hasKey: false, nothing: visit.say("used up", "已用完"))
        return cell
    }

    private func state(_ purchase: Purchase, _ now: Timestamp, _ visit: Visit) -> CellView {
        if purchase.ends <= now { return .badge(visit.say("ended", "已到期"), .plain) }
        if purchase.kind == .pack, purchase.used >= purchase.units { return .badge(visit.say("used up", "已用完"), .plain) }
        return .badge(visit.say("in force", "有效"), .good)
    }

    @Sendable private func confirm(_ visit: Visit) async throws -> ConsolePage {
        let product: Product = try await hub.productForSale(try Self.asked(visit))
        let words = ProductWords(try await hub.catalogue(in: visit.language), visit)
        let balance: Balance? = try await hub.balances(try visit.call.member.account).first { $0.currency == product.price.currency }
        func money(_ millionths: Int64) -> String { Money(millionths: millionths, currency: product.price.currency).text }
        let free: Int64 = balance?.available ?? 0
        var blocks: [Block] = [
            .facts([
                (visit.say("API", "接口"), product.api.title(in: visit.language)), (visit.say("Gives", "内容"), words.gives(product)),
                (
                    visit.say("Lasts", "有效期"),
                    visit.say(
                        "\(words.lasts(product)), until \(visit.shown(hub.now().advanced(by: .seconds(product.validDays * 86_400))))",
                        "\(words.lasts(product))，至 \(visit.shown(hub.now().advanced(by: .seconds(product.validDays * 86_400))))")
                ),
                (visit.say("Price", "价格"), product.price.text), (visit.say("Free to use now", "当前可用金额"), money(free)),
                (visit.say("Afterwards", "购买后"), money(free - product.price.millionths)),
            ])
        ]
        if free < product.price.millionths {
            blocks.append(
                .notice(
                    .warm, visit.say("The balance does not cover it.", "余额不足。"), visit.say("Pay in first.", "请先充值。"),
                    link: LinkView(words: visit.say("Bills", "账单与余额"), to: "/account/bills")))
        }
        if visit.may(Self.payers) {
            blocks.append(
                Block(
                    form: visit.form(
                        "\(Self.here)/buy", visit.say("Buy it for \(product.price.text)", "以 \(product.price.text) 购买"), []
                    ).with {
                        // One page, one purchase, however often it is sent.
                        $0.hidden = [
                            .init(hiddenName: "product", hiddenValue: product.id.rawValue),
                            .init(hiddenName: "once", hiddenValue: visit.sent["once"] ?? PurchaseID(at: hub.now()).rawValue),
                        ]
                    }))
        }
        blocks.append(.links([(visit.say("All packs", "全部套餐"), Self.here)]))
        return ConsolePage(
            side: .member, title: visit.say("Buy \(product.name)?", "购买 \(product.name)？"),
            lead: visit.say("It is paid out of the balance, and not given back.", "从余额支付，不予退还。"), section: Self.here, blocks: blocks)
    }
}

/// What products give, in words.
struct ProductWords {
    private let seconds: [APIName: Int64]
    private let visit: Visit

    init(_ catalogue: [CatalogueEntry], _ visit: Visit) {
        seconds = catalogue.reduce(into: [:]) { $0[$1.api] = $1.offer.terms.frequency.seconds }
        self.visit = visit
    }

    func gives(_ product: Product) -> String { gives(product.api, product.kind, product.units) }

    func gives(_ api: APIName, _ kind: Product.Kind, _ units: Int64) -> String {
        let count: String = visit.number(units)
        switch kind {
        case .pack: return visit.say("\(count) units", "\(count) 次")
        case .frequency:
            guard let seconds = seconds[api] else { return visit.say("\(count) more calls in the API's span", "接口周期内增加 \(count) 次") }
            return visit.say("\(count) more calls in \(seconds) s", "每 \(seconds) 秒增加 \(count) 次")
        }
    }

    func lasts(_ product: Product) -> String { visit.say("\(visit.number(product.validDays)) days", "\(visit.number(product.validDays)) 天") }
}
