import HubStorage
import WireModel

/// What came into an account's books in one month: the money it began and ended with, each line of uses, and every other entry.
/// A month that is over never changes: late uses of devices come into the month in which they arrive, at the price of the time
/// of use.
package struct Statement: Sendable, Codable {
    package let account: AccountID
    package let name: String
    package let month: CalendarMonth
    /// Whether the month goes on.
    package let isOpen: Bool
    package let lines: [StatementLine]
    /// Everything but charges: payments, purchases, credits, corrections.
    package let entries: [LedgerTransaction]
    /// One per currency.
    package let totals: [StatementTotal]
}

package struct StatementLine: Sendable, Codable {
    /// `face.search/v3/2026-11`: API, price version, month of use; `face.search/trial/2026-11` for free trials.
    package let line: String
    package let api: APIName
    package let plan: String
    package let monthOfUse: CalendarMonth
    package let records: Int64
    package let units: Int64
    /// Paid by packs.
    package let packUnits: Int64
    package let priceText: String
    package let amount: Money
}

package struct StatementTotal: Sendable, Codable {
    package let currency: String
    /// Balance less what was due, at the month's begin.
    package let opening: Money
    package let charges: Money
    package let other: Money
    package let closing: Money
}

extension Hub {
    package func statement(_ account: AccountID, month: CalendarMonth, in language: Language = .en) async throws -> Statement {
        let now: Timestamp = now()
        guard month <= CalendarMonth(now) else {
            throw Problem(.notFound, "That month has not begun.", detail: month.description, remedy: "Name this month or an earlier one.")
        }
        return try await database.read { connection in
            let owner: Account = try Self.account(connection, account)
            let span: [SQLValue] = [.text(account.rawValue), .integer(month.begin.milliseconds), .integer(month.end.milliseconds)]
            var groups: [LineKey: StatementSum] = [:]
            try connection.forEachRow(
                """
                SELECT api, price_id, currency, is_trial, used_ms, units, pack_units, amount FROM metering_record
                WHERE account_id = ? AND booked_ms >= ? AND booked_ms < ? AND state = 'settled' AND units > 0
                """, span
            ) { row in
                let key = LineKey(
                    api: try row.text("api"), price: try row.textOrNil("price_id"), month: CalendarMonth(try row.time("used_ms")),
                    currency: try row.text("currency"))
                var sum: StatementSum = groups[key] ?? StatementSum()
                sum.records += 1
                sum.units += try row.integer("units")
                sum.packUnits += try row.integer("pack_units")
                sum.amount += try row.integer("amount")
                groups[key] = sum
            }
            let lines: [StatementLine] = try groups.map { try Self.line(connection, $0.key, $0.value, language) }.sorted { $0.line < $1.line }
            let all: [LedgerTransaction] = try connection.rows(
                "SELECT * FROM ledger_transaction WHERE account_id = ? AND at_ms >= ? AND at_ms < ? ORDER BY id", span
            ).map(LedgerTransaction.init)
            let before: [SQLRow] = try connection.rows(
                "SELECT currency, sum(amount) AS amount FROM ledger_transaction WHERE account_id = ? AND at_ms < ? GROUP BY currency", Array(span.prefix(2)))
            let openings: [String: Int64] = try before.reduce(into: [:]) { $0[try $1.text("currency")] = try $1.integer("amount") }
            let currencies: Set<String> = Set(openings.keys).union(all.map(\.amount.currency))
            let totals: [StatementTotal] = currencies.sorted().map { currency in
                func sum(_ isCharge: Bool) -> Int64 {
                    all.filter { $0.amount.currency == currency && ($0.kind == .charge) == isCharge }.reduce(0) { $0 + $1.amount.millionths }
                }
                let (opening, charges, other): (Int64, Int64, Int64) = (openings[currency] ?? 0, sum(true), sum(false))
                func money(_ amount: Int64) -> Money { Money(millionths: amount, currency: currency) }
                return StatementTotal(
                    currency: currency, opening: money(opening), charges: money(charges), other: money(other), closing: money(opening + charges + other))
            }
            return Statement(
                account: account, name: owner.name, month: month, isOpen: now < month.end, lines: lines, entries: all.filter { $0.kind != .charge },
                totals: totals)
        }
    }

