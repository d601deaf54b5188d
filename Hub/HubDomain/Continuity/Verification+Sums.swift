import HubStorage
import WireModel

/// A sum that is kept beside what it is a sum of, so that a call need not add it up.
private struct KeptSum {
    /// After the kept number, in a fault's text.
    let what: String
    /// Rows of `account`, `name`, `kept` and `summed`.
    let sql: String

    private static let ofQuota: String = "FROM metering_record WHERE metering_record.account_id = quota.account_id AND metering_record.api = quota.api"
    /// Counts of a price over all months.
    private static let ofCount: String = """
        FROM metering_record WHERE metering_record.account_id = tariff_count.account_id AND metering_record.price_id = tariff_count.price_id
        """
    private static let ofBalance: String = """
        FROM posting JOIN ledger_transaction ON ledger_transaction.id = posting.transaction_id
        WHERE posting.account_id = balance.account_id AND ledger_transaction.currency = balance.currency
        """

    static let all: [KeptSum] = quotas + leases + counts + money

    private static let quotas: [KeptSum] = [
        KeptSum(
            what: "settled",
            sql: """
                SELECT account_id AS account, api AS name, settled AS kept,
                    (SELECT coalesce(sum(units), 0) \(ofQuota) AND state = 'settled' AND is_trial = 0 AND overdraft = 0 AND booked_ms >= window_ms) AS summed
                FROM quota ORDER BY account_id, api
                """),
        KeptSum(
            what: "claimed",
            sql: """
                SELECT account_id AS account, api AS name, claimed AS kept,
                    (SELECT coalesce(sum(units), 0) \(ofQuota) AND state = 'claimed' AND is_trial = 0) AS summed
                FROM quota ORDER BY account_id, api
                """),
        KeptSum(
            what: "claimed",
            sql: """
                SELECT entitlement.account_id AS account, entitlement.id AS name, claimed AS kept, coalesce(sum(metering_record.units), 0) AS summed
                FROM entitlement LEFT JOIN metering_record ON entitlement_id = entitlement.id AND metering_record.state = 'claimed'
                GROUP BY entitlement.account_id, entitlement.id, claimed
                """),
        // A trial's count begins anew with regular use.
        KeptSum(
            what: "used",
            sql: """
                SELECT entitlement.account_id AS account, entitlement.id AS name, used AS kept, coalesce(sum(metering_record.units), 0) AS summed
                FROM entitlement LEFT JOIN metering_record
                    ON entitlement_id = entitlement.id AND metering_record.state = 'settled' AND booked_ms >= window_ms
                WHERE trial_ends_ms IS NULL GROUP BY entitlement.account_id, entitlement.id, used
                """),
    ]

    private static let leases: [KeptSum] = [
        KeptSum(what: "in leases", sql: ofLeases("units", "ceiling - spent")), KeptSum(what: "held for leases", sql: ofLeases("held", "held")),
    ]

    /// Both ways: what is in one of them only is a fault, too.
    private static func ofLeases(_ kept: String, _ summed: String) -> String {
        """
        SELECT account_id AS account, price_id AS name, sum(kept) AS kept, sum(summed) AS summed FROM (
            SELECT account_id, api, price_id, \(kept) AS kept, 0 AS summed FROM leased_use
            UNION ALL SELECT account_id, api, price_id, 0, \(summed) FROM allotment WHERE ceiling > spent) AS parts
        GROUP BY account_id, api, price_id ORDER BY account_id, price_id
        """
    }

    private static let counts: [KeptSum] = [
        // Prices of before there were tariffs have none, and uses of then were not counted.
        KeptSum(
            what: "counted",
            sql: """
                SELECT account_id AS account, price_id AS name, sum(units) AS kept,
                    (SELECT coalesce(sum(units - pack_units), 0) \(ofCount) AND state = 'settled') AS summed
                FROM tariff_count WHERE price_id IN (SELECT id FROM price WHERE tariff <> '') GROUP BY account_id, price_id ORDER BY account_id, price_id
                """),
        KeptSum(
            what: "counted as under way",
            sql: """
                SELECT account_id AS account, price_id AS name, sum(claimed) AS kept,
                    (SELECT coalesce(sum(units), 0) \(ofCount) AND state = 'claimed') AS summed
                FROM tariff_count GROUP BY account_id, price_id ORDER BY account_id, price_id
                """),
        KeptSum(
            what: "used of packs",
            sql: """
                SELECT account_id AS account, api AS name, sum(used) AS kept,
                    (SELECT coalesce(sum(pack_units), 0) FROM metering_record
                    WHERE metering_record.account_id = purchase.account_id AND metering_record.api = purchase.api) AS summed
                FROM purchase WHERE kind = 'pack' GROUP BY account_id, api ORDER BY account_id, api
                """),
    ]

