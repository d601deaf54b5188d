import HubStorage
import WireModel

/// A version in force and what an account last decided on it.
struct BindingVersion {
    let id: AgreementVersionID
    let number: Int64
    let rule: AcceptanceRule
    let effective: Timestamp
    let hash: String
    /// Whether accounts have been told of it.
    let isAnnounced: Bool
    let decision: AcceptanceDecision?
    /// On any version of the document, the last decision: what holds until this one is decided on.
    let newest: AcceptanceDecision?

    init(_ row: SQLRow) throws {
        guard let id = AgreementVersionID(rawValue: try row.text("id")), let rule = AcceptanceRule(rawValue: try row.text("acceptance")) else {
            throw HubStorageError.damaged
        }
        self.id = id
        self.rule = rule
        number = try row.integer("number")
        effective = try row.time("effective_ms")
        hash = try row.text("hash")
        isAnnounced = try row.integerOrNil("announced_ms") != nil
        decision = try row.textOrNil("decision").flatMap(AcceptanceDecision.init(rawValue:))
        newest = try row.textOrNil("newest").flatMap(AcceptanceDecision.init(rawValue:))
    }
}

/// Statements on `agreement_version` and `agreement_text`.
struct Agreements {
    let connection: any SQLConnection

    private func version(_ row: SQLRow) throws -> AgreementVersion {
        let texts: [SQLRow] = try connection.rows(
            "SELECT language, title, hash FROM agreement_text WHERE version_id = ?", [.text(try row.text("id"))])
        return try AgreementVersion(row, texts: texts)
    }

    /// Every version of a document, newest first; of all documents for `nil`.
    func versions(of document: String?) throws -> [AgreementVersion] {
        guard let document else {
            return try connection.rows("SELECT * FROM agreement_version ORDER BY document, number DESC", []).map(version)
        }
        return try connection.rows("SELECT * FROM agreement_version WHERE document = ? ORDER BY number DESC", [.text(document)]).map(version)
    }

    func version(_ document: String, _ number: Int64) throws -> AgreementVersion? {
        try connection.firstRow("SELECT * FROM agreement_version WHERE document = ? AND number = ?", [.text(document), .integer(number)]).map(version)
    }

    func version(id: AgreementVersionID) throws -> AgreementVersion? {
        try connection.firstRow("SELECT * FROM agreement_version WHERE id = ?", [.text(id.rawValue)]).map(version)
    }

    func inForce(_ document: String, at now: Timestamp) throws -> AgreementVersion? {
        try connection.firstRow(
            "SELECT * FROM agreement_version WHERE document = ? AND effective_ms <= ? ORDER BY number DESC LIMIT 1",
            [.text(document), .integer(now.milliseconds)]
        ).map(version)
    }

    /// What binds an account now, by document, with what it last decided: one question, since every call asks it.
    func binding(_ account: AccountID, _ documents: [String], at now: Timestamp) throws -> [String: BindingVersion] {
        let marks: String = documents.map { _ in "?" }.joined(separator: ", ")
        let rows: [SQLRow] = try connection.rows(
            """
            SELECT id, document, number, acceptance, effective_ms, announced_ms, hash,
                (SELECT decision FROM acceptance WHERE account_id = ? AND version_id = agreement_version.id ORDER BY audit_seq DESC LIMIT 1) AS decision,
                (SELECT decision FROM acceptance JOIN agreement_version AS other ON other.id = version_id
                    WHERE account_id = ? AND other.document = agreement_version.document ORDER BY audit_seq DESC LIMIT 1) AS newest
            FROM agreement_version
            WHERE document IN (\(marks)) AND effective_ms <= ? AND NOT EXISTS (
                SELECT 1 FROM agreement_version AS newer
                WHERE newer.document = agreement_version.document AND newer.number > agreement_version.number AND newer.effective_ms <= ?)
            """,
            [.text(account.rawValue), .text(account.rawValue)] + documents.map(SQLValue.text) + [.integer(now.milliseconds), .integer(now.milliseconds)])
        return try rows.reduce(into: [:]) { $0[try $1.text("document")] = try BindingVersion($1) }
    }

    /// The layers that bind a call of an API, the one that prevails first. Law stands above them all (S22): no layer can
    /// switch a privacy rule off. A variant is bound by the terms of the API it is of.
    static func layers(of api: APIName) -> [String] { ["api:\((api.base ?? api).rawValue)", "face-data", "general"] }

    /// The versions that somebody says they accept.
    /// - Throws: `agreementChanged` when one is not in force or to come, or the text is not the one they read;
    ///   `agreementRequired` when one that is needed is missing.
    func matching(_ accepted: [AcceptedText], now: Timestamp, requiring documents: [String]) throws -> [AgreementVersion] {
        guard accepted.count <= 50, Set(accepted.map(\.document)).count == accepted.count else {
            throw Problem(.invalidRequest, "An agreement is named twice.", remedy: "Name each document once.")
        }
        let versions: [AgreementVersion] = try accepted.map { text in
            let current: AgreementVersion? = try inForce(text.document, at: now)
            guard let version = try version(text.document, text.number), version.number >= current?.number ?? 0,
                version.textHashes.values.contains(text.hash)
            else {
                throw Problem(
                    .agreementChanged, "That is not a text in force of this agreement.", detail: "\(text.document), version \(text.number)",
                    remedy: "Read a text of the version in force at /v1/agreements/\(text.document)/versions/N, and send that text's hash.")
            }
            return version
        }
        for document in documents where !versions.contains(where: { $0.document == document && $0.effective <= now }) {
            throw Problem(
                .agreementRequired, "The agreement in force must be accepted.", detail: document,
                remedy: "GET /v1/agreements lists it; accept it by document, number and the hash of the text you read (textHashes). At the shell: --accept.")
        }
        return versions
    }

