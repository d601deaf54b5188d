import HubStorage
import WireModel

/// What can be put before a court: document, hash, person, time, and the checks that each still is what was recorded.
package struct AcceptanceProof: Sendable, Codable {
    package struct Line: Sendable, Codable {
        package let document: String
        package let number: Int64
        package let title: String
        package let versionHash: String
        package let acceptance: Acceptance
        /// Empty when everything behind this line is as it was recorded.
        package let faults: [String]
    }

    package let account: Account
    package let lines: [Line]
    package let audit: AuditReport

    package var isProven: Bool { audit.isIntact && lines.allSatisfy { $0.faults.isEmpty } }
}

extension Hub {
    /// Every decision of an account on agreements, each checked against the text, the version and the audit chain, and
    /// the chain itself against its anchors.
    package func proveAcceptance(account reference: String) async throws -> AcceptanceProof {
        let (account, lines): (Account, [AcceptanceProof.Line]) = try await database.read { connection in
            let account: Account = try Self.account(connection, reference)
            let agreements = Agreements(connection: connection)
            let lines: [AcceptanceProof.Line] = try connection.rows(
                "SELECT * FROM acceptance WHERE account_id = ? ORDER BY audit_seq", [.text(account.id.rawValue)]
            ).map { row in
                let acceptance = try Acceptance(row)
                guard let version = try agreements.version(id: acceptance.version) else { throw HubStorageError.damaged }
                return AcceptanceProof.Line(
                    document: version.document, number: version.number, title: version.titles[acceptance.language] ?? "", versionHash: version.hash,
                    acceptance: acceptance, faults: try Self.faults(connection, acceptance, version))
            }
            // What the chain says was decided must still be there.
            let recorded: Int64 = try connection.rows(
                "SELECT count(*) AS n FROM audit_entry WHERE account_id = ? AND action = ?",
                [.text(account.id.rawValue), .text(AuditAction.agreementDecide.rawValue)])[0].integer("n")
            guard recorded == lines.count else {
                throw Problem(
                    .auditBroken, "Decisions on agreements are missing or were added.", detail: "\(lines.count) on file, \(recorded) in the audit chain",
                    remedy: "Keep a copy of the database as evidence and compare it with a backup.")
            }
            return (account, lines)
        }
        return AcceptanceProof(account: account, lines: lines, audit: try await verifyAudit())
    }

    static func faults(_ connection: any SQLConnection, _ acceptance: Acceptance, _ version: AgreementVersion) throws -> [String] {
        var faults: [String] = []
        if acceptance.computedDigest() != acceptance.digest { faults.append("the record of the decision was altered") }
        if !version.isIntact { faults.append("the version was altered") }
        let text: SQLRow? = try connection.firstRow(
            "SELECT title, body, hash FROM agreement_text WHERE version_id = ? AND language = ?", [.text(version.id.rawValue), .text(acceptance.language)])
        if let text {
            let hash: String = AgreementText.hash(of: try text.text("body"))
            if try hash != acceptance.textHash || hash != text.text("hash") { faults.append("the text is not the one decided on") }
            if try !text.text("body").hasPrefix("# \(text.text("title"))\n") { faults.append("the title was altered") }
        } else {
            faults.append("the text is missing")
        }
        let entry: AuditEntry? = try connection.firstRow("SELECT * FROM audit_entry WHERE seq = ?", [.integer(acceptance.auditSeq)]).map(AuditEntry.init)
        let detail: [String: String] = (try? entry.map { try JSON.value([String: String].self, from: $0.detail) }) ?? [:]
        if entry?.subject != acceptance.id.rawValue || detail["digest"] != acceptance.digest || detail["version_hash"] != version.hash {
            faults.append("the audit chain says otherwise")
        }
        return faults
    }
}
