import RecognitionAPI
import TestKit

/// What a page says of an API's price and terms against what `/v1/catalogue/{api}` says, read apart from the code that makes the page.
struct CatalogueFacts {
    let entry: JSONValue
    let page: PageText

    /// What the page does not say, or says otherwise.
    var faults: [String] { prices + terms + products + changes }

    private var plans: [JSONValue] { entry["plans"]?.items ?? [] }

    private var prices: [String] {
        let tables: [[String]] = PageText.matches(of: #"<table class="price">\s*<caption>.*?<b>(.*?)</b>(.*?)</table>"#, in: page.html)
        let shown: [String] = tables.map { table in
            ([table[0]] + PageText.matches(of: #"<data value="(\d+)">"#, in: table[1]).map { $0[0] }).joined(separator: " ")
        }
        let wanted: [String] = plans.map { plan in
            let tariff: JSONValue? = plan["price"]?["tariff"]
            let free: [String] = (tariff?["free"]?.integer ?? 0) > 0 ? ["0"] : []
            return ([plan["plan"]?.text ?? ""] + free + (tariff?["steps"]?.items ?? []).map { "\($0["price"]?.integer ?? -1)" }).joined(separator: " ")
        }
        return shown == wanted ? [] : ["prices: \(shown), not \(wanted)"]
    }

    private var terms: [String] {
        let terms: JSONValue = entry["offer"]?["terms"] ?? .null
        var wanted: [String] = [
            "\(number(terms["frequency"]?["calls"])) calls in \(terms["frequency"]?["seconds"]?.integer ?? 0) s for each application",
            terms["needsApproval"] == .boolean(true) ? "Regular use after the operator&#39;s approval" : "None needed",
        ]
        if let allowance = terms["allowance"], allowance != .null {
            let period: String = ["total": "in all", "month": "a month", "day": "a day"][allowance["period"]?.text ?? ""] ?? "?"
            let units: String = number(allowance["units"])
            wanted.append(period == "in all" ? "\(units) uses for each account in all" : "\(units) uses \(period) for each account")
        } else {
            wanted.append("As many as are paid for")
        }
        if let trial = terms["trial"], trial != .null {
            let cost: String = trial["isFree"] == .boolean(true) ? "free" : "charged like any use"
            wanted.append("\(number(trial["units"])) uses in \(trial["days"]?.integer ?? 0) days, \(cost)")
        }
        return wanted.filter { !page.html.contains("<dd>\($0)</dd>") }.map { "terms: no “\($0)”" }
    }

    private var products: [String] {
        let shown: [String] = PageText.matches(of: #"<code class="id">(prd_[0-9a-f]+)</code>.*?<data value="(\d+)">"#, in: page.html).map {
            $0.joined(separator: " ")
        }
        let wanted: [String] = (entry["products"]?.items ?? []).map { "\($0["id"]?.text ?? "") \($0["price"]?["millionths"]?.integer ?? -1)" }
        return shown == wanted ? [] : ["products: \(shown), not \(wanted)"]
    }

    private var changes: [String] {
        let shown: [(time: String, text: String)] = PageText.matches(
            of: #"<div class="change">\s*<h3><time datetime="(.*?)">.*?</h3>\s*<ul>(.*?)</ul>"#, in: page.html
        ).map { ($0[0], $0[1]) }
        var faults: [String] = []
        var times: Set<String> = []
        func expect(_ time: String?, _ text: String) {
            times.insert(time ?? "")
            if !shown.contains(where: { $0.time == time && $0.text.contains(text) }) { faults.append("changes: no “\(text)” at \(time ?? "")") }
        }
        for plan in plans {
            for price in plan["pricesToCome"]?.items ?? [] {
                for step in price["tariff"]?["steps"]?.items ?? [] {
                    let millionths: Int64 = step["price"]?.integer ?? 0
                    expect(price["effective"]?.text, "Plan \(plan["plan"]?.text ?? "")")
                    expect(price["effective"]?.text, decimal(millionths))
                }
            }
        }
        for offer in entry["offersToCome"]?.items ?? [] { expect(offer["effective"]?.text, "") }
        return faults + (Set(shown.map(\.time)) == times ? [] : ["changes: at \(shown.map(\.time)), not \(times.sorted())"])
    }

    private func number(_ value: JSONValue?) -> String {
        var digits: String = "\(value?.integer ?? -1)"
        var place: String.Index = digits.endIndex
        while let next = digits.index(place, offsetBy: -3, limitedBy: digits.startIndex), next > digits.startIndex {
            digits.insert(",", at: next)
            place = next
        }
        return digits
    }

    /// `15000` as `0.015`.
    private func decimal(_ millionths: Int64) -> String {
        var text: String = "\(millionths / 1_000_000)." + "\(1_000_000 + millionths % 1_000_000)".dropFirst()
        while text.hasSuffix("0"), !text.hasSuffix(".00"), text.split(separator: ".")[1].count > 2 { text.removeLast() }
        return text
    }
}