    private static let money: [KeptSum] = [
        KeptSum(
            what: "on the balance",
            sql: """
                SELECT account_id AS account, currency AS name, amount AS kept,
                    (SELECT coalesce(sum(posting.amount), 0) \(ofBalance) AND ledger = 'balance') AS summed FROM balance ORDER BY account_id, currency
                """),
        KeptSum(
            what: "due",
            sql: """
                SELECT account_id AS account, currency AS name, -due AS kept,
                    (SELECT coalesce(sum(posting.amount), 0) \(ofBalance) AND ledger = 'due') AS summed FROM balance ORDER BY account_id, currency
                """),
        KeptSum(
            what: "held",
            sql: """
                SELECT account_id AS account, currency AS name, held AS kept,
                    (SELECT coalesce(sum(tariff_count.held), 0) FROM tariff_count JOIN price ON price.id = tariff_count.price_id
                    WHERE tariff_count.account_id = balance.account_id AND price.currency = balance.currency)
                    + (SELECT coalesce(sum(allotment.held), 0) FROM allotment JOIN price ON price.id = allotment.price_id
                    WHERE allotment.account_id = balance.account_id AND price.currency = balance.currency) AS summed
                FROM balance ORDER BY account_id, currency
                """),
        KeptSum(
            what: "booked",
            sql: """
                SELECT ledger_transaction.account_id AS account, id AS name, ledger_transaction.amount AS kept, coalesce(sum(posting.amount), 0) AS summed
                FROM ledger_transaction LEFT JOIN posting ON transaction_id = ledger_transaction.id AND ledger IN ('balance', 'due')
                GROUP BY ledger_transaction.account_id, id, ledger_transaction.amount
                """),
        KeptSum(
            what: "charged",
            sql: """
                SELECT ledger_transaction.account_id AS account, ledger_transaction.id AS name, -ledger_transaction.amount AS kept,
                    coalesce(sum(metering_record.amount), 0) AS summed
                FROM ledger_transaction LEFT JOIN metering_record ON transaction_id = ledger_transaction.id
                WHERE kind = 'charge' GROUP BY ledger_transaction.account_id, ledger_transaction.id, ledger_transaction.amount
                """),
    ]
}

extension Hub {
    /// Quotas, counts and balances are sums kept beside what they are sums of; here each is added up anew.
    func verifyLedger() async throws -> HubCheck {
        let now: Timestamp = now()
        return try await database.read { connection in
            var (looked, faults): (Int64, [String]) = (0, [])
            for sum in KeptSum.all {
                try connection.forEachRow(sum.sql, []) { row in
                    looked += 1
                    let (kept, summed): (Int64, Int64) = (try row.integer("kept"), try row.integer("summed"))
                    if kept != summed { faults.append("\(try row.text("account")) \(try row.text("name")): \(kept) \(sum.what), \(summed) in the records") }
                }
            }
            // I5: settled and reserved never pass the quota; overdraft is outside of it.
            for row in try connection.rows("SELECT account_id, api FROM quota ORDER BY account_id, api", []) {
                guard let account = AccountID(rawValue: try row.text("account_id")), let api = APIName(rawValue: try row.text("api")),
                    let quota = try Self.quota(connection, account, api, at: now)
                else { throw HubStorageError.damaged }
                if quota.settled + quota.reserved > quota.units {
                    faults.append("\(account) \(api): \(quota.settled) settled and \(quota.reserved) reserved of \(quota.units)")
                }
            }
            for row in try connection.rows("SELECT transaction_id FROM posting GROUP BY transaction_id HAVING sum(amount) <> 0", []) {
                faults.append("\(try row.text("transaction_id")): its postings do not add up to nothing")
            }
            return HubCheck(name: "ledger", looked: looked, faults: Array(faults.prefix(20)))
        }
    }
}