    func publish(_ draft: AgreementDraft, trail: AuditTrail, now: Timestamp) throws -> AgreementVersion {
        let titles: [Language: String] = try draft.titles()
        let last: AgreementVersion? = try versions(of: draft.document).first
        let number: Int64 = (last?.number ?? 0) + 1
        guard draft.effective >= now, last.map({ $0.effective < draft.effective }) ?? true else {
            throw Problem(
                .invalidRequest, "A version takes effect now or later, and after the one before it.", detail: "\(draft.effective)",
                remedy: "Name a later effective date.")
        }
        let hashes: [String: String] = draft.texts.reduce(into: [:]) { $0[$1.key.rawValue] = AgreementText.hash(of: $1.value) }
        let id = AgreementVersionID(at: now)
        let hash: String = AgreementVersion.hash(
            document: draft.document, number: number, rule: draft.rule, notice: now, effective: draft.effective, textHashes: hashes)
        try connection.execute(
            """
            INSERT INTO agreement_version (id, document, number, acceptance, notice_ms, effective_ms, supersedes, hash, created_ms)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .text(id.rawValue), .text(draft.document), .integer(number), .text(draft.rule.rawValue), .integer(now.milliseconds),
                .integer(draft.effective.milliseconds), SQLValue(last?.id.rawValue), .text(hash), .integer(now.milliseconds),
            ])
        for (language, text) in draft.texts {
            try connection.execute(
                "INSERT INTO agreement_text (version_id, language, title, body, hash) VALUES (?, ?, ?, ?, ?)",
                [.text(id.rawValue), .text(language.rawValue), .text(titles[language]!), .text(text), .text(hashes[language.rawValue]!)])
        }
        try trail.record(
            .agreementPublish, subject: id.rawValue,
            ["document": draft.document, "number": "\(number)", "hash": hash, "effective": draft.effective.description, "rule": draft.rule.rawValue])
        return try version(id: id)!
    }
}

extension Hub {
    /// Publishes a new version: every account is told at once, and by mail when the announcements go out.
    package func publish(_ draft: AgreementDraft, by actor: Actor) async throws -> AgreementVersion {
        try await act(actor) { connection, trail, now in try Agreements(connection: connection).publish(draft, trail: trail, now: now) }
    }

    /// Tells accounts of versions they have not been told of. Safe to run on several hubs at once; a version counts as
    /// announced together with its notices and mails, or not at all.
    /// - Returns: how many versions were announced.
    package func announceAgreements() async throws -> Int {
        let sealer = sealer
        let waiting: [AgreementVersionID] = try await database.read {
            try $0.rows("SELECT id FROM agreement_version WHERE announced_ms IS NULL ORDER BY id", []).compactMap {
                AgreementVersionID(rawValue: try $0.text("id"))
            }
        }
        for id in waiting {
            try await act(.system("announcements")) { connection, _, now in
                let isMine: Bool =
                    try connection.execute(
                        "UPDATE agreement_version SET announced_ms = ? WHERE id = ? AND announced_ms IS NULL", [.integer(now.milliseconds), .text(id.rawValue)])
                    == 1
                guard isMine, let version = try Agreements(connection: connection).version(id: id) else { return }
                let outbox = Outbox(connection: connection, sealer: sealer, now: now)
                let accounts: [Account] = try connection.rows("SELECT * FROM account WHERE standing <> 'ended' ORDER BY id", []).map(Account.init)
                for account in accounts where account.created < version.notice {
                    try outbox.tell(account.id, .agreement(version, for: account, connection), mailing: .owners)
                }
            }
        }
        return waiting.count
    }

    package func agreementVersions(of document: String?) async throws -> [AgreementVersion] {
        try await database.read { try Agreements(connection: $0).versions(of: document) }
    }

    /// In force now, by document.
    package func agreementsInForce() async throws -> [AgreementVersion] {
        let now: Timestamp = now()
        return try await database.read { connection in
            let agreements = Agreements(connection: connection)
            return try connection.rows("SELECT DISTINCT document FROM agreement_version ORDER BY document", []).compactMap {
                try agreements.inForce(try $0.text("document"), at: now)
            }
        }
    }

    package func agreementText(_ document: String, number: Int64, language: Language) async throws -> AgreementText {
        let row: SQLRow? = try await database.read {
            try $0.firstRow(
                """
                SELECT title, body, agreement_text.hash AS hash FROM agreement_text JOIN agreement_version ON agreement_version.id = version_id
                WHERE document = ? AND number = ? AND language = ?
                """, [.text(document), .integer(number), .text(language.rawValue)])
        }
        guard let row else { throw Problem.nothing("agreement version", "\(document) \(number)") }
        return AgreementText(
            document: document, number: number, language: language.rawValue, title: try row.text("title"), body: try row.text("body"),
            hash: try row.text("hash"))
    }
}

extension Hub {
    /// The layers that bind a call of an API now, the one that prevails first.
    package func layers(of api: APIName) async throws -> [Passage.Layer] {
        let now: Timestamp = now()
        return try await database.read { connection in
            try Agreements.layers(of: api).compactMap { document in
                try Agreements(connection: connection).inForce(document, at: now).map { .init(document: document, number: $0.number, hash: $0.hash) }
            }
        }
    }
}

extension Event {
    static func agreement(_ version: AgreementVersion, for account: Account, _ connection: any SQLConnection) throws -> Event {
        .agreement(
            title: version.titles[account.language.rawValue] ?? version.document, document: version.document, number: version.number,
            effective: version.effective, isExplicit: version.rule == .explicit, publicURL: try Settings(connection)[.publicURL])
    }
}
