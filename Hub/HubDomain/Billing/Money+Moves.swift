import HubStorage
import WireModel

/// One entry of the books, as an account sees it.
package struct LedgerTransaction: Sendable, Codable {
    package let id: LedgerTransactionID
    package let kind: MoneyMove
    /// What the account's money moved by: positive is to its favour.
    package let amount: Money
    package let reason: String
    package let reference: String?
    /// The entry it undoes.
    package let corrects: LedgerTransactionID?
    package let actor: String
    package let time: Timestamp

    init(_ row: SQLRow) throws {
        guard let id = LedgerTransactionID(rawValue: try row.text("id")), let kind = MoneyMove(rawValue: try row.text("kind")) else {
            throw HubStorageError.damaged
        }
        self.id = id
        self.kind = kind
        amount = Money(millionths: try row.integer("amount"), currency: try row.text("currency"))
        reason = try row.text("reason")
        reference = try row.textOrNil("reference")
        corrects = try row.textOrNil("corrects").flatMap(LedgerTransactionID.init(rawValue:))
        actor = try row.text("actor")
        time = try row.time("at_ms")
    }
}

/// What an operator books.
package struct MoneyOrder: Sendable {
    package let kind: MoneyMove
    /// Positive is to the account's favour; a refund and a compensation for the provider are negative.
    package let amount: Money
    package let reason: String
    package let reference: String?
    package let corrects: LedgerTransactionID?

    package init(kind: MoneyMove, amount: Money, reason: String, reference: String? = nil, corrects: LedgerTransactionID? = nil) {
        self.kind = kind
        self.amount = amount
        self.reason = reason
        self.reference = reference
        self.corrects = corrects
    }

    fileprivate var counter: String {
        switch kind {
        case .topUp, .refund: CounterLedger.cash
        case .compensation: CounterLedger.compensation
        default: CounterLedger.goodwill
        }
    }

    fileprivate func check() throws(Problem) {
        let isSigned: Bool =
            switch kind {
            case .topUp, .credit: amount.millionths > 0
            case .refund: amount.millionths < 0
            case .compensation, .correction: amount.millionths != 0
            case .charge, .purchase: false
            }
        guard isSigned, amount.millionths.magnitude <= 1_000_000_000_000_000 else {
            throw Problem(
                .invalidRequest, "That is no entry an operator makes.", detail: "\(kind.rawValue) \(amount.text)",
                remedy: "top_up and credit are positive, refund is negative, compensation and correction are not 0; charges come from uses.")
        }
        guard (1...500).contains(reason.count), (kind == .correction) == (corrects != nil) else {
            throw Problem(
                .invalidRequest, "An entry states its reason, and a correction the entry it corrects.",
                remedy: "Give a reason of 1 to 500 characters; name `corrects` with correction alone.")
        }
    }
}

extension Hub {
    package func balances(_ account: AccountID) async throws -> [Balance] {
        try await database.read {
            try $0.rows("SELECT * FROM balance WHERE account_id = ? ORDER BY currency", [.text(account.rawValue)]).map(Balance.init)
        }
    }

    /// Newest first.
    /// - Parameter before: only entries older than this one.
    package func ledger(_ account: AccountID, before: LedgerTransactionID?, limit: Int) async throws -> [LedgerTransaction] {
        try await database.read {
            try $0.rows(
                "SELECT * FROM ledger_transaction WHERE account_id = ? AND (? = '' OR id < ?) ORDER BY id DESC LIMIT ?",
                [.text(account.rawValue), .text(before?.rawValue ?? ""), .text(before?.rawValue ?? ""), .integer(Int64(min(max(limit, 1), 500)))]
            ).map(LedgerTransaction.init)
        }
    }

