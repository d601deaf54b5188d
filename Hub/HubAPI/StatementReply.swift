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

    /// A number is no formula, whatever its sign.
    private static func field(_ text: String) -> String { CSVWriter.quoted(Double(text) != nil ? text : CSVWriter.disarmed(text)) }
}

extension Money {
    /// Without the currency.
    var number: String { String(text.prefix { $0 != " " }) }
}
