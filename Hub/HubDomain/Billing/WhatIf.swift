import HubStorage
import WireModel

/// What a month's uses would have cost by another plan, beside what they did cost.
package struct WhatIf: Sendable, Codable {
    package let api: APIName
    package let month: CalendarMonth
    package let units: Int64
    package let paid: [Money]
    package let plans: [Alternative]

    package struct Alternative: Sendable, Codable {
        package let plan: String
        package let version: Int64
        package let words: String
        package let amount: Money
    }
}

extension Hub {
    /// By every plan of the list as it is in force now; for each API used in the month.
    package func whatIf(_ account: AccountID, month: CalendarMonth, in language: Language) async throws -> [WhatIf] {
        let now: Timestamp = now()
        return try await database.read { connection in
            let rows: [SQLRow] = try connection.rows(
                """
                SELECT api, currency, sum(units) AS units, sum(amount) AS amount FROM metering_record
                WHERE account_id = ? AND used_ms >= ? AND used_ms < ? AND state = 'settled' AND is_trial = 0 AND units > 0
                GROUP BY api, currency ORDER BY api, currency
                """, [.text(account.rawValue), .integer(month.begin.milliseconds), .integer(month.end.milliseconds)])
            let groups: [String: [SQLRow]] = Dictionary(grouping: rows) { (try? $0.text("api")) ?? "" }
            return try groups.sorted { $0.key < $1.key }.compactMap { name, rows in
                guard let api = APIName(rawValue: name) else { return nil }
                let units: Int64 = try rows.reduce(0) { $0 + (try $1.integer("units")) }
                let listed: [Price] = try connection.rows(
                    "SELECT * FROM price WHERE api = ? AND account_id IS NULL AND effective_ms <= ? ORDER BY plan, effective_ms, version",
                    [.text(name), .integer(now.milliseconds)]
                ).map(Price.init)
                let inForce: [String: Price] = listed.reduce(into: [:]) { $0[$1.plan] = $1 }
                return WhatIf(
                    api: api, month: month, units: units,
                    paid: try rows.map { Money(millionths: try $0.integer("amount"), currency: try $0.text("currency")) },
                    plans: inForce.values.sorted { $0.plan < $1.plan }.map {
                        .init(plan: $0.plan, version: $0.version, words: $0.words(in: language), amount: $0.cost(units))
                    })
            }
        }
    }
}
