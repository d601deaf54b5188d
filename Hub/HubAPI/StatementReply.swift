import HTTPTypes
import HubDomain
import WireModel

/// A statement as programs, spreadsheets and printers want it.
enum StatementReply {
    static func reply(_ statement: Statement, format: String, language: Language, provider: String) throws -> Reply {
        switch format {
        case "csv":
            var reply = Reply(status: 200, body: Array(csv(statement).utf8), type: "text/csv; charset=utf-8; header=present")
            reply.headers[.contentDisposition] = "attachment; filename=\"statement-\(statement.month).csv\""
            return reply
        case "html":
            var reply = Reply(status: 200, body: Array(StatementPage.html(statement, language, provider: provider).utf8), type: "text/html; charset=utf-8")
            // Nothing but the page itself: no script, no other site.
            reply.headers[.contentSecurityPolicy] = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
            return reply
        default: return try .json(statement)
        }
    }

    /// RFC 4180, one row per line and entry; the amounts of a currency add up to its change.
    private static func csv(_ statement: Statement) -> String {
        var rows: [[String]] = [
            ["kind", "line", "api", "plan", "month of use", "records", "units", "units by packs", "price", "amount", "currency", "time", "reason"]
        ]
        for line in statement.lines {
            rows.append([
                "use", line.line, line.api.rawValue, line.plan, line.monthOfUse.description, "\(line.records)", "\(line.units)", "\(line.packUnits)",
                line.priceText, Money(millionths: -line.amount.millionths, currency: "").number, line.amount.currency, "", "",
            ])
        }
        for entry in statement.entries {
            rows.append([
                entry.kind.rawValue, entry.id.rawValue, "", "", "", "", "", "", "", entry.amount.number, entry.amount.currency, entry.time.description,
                entry.reason,
            ])
        }
        return rows.map { $0.map(field).joined(separator: ",") + "\r\n" }.joined()
    }

    /// A text that a spreadsheet would take for a formula is led by an apostrophe (OWASP, "CSV Injection"); numbers are not.
    private static func field(_ text: String) -> String {
        let isNumber: Bool = Double(text) != nil
        let safe: String = !isNumber && ["=", "+", "-", "@", "\t", "\r"].contains(text.first) ? "'" + text : text
        guard safe.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return safe }
        return "\"" + safe.replacing("\"", with: "\"\"") + "\""
    }
}

extension Money {
    /// Without the currency.
    var number: String { String(text.prefix { $0 != " " }) }

    /// - Throws: `invalidRequest` for what is no currency.
    init(checked millionths: Int64, currency: String) throws(Problem) {
        guard currency.utf8.count == 3, currency.utf8.allSatisfy({ (0x41...0x5A).contains($0) }) else {
            throw Problem(.invalidRequest, "A currency is three capital letters.", detail: currency, remedy: "Write CNY, EUR, USD, …")
        }
        self.init(millionths: millionths, currency: currency)
    }
}
