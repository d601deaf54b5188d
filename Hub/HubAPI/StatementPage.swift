import HTTPTypes
import HubDomain
import WireModel

/// A statement to print: one page of HTML that needs nothing else.
enum StatementPage {
    static func html(_ statement: Statement, _ language: Language, provider: String) -> String {
        func say(_ english: String, _ chinese: String) -> String { language.text(english, chinese) }
        let title: String = say("Statement \(statement.month)", "\(statement.month) 账单")
        let open: String = statement.isOpen ? "<p class=open>\(say("The month goes on: this is what it comes to so far.", "本月尚未结束：以下为截至目前的金额。"))</p>" : ""
        let lines: String = statement.lines.map { line in
            "<tr><td>\(escape(line.api.rawValue))<small>\(escape(line.plan)), \(escape(line.line))</small></td><td>\(line.monthOfUse)</td>"
                + "<td class=n>\(line.units)\(line.packUnits > 0 ? "<small>\(say("\(line.packUnits) by packs", "其中资源包 \(line.packUnits)"))</small>" : "")</td>"
                + "<td>\(escape(line.priceText))</td><td class=n>\(escape(line.amount.text))</td></tr>"
        }.joined(separator: "\n")
        let entries: String = statement.entries.map { entry in
            "<tr><td>\(escape(entry.time.description.prefix(16).replacing("T", with: " ")))</td><td>\(escape(name(entry.kind, language)))</td>"
                + "<td>\(escape(entry.reason))<small>\(entry.id)</small></td><td class=n>\(escape(entry.amount.text))</td></tr>"
        }.joined(separator: "\n")
        let totals: String = statement.totals.map { total in
            "<tr><td>\(escape(total.currency))</td><td class=n>\(escape(total.opening.text))</td><td class=n>\(escape(total.charges.text))</td>"
                + "<td class=n>\(escape(total.other.text))</td><td class=n><b>\(escape(total.closing.text))</b></td></tr>"
        }.joined(separator: "\n")
        return """
            <!doctype html>
            <html lang="\(language.rawValue)"><head><meta charset="utf-8"><title>\(title)</title><style>\(style)</style></head><body>
            <header><span>\(escape(provider))</span><h1>\(title)</h1><p>\(escape(statement.name))<small>\(statement.account)</small></p></header>
            \(open)
            <h2>\(say("Uses", "用量"))</h2>
            \(lines.isEmpty ? "<p>\(say("None this month.", "本月无用量。"))</p>" : """
                <table><thead><tr><th>API</th><th>\(say("Used in", "使用月份"))</th><th class=n>\(say("Units", "次数"))</th><th>\(say("Price", "价格"))</th>\
                <th class=n>\(say("Amount", "金额"))</th></tr></thead><tbody>
                \(lines)
                </tbody></table>
                """)
            <h2>\(say("Payments and other entries", "充值及其他账目"))</h2>
            \(entries.isEmpty ? "<p>\(say("None this month.", "本月无其他账目。"))</p>" : """
                <table><thead><tr><th>\(say("When (UTC)", "时间（UTC）"))</th><th>\(say("Kind", "类别"))</th><th>\(say("Reason", "说明"))</th>\
                <th class=n>\(say("Amount", "金额"))</th></tr></thead><tbody>
                \(entries)
                </tbody></table>
                """)
            <h2>\(say("Balance", "余额"))</h2>
            \(totals.isEmpty ? "<p>\(say("Nothing was paid or charged yet.", "尚无收支。"))</p>" : """
                <table><thead><tr><th></th><th class=n>\(say("Opening", "期初"))</th><th class=n>\(say("Charges", "费用"))</th>\
                <th class=n>\(say("Other", "其他"))</th><th class=n>\(say("Closing", "期末"))</th></tr></thead><tbody>
                \(totals)
                </tbody></table>
                """)
            <footer>\(say("Late uses of devices come into the month in which they arrive, at the price of the time of use. Each line opens into its records:", "设备迟到的用量计入到达当月，按使用时的价格计费。每行均可展开明细："))
            /v1/account/statements/\(statement.month)/records?line=…</footer>
            </body></html>
            """
    }

    private static func name(_ kind: MoneyMove, _ language: Language) -> String {
        switch kind {
        case .topUp: language.text("payment", "充值")
        case .charge: language.text("charge", "费用")
        case .purchase: language.text("purchase", "购买")
        case .credit: language.text("credit", "入账")
        case .compensation: language.text("compensation", "赔偿")
        case .refund: language.text("refund", "退款")
        case .correction: language.text("correction", "更正")
        }
    }

    private static func escape(_ text: some StringProtocol) -> String {
        text.reduce(into: "") { safe, character in
            switch character {
            case "&": safe += "&amp;"
            case "<": safe += "&lt;"
            case ">": safe += "&gt;"
            case "\"": safe += "&quot;"
            default: safe.append(character)
            }
        }
    }

    private static let style: String = """
        body{font:15px/1.5 system-ui,"Noto Sans CJK SC",sans-serif;color:#1a1d21;max-width:54rem;margin:2.5rem auto;padding:0 1.5rem}
        header{display:grid;grid-template-columns:1fr auto;align-items:end;border-bottom:2px solid #1a1d21;padding-bottom:.75rem}
        header span{grid-column:1/3;color:#5b6470}h1{margin:0;font-size:1.6rem}header p{margin:0;text-align:right}
        h2{font-size:1.05rem;margin:2rem 0 .5rem}small{display:block;color:#5b6470;font-size:.8em;overflow-wrap:anywhere}
        table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.4rem .6rem .4rem 0;border-bottom:1px solid #d9dde2}
        th{font-weight:600;color:#5b6470;font-size:.85em}.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap;padding-right:0}
        .open{background:#fff6dd;border-left:3px solid #d79a00;padding:.5rem .75rem}footer{margin-top:2.5rem;color:#5b6470;font-size:.85em}
        @media print{body{margin:0;max-width:none}tr{break-inside:avoid}}
        """
}

extension HTTPField.Name {
    static var contentSecurityPolicy: Self { Self("Content-Security-Policy")! }
}
