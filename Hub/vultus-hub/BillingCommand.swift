import ArgumentParser
import HubDomain
import ServiceSupport
import WireModel

struct BillingCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "billing", abstract: "Money of accounts: payments, credit limits, the books, statements.",
        discussion: """
            Uses are charged to the account's balance as they come in. Without balance or credit no paid call passes and no lease is granted.

            Example: vultus-hub billing book Acme top_up 500 --reason "Bank transfer of 25 November"
            """,
        subcommands: [Show.self, Book.self, Credit.self, StatementOf.self], defaultSubcommand: Show.self)

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "An account's balance and its newest entries.")
        @OptionGroup var options: HubOptions
        @Argument(help: "The account's name or id.") var account: String
        @Option(help: "Entries, at most.") var limit: Int = 20

        private struct Books: Encodable {
            let balances: [Balance]
            let entries: [LedgerTransaction]
        }

        func run() async throws {
            try await options.run { hub in
                let id: AccountID = try await hub.account(account).id
                let books = Books(balances: try await hub.balances(id), entries: try await hub.ledger(id, before: nil, limit: limit))
                try options.show(books) { books in
                    var text: String = BillingCommand.table(books.balances)
                    var table = TextTable(["WHEN", "KIND", "AMOUNT", "REASON", "ENTRY"], alignedRight: [2])
                    for entry in books.entries {
                        table.append(["\(entry.time)", entry.kind.rawValue, entry.amount.text, entry.reason, entry.id.rawValue])
                    }
                    if !table.isEmpty { text += "\n\n" + table.text }
                    return text
                }
            }
        }
    }

    struct Book: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Book a payment, credit, compensation, refund or correction.",
            discussion: """
                Entries are never changed: what was wrong is undone by a correction, which names the entry and has the other sign. Positive amounts are
                to the account's favour; a refund is negative (write it after --).
                """)
        @OptionGroup var options: HubOptions
        @Argument(help: "The account's name or id.") var account: String
        @Argument(help: "top_up, credit, compensation, refund or correction.") var kind: String
        @Argument(help: "At most six decimals; a minus is to the account's disfavour.") var amount: String
        @Option(help: "ISO 4217.") var currency: String = "CNY"
        @Option(help: "Why; the account reads it.") var reason: String
        @Option(help: "A number of yours: the transfer's, the invoice's.") var reference: String?
        @Option(help: "With correction: the entry it undoes.") var corrects: String?

        func run() async throws {
            try await options.run { hub in
                guard let kind = MoneyMove(rawValue: kind) else {
                    throw Problem(
                        .invalidRequest, "There is no such kind of entry.", detail: kind, remedy: "Choose top_up, credit, compensation, refund or correction.")
                }
                let isNegative: Bool = amount.hasPrefix("-")
                let size = try Money(isNegative ? String(amount.dropFirst()) : amount, currency: currency)
                let corrected: LedgerTransactionID? = try corrects.map {
                    guard let id = LedgerTransactionID(rawValue: $0) else {
                        throw Problem(.invalidRequest, "That is not an entry.", detail: $0, remedy: "See `vultus-hub billing show`.")
                    }
                    return id
                }
                let order = MoneyOrder(
                    kind: kind, amount: Money(millionths: isNegative ? -size.millionths : size.millionths, currency: currency), reason: reason,
                    reference: reference, corrects: corrected)
                try options.show(try await hub.book(order, account: account, by: options.actor)) { "\($0.id)  \($0.kind.rawValue)  \($0.amount.text)" }
            }
        }
    }

    struct Credit: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "How far below zero an account's balance may go; 0 for not at all.")
        @OptionGroup var options: HubOptions
        @Argument(help: "The account's name or id.") var account: String
        @Argument(help: "At most six decimals.") var limit: String
        @Option(help: "ISO 4217.") var currency: String = "CNY"

        func run() async throws {
            try await options.run { hub in
                try options.show(
                    [try await hub.setCredit(try Money(limit, currency: currency), account: account, by: options.actor)], BillingCommand.table)
            }
        }
    }

    struct StatementOf: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "statement", abstract: "What came into an account's books in a month.")
        @OptionGroup var options: HubOptions
        @Argument(help: "The account's name or id.") var account: String
        @Option(help: "As 2026-11; this month when left out.") var month: String?

        func run() async throws {
            try await options.run { hub in
                guard let month = month.map({ CalendarMonth($0) }) ?? CalendarMonth(hub.now()) else {
                    throw Problem(.invalidRequest, "That is not a month.", detail: month ?? "", remedy: "Write it as 2026-11.")
                }
                try options.show(try await hub.statement(try await hub.account(account).id, month: month)) { statement in
                    var table = TextTable(["LINE", "UNITS", "PRICE", "AMOUNT"], alignedRight: [1, 3])
                    for line in statement.lines { table.append([line.line, "\(line.units)", line.priceText, line.amount.text]) }
                    for entry in statement.entries { table.append([entry.kind.rawValue, "", entry.reason, entry.amount.text]) }
                    for total in statement.totals { table.append(["balance", "", "from \(total.opening.text) to", total.closing.text]) }
                    return table.isEmpty ? "Nothing came into the books in \(statement.month)." : table.text
                }
            }
        }
    }

    static func table(_ balances: [Balance]) -> String {
        var table = TextTable(["CURRENCY", "BALANCE", "HELD", "DUE", "CREDIT", "AVAILABLE"], alignedRight: [1, 2, 3, 4, 5])
        for balance in balances {
            let amounts: [Int64] = [balance.amount, balance.held, balance.due, balance.creditLimit, balance.available]
            table.append([balance.currency] + amounts.map { Money(millionths: $0, currency: balance.currency).text })
        }
        return table.isEmpty ? "Nothing was paid in yet, and there is no credit: vultus-hub billing book ACCOUNT top_up AMOUNT --reason …" : table.text
    }
}
