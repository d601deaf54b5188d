import HubStorage
import WireModel

/// What an account's money comes to in one currency, millionths.
package struct Balance: Sendable, Codable {
    package let account: AccountID
    package let currency: String
    /// Prepaid and not used up; below zero as far as the credit limit lets it.
    package internal(set) var amount: Int64
    /// Waits for calls under way and for what devices hold in leases.
    package internal(set) var held: Int64
    /// Late uses that neither balance nor credit covered: paid first with what comes in.
    package internal(set) var due: Int64
    package internal(set) var creditLimit: Int64

    package var available: Int64 { amount + creditLimit - held - due }

    /// That it does not cover something.
    /// - Parameter available: millionths; less than all where credit does not count.
    func refusal(needed: Int64, available: Int64) -> MeterRefusal {
        .balanceExhausted(needed: Money(millionths: needed, currency: currency), available: Money(millionths: max(0, available), currency: currency))
    }

    init(_ row: SQLRow) throws {
        guard let account = AccountID(rawValue: try row.text("account_id")) else { throw HubStorageError.damaged }
        self.account = account
        currency = try row.text("currency")
        amount = try row.integer("amount")
        held = try row.integer("held")
        due = try row.integer("due")
        creditLimit = try row.integer("credit_limit")
    }

    init(account: AccountID, currency: String) {
        self.account = account
        self.currency = currency
        (amount, held, due, creditLimit) = (0, 0, 0, 0)
    }
}

/// Why money moves.
package enum MoneyMove: String, Sendable, Codable, CaseIterable {
    /// Paid in by the account.
    case topUp = "top_up"
    /// For uses.
    case charge
    /// For a pack or more frequency.
    case purchase
    /// Given by the provider.
    case credit
    /// For a breach, either way (S19).
    case compensation
    /// Paid back to the account.
    case refund
    /// Undoes an entry that was wrong.
    case correction
}

/// The other side of an account's balance in the double entry: what the amount comes from or goes to.
enum CounterLedger {
    static let cash: String = "cash"
    static let goodwill: String = "goodwill"
    static let compensation: String = "compensation"
    static func revenue(_ api: APIName) -> String { "revenue:\(api)" }
    static let balance: String = "balance"
    static let due: String = "due"
}

/// The double-entry ledger, within one transaction: balances are read once, changed in memory, and written by ``flush``.
/// The postings of an entry always add up to nothing.
final class Books {
    private struct Key: Hashable {
        let account: AccountID
        let currency: String
    }

    /// Charges of one API in this transaction: one entry, opened by its records.
    private struct ChargeKey: Hashable {
        let account: AccountID
        let currency: String
        let api: APIName
    }

    fileprivate struct Entry {
        let id: LedgerTransactionID
        let account: AccountID
        let kind: MoneyMove
        let currency: String
        let reason: String
        let reference: String?
        let corrects: LedgerTransactionID?
        /// By ledger; they add up to nothing.
        var postings: [String: Int64]
    }

    private let connection: any SQLConnection
    private let now: Timestamp
    private let actor: Actor
    private var balances: [Key: Balance] = [:]
    private var changed: Set<Key> = []
    private var charges: [ChargeKey: Int] = [:]
    private var entries: [Entry] = []

    init(connection: any SQLConnection, now: Timestamp, actor: Actor) {
        self.connection = connection
        self.now = now
        self.actor = actor
    }

    func balance(_ account: AccountID, _ currency: String) throws -> Balance {
        let key = Key(account: account, currency: currency)
        if let balance = balances[key] { return balance }
        let row: SQLRow? = try connection.firstRow(
            "SELECT * FROM balance WHERE account_id = ? AND currency = ?", [.text(account.rawValue), .text(currency)])
        let balance: Balance = try row.map(Balance.init) ?? Balance(account: account, currency: currency)
        balances[key] = balance
        return balance
    }

    private func change(_ account: AccountID, _ currency: String, _ body: (inout Balance) -> Void) throws {
        var balance: Balance = try balance(account, currency)
        body(&balance)
        let key = Key(account: account, currency: currency)
        balances[key] = balance
        changed.insert(key)
    }

    /// - Parameter amount: millionths; negative lets go.
    func hold(_ amount: Int64, _ account: AccountID, _ currency: String) throws {
        guard amount != 0 else { return }
        try change(account, currency) { $0.held = max(0, $0.held + amount) }
    }

    func setCredit(_ limit: Int64, _ account: AccountID, _ currency: String) throws { try change(account, currency) { $0.creditLimit = limit } }

