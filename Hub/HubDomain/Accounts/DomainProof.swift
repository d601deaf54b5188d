import HubOutbound
import HubStorage
import ServiceSupport
import WireModel

/// An enterprise's domain and how it is proven: by a DNS record or a file, either of which only its owner can put there.
package struct DomainProof: Sendable, Codable {
    package let domain: String
    /// The exact text to publish.
    package let challenge: String
    /// Where as a TXT record.
    package let recordName: String
    /// Where as a file.
    package let fileURL: String
    package let method: String?
    package let proven: Timestamp?
    package let due: Timestamp?
    package let checked: Timestamp?
    package let fault: String?

    init(_ row: SQLRow) throws {
        domain = try row.text("domain")
        challenge = try row.text("challenge")
        recordName = "_vultus.\(try row.text("domain"))"
        fileURL = "https://\(try row.text("domain"))/.well-known/vultus-domain.txt"
        method = try row.textOrNil("method")
        proven = try row.timeOrNil("proven_ms")
        due = try row.timeOrNil("due_ms")
        checked = try row.timeOrNil("checked_ms")
        fault = try row.textOrNil("fault")
    }
}

struct DomainProofs {
    let connection: any SQLConnection
    let now: Timestamp

    func begin(_ account: AccountID, domain: String) throws {
        try connection.execute(
            "INSERT INTO domain_proof (account_id, domain, challenge) VALUES (?, ?, ?)",
            [.text(account.rawValue), .text(domain), .text("vultus-domain=\(Base64(SystemRandom.bytes(16)).text)")])
    }

    func of(_ account: AccountID) throws -> DomainProof? {
        try connection.firstRow("SELECT * FROM domain_proof WHERE account_id = ?", [.text(account.rawValue)]).map(DomainProof.init)
    }

    func prove(_ account: AccountID, by method: String) throws {
        let due: Timestamp = now.advanced(by: try Settings(connection).days(.domainDays))
        try connection.execute(
            "UPDATE domain_proof SET method = ?, proven_ms = ?, due_ms = ?, checked_ms = ?, fault = NULL, reminded_ms = NULL WHERE account_id = ?",
            [.text(method), .integer(now.milliseconds), .integer(due.milliseconds), .integer(now.milliseconds), .text(account.rawValue)])
    }
}

extension Hub {
    package func domainProof(_ account: AccountID) async throws -> DomainProof {
        let now: Timestamp = now()
        guard let proof = try await database.read({ try DomainProofs(connection: $0, now: now).of(account) }) else {
            throw Problem(.notFound, "Only an enterprise has a domain to prove.", detail: account.rawValue, remedy: "Nothing is to be done.")
        }
        return proof
    }

    /// The operator has seen the proof in another way, such as on paper: for hubs that reach no DNS. Holds for as long as any
    /// proof, and is audited with its ground.
    package func vouchForDomain(_ account: AccountID, ground: String, by actor: Actor) async throws -> DomainProof {
        let ground: String = ground.trimmed
        guard (1...200).contains(ground.count) else {
            throw Problem(.invalidRequest, "Vouching for a domain states its ground.", remedy: "Say in 1 to 200 characters how the domain was proven.")
        }
        let proof: DomainProof = try await domainProof(account)
        let sealer = sealer
        return try await act(actor) { connection, trail, now in
            try DomainProofs(connection: connection, now: now).prove(account, by: "operator")
            try trail.record(.domainProve, account: account, subject: proof.domain, ["method": "operator", "ground": ground])
            try StandingRules(connection: connection, trail: trail, sealer: sealer, now: now).reassess(account)
            return try DomainProofs(connection: connection, now: now).of(account)!
        }
    }

    /// Looks for the proof now, as a DNS record and then as a file, and moves the account accordingly.
    /// - Throws: `domainProofMissing` with what was looked for, `domainProofUnreachable` when neither could be asked.
    package func checkDomain(_ account: AccountID, by actor: Actor) async throws -> DomainProof {
        let proof: DomainProof = try await domainProof(account)
        let finding: (method: String?, fault: String, isUnreachable: Bool) = await find(proof)
        let sealer = sealer
        let after: DomainProof = try await act(actor) { connection, trail, now in
            if let method = finding.method {
                try DomainProofs(connection: connection, now: now).prove(account, by: method)
                try trail.record(.domainProve, account: account, subject: proof.domain, ["method": method])
            } else {
                try connection.execute(
                    "UPDATE domain_proof SET checked_ms = ?, fault = ? WHERE account_id = ?",
                    [.integer(now.milliseconds), .text(finding.fault), .text(account.rawValue)])
                try trail.record(.domainFail, account: account, subject: proof.domain)
            }
            try StandingRules(connection: connection, trail: trail, sealer: sealer, now: now).reassess(account)
            return try DomainProofs(connection: connection, now: now).of(account)!
        }
        guard finding.method != nil else {
            throw Problem(
                finding.isUnreachable ? .domainProofUnreachable : .domainProofMissing, "The proof for the domain was not found.",
                detail: "\(proof.domain): \(finding.fault)",
                remedy: "Publish “\(proof.challenge)” as a TXT record at \(proof.recordName), or as the text of \(proof.fileURL), and check again.")
        }
        return after
    }

    private func find(_ proof: DomainProof) async -> (method: String?, fault: String, isUnreachable: Bool) {
        var faults: [String] = []
        var unreachable: Int = 0
        do {
            if try await resolver.texts(at: proof.recordName).contains(where: { $0.trimmed == proof.challenge }) { return ("dns", "", false) }
            faults.append("no such TXT record at \(proof.recordName)")
        } catch {
            unreachable += 1
            faults.append("DNS did not answer for \(proof.recordName)")
        }
        do {
            let text: String = try await resolver.wellKnownFile(of: proof.domain)
            if text.split(whereSeparator: \.isNewline).contains(where: { $0.trimmed == proof.challenge }) { return ("file", "", false) }
            faults.append("the file does not hold the text")
        } catch {
            unreachable += 1
            faults.append("the file could not be fetched")
        }
        return (nil, faults.joined(separator: "; "), unreachable == 2)
    }
}
