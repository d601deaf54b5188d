import ArgumentParser
import HubDomain
import ServiceSupport
import WireModel

struct AdminAudit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "The audit log: a chain of hashes whose head is anchored outside the database.",
        subcommands: [List.self, Verify.self, Anchor.self], defaultSubcommand: List.self)

    static func table(_ entries: [AuditEntry]) -> String {
        var table = TextTable(["SEQ", "TIME", "WHO", "WHAT", "SUBJECT", "DETAIL"], alignedRight: [0])
        for entry in entries {
            table.append(["\(entry.seq)", "\(entry.time)", "\(entry.actorKind):\(entry.actor)", entry.action, entry.subject, entry.detail])
        }
        return table.isEmpty ? "Nothing audited yet." : table.text
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "The newest entries.")
        @OptionGroup var options: HubOptions
        @Option(help: "At most this many, up to 500.") var limit: Int = 50
        @Option(help: "Only entries before this place.") var before: Int64 = 0

        func run() async throws {
            try await options.run { hub in try options.show(try await hub.auditEntries(before: before, limit: limit), AdminAudit.table) }
        }
    }

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Recompute the whole chain and hold it against its anchors.", discussion: "Exits with 74 when anything was altered or is missing.")
        @OptionGroup var options: HubOptions

        func run() async throws {
            try await options.run { hub in
                let report: AuditReport = try await hub.verifyAudit()
                try options.show(report) { report in
                    let whole: String = "\(report.entries) entries, anchored through \(report.anchoredThrough), head \(report.head.bytes.hexadecimal)"
                    return ([whole] + report.faults.map { Terminal.styled("✗ \($0)", .red) }).joined(separator: "\n")
                }
                guard report.isIntact else { throw ExitCode(ProblemCode.auditBroken.exitCode) }
            }
        }
    }

    struct Anchor: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write the chain's head down outside the database and show it.",
            discussion:
                "Done by itself after every command and each minute while serving. Keep the line this prints somewhere else again: on paper, or by mail.")
        @OptionGroup var options: HubOptions

        func run() async throws {
            try await options.run { hub in
                guard let anchor = try await hub.anchorAudit() else {
                    throw Problem(.notFound, "Nothing has been audited yet.", remedy: "Nothing is to be done.")
                }
                try options.show(anchor) { "entry \($0.seq) \($0.hash.bytes.hexadecimal) at \($0.time)" }
            }
        }
    }
}

struct ProveAcceptance: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prove-acceptance",
        abstract: "What an account accepted or declined: document, version, hash, person, time, and that all of it is unaltered.",
        discussion: "Recomputes every text's and record's hash and the whole audit chain. Exits with 74 when anything was altered.")
    @OptionGroup var options: HubOptions
    @Argument(help: "The account's name or id.") var account: String

    func run() async throws {
        try await options.run { hub in
            let proof: AcceptanceProof = try await hub.proveAcceptance(account: account)
            try options.show(proof, Self.text)
            guard proof.isProven else { throw ExitCode(ProblemCode.auditBroken.exitCode) }
        }
    }

    private static func text(_ proof: AcceptanceProof) -> String {
        var lines: [String] = ["\(proof.account.name) (\(proof.account.id))"]
        for line in proof.lines {
            let acceptance: Acceptance = line.acceptance
            lines.append("")
            lines.append("\(acceptance.decision.rawValue) \(line.title) (\(line.document), version \(line.number), \(acceptance.language))")
            lines.append("  text      SHA-256 \(acceptance.textHash)")
            lines.append("  version   SHA-256 \(line.versionHash)")
            lines.append("  person    \(acceptance.email) (\(acceptance.person))")
            lines.append("  time      \(acceptance.time), \(acceptance.manner.rawValue)\(acceptance.address.isEmpty ? "" : ", from \(acceptance.address)")")
            lines.append("  record    \(acceptance.digest), audit entry \(acceptance.auditSeq)")
            lines += line.faults.map { Terminal.styled("  ✗ \($0)", .red) }
        }
        if proof.lines.isEmpty { lines.append("No decision is on record.") }
        lines.append("")
        lines.append(
            proof.audit.isIntact
                ? "audit chain: \(proof.audit.entries) entries, each hash recomputed; anchored through \(proof.audit.anchoredThrough)"
                : proof.audit.faults.map { Terminal.styled("✗ \($0)", .red) }.joined(separator: "\n"))
        return lines.joined(separator: "\n")
    }
}