    /// Takes what a use cost. A use that has happened is always booked: what balance and credit do not cover is due.
    /// - Returns: the entry it is part of; `nil` when nothing is to be paid.
    func charge(_ amount: Int64, _ account: AccountID, _ currency: String, for api: APIName) throws -> LedgerTransactionID? {
        guard amount > 0 else { return nil }
        let (paid, due): (Int64, Int64) = try take(amount, account, currency)
        let key = ChargeKey(account: account, currency: currency, api: api)
        if charges[key] == nil {
            charges[key] = entries.count
            entries.append(
                Entry(
                    id: LedgerTransactionID(at: now), account: account, kind: .charge, currency: currency, reason: api.rawValue, reference: nil, corrects: nil,
                    postings: [:]))
        }
        let index: Int = charges[key]!  // set above
        entries[index].add(CounterLedger.balance, -paid)
        entries[index].add(CounterLedger.due, -due)
        entries[index].add(CounterLedger.revenue(api), amount)
        return entries[index].id
    }

    private func take(_ amount: Int64, _ account: AccountID, _ currency: String) throws -> (paid: Int64, due: Int64) {
        let balance: Balance = try balance(account, currency)
        let paid: Int64 = min(amount, max(0, balance.amount + balance.creditLimit))
        try change(account, currency) {
            $0.amount -= paid
            $0.due += amount - paid
        }
        return (paid, amount - paid)
    }

    /// Moves money to an account (positive) or from it (negative).
    /// - Throws: `balanceExhausted` when the balance would fall below the credit limit.
    @discardableResult
    func move(
        _ kind: MoneyMove, _ amount: Int64, _ account: AccountID, _ currency: String, counter: String, reason: String, reference: String? = nil,
        corrects: LedgerTransactionID? = nil, id: LedgerTransactionID? = nil
    ) throws -> LedgerTransactionID {
        var entry = Entry(
            id: id ?? LedgerTransactionID(at: now), account: account, kind: kind, currency: currency, reason: reason, reference: reference,
            corrects: corrects, postings: [counter: -amount])
        let balance: Balance = try balance(account, currency)
        // What is due is paid first.
        let settled: Int64 = amount > 0 ? min(amount, balance.due) : 0
        guard amount >= 0 || -amount <= balance.available else {
            throw balance.refusal(needed: -amount, available: balance.available)
        }
        entry.add(CounterLedger.due, settled)
        entry.add(CounterLedger.balance, amount - settled)
        try change(account, currency) {
            $0.due -= settled
            $0.amount += amount - settled
        }
        entries.append(entry)
        return entry.id
    }

    func flush() throws {
        for entry in entries {
            // What the account's side moved by: balance and due together.
            let amount: Int64 = (entry.postings[CounterLedger.balance] ?? 0) + (entry.postings[CounterLedger.due] ?? 0)
            precondition(entry.postings.values.reduce(0, +) == 0, "an entry of the books does not add up")
            try connection.execute(
                """
                INSERT INTO ledger_transaction (id, account_id, kind, currency, amount, reason, reference, corrects, actor, at_ms)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    .text(entry.id.rawValue), .text(entry.account.rawValue), .text(entry.kind.rawValue), .text(entry.currency), .integer(amount),
                    .text(entry.reason), SQLValue(entry.reference), SQLValue(entry.corrects?.rawValue), .text(actor.text), .integer(now.milliseconds),
                ])
            for (ledger, amount) in entry.postings.sorted(by: { $0.key < $1.key }) where amount != 0 {
                try connection.execute(
                    "INSERT INTO posting (transaction_id, ledger, account_id, amount) VALUES (?, ?, ?, ?)",
                    [.text(entry.id.rawValue), .text(ledger), .text(entry.account.rawValue), .integer(amount)])
            }
        }
        for key in changed {
            guard let balance = balances[key] else { continue }
            try connection.execute(
                """
                INSERT INTO balance (account_id, currency, amount, held, due, credit_limit) VALUES (?, ?, ?, ?, ?, ?)
                ON CONFLICT (account_id, currency) DO UPDATE SET amount = excluded.amount, held = excluded.held, due = excluded.due,
                    credit_limit = excluded.credit_limit
                """,
                [
                    .text(key.account.rawValue), .text(key.currency), .integer(balance.amount), .integer(balance.held), .integer(balance.due),
                    .integer(balance.creditLimit),
                ])
        }
        (entries, changed, charges) = ([], [], [:])
    }
}

extension Books.Entry {
    fileprivate mutating func add(_ ledger: String, _ amount: Int64) {
        guard amount != 0 else { return }
        postings[ledger, default: 0] += amount
    }
}
