import ArgumentParser
import HubDomain
import ServiceSupport
import WireModel

struct InvoiceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "invoice", abstract: "What an account owes, line by line, or the journal entries behind one line.",
        discussion: """
            Without a period: everything so far. Every line is the sum of journal entries that the device signed; --trace lists them \
            with their hashes, recomputed.

            Examples:
              vultus-hub invoice "Acme Doors" --from 2026-11-01 --to 2026-12-01
              vultus-hub invoice "Acme Doors" --trace face.search/v1
            """)

    @OptionGroup var options: HubOptions
    @Argument(help: "The account's name or id.") var account: String
    @Option(help: "First moment billed (RFC 3339 or a date, UTC).") var from: Timestamp?
    @Option(help: "First moment not billed any more.") var to: Timestamp?
    @Option(help: "A line, such as face.search/v1: list its journal entries.") var trace: String?

    func run() async throws {
        try await options.run { hub in
            let from: Timestamp = from ?? Timestamp(milliseconds: 0)
            let to: Timestamp = to ?? hub.now().advanced(by: .milliseconds(1))
            if let trace {
                try options.show(try await hub.trace(account: account, line: trace, from: from, to: to), Self.traceTable)
            } else {
                try options.show(try await hub.invoice(account: account, from: from, to: to), Self.invoiceTable)
            }
        }
    }

    private static func invoiceTable(_ invoice: Invoice) -> String {
        guard !invoice.lines.isEmpty else { return "Nothing to bill for \(invoice.name)." }
        var table = TextTable(["LINE", "UNITS", "ENTRIES", "DEVICES", "UNIT PRICE", "AMOUNT"], alignedRight: [1, 2, 3, 4, 5])
        for line in invoice.lines {
            table.append([line.line, "\(line.units)", "\(line.entries)", "\(line.devices)", line.unitPrice.text, line.amount.text])
        }
        let totals: String = invoice.totals.map { Terminal.styled("total \($0.text)", .bold) }.joined(separator: "\n")
        let period: String = invoice.from.milliseconds == 0 ? "up to \(invoice.to)" : "\(invoice.from) – \(invoice.to)"
        return "Invoice for \(invoice.name), \(period)\n\(table.text)\n\(totals)"
    }

    private static func traceTable(_ uses: [TracedUse]) -> String {
        var table = TextTable(["DEVICE", "EPOCH", "SEQ", "UNITS", "USED", "HASH", "CHECK"], alignedRight: [1, 2, 3])
        for use in uses {
            table.append([
                use.device.rawValue, "\(use.epoch)", "\(use.seq)", "\(use.units)", "\(use.used)", String(use.hash.bytes.hexadecimal.prefix(16)) + "…",
                use.isIntact ? "intact" : "ALTERED",
            ])
        }
        return table.isEmpty ? "No entries behind that line." : table.text
    }
}
