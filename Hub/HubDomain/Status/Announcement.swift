import HubAccess
import HubStorage
import WireModel

/// A text in both languages.
package struct PublicText: Sendable, Codable, Hashable {
    package let title: String
    package let body: String

    package init(title: String, body: String) {
        self.title = title
        self.body = body
    }

    static func check(_ texts: [Language: PublicText]) throws(Problem) {
        for language in Language.allCases {
            guard let text = texts[language], (1...200).contains(text.title.trimmed.count), (1...5_000).contains(text.body.trimmed.count) else {
                throw Problem(
                    .invalidRequest, "What is announced is said in each language.", detail: "/\(language.rawValue)",
                    remedy: "Give a title of 1 to 200 and a text of 1 to 5000 characters in both.")
            }
        }
    }

    static func read(_ row: SQLRow, _ column: String) throws -> [Language: PublicText] {
        let texts: [String: PublicText] = try JSON.value([String: PublicText].self, from: try row.text(column))
        return texts.reduce(into: [:]) { texts, pair in Language(rawValue: pair.key).map { texts[$0] = pair.value } }
    }

    static func stored(_ texts: [Language: PublicText]) throws -> String {
        try JSON.text(texts.reduce(into: [String: PublicText]()) { $0[$1.key.rawValue] = $1.value })
    }
}

/// Something the operator announces, from a moment on (S11).
package struct Announcement: Sendable {
    package let id: AnnouncementID
    /// `everybody`, also who is not signed in; `accounts`; an API, for those who use it; or the screens of `devices`, of a group's by its id,
    /// of an account's by its id.
    package let audience: String
    package let texts: [Language: PublicText]
    package let begins: Timestamp
    package let ends: Timestamp?
    package let told: Timestamp?
    package let withdrawn: Timestamp?

    package static let everybody: String = "everybody"
    package static let accounts: String = "accounts"
    package static let devices: String = "devices"

    /// Whether it is shown on devices' screens, and nobody is mailed.
    package var isForDevices: Bool { audience == Self.devices || DeviceGroupID(rawValue: audience) != nil || AccountID(rawValue: audience) != nil }

    init(_ row: SQLRow) throws {
        guard let id = AnnouncementID(rawValue: try row.text("id")) else { throw HubStorageError.damaged }
        self.id = id
        audience = try row.text("audience")
        texts = try PublicText.read(row, "texts")
        begins = try row.time("begins_ms")
        ends = try row.timeOrNil("ends_ms")
        told = try row.timeOrNil("told_ms")
        withdrawn = try row.timeOrNil("withdrawn_ms")
    }

    package func text(in language: Language) -> PublicText { texts[language] ?? PublicText(title: "", body: "") }
}

extension Hub {
    /// - Parameter begins: `nil` is now. It is shown from then, and told to the accounts of its audience then.
    package func announce(
        _ texts: [Language: PublicText], to audience: String, begins: Timestamp?, ends: Timestamp?, by actor: Actor
    ) async throws -> Announcement {
        try PublicText.check(texts)
        return try await act(actor) { connection, trail, now in
            guard try Self.isAudience(connection, audience) else {
                throw Problem(
                    .invalidRequest, "There is no such audience.", detail: "/audience",
                    remedy: "It is everybody, accounts, an API's name, devices, or the id of a group or an account whose devices show it.")
            }
            let begins: Timestamp = begins ?? now
            guard begins >= now, ends.map({ $0 > begins }) ?? true else {
                throw Problem(.invalidRequest, "It is shown from now or later, and ends after it began.", detail: "/begins", remedy: "Name other times.")
            }
            let id = AnnouncementID(at: now)
            let row: SQLRow = try connection.rows(
                "INSERT INTO announcement (id, audience, texts, begins_ms, ends_ms, written_ms) VALUES (?, ?, ?, ?, ?, ?) RETURNING *",
                [
                    .text(id.rawValue), .text(audience), .text(try PublicText.stored(texts)), .integer(begins.milliseconds),
                    SQLValue(ends?.milliseconds), .integer(now.milliseconds),
                ])[0]
            try trail.record(.announcementMake, subject: id.rawValue, ["audience": audience, "begins": begins.description])
            return try Announcement(row)
        }
    }

