import HubDomain
import WireModel

/// What is sold, in words and rows: nothing here is known beforehand, all of it comes from the catalogue's entry.
struct CatalogueWords {
    let language: Language

    func say(_ english: String, _ chinese: String) -> String { language.text(english, chinese) }

    // MARK: Terms

    func frequency(_ terms: OfferTerms) -> String {
        let (calls, seconds): (String, Int64) = (Self.grouped(terms.frequency.calls), terms.frequency.seconds)
        return say("\(calls) calls in \(seconds) s for each application", "每个应用每 \(seconds) 秒 \(calls) 次")
    }

    func allowance(_ terms: OfferTerms) -> String {
        guard let allowance = terms.allowance else { return say("As many as are paid for", "不限量，按付费使用") }
        let units: String = Self.grouped(allowance.units)
        return switch allowance.period {
        case .total: say("\(units) uses for each account in all", "每个账户共 \(units) 次")
        case .month: say("\(units) uses a month for each account", "每个账户每月 \(units) 次")
        case .day: say("\(units) uses a day for each account", "每个账户每日 \(units) 次")
        }
    }

    func trial(_ terms: OfferTerms) -> String {
        guard let trial = terms.trial else { return say("None", "无") }
        let units: String = Self.grouped(trial.units)
        let cost: String = trial.isFree ? say("free", "免费") : say("charged like any use", "按正常价格计费")
        return say("\(units) uses in \(trial.days) days, \(cost)", "\(trial.days) 天内 \(units) 次，\(cost)")
    }

    func approval(_ terms: OfferTerms) -> String {
        terms.needsApproval
            ? say("Regular use after the operator's approval", "正式使用需平台审批") : say("None needed", "无需审批")
    }

    func terms(_ terms: OfferTerms) -> [TermView] {
        [
            TermView(name: say("Frequency", "调用频率"), value: frequency(terms)), TermView(name: say("Allowance", "用量上限"), value: allowance(terms)),
            TermView(name: say("Trial", "试用"), value: trial(terms)), TermView(name: say("Approval", "审批"), value: approval(terms)),
            TermView(
                name: say("Applications", "申请"), value: terms.isOpen ? say("Taken", "接受") : say("Not taken at the moment", "目前不接受")),
            TermView(name: say("Interface version", "接口版本"), value: "\(terms.interfaceVersion)"),
        ]
    }

    // MARK: Prices

    /// Units of a month that cost nothing, plan by plan where they differ.
    func free(_ plans: [PlanEntry]) -> String {
        let free: [(plan: String, units: Int64)] = plans.compactMap { plan in plan.price.map { (plan.plan, $0.tariff.free) } }
        guard free.contains(where: { $0.units > 0 }) else { return say("None", "无") }
        if free.count == 1 { return Self.grouped(free[0].units) }
        return free.map { "\($0.plan): \(Self.grouped($0.units))" }.joined(separator: say("; ", "；"))
    }

    func plan(_ entry: PlanEntry) -> PlanView {
        PlanView(
            plan: entry.plan, currency: (entry.price ?? entry.pricesToCome.first)?.unitPrice.currency,
            price: entry.price.map { PlanView.PriceView(steps: steps($0)) })
    }

    private func steps(_ price: Price) -> [PlanView.StepView] {
        var steps: [PlanView.StepView] = []
        if price.tariff.free > 0 {
            steps.append(.init(range: range(from: 1, through: price.tariff.free), millionths: 0, amount: say("free", "免费")))
        }
        var from: Int64 = price.tariff.free + 1
        for step in price.tariff.steps {
            let amount: String = Money(millionths: step.price, currency: price.unitPrice.currency).text
            steps.append(.init(range: range(from: from, through: step.through), millionths: step.price, amount: amount))
            from = (step.through ?? from) + 1
        }
        return steps
    }

    private func range(from: Int64, through: Int64?) -> String {
        guard let through else { return from == 1 ? say("every unit", "每次") : say("from \(Self.grouped(from)) on", "第 \(Self.grouped(from)) 次起") }
        return say("\(Self.grouped(from)) to \(Self.grouped(through))", "第 \(Self.grouped(from)) 至 \(Self.grouped(through)) 次")
    }

    func product(_ product: Product, _ terms: OfferTerms) -> ProductView {
        let units: String = Self.grouped(product.units)
        let gives: String =
            switch product.kind {
            case .pack: say("\(units) units, used before any is charged", "\(units) 次，先于计费使用")
            case .frequency: say("\(units) more calls in \(terms.frequency.seconds) s", "每 \(terms.frequency.seconds) 秒增加 \(units) 次")
            }
        return ProductView(
            id: product.id.rawValue, product: product.name, gives: gives, valid: say("\(product.validDays) days", "\(product.validDays) 天"),
            millionths: product.price.millionths, amount: product.price.text)
    }

    // MARK: What is due to change

    func changes(_ entry: CatalogueEntry) -> [ChangeView] {
        var lines: [Timestamp: [String]] = [:]
        for plan in entry.plans {
            for price in plan.pricesToCome {
                lines[price.effective, default: []].append(say("Plan \(plan.plan): \(price.words(in: .en))", "方案 \(plan.plan)：\(price.words(in: .zh))"))
            }
        }
        var before: OfferTerms = entry.offer.terms
        for offer in entry.offersToCome {
            let former: [String] = terms(before).map(\.value)
            let changed: [String] = zip(terms(offer.terms), former).filter { $0.value != $1 }.map { term, old in
                say("\(term.name): \(term.value) (until then: \(old))", "\(term.name)：\(term.value)（此前：\(old)）")
            }
            lines[offer.effective, default: []] += changed.isEmpty ? [say("A new version of the same terms", "条款新版本，内容不变")] : changed
            before = offer.terms
        }
        return lines.sorted { $0.key < $1.key }.map { time, lines in ChangeView(effective: time.description, day: Self.shown(time), lines: lines) }
    }

    /// `2026-12-01 00:00 UTC`.
    static func shown(_ time: Timestamp) -> String { time.description.prefix(16).replacing("T", with: " ") + " UTC" }

    /// Digits in threes.
    static func grouped(_ number: Int64) -> String {
        let digits: [Character] = Array(String(number.magnitude))
        let parts: [String] = stride(from: digits.count, to: 0, by: -3).map { String(digits[max(0, $0 - 3)..<$0]) }
        return (number < 0 ? "−" : "") + parts.reversed().joined(separator: ",")
    }
}