    /// Books money that came in, was given, paid back or wrongly booked. Entries are never changed: what was wrong is undone by another.
    /// - Parameter key: the same for every repetition of one order, which is booked once.
    package func book(_ order: MoneyOrder, account reference: String, key: String? = nil, by actor: Actor) async throws -> LedgerTransaction {
        try order.check()
        let sealer = sealer
        return try await act(actor) { connection, trail, now in
            let account: Account = try Self.account(connection, reference)
            let repeatable: LedgerTransactionID? = key.map { RepeatedOrder.identifier(of: $0, account.id) }
            if let repeatable, let row = try connection.firstRow("SELECT * FROM ledger_transaction WHERE id = ?", [.text(repeatable.rawValue)]) {
                let before = try LedgerTransaction(row)
                guard before.kind == order.kind, before.amount == order.amount, before.reason == order.reason else { throw MeterRefusal.mismatch }
                return before
            }
            var counter: String = order.counter
            if let corrected = order.corrects {
                guard
                    let row = try connection.firstRow(
                        "SELECT * FROM ledger_transaction WHERE id = ? AND account_id = ?", [.text(corrected.rawValue), .text(account.id.rawValue)])
                else { throw Problem.nothing("entry", corrected.rawValue) }
                let before = try LedgerTransaction(row)
                let undone: Int64 = try connection.rows(
                    "SELECT coalesce(sum(amount), 0) AS n FROM ledger_transaction WHERE corrects = ?", [.text(corrected.rawValue)])[0].integer("n")
                // No more than was booked, and the other way.
                let rest: Int64 = before.amount.millionths + undone
                guard before.amount.currency == order.amount.currency, rest.signum() == -order.amount.millionths.signum(),
                    order.amount.millionths.magnitude <= rest.magnitude
                else {
                    throw Problem(
                        .conflict, "A correction undoes an entry, or a part of it.",
                        detail: "\(Money(millionths: rest, currency: before.amount.currency).text) are left of it",
                        remedy: "Give an amount of the other sign, at most what is left.")
                }
                let other: SQLRow? = try connection.firstRow(
                    "SELECT ledger FROM posting WHERE transaction_id = ? AND ledger NOT IN ('balance', 'due') LIMIT 1", [.text(corrected.rawValue)])
                counter = try other?.text("ledger") ?? counter
            }
            let books = Books(connection: connection, now: now, actor: actor)
            let balance: Balance = try books.balance(account.id, order.amount.currency)
            // Credit is to be used, not to be paid out.
            let paidIn: Int64 = balance.available - balance.creditLimit
            if order.kind == .refund, -order.amount.millionths > paidIn {
                throw balance.refusal(needed: -order.amount.millionths, available: paidIn)
            }
            let id: LedgerTransactionID = try books.move(
                order.kind, order.amount.millionths, account.id, order.amount.currency, counter: counter, reason: order.reason,
                reference: order.reference, corrects: order.corrects, id: repeatable)
            try books.flush()
            try trail.record(.moneyMove, account: account.id, subject: id.rawValue, ["kind": order.kind.rawValue, "amount": order.amount.text])
            try Outbox(connection: connection, sealer: sealer, now: now).tell(
                account.id, .money(order.kind, amount: order.amount, reason: order.reason), mailing: .owners)
            return try LedgerTransaction(connection.rows("SELECT * FROM ledger_transaction WHERE id = ?", [.text(id.rawValue)])[0])
        }
    }

    /// How far below zero the balance may go.
    package func setCredit(_ limit: Money, account reference: String, by actor: Actor) async throws -> Balance {
        guard (0...1_000_000_000_000_000).contains(limit.millionths) else {
            throw Problem(.invalidRequest, "A credit limit is not negative.", remedy: "Give 0 for none.")
        }
        return try await act(actor) { connection, trail, now in
            let account: Account = try Self.account(connection, reference)
            let books = Books(connection: connection, now: now, actor: actor)
            let before: Balance = try books.balance(account.id, limit.currency)
            guard before.amount + limit.millionths >= 0 else {
                throw Problem(
                    .conflict, "The account has used more credit than that.", detail: Money(millionths: -before.amount, currency: limit.currency).text,
                    remedy: "Wait for a payment, or give at least that much.")
            }
            try books.setCredit(limit.millionths, account.id, limit.currency)
            try books.flush()
            try trail.record(.creditSet, account: account.id, subject: limit.currency, ["limit": limit.text])
            return try books.balance(account.id, limit.currency)
        }
    }
}