    private static func isAudience(_ connection: any SQLConnection, _ audience: String) throws -> Bool {
        if let group = DeviceGroupID(rawValue: audience) {
            return try connection.firstRow("SELECT id FROM device_group WHERE id = ?", [.text(group.rawValue)]) != nil
        }
        if let account = AccountID(rawValue: audience) {
            return try connection.firstRow("SELECT id FROM account WHERE id = ?", [.text(account.rawValue)]) != nil
        }
        return [Announcement.everybody, Announcement.accounts, Announcement.devices].contains(audience) || APIName.all.map(\.rawValue).contains(audience)
    }

    package func withdrawAnnouncement(_ id: AnnouncementID, by actor: Actor) async throws {
        try await act(actor) { connection, trail, now in
            let count: Int = try connection.execute(
                "UPDATE announcement SET withdrawn_ms = ? WHERE id = ? AND withdrawn_ms IS NULL", [.integer(now.milliseconds), .text(id.rawValue)])
            guard count == 1 else { throw Problem.nothing("announcement that stands", id.rawValue) }
            try trail.record(.announcementWithdraw, subject: id.rawValue)
        }
    }

    /// Every one there was and will be, newest first: the operator's list.
    package func announcements() async throws -> [Announcement] {
        try await database.read { try $0.rows("SELECT * FROM announcement ORDER BY begins_ms DESC, id DESC LIMIT 200", []).map(Announcement.init) }
    }

    /// What stands now, newest first.
    /// - Parameter account: `nil` for who is not signed in, who sees what is for everybody.
    package func announcementsInForce(for account: AccountID?) async throws -> [Announcement] {
        let now: Timestamp = now()
        return try await database.read { connection in
            let used: Set<String> = try account.map { try Self.usedAPIs(connection, $0) } ?? []
            return try connection.rows(
                "SELECT * FROM announcement WHERE withdrawn_ms IS NULL AND begins_ms <= ? AND (ends_ms IS NULL OR ends_ms > ?) ORDER BY begins_ms DESC, id DESC LIMIT 50",
                [.integer(now.milliseconds), .integer(now.milliseconds)]
            ).map(Announcement.init).filter {
                $0.audience == Announcement.everybody || (account != nil && $0.audience == Announcement.accounts) || used.contains($0.audience)
            }
        }
    }

    private static func usedAPIs(_ connection: any SQLConnection, _ account: AccountID) throws -> Set<String> {
        let rows: [SQLRow] = try connection.rows(
            "SELECT api FROM entitlement WHERE account_id = ? AND ended_ms IS NULL UNION SELECT api FROM quota WHERE account_id = ? AND units > 0",
            [.text(account.rawValue), .text(account.rawValue)])
        return Set(try rows.map { try $0.text("api") })
    }

    /// Tells accounts of announcements whose time has come. Safe on several hubs at once.
    /// - Returns: how many were told.
    @discardableResult
    package func tellAnnouncements() async throws -> Int {
        let (now, sealer): (Timestamp, SecretSealer) = (now(), sealer)
        let due: [String] = try await database.read {
            try $0.rows(
                "SELECT id FROM announcement WHERE told_ms IS NULL AND withdrawn_ms IS NULL AND begins_ms <= ? ORDER BY id", [.integer(now.milliseconds)]
            ).map { try $0.text("id") }
        }
        for id in due {
            try await act(.system("announcements")) { connection, _, now in
                let rows: [SQLRow] = try connection.rows(
                    "UPDATE announcement SET told_ms = ? WHERE id = ? AND told_ms IS NULL RETURNING *", [.integer(now.milliseconds), .text(id)])
                guard let announcement = try rows.first.map(Announcement.init), !announcement.isForDevices else { return }
                let outbox = Outbox(connection: connection, sealer: sealer, now: now)
                for account in try connection.rows("SELECT * FROM account WHERE standing <> 'ended' ORDER BY id", []).map(Account.init) {
                    let isMeant: Bool =
                        try [Announcement.everybody, Announcement.accounts].contains(announcement.audience)
                        || Self.usedAPIs(connection, account.id).contains(announcement.audience)
                    if isMeant {
                        let text: PublicText = announcement.text(in: account.language)
                        try outbox.tell(account.id, .announcement(title: text.title, body: text.body), mailing: .owners)
                    }
                }
            }
        }
        return due.count
    }
}