    private static func line(_ connection: any SQLConnection, _ key: LineKey, _ sum: StatementSum, _ language: Language) throws -> StatementLine {
        guard let api = APIName(rawValue: key.api) else { throw HubStorageError.damaged }
        let price: Price? = try key.price.flatMap { try connection.firstRow("SELECT * FROM price WHERE id = ?", [.text($0)]).map(Price.init) }
        return StatementLine(
            line: "\(api)/\(price.map { "v\($0.version)" } ?? "trial")/\(key.month)", api: api, plan: price?.plan ?? "trial", monthOfUse: key.month,
            records: sum.records, units: sum.units, packUnits: sum.packUnits,
            priceText: price?.words(in: language) ?? language.text("free trial", "免费试用"),
            // ISO 4217 has XXX for «no currency»: a free trial has no price.
            amount: Money(millionths: sum.amount, currency: key.currency.isEmpty ? "XXX" : key.currency))
    }

    /// The months in which something came into the books, newest first.
    package func statementMonths(_ account: AccountID) async throws -> [CalendarMonth] {
        let now: Timestamp = now()
        return try await database.read { connection in
            let first: SQLRow? = try connection.firstRow(
                """
                SELECT min(at_ms) AS first FROM (SELECT min(booked_ms) AS at_ms FROM metering_record WHERE account_id = ? AND state = 'settled'
                    UNION ALL SELECT min(at_ms) AS at_ms FROM ledger_transaction WHERE account_id = ?) AS moments
                """, [.text(account.rawValue), .text(account.rawValue)])
            guard let begin = try first?.integerOrNil("first") else { return [] }
            var months: [CalendarMonth] = []
            var month = CalendarMonth(now)
            while month >= CalendarMonth(Timestamp(milliseconds: begin)), months.count < 1_200 {
                months.append(month)
                month = month.previous
            }
            return months
        }
    }

    /// The records behind a statement's line, oldest first.
    /// - Parameter after: only records that sort after this one.
    package func records(_ account: AccountID, month: CalendarMonth, line: String, after: String, limit: Int) async throws -> [MeteringRecord] {
        let parts: [Substring] = line.split(separator: "/")
        guard parts.count == 3, let api = APIName(rawValue: String(parts[0])), let monthOfUse = CalendarMonth(String(parts[2])),
            parts[1] == "trial" || (parts[1].hasPrefix("v") && Int64(parts[1].dropFirst()) != nil)
        else {
            throw Problem(
                .invalidRequest, "That is not a line of a statement.", detail: line, remedy: "Write it as the statement does: face.search/v1/2026-11.")
        }
        let version: Int64? = Int64(parts[1].dropFirst())
        return try await database.read { connection in
            try connection.rows(
                """
                SELECT metering_record.* FROM metering_record LEFT JOIN price ON price.id = metering_record.price_id
                WHERE metering_record.account_id = ? AND metering_record.api = ? AND booked_ms >= ? AND booked_ms < ? AND used_ms >= ? AND used_ms < ?
                    AND state = 'settled' AND units > 0 AND coalesce(price.version, 0) = ? AND metering_record.id > ?
                ORDER BY metering_record.id LIMIT ?
                """,
                [
                    .text(account.rawValue), .text(api.rawValue), .integer(month.begin.milliseconds), .integer(month.end.milliseconds),
                    .integer(monthOfUse.begin.milliseconds), .integer(monthOfUse.end.milliseconds), .integer(version ?? 0), .text(after),
                    .integer(Int64(min(max(limit, 1), 1_000))),
                ]
            ).map(MeteringRecord.init)
        }
    }
}

private struct LineKey: Hashable {
    let api: String
    let price: String?
    let month: CalendarMonth
    let currency: String
}

private struct StatementSum {
    var (records, units, packUnits, amount): (Int64, Int64, Int64, Int64) = (0, 0, 0, 0)
}
