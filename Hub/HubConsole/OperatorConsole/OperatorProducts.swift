import HubAPI
import HubDomain
import RecognitionAPI
import WireModel

/// Packs among what is sold: offered, and sold no more.
struct OperatorProducts: Sendable {
    let hub: Hub
    let console: Console
    let back: Console.Making

    private static let here: String = "/operator/catalogue"
    private static let sellers: Set<OperatorRole> = [.administrator, .finance]

    var routes: [Route] {
        [
            console.action(
                "\(Self.here)/products", .operator(Self.sellers), "Offer a pack of units or more frequency.",
                fields: [
                    .required("api", .text(3...64)), .required("kind", .choices(Product.Kind.self)), .required("name", .text(1...100)),
                    .required("units", .text(1...10)), .required("days", .text(1...4)), .required("price", .text(1...20)), .required("currency", .text(3...3)),
                ], back: back, work: offer),
            console.action("\(Self.here)/products/{product}/withdraw", .operator(Self.sellers), "Sell a product no more; what was bought goes on.", back: back)
            {
                visit in
                _ = try await hub.withdrawProduct(try visit.call.id("product"), by: try visit.call.actor)
                return .to("\(Self.here)?done=withdrawn")
            },
        ]
    }

    @Sendable private func offer(_ visit: Visit) async throws -> Outcome {
        guard let api = APIName(rawValue: visit.sent.text("api")) else {
            throw FieldRefusal("api", ("There is no such API.", "接口不存在。"), ("Choose one of the list.", "请从列表中选择。"))
        }
        guard let units = Int64(visit.sent.text("units")), (1...1_000_000_000).contains(units) else {
            throw FieldRefusal("units", ("That is no number of units.", "数量有误。"), ("Give 1 to 1000000000.", "请填写 1 至 1000000000。"))
        }
        guard let days = Int64(visit.sent.text("days")), (1...3_660).contains(days) else {
            throw FieldRefusal("days", ("That is no number of days.", "天数有误。"), ("Give 1 to 3660.", "请填写 1 至 3660。"))
        }
        _ = try await hub.addProduct(
            ProductDraft(
                api: api, kind: Product.Kind(rawValue: visit.sent.text("kind")) ?? .pack, name: FleetWords.trimmed(visit.sent.text("name")), units: units,
                validDays: days, price: try Money(visit.sent.text("price"), currency: visit.sent.text("currency"))), by: try visit.call.actor)
        return .to("\(Self.here)?done=saved")
    }

    /// Of the catalogue's page.
    func blocks(_ catalogue: [CatalogueEntry], mayWrite: Bool, _ visit: Visit) async throws -> [Block] {
        let words = ProductWords(catalogue, visit)
        var blocks: [Block] = [
            .heading(visit.say("Packs", "套餐"), id: "packs"),
            Block(
                table: TableView(
                    visit.say("Packs", "套餐"),
                    [
                        visit.say("Pack", "套餐"), visit.say("Gives", "内容"), visit.say("Lasts", "有效期"), visit.say("Price", "价格"), visit.say("Sold", "已售"),
                        visit.say("State", "状态"),
                    ], numbers: [3, 4],
                    rows: try await hub.products().map { listed in
                        let product: Product = listed.product
                        var state: CellView =
                            product.withdrawn == nil ? .badge(visit.say("on sale", "在售"), .good) : .badge(visit.say("sold no more", "已停售"), .plain)
                        state.under = product.withdrawn.map(visit.shown)
                        if mayWrite, product.withdrawn == nil {
                            state = .forms([
                                visit.button(
                                    "\(Self.here)/products/\(product.id)/withdraw", visit.say("Sell no more", "停售"), of: product.name, isDangerous: true)
                            ])
                        }
                        return [
                            .text(product.name, under: product.api.title(in: visit.language)), .text(words.gives(product)), .text(words.lasts(product)),
                            .text(product.price.text), .text(visit.number(listed.sold)), state,
                        ]
                    }, nothing: visit.say("None is offered yet.", "暂无套餐。"))),
        ]
        if mayWrite { blocks.append(Block(form: form(catalogue, visit))) }
        return blocks
    }

    private func form(_ catalogue: [CatalogueEntry], _ visit: Visit) -> FormView {
        visit.form(
            "\(Self.here)/products", visit.say("Offer it", "上架"),
            [
                InputView("api", visit.say("API", "接口"), .choice(catalogue.map { .init(option: $0.api.rawValue, optionName: $0.title) })),
                InputView(
                    "kind", visit.say("Kind", "类型"),
                    .choice([
                        .init(option: Product.Kind.pack.rawValue, optionName: visit.say("units, used before any is charged", "次数包，先于计费使用")),
                        .init(option: Product.Kind.frequency.rawValue, optionName: visit.say("more calls in the API's span", "提高调用频率")),
                    ])),
                InputView("name", visit.say("Name, which accounts see", "名称（账户可见）")).with { $0.most = 100 },
                InputView("units", visit.say("Units, or calls on top", "次数，或增加的调用次数"), .line("number")).with { $0.most = 10 },
                InputView("days", visit.say("Days it lasts from the purchase on", "自购买起有效天数"), .line("number")).with { ($0.most, $0.value) = (4, "365") },
                InputView("price", visit.say("Price", "价格")).with { $0.most = 20 },
                InputView("currency", visit.say("Currency", "币种")).with { ($0.value, $0.most) = ("CNY", 3) },
            ], about: [.invalidRequest: "price"]
        ).with { $0.folded = visit.say("Offer a pack", "上架套餐") }
    }
}
