import Crypto
import HubAccess
import HubStorage
import WireModel

package enum AcceptanceDecision: String, Codable, Sendable, CaseIterable {
    case accepted, declined
}

/// How a decision was made.
package enum AcceptanceManner: String, Codable, Sendable {
    case explicit
    case continuedUse = "continued_use"
    /// Typed in by an operator for the person who held the mailed token.
    case shell
}

/// One decision on one version: which text, by whom, when, from where, how. `digest` covers all of it and is in the
/// audit chain, so that a changed byte shows; the nonce keeps the chain from telling the mailbox once it is erased here.
package struct Acceptance: Sendable, Codable {
    package let id: AcceptanceID
    package let account: AccountID
    package let person: String
    package let email: String
    package let version: AgreementVersionID
    package let language: String
    package let textHash: String
    package let decision: AcceptanceDecision
    package let manner: AcceptanceManner
    package let address: String
    package let time: Timestamp
    let nonce: String
    package let digest: String
    package let auditSeq: Int64

    init(_ row: SQLRow) throws {
        guard let id = AcceptanceID(rawValue: try row.text("id")), let account = AccountID(rawValue: try row.text("account_id")),
            let version = AgreementVersionID(rawValue: try row.text("version_id")), let decision = AcceptanceDecision(rawValue: try row.text("decision")),
            let manner = AcceptanceManner(rawValue: try row.text("manner"))
        else { throw HubStorageError.damaged }
        self.id = id
        self.account = account
        person = try row.text("principal_id")
        email = try row.text("email")
        self.version = version
        language = try row.text("language")
        textHash = try row.text("text_hash")
        self.decision = decision
        self.manner = manner
        address = try row.text("address")
        time = try row.time("decided_ms")
        nonce = try row.text("nonce")
        digest = try row.text("digest")
        auditSeq = try row.integer("audit_seq")
    }

    init(
        id: AcceptanceID, account: AccountID, person: Principal, version: AgreementVersion, language: String, textHash: String,
        decision: AcceptanceDecision, manner: AcceptanceManner, address: String, time: Timestamp
    ) {
        self.id = id
        self.account = account
        self.person = person.id
        email = person.email
        self.version = version.id
        self.language = language
        self.textHash = textHash
        self.decision = decision
        self.manner = manner
        self.address = address
        self.time = time
        nonce = SecretToken.generate(prefix: "")
        digest = ""
        auditSeq = 0
    }

    /// SHA-256 over every field but the digest itself and the place in the chain, hexadecimal.
    func computedDigest() -> String {
        var canonical = CanonicalBytes(domain: "vultus-acceptance-1")
        for part in [
            id.rawValue, account.rawValue, person, email, version.rawValue, language, textHash, decision.rawValue, manner.rawValue, address, nonce,
        ] { canonical.append(part) }
        canonical.append(time.milliseconds)
        return SHA256.hash(data: canonical.bytes).hexadecimal
    }
}

/// Statements on `acceptance`.
struct Acceptances {
    let connection: any SQLConnection
    let trail: AuditTrail
    let now: Timestamp

    /// The newest decision of an account on a version.
    static func decision(_ connection: any SQLConnection, _ account: AccountID, _ version: AgreementVersionID) throws -> AcceptanceDecision? {
        try connection.firstRow(
            "SELECT decision FROM acceptance WHERE account_id = ? AND version_id = ? ORDER BY audit_seq DESC LIMIT 1",
            [.text(account.rawValue), .text(version.rawValue)]
        ).flatMap { AcceptanceDecision(rawValue: try $0.text("decision")) }
    }

    /// Whether the account accepted any version of a document.
    static func hasAccepted(_ connection: any SQLConnection, _ account: AccountID, document: String) throws -> Bool {
        try connection.firstRow(
            """
            SELECT acceptance.id AS id FROM acceptance JOIN agreement_version ON agreement_version.id = acceptance.version_id
            WHERE account_id = ? AND document = ? AND decision = 'accepted' LIMIT 1
            """, [.text(account.rawValue), .text(document)]) != nil
    }

    func record(
        _ texts: [(version: AgreementVersion, hash: String)], account: AccountID, by person: Principal, decision: AcceptanceDecision,
        manner: AcceptanceManner, address: String
    ) throws {
        for (version, hash) in texts {
            let language: String = version.textHashes.first { $0.value == hash }?.key ?? person.language.rawValue
            let draft = Acceptance(
                id: AcceptanceID(at: now), account: account, person: person, version: version, language: language, textHash: hash, decision: decision,
                manner: manner, address: address, time: now)
            let digest: String = draft.computedDigest()
            let seq: Int64 = try trail.record(
                .agreementDecide, account: account, subject: draft.id.rawValue,
                ["digest": digest, "version": version.id.rawValue, "version_hash": version.hash, "text_hash": hash, "decision": decision.rawValue])
            try connection.execute(
                """
                INSERT INTO acceptance (id, account_id, principal_id, version_id, language, text_hash, decision, manner, email, address, nonce, decided_ms,
                    digest, audit_seq) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    .text(draft.id.rawValue), .text(account.rawValue), .text(person.id), .text(version.id.rawValue), .text(language), .text(hash),
                    .text(decision.rawValue), .text(manner.rawValue), .text(person.email), .text(address), .text(draft.nonce), .integer(now.milliseconds),
                    .text(digest), .integer(seq),
                ])
        }
    }
}

/// Where an account stands with one document.
package struct AgreementStatus: Sendable, Codable {
    package let document: String
    package let inForce: AgreementVersion
    /// `nil` when undecided.
    package let decision: AcceptanceDecision?
    /// The newest accepted version's number.
    package let acceptedNumber: Int64?
    /// A version that has been announced and is not in force yet.
    package let upcoming: AgreementVersion?
    package let upcomingDecision: AcceptanceDecision?
}

extension Hub {
    package func agreementStatus(_ account: AccountID) async throws -> [AgreementStatus] {
        let now: Timestamp = now()
        return try await database.read { connection in
            let agreements = Agreements(connection: connection)
            return try connection.rows("SELECT DISTINCT document FROM agreement_version ORDER BY document", []).compactMap { row in
                let document: String = try row.text("document")
                guard let current = try agreements.inForce(document, at: now) else { return nil }
                let versions: [AgreementVersion] = try agreements.versions(of: document)
                let upcoming: AgreementVersion? = versions.last { $0.effective > now }
                let accepted: Int64? = try versions.first { try Acceptances.decision(connection, account, $0.id) == .accepted }?.number
                return AgreementStatus(
                    document: document, inForce: current, decision: try Acceptances.decision(connection, account, current.id), acceptedNumber: accepted,
                    upcoming: upcoming, upcomingDecision: try upcoming.flatMap { try Acceptances.decision(connection, account, $0.id) })
            }
        }
    }

    /// Accepts or declines a version. Whoever declines one in force can still read, export and leave.
    package func decide(_ text: AcceptedText, decision: AcceptanceDecision, account: AccountID, person: Principal, address: String) async throws {
        let sealer = sealer
        try await act(person.actor(address: address)) { connection, trail, now in
            let versions: [AgreementVersion] = try Agreements(connection: connection).matching([text], now: now, requiring: [])
            try Acceptances(connection: connection, trail: trail, now: now).record(
                [(versions[0], text.hash)], account: account, by: person, decision: decision, manner: .explicit, address: address)
            try StandingRules(connection: connection, trail: trail, sealer: sealer, now: now).reassess(account)
        }
    }
}
