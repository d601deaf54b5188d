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
    /// every decision on agreements, every journal's chain, that quotas equal the ledger, and what galleries come to on devices.
    package func verify() async throws -> [HubCheck] {
        let storage: [String] = try await DatabaseCopy.integrity(of: database)
        let audit: AuditReport = try await verifyAudit()
        return [
            HubCheck(name: "storage", looked: Int64(HubSchema.tables.count), faults: storage),
            HubCheck(name: "audit chain", looked: audit.entries, faults: audit.faults),
            try await verifyAcceptances(), try await verifyJournal(), try await verifyLedger(), try await verifyGalleries(now: now()),
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
}
