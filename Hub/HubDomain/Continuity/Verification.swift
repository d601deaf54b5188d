import HubStorage
import WireModel

/// One check of the whole hub and what it found.
package struct HubCheck: Sendable, Codable {
    package let name: String
    package let looked: Int64
    package let faults: [String]
}

extension Hub {
    /// Reads everything and holds it against what it must be: the engine's own check, the audit chain and its anchors,
    /// every decision on agreements, every journal entry's hash, and that quotas equal the ledger.
    package func verify() async throws -> [HubCheck] {
        let storage: [String] = try await DatabaseCopy.integrity(of: database)
        let audit: AuditReport = try await verifyAudit()
        return [
            HubCheck(name: "storage", looked: Int64(HubSchema.tables.count), faults: storage),
            HubCheck(name: "audit chain", looked: audit.entries, faults: audit.faults),
            try await verifyAcceptances(), try await verifyJournal(), try await verifyLedger(),
        ]
    }

    private func verifyAcceptances() async throws -> HubCheck {
        try await database.read { connection in
            let agreements = Agreements(connection: connection)
            var (looked, faults): (Int64, [String]) = (0, [])
            try connection.forEachRow("SELECT * FROM acceptance ORDER BY id", []) { row in
                let acceptance = try Acceptance(row)
                looked += 1
                guard let version = try agreements.version(id: acceptance.version) else { return faults.append("\(acceptance.id): its version is missing") }
                faults += try Self.faults(connection, acceptance, version).map { "\(acceptance.id): \($0)" }
            }
            let recorded: Int64 = try connection.rows(
                "SELECT count(*) AS n FROM audit_entry WHERE action = ?", [.text(AuditAction.agreementDecide.rawValue)])[0].integer("n")
            if recorded != looked { faults.append("\(looked) decisions on file, \(recorded) in the audit chain") }
            return HubCheck(name: "agreements", looked: looked, faults: Array(faults.prefix(20)))
        }
    }

    private func verifyJournal() async throws -> HubCheck {
        try await database.read { connection in
            var (looked, faults): (Int64, [String]) = (0, [])
            try connection.forEachRow("SELECT journal_entry.*, received_ms AS used_ms FROM journal_entry ORDER BY device_id, epoch, seq", []) { row in
                looked += 1
                let use = try TracedUse(row)
                if !use.isIntact { faults.append("\(use.device) entry \(use.epoch)/\(use.seq) was altered") }
            }
            return HubCheck(name: "journal", looked: looked, faults: Array(faults.prefix(20)))
        }
    }

    /// Quotas and balances are sums kept beside what they are sums of; here each is added up anew.
    private func verifyLedger() async throws -> HubCheck {
        try await database.read { connection in
            var (looked, faults): (Int64, [String]) = (0, [])
            func compare(_ sql: String, _ what: String) throws {
                for row in try connection.rows(sql, []) {
                    looked += 1
                    let (kept, summed): (Int64, Int64) = (try row.integer("kept"), try row.integer("summed"))
                    if kept != summed { faults.append("\(try row.text("account")) \(try row.text("name")): \(kept) \(what), \(summed) in the records") }
                }
            }
            let settled: String = "FROM metering_record WHERE metering_record.account_id = quota.account_id AND metering_record.api = quota.api"
            try compare(
                """
                SELECT account_id AS account, api AS name, settled AS kept,
                    (SELECT coalesce(sum(units), 0) \(settled) AND state = 'settled' AND is_trial = 0 AND overdraft = 0 AND booked_ms >= window_ms) AS summed
                FROM quota ORDER BY account_id, api
                """, "settled")
            try compare(
                """
                SELECT account_id AS account, api AS name, claimed AS kept,
                    (SELECT coalesce(sum(units), 0) \(settled) AND state = 'claimed' AND is_trial = 0) AS summed
                FROM quota ORDER BY account_id, api
                """, "claimed")
            let posted: String = """
                FROM posting JOIN ledger_transaction ON ledger_transaction.id = posting.transaction_id
                WHERE posting.account_id = balance.account_id AND ledger_transaction.currency = balance.currency
                """
            try compare(
                """
                SELECT account_id AS account, currency AS name, amount AS kept,
                    (SELECT coalesce(sum(posting.amount), 0) \(posted) AND ledger = 'balance') AS summed FROM balance ORDER BY account_id, currency
                """, "on the balance")
            try compare(
                """
                SELECT account_id AS account, currency AS name, -due AS kept,
                    (SELECT coalesce(sum(posting.amount), 0) \(posted) AND ledger = 'due') AS summed FROM balance ORDER BY account_id, currency
                """, "due")
            try compare(
                """
                SELECT account_id AS account, id AS name, -amount AS kept,
                    (SELECT coalesce(sum(amount), 0) FROM metering_record WHERE transaction_id = ledger_transaction.id) AS summed
                FROM ledger_transaction WHERE kind = 'charge' ORDER BY id
                """, "charged")
            for row in try connection.rows("SELECT transaction_id FROM posting GROUP BY transaction_id HAVING sum(amount) <> 0", []) {
                faults.append("\(try row.text("transaction_id")): its postings do not add up to nothing")
            }
            return HubCheck(name: "ledger", looked: looked, faults: Array(faults.prefix(20)))
        }
    }
}
